// Jobs and cron jobs.
#include <algorithm>

#include "common/base/number_format.h"
#include "fake-apiserver/kinds/metadata_rules.h"
#include "fake-apiserver/kinds/pod_rules.h"
#include "fake-apiserver/kinds/workload_rules.h"

namespace fakeapi {
namespace {

struct CronField {
  const char* name;
  std::int64_t least;
  std::int64_t most;
  const char* words;  // names of the values from `least` on, three letters each
};
constexpr CronField kCronFields[] = {{"minute", 0, 59, ""},
                                     {"hour", 0, 23, ""},
                                     {"day of month", 1, 31, ""},
                                     {"month", 1, 12, "janfebmaraprmayjunjulaugsepoctnovdec"},
                                     {"day of week", 0, 6, "sunmontuewedthufrisat"}};
constexpr std::string_view kCronNames[] = {"@yearly", "@annually", "@monthly", "@weekly",
                                           "@daily",  "@midnight", "@hourly"};

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return result;
}

std::vector<std::string> split(std::string_view text, char separator, bool keep_empty) {
  std::vector<std::string> parts;
  for (;;) {
    const std::size_t end = text.find(separator);
    if (keep_empty || end != 0) {
      const std::string_view part = text.substr(0, end);
      if (keep_empty || !part.empty()) parts.emplace_back(part);
    }
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::optional<std::int64_t> cron_value(const std::string& text, const CronField& field) {
  if (const auto number = base::parse_int64(text)) return *number < 0 ? std::nullopt : number;
  const std::string_view words = field.words;
  if (text.size() != 3 || words.empty()) return std::nullopt;
  for (std::size_t at = 0; at < words.size(); at += 3) {
    if (words.substr(at, 3) == lower(text)) return field.least + static_cast<std::int64_t>(at / 3);
  }
  return std::nullopt;
}

// "*", "*/5", "1-5/2", "mon".
std::string range_problem(const std::string& text, const CronField& field) {
  const std::vector<std::string> steps = split(text, '/', true);
  if (steps.size() > 2) return "too many slashes: " + text;
  const std::vector<std::string> ends = split(steps[0], '-', true);
  if (ends.size() > 2) return "too many hyphens: " + text;
  if (ends[0] != "*" && ends[0] != "?") {
    std::vector<std::int64_t> values;
    for (const std::string& end : ends) {
      const auto value = cron_value(end, field);
      if (!value) return "failed to parse int from " + end + ": strconv.Atoi: parsing \"" + end + "\": invalid syntax";
      values.push_back(*value);
    }
    if (values.front() < field.least) {
      return "beginning of range (" + std::to_string(values.front()) + ") below minimum (" +
             std::to_string(field.least) + "): " + text;
    }
    if (values.back() > field.most) {
      return "end of range (" + std::to_string(values.back()) + ") above maximum (" + std::to_string(field.most) +
             "): " + text;
    }
    if (values.front() > values.back()) {
      return "beginning of range (" + std::to_string(values.front()) + ") beyond end of range (" +
             std::to_string(values.back()) + "): " + text;
    }
  }
  if (steps.size() == 1) return "";
  const auto step = base::parse_int64(steps[1]);
  if (!step || *step < 0)
    return "failed to parse int from " + steps[1] + ": strconv.Atoi: parsing \"" + steps[1] + "\": invalid syntax";
  return *step == 0 ? "step of range should be a positive number: " + text : "";
}

void check_job_spec(Problems& problems, const FieldPath& path, const Json& spec, bool checks_selector) {
  for (const char* key : {"parallelism", "completions", "activeDeadlineSeconds", "backoffLimit",
                          "ttlSecondsAfterFinished", "backoffLimitPerIndex", "maxFailedIndexes"}) {
    problems.check_not_negative(path / key, member(spec, key));
  }
  const Json& mode = member(spec, "completionMode");
  if (!mode.is_null()) {
    if (mode != "NonIndexed" && mode != "Indexed") {
      problems.not_supported(path / "completionMode", mode, {"NonIndexed", "Indexed"});
    } else if (mode == "Indexed" && member(spec, "completions").is_null()) {
      problems.required(path / "completions", "when completion mode is Indexed");
    }
  }
  const FieldPath template_path = path / "template";
  if (checks_selector && member(spec, "selector").is_object()) {
    check_label_selector(problems, path / "selector", member(spec, "selector"));
  }
  check_pod_template(problems, template_path, member(spec, "template"));
  const Json& policy = at_path(spec, {"template", "spec", "restartPolicy"});
  const FieldPath pod = template_path / "spec";
  if (policy == "Always" || policy.is_null()) {
    problems.required(pod / "restartPolicy", "valid values: \"OnFailure\", \"Never\"");
  } else if (policy == "OnFailure" && member(spec, "podFailurePolicy").is_object()) {
    problems.invalid(pod / "restartPolicy", policy, "only \"Never\" is supported when podFailurePolicy is specified");
  }
}

}  // namespace

std::string cron_schedule_problem(std::string_view schedule) {
  if (schedule.starts_with('@')) {
    if (schedule.starts_with("@every ")) return "";
    const bool known = std::find(std::begin(kCronNames), std::end(kCronNames), schedule) != std::end(kCronNames);
    return known ? "" : "unrecognized descriptor: " + std::string(schedule);
  }
  const std::vector<std::string> fields = split(schedule, ' ', false);
  if (fields.size() != std::size(kCronFields)) {
    std::string list;
    for (const std::string& field : fields) list += (list.empty() ? "" : " ") + field;
    return "expected exactly 5 fields, found " + std::to_string(fields.size()) + ": [" + list + "]";
  }
  for (std::size_t i = 0; i < fields.size(); ++i) {
    for (const std::string& range : split(fields[i], ',', true)) {
      std::string problem = range_problem(range, kCronFields[i]);
      if (!problem.empty()) return problem;
    }
  }
  return "";
}

void check_job(Problems& problems, const Json& object, const Json* before) {
  const FieldPath path("spec");
  const Json& spec = member(object, "spec");
  check_job_spec(problems, path, spec, true);
  if (!before) return;
  const Json& old = member(*before, "spec");
  const bool indexed = member(spec, "completionMode") == "Indexed";
  for (const char* key : {"completions", "selector", "template", "completionMode", "podFailurePolicy"}) {
    const Json& now = member(spec, key);
    if (now == member(old, key)) continue;
    // An indexed job may grow or shrink as a whole.
    if (std::string_view(key) == "completions" && indexed && now == member(spec, "parallelism")) continue;
    // Where the pods of a job that has not begun go may still be said.
    if (std::string_view(key) == "template" && member(old, "suspend") == true) continue;
    problems.invalid(path / key, now, kImmutable);
  }
}

void check_cron_job(Problems& problems, const Json& object, const Json*) {
  const FieldPath path("spec");
  const Json& spec = member(object, "spec");
  const Json& schedule = member(spec, "schedule");
  const std::string_view text = view_of(schedule);
  if (text.empty()) {
    problems.required(path / "schedule");
  } else if (text.find("TZ") != std::string_view::npos) {
    problems.invalid(path / "schedule", schedule, "cannot use TZ or CRON_TZ in schedule, use timeZone field instead");
  } else if (const std::string problem = cron_schedule_problem(text); !problem.empty()) {
    problems.invalid(path / "schedule", schedule, problem);
  }
  problems.check_not_negative(path / "startingDeadlineSeconds", member(spec, "startingDeadlineSeconds"));
  const Json& policy = member(spec, "concurrencyPolicy");
  if (is_unset(policy)) {
    problems.required(path / "concurrencyPolicy");
  } else {
    problems.check_choice(path / "concurrencyPolicy", policy, {"Allow", "Forbid", "Replace"});
  }
  for (const char* key : {"successfulJobsHistoryLimit", "failedJobsHistoryLimit"}) {
    problems.check_not_negative(path / key, member(spec, key));
  }
  const FieldPath job = path / "jobTemplate";
  check_job_spec(problems, job / "spec", at_path(spec, {"jobTemplate", "spec"}), false);
}

}  // namespace fakeapi
