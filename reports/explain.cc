#include "reports/explain.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <vector>

#include "common/base/number_format.h"
#include "common/base/time_format.h"
#include "reports/decision_log.h"
#include "reports/page_text.h"
#include "reports/run_file.h"

namespace report {
namespace {

using base::Result;
using nlohmann::json;

base::Error invalid(std::string message) { return {base::ErrorCode::kInvalid, std::move(message)}; }

std::string text(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::optional<double> number(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_number() ? std::optional(found->get<double>()) : std::nullopt;
}

const json& list(const json& object, const char* key) {
  static const json kNone = json::array();
  const auto found = object.find(key);
  return found != object.end() && found->is_array() ? *found : kNone;
}

std::string seconds(double s) { return base::format_duration(base::Duration(std::llround(s * 1e9))); }

// Four digits or so, none that say nothing: what is read, not what is computed with.
std::string readable(double x) {
  if (std::abs(x) >= 1000) return format_count(x);
  const double scale = std::abs(x) >= 10 ? 10.0 : 1000.0;
  return base::format_number(std::round(x * scale) / scale);
}

std::string count(const json& object, const char* key) {
  const auto value = number(object, key);
  return value ? base::format_number(*value) : "?";
}

std::string join(const std::vector<std::string>& parts, const char* between) {
  std::string all;
  for (const std::string& part : parts) all += (all.empty() ? "" : between) + part;
  return all;
}

std::string asked(const json& input) {
  const std::string unit = text(input, "unit");
  std::string line = text(input, "metric");
  const auto value = number(input, "value");
  const auto target = number(input, "target");
  if (value) line += " " + readable(*value) + unit;
  if (value && target) line += " / " + readable(*target) + (unit.empty() ? " per pod" : unit);
  if (const auto wants = number(input, "wants")) {
    line += " -> " + base::format_number(*wants);
  } else if (const std::string note = text(input, "note"); !note.empty()) {
    line += value ? " (" + note + ")" : " has no value (" + note + ")";
  } else {
    line += " has no opinion";
  }
  if (const auto age = number(input, "ageSeconds"); age && *age > 0) line += " [" + seconds(std::round(*age)) + " old]";
  return line;
}

std::string asked_line(const json& record) {
  std::vector<std::string> parts;
  for (const json& input : list(record, "inputs")) {
    // Those that ask for nothing and say no more than when they will are among the rules not used.
    if (number(input, "wants") || number(input, "target") || number(input, "value")) parts.push_back(asked(input));
  }
  std::string line = parts.empty() ? "nobody" : join(parts, "   ");
  if (const std::string selected = text(record, "selected"); !selected.empty() && parts.size() > 1) {
    line += "   => " + selected + " wins";
  }
  if (const std::string error = text(record, "error"); !error.empty()) line += "   ! " + error;
  if (const std::string note = text(record, "note"); !note.empty()) line += "   (" + note + ")";
  return line;
}

std::string limited_line(const json& record, const WallClock& clock, double start) {
  std::vector<std::string> parts;
  for (const json& step : list(record, "steps")) {
    std::string part = count(step, "before") + " -> " + count(step, "after") + "  " + text(step, "rule") + ": ";
    const std::string param = text(step, "param");
    if (!param.empty()) part += param + ", ";
    part += text(step, "why");
    if (const std::string remaining = text(step, "remaining"); !remaining.empty()) part += ", left: " + remaining;
    parts.push_back(std::move(part));
  }
  std::string line = parts.empty() ? "by nothing" : join(parts, "; ");
  const auto next = record.find("next");
  if (next == record.end() || !next->is_object()) return line;
  const auto when = base::parse_rfc3339(text(*next, "when"));
  if (!when) return line;
  return line + " (next at " + clock.at(base::seconds(when->time_since_epoch()) - start) + ": " + text(*next, "why") +
         ")";
}

std::string unused_line(const json& record) {
  std::vector<std::string> parts;
  for (const json& rule : list(record, "unused")) parts.push_back(text(rule, "rule") + " (" + text(rule, "why") + ")");
  return parts.empty() ? "-" : join(parts, ", ");
}

// The first sample not before `at`.
std::size_t index_at(const Series& series, double at) {
  return static_cast<std::size_t>(std::lower_bound(series.t.begin(), series.t.end(), at) - series.t.begin());
}

std::string readiness(const Series& series, const WallClock& clock, double at, double from, double to) {
  const bool up = to > from;
  for (std::size_t i = index_at(series, at); i < series.t.size(); ++i) {
    const double ready = series[kReady][i];
    if (up ? ready < to : ready > to) continue;
    const double capacity = series[kCapacity][i];
    const double missing = series[kArrivals][i] - capacity;
    std::string line = fmt::format("{} {} ({} later), capacity {} rps", up ? "ready" : "down to it",
                                   clock.at(series.t[i]), seconds(std::round(series.t[i] - at)), readable(capacity));
    if (missing > 0) line += ", still short " + readable(missing) + " rps";
    return line;
  }
  const std::size_t last = series.t.size() - 1;
  return fmt::format("{} until the end of the run ({} ready)", up ? "not ready" : "not down to it",
                     readable(series[kReady][last]));
}

bool is_advice(const json& record) { return text(record, "field") == "advice"; }

std::string expect_line(const json& record, const PolicyRun& run, const WallClock& clock) {
  const auto from = number(record, "current");
  const auto to = number(record, "final");
  if (is_advice(record)) return "nothing is written: the decision service answers whoever asks it";
  if (!from || !to || *from == *to) return "no change";
  const auto applied = record.find("applied");
  const bool ok = applied != record.end() && applied->is_object() && applied->value("ok", false);
  if (!ok) return "nothing: " + (applied == record.end() ? std::string("not written") : text(*applied, "status"));
  if (text(record, "field") == "minReplicas") return "the HorizontalPodAutoscaler goes there in its next round";
  const double at = *number(record, "at");
  const Series& series = run.series;
  // The series are those of the first workload: they know of this decision only if they show its number.
  const std::size_t next = index_at(series, at);
  const bool seen = next < series.t.size() && series[kDesired][next] == *to;
  if (!seen) return "not in the run's series";
  return readiness(series, clock, at, *from, *to);
}

std::string short_name(const std::string& target) { return target.substr(target.find('/') + 1); }

std::string headline(const json& record, const std::string& policy, const WallClock& clock) {
  const auto from = number(record, "current");
  const auto to = number(record, "final");
  const bool changes = from && to && *from != *to;
  const std::string name = short_name(text(record, "target"));
  const std::string field = text(record, "field") == "minReplicas" ? " minReplicas" : "";
  std::string line = clock.at(*number(record, "at")) + " " + name + field + " ";
  if (is_advice(record)) {
    return line + (number(record, "raw") ? "ADVISES " + count(record, "final") : "NO ADVICE") + "  (" + policy + ")";
  }
  if (!changes) return line + count(record, "final") + "  NO CHANGE  (" + policy + ")";
  line += count(record, "current") + " -> " + count(record, "final");
  return line + (*to > *from ? "  SCALE UP  (" : "  SCALE DOWN  (") + policy + ")";
}

std::string repetition(const json& record, const WallClock& clock) {
  const int times = record.value("count", 1);
  if (times < 2) return "";
  const double since = number(record, "since").value_or(*number(record, "at"));
  return fmt::format("  x{} same reason, {} to {}", times, clock.at(since), clock.at(*number(record, "until")));
}

// Policies know no zone but UTC: what they say of instants near the run is told on the scenario's clock, as the rest
// is.
std::string on_clock(const std::string& said, const WallClock& clock, double start) {
  constexpr std::size_t kLength = 20;  // 2026-09-26T09:30:17Z
  constexpr double kNear = 12 * 3600;
  std::string told;
  for (std::size_t i = 0; i < said.size(); ++i) {
    const std::string word = said.substr(i, kLength);
    const auto time = word.size() == kLength && word.back() == 'Z' ? base::parse_rfc3339(word) : std::nullopt;
    const double since = time ? base::seconds(time->time_since_epoch()) - start : 0.0;
    if (!time || std::abs(since) > kNear) {
      told += said[i];
      continue;
    }
    told += clock.at(since);
    i += kLength - 1;
  }
  return told;
}

std::string five_lines(const json& record, const PolicyRun& run, const WallClock& clock, double start) {
  const std::string text = headline(record, run.name, clock) + repetition(record, clock) + "\n" +  //
                           "  asked    " + asked_line(record) + "\n" +                             //
                           "  limited  " + limited_line(record, clock, start) + "\n" +             //
                           "  not used " + unused_line(record) + "\n" +                            //
                           "  expect   " + expect_line(record, run, clock) + "\n";
  return on_clock(text, clock, start);
}

// Seconds since the start of the run.
Result<double> parse_moment(const std::string& asked, const RunFile& run) {
  if (const auto time = base::parse_rfc3339(asked)) {
    if (!run.start) return invalid("--at: the run has no start time; give a time since the start, such as +10m15s");
    return base::seconds(*time - *run.start);
  }
  if (asked.starts_with('+')) {
    if (const auto since = base::parse_duration(asked.substr(1))) return base::seconds(*since);
  }
  const auto refuse = [&] {
    return invalid(
        "--at must be a time of the scenario's clock (19:30:15), an RFC 3339 time or a time since the start "
        "(+10m15s), is \"" +
        asked + "\"");
  };
  // On the scenario's clock: the first such moment at or after the start.
  const std::string full = asked.size() == 5 ? asked + ":00" : asked;
  const auto clock = base::parse_rfc3339("1970-01-01T" + full + "Z");
  if (full.size() != 8 || !clock) return refuse();
  if (!run.start) return invalid("--at: the run has no start time; give a time since the start, such as +10m15s");
  constexpr double kDay = 86400;
  const double start = base::seconds(run.start->time_since_epoch()) + base::seconds(run.offset);
  const double at = base::seconds(clock->time_since_epoch()) - std::fmod(start, kDay);
  return at < 0 ? at + kDay : at;
}

bool matches(const json& record, const ExplainOptions& options) {
  const std::string target = text(record, "target");
  if (!options.target.empty() && options.target != target && options.target != short_name(target)) return false;
  return options.field.empty() || options.field == text(record, "field");
}

std::string names_of(const RunFile& run) {
  std::vector<std::string> names;
  for (const PolicyRun& policy : run.policies) names.push_back(policy.name);
  return join(names, ", ");
}

// Of each target the last record not after `at`, in the order of the targets.
std::vector<json> in_force(const std::vector<json>& records, const ExplainOptions& options, double at) {
  std::map<std::string, const json*> last;
  for (const json& record : records) {
    if (!matches(record, options) || *number(record, "at") > at) continue;
    last[text(record, "target") + ' ' + text(record, "field")] = &record;
  }
  std::vector<json> found;
  for (const auto& [target, record] : last) found.push_back(*record);
  return found;
}

}  // namespace

Result<std::string> explain(const std::string& run_json, const std::string& decisions, const ExplainOptions& options) {
  const auto run = parse_run(run_json);
  if (!run) return run.error();
  const auto logs = parse_decisions(decisions, *run, options.at ? Repeats::kEach : Repeats::kTogether);
  if (!logs) return logs.error();
  std::optional<double> at;
  if (options.at) {
    const auto moment = parse_moment(*options.at, *run);
    if (!moment) return moment.error();
    if (*moment < 0 || *moment > run->duration) {
      return invalid("--at " + *options.at + " is not within the run, which lasts from " + WallClock(*run).at(0) +
                     " to " + WallClock(*run).at(run->duration));
    }
    at = *moment;
  }
  const WallClock clock(*run);
  const double start = run->start ? base::seconds(run->start->time_since_epoch()) : 0.0;
  std::string all;
  bool known = options.policy.empty();
  for (std::size_t i = 0; i < run->policies.size(); ++i) {
    const PolicyRun& policy = run->policies[i];
    if (!options.policy.empty() && policy.name != options.policy) continue;
    known = true;
    std::vector<json> chosen;
    if (at) {
      chosen = in_force((*logs)[i], options, *at);
    } else {
      std::copy_if((*logs)[i].begin(), (*logs)[i].end(), std::back_inserter(chosen),
                   [&](const json& record) { return matches(record, options); });
    }
    for (const json& record : chosen) all += (all.empty() ? "" : "\n") + five_lines(record, policy, clock, start);
  }
  if (!known) return invalid("the run has no policy \"" + options.policy + "\"; it has " + names_of(*run));
  if (all.empty()) return invalid("no decision is recorded" + (at ? " until " + clock.at(*at) : std::string()));
  return all;
}

}  // namespace report
