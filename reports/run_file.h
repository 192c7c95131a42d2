// What the report needs of a run.json, checked: the contract's fields must be right, the others are optional.
//
// Plain values; fields named wall* are never read, so that they cannot reach the page.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/base/time.h"

namespace report {

// A latency of one hour means "no answer": failed requests count as infinitely slow.
inline constexpr double kFailedMs = 3'600'000;

enum Column : std::size_t { kArrivals, kP50, kP95, kP99, kFailed, kDesired, kReady, kCapacity, kNodes, kColumnCount };
// The keys of `series`, in the order of Column.
inline constexpr std::array<std::string_view, kColumnCount> kColumnNames = {
    "arrivals", "p50Ms", "p95Ms", "p99Ms", "failed", "desired", "ready", "capacity", "nodes"};

// All columns are as long as `t`; null in the file (no request in that second) is NaN here.
struct Series {
  std::vector<double> t;  // seconds since the start, strictly increasing
  std::array<std::vector<double>, kColumnCount> columns;

  const std::vector<double>& operator[](Column column) const { return columns[column]; }
  // How long sample `i` lasts: until the next one; the last lasts as long as the one before it.
  double step(std::size_t i) const;
};

struct Slo {
  double latency_ms = 0;
  std::string percentile = "p95";
  // The series that says whether a second kept it. Percentiles that have no series are judged by p95.
  Column column() const;
};

struct Event {
  std::string name;
  double at = 0;  // seconds since the start
};

struct PolicyRun {
  std::string name;
  std::string text;                       // the policy's file, may be empty
  std::map<std::string, double> summary;  // nested keys joined by a dot: "latencyMs.p99"
  Series series;

  std::optional<double> number(const std::string& key) const;
};

struct RunFile {
  std::string scenario;
  std::uint64_t seed = 0;
  double duration = 0;  // seconds
  std::optional<base::Time> start;
  base::Duration offset{};  // of the scenario's zone from UTC
  std::optional<Slo> slo;
  std::optional<double> pod_hour_price;
  std::optional<double> node_hour_price;
  std::vector<Event> events;
  std::string scenario_text;
  std::vector<PolicyRun> policies;  // at least one
};

base::Result<RunFile> parse_run(const std::string& run_json);

}  // namespace report
