// Small runs for tests, written as the files that a run leaves behind.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace report::testing {

// A policy whose demand and capacity are given by the second; all else is calm: p50/p95/p99 of 20/50/90 ms, no failure,
// one replica for 100 requests/s of capacity, as many asked for as are ready, 4 nodes.
nlohmann::json sample_policy(const std::string& name, const std::vector<double>& arrivals,
                             const std::vector<double>& capacity);

// schemaVersion 1, seed 7, from 19:20 at +10:00, objective p95 within 2 s.
nlohmann::json sample_run(const std::vector<nlohmann::json>& policies);

// A decision of policy `name` at 09:20:00Z plus `second` (< 60), from `current` to `final`.
nlohmann::json sample_decision(const std::string& name, int second, int current, int final);

// One compact line each.
std::string ndjson(const std::vector<nlohmann::json>& records);

}  // namespace report::testing
