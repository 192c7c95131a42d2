#include "reports/run_file.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "common/base/time_format.h"

namespace report {
namespace {

using base::Error;
using base::ErrorCode;
using base::Result;
using nlohmann::json;

Error invalid(std::string message) { return {ErrorCode::kInvalid, std::move(message)}; }

std::string text_or_empty(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::optional<double> number_or_none(const json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_number()) return std::nullopt;
  return found->get<double>();
}

Result<std::vector<double>> parse_column(const json& series, std::string_view key) {
  const auto found = series.find(key);
  if (found == series.end() || !found->is_array()) return invalid(fmt::format("series.{} must be an array", key));
  std::vector<double> values;
  values.reserve(found->size());
  for (const json& value : *found) {
    if (!value.is_number() && !value.is_null()) {
      return invalid(fmt::format("series.{}[{}] must be a number or null", key, values.size()));
    }
    values.push_back(value.is_null() ? std::numeric_limits<double>::quiet_NaN() : value.get<double>());
  }
  return values;
}

Result<Series> parse_series(const json& policy) {
  const auto found = policy.find("series");
  if (found == policy.end() || !found->is_object()) return invalid("series must be an object");
  Series series;
  auto t = parse_column(*found, "t");
  if (!t) return t.error();
  series.t = std::move(*t);
  for (std::size_t i = 0; i < series.t.size(); ++i) {
    const bool later = i == 0 || series.t[i] > series.t[i - 1];
    if (!std::isfinite(series.t[i]) || !later) return invalid(fmt::format("series.t[{}] must be later", i));
  }
  for (std::size_t c = 0; c < kColumnCount; ++c) {
    auto column = parse_column(*found, kColumnNames[c]);
    if (!column) return column.error();
    if (column->size() != series.t.size()) {
      return invalid(
          fmt::format("series.{} has {} entries, t has {}", kColumnNames[c], column->size(), series.t.size()));
    }
    series.columns[c] = std::move(*column);
  }
  return series;
}

void flatten(const json& object, const std::string& prefix, std::map<std::string, double>& numbers) {
  for (const auto& [key, value] : object.items()) {
    if (key.starts_with("wall")) continue;
    if (value.is_number()) numbers[prefix + key] = value.get<double>();
    if (value.is_object()) flatten(value, prefix + key + ".", numbers);
  }
}

Result<PolicyRun> parse_policy(const json& object) {
  if (!object.is_object()) return invalid("must be an object");
  PolicyRun policy;
  policy.name = text_or_empty(object, "name");
  if (policy.name.empty()) return invalid("name must be a text that is not empty");
  const auto summary = object.find("summary");
  if (summary == object.end() || !summary->is_object()) return invalid("summary must be an object");
  flatten(*summary, "", policy.summary);
  auto series = parse_series(object);
  if (!series) return series.error();
  policy.series = std::move(*series);
  policy.text = text_or_empty(object, "text");
  return policy;
}

// "p95" or 95; anything else leaves the default.
std::string parse_percentile(const json& slo) {
  const auto found = slo.find("percentile");
  if (found == slo.end()) return "p95";
  if (found->is_number()) return fmt::format("p{}", found->get<double>());
  return found->is_string() ? found->get<std::string>() : "p95";
}

std::optional<Slo> parse_slo(const json& root) {
  const json* slo = nullptr;
  if (root.contains("slo")) slo = &root["slo"];
  if (slo == nullptr && root["policies"][0].contains("slo")) slo = &root["policies"][0]["slo"];
  if (slo == nullptr || !slo->is_object()) return std::nullopt;
  const auto latency = number_or_none(*slo, "latencyMs");
  if (!latency || *latency <= 0) return std::nullopt;
  return Slo{*latency, parse_percentile(*slo)};
}

// An event's moment may be seconds since the start, a duration since the start, or a date and time.
std::optional<double> parse_moment(const json& at, const std::optional<base::Time>& start) {
  if (at.is_number()) return at.get<double>();
  if (!at.is_string()) return std::nullopt;
  const std::string text = at.get<std::string>();
  if (const auto duration = base::parse_duration(text)) return base::seconds(*duration);
  const auto time = base::parse_rfc3339(text);
  if (time && start) return base::seconds(*time - *start);
  return std::nullopt;
}

std::vector<Event> parse_events(const json& root, const std::optional<base::Time>& start) {
  std::vector<Event> events;
  const auto found = root.find("events");
  if (found == root.end() || !found->is_array()) return events;
  for (const json& event : *found) {
    if (!event.is_object() || !event.contains("at")) continue;
    if (const auto at = parse_moment(event["at"], start)) events.push_back({text_or_empty(event, "name"), *at});
  }
  return events;
}

void parse_optional_fields(const json& root, RunFile& run) {
  const std::string start = text_or_empty(root, "startTime");
  run.start = base::parse_rfc3339(start);
  run.offset = base::rfc3339_offset(start).value_or(base::Duration::zero());
  run.slo = parse_slo(root);
  run.events = parse_events(root, run.start);
  run.scenario_text = text_or_empty(root, "scenarioText");
  if (const auto cost = root.find("cost"); cost != root.end() && cost->is_object()) {
    run.pod_hour_price = number_or_none(*cost, "podHour");
    run.node_hour_price = number_or_none(*cost, "nodeHour");
  }
}

Result<RunFile> parse_document(const json& root) {
  if (!root.is_object() || root.value("schemaVersion", json()) != 1) return invalid("schemaVersion must be 1");
  if (!root.contains("policies") || !root["policies"].is_array() || root["policies"].empty()) {
    return invalid("policies must be an array that is not empty");
  }
  RunFile run;
  run.scenario = text_or_empty(root, "scenario");
  if (const auto seed = root.find("seed"); seed != root.end() && seed->is_number_unsigned()) {
    run.seed = seed->get<std::uint64_t>();
  }
  run.duration = number_or_none(root, "durationSeconds").value_or(0);
  for (const json& object : root["policies"]) {
    auto policy = parse_policy(object);
    if (!policy) return base::annotate(policy.error(), fmt::format("policies[{}]", run.policies.size()));
    run.policies.push_back(std::move(*policy));
  }
  parse_optional_fields(root, run);
  return run;
}

}  // namespace

double Series::step(std::size_t i) const {
  if (t.size() < 2) return 1;
  return i + 1 < t.size() ? t[i + 1] - t[i] : t[i] - t[i - 1];
}

Column Slo::column() const {
  if (percentile == "p50") return kP50;
  return percentile == "p99" ? kP99 : kP95;
}

std::optional<double> PolicyRun::number(const std::string& key) const {
  const auto found = summary.find(key);
  if (found == summary.end()) return std::nullopt;
  return found->second;
}

Result<RunFile> parse_run(const std::string& run_json) {
  const json root = json::parse(run_json, nullptr, /*allow_exceptions=*/false);
  if (root.is_discarded()) return invalid("run.json: not JSON");
  auto run = parse_document(root);
  if (!run) return base::annotate(run.error(), "run.json");
  return run;
}

}  // namespace report
