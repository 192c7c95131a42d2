#include "reports/testing/sample_run.h"

#include <fmt/format.h>

namespace report::testing {

using nlohmann::json;

json sample_policy(const std::string& name, const std::vector<double>& arrivals, const std::vector<double>& capacity) {
  json series = {{"t", json::array()}, {"arrivals", arrivals}, {"capacity", capacity}};
  for (const char* key : {"p50Ms", "p95Ms", "p99Ms", "failed", "desired", "ready", "nodes"})
    series[key] = json::array();
  for (std::size_t i = 0; i < arrivals.size(); ++i) {
    series["t"].push_back(i);
    series["p50Ms"].push_back(20);
    series["p95Ms"].push_back(50);
    series["p99Ms"].push_back(90);
    series["failed"].push_back(0);
    series["desired"].push_back(capacity[i] / 100);
    series["ready"].push_back(capacity[i] / 100);
    series["nodes"].push_back(4);
  }
  json summary = {{"requests", 1000}, {"failed", 0},      {"degradationSeconds", 0},    {"podHours", 10},
                  {"cost", 2.5},      {"scaleEvents", 3}, {"latencyMs", {{"p99", 90}}}, {"nodeHours", 4}};
  return {{"name", name}, {"summary", std::move(summary)}, {"series", std::move(series)}};
}

json sample_run(const std::vector<json>& policies) {
  return {{"schemaVersion", 1},
          {"scenario", "spike"},
          {"seed", 7},
          {"durationSeconds", 1800},
          {"wallSeconds", 1.9},
          {"startTime", "2026-09-26T19:20:00+10:00"},
          {"slo", {{"latencyMs", 2000}, {"percentile", "p95"}}},
          {"policies", policies}};
}

json sample_decision(const std::string& name, int second, int current, int final) {
  json applied = {{"ok", true}, {"status", final == current ? "unchanged" : "patched"}, {"latencyMs", 5}};
  return {{"t", fmt::format("2026-09-26T09:20:{:02}Z", second)},
          {"policy", name},
          {"target", "default/api"},
          {"trigger", "loop"},
          {"current", current},
          {"inputs", json::array({{{"metric", "cpu"}, {"value", 71.5}, {"target", 70}, {"wants", final}}})},
          {"selected", "cpu"},
          {"raw", final},
          {"steps", json::array()},
          {"final", final},
          {"applied", std::move(applied)}};
}

std::string ndjson(const std::vector<json>& records) {
  std::string text;
  for (const json& record : records) text += record.dump() + "\n";
  return text;
}

}  // namespace report::testing
