#include "sim/scenario/common_fields.h"

#include <algorithm>

#include "common/base/time_format.h"

namespace sim {

using config::Fields;

std::string read_name(Fields& fields, const std::string& key) {
  const std::string name = fields.text(key);
  const bool ok = !name.empty() && name.size() <= 63 &&
                  name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string::npos &&
                  name.front() != '-' && name.back() != '-';
  if (!ok) fields.fail(key, "must be at most 63 lower-case letters, digits and hyphens, is \"" + name + "\"");
  return name;
}

Ticks read_ticks(Fields& fields, const std::string& key, Ticks least) {
  const base::Duration duration = fields.duration(key);
  if (duration > kLongest) fields.fail(key, "must be at most 31d, is " + base::format_duration(duration));
  if (duration.count() < least) {
    fields.fail(key, least <= 1 ? "must be positive"
                                : "must be at least " + base::format_duration(base::Duration(least)) + ", is " +
                                      base::format_duration(duration));
  }
  return duration.count();
}

Ticks read_ticks_or(Fields& fields, const std::string& key, Ticks fallback, Ticks least) {
  return fields.has(key) ? read_ticks(fields, key, least) : fallback;
}

Ticks since_start(const Fields& fields, const std::string& key, base::Time t, const Night& night) {
  // The difference of two times may not fit, halves of them do.
  constexpr base::Duration kFar = std::chrono::days(3653);
  const base::Duration half = t.time_since_epoch() / 2 - night.start.time_since_epoch() / 2;
  if (half > kFar / 2 || half < -kFar / 2) fields.fail(key, "must be within ten years of startTime");
  return (t - night.start).count();
}

Ticks read_moment(Fields& fields, const std::string& key, const Night& night) {
  const config::Json& value = fields.raw(key);
  const std::string text = value.is_string() ? value.get<std::string>() : "";
  if (base::parse_duration(text)) return read_ticks(fields, key);
  if (const auto time = base::parse_rfc3339(text)) return since_start(fields, key, *time, night);
  const std::string example = base::format_rfc3339(night.start);
  fields.fail(key, "must be a duration since the start, such as 10m, or a time with its offset, such as \"" + example +
                       "\", is " + value.dump(-1, ' ', false, config::Json::error_handler_t::replace));
}

Ticks read_moment_inside(Fields& fields, const std::string& key, const Night& night) {
  const Ticks at = read_moment(fields, key, night);
  if (at >= 0 && at < night.duration.count()) return at;
  fields.fail(key, "must be inside the night, from 0s to before " + base::format_duration(night.duration) + ", is " +
                       base::format_duration(base::Duration(at)));
}

std::uint32_t read_count(Fields& fields, const std::string& key, std::int64_t least, std::int64_t most) {
  return static_cast<std::uint32_t>(fields.integer(key, least, most));
}

std::uint32_t read_count_or(Fields& fields, const std::string& key, std::uint32_t fallback, std::int64_t least,
                            std::int64_t most) {
  return fields.has(key) ? read_count(fields, key, least, most) : fallback;
}

double read_share(Fields& fields, const std::string& key) { return fields.number(key, 0, 1); }

double read_share_or(Fields& fields, const std::string& key, double fallback) {
  return fields.number_or(key, fallback, 0, 1);
}

double read_bytes(Fields& fields, const std::string& key) {
  constexpr double kMost = 1125899906842624.0;
  const double bytes = fields.quantity(key);
  if (bytes > kMost) fields.fail(key, "must be at most 1Pi");
  return bytes;
}

ServiceTime read_distribution(Fields& fields) {
  using Distribution = ServiceTime::Distribution;
  ServiceTime time;
  const std::string kind = fields.choice("distribution", {"exponential", "deterministic", "lognormal"});
  time.mean = fields.duration("mean").count();
  if (time.mean <= 0 || time.mean > 3600 * kSecond) fields.fail("mean", "must be positive and at most 1h");
  if (kind == "exponential") time.distribution = Distribution::kExponential;
  if (kind == "deterministic") time.distribution = Distribution::kDeterministic;
  if (kind == "lognormal") {
    time.cv = fields.number("cv", 0, 10);
    time.distribution = time.cv > 0 ? Distribution::kLognormal : Distribution::kDeterministic;
  }
  return time;
}

std::size_t read_index(Fields& fields, const std::string& key, const std::vector<std::string>& names,
                       const std::string& what) {
  if (names.empty()) fields.fail(key, "names one of the " + what + ", but there are none");
  const std::string name = fields.choice(key, names);
  return static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin());
}

std::string only_one_of(const Fields& fields, const std::vector<std::string>& keys, const std::string& what) {
  std::string found;
  std::string listed;
  int count = 0;
  for (const std::string& key : keys) {
    listed += (listed.empty() ? "" : ", ") + key;
    if (!fields.has(key)) continue;
    found = key;
    ++count;
  }
  if (count != 1) fields.fail(what + " has exactly one of " + listed);
  return found;
}

std::vector<std::string> workload_names(const Scenario& scenario) {
  std::vector<std::string> names;
  for (const WorkloadSpec& workload : scenario.workloads) names.push_back(workload.name);
  return names;
}

}  // namespace sim
