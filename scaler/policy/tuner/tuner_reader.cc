#include "scaler/policy/tuner/tuner_reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "scaler/policy/policy_fields.h"

namespace scaler {
namespace {

using config::Fields;

constexpr char kBugPrefix[] = "gamenight/bug-";

HpaTunerSpec read_rules(Fields& spec) {
  HpaTunerSpec tuner;
  const ReplicaBounds bounds = read_bounds(spec, 1000);
  tuner.min_replicas = bounds.min;
  tuner.max_replicas = bounds.max;
  tuner.downscale_forbidden_window =
      std::chrono::seconds(spec.integer_or("downscaleForbiddenWindowSeconds", 300, 1, 6000));
  tuner.upscale_forbidden_window_after_downscale =
      std::chrono::seconds(spec.integer_or("upscaleForbiddenWindowAfterDownscaleSeconds", 300, 1, 600));
  // The kind declares these two and its controller never used them; they are checked and change nothing.
  spec.integer_or("scaleUpLimitFactor", 2, 1, 10);
  spec.integer_or("scaleUpLimitMinimum", 4, 1, 20);
  tuner.cpu_idling_percentage = read_int_or(spec, "cpuIdlingPercentage", 0, 0, 90);
  if (!spec.has("useDecisionService")) spec.fail("useDecisionService", "is required");
  tuner.use_decision_service = spec.boolean_or("useDecisionService", false);
  return tuner;
}

[[noreturn]] void complain(const Fields& spec, const std::string& annotation, const std::string& what) {
  std::string escaped = annotation;  // as a JSON pointer wants it
  escaped.replace(escaped.find('/'), 1, "~1");
  throw config::FieldError(spec.document().locate_key("/metadata/annotations/" + escaped) + ": " + annotation + ": " +
                           what);
}

// The names of the switches, without their prefix.
bool* find_switch(HpaTunerBugs& bugs, bool& code, bool& docs, const std::string& name) {
  if (name == "unbounded-minimum") return &bugs.unbounded_minimum;
  if (name == "unchecked-status") return &bugs.unchecked_status;
  if (name == "garbage-is-zero") return &bugs.garbage_is_zero;
  if (name == "stamps-failed-updates") return &bugs.stamps_failed_updates;
  if (name == "idle-threshold-code") return &code;
  if (name == "idle-threshold-docs") return &docs;
  return nullptr;
}

HpaTunerBugs read_bugs(const Fields& spec, const std::map<std::string, std::string>& annotations) {
  static const std::vector<std::string> kKnown{"unbounded-minimum",     "unchecked-status",    "garbage-is-zero",
                                               "stamps-failed-updates", "idle-threshold-code", "idle-threshold-docs"};
  HpaTunerBugs bugs;
  bool code = false;
  bool docs = false;
  for (const auto& [annotation, value] : annotations) {
    if (!annotation.starts_with(kBugPrefix)) continue;
    const std::string name = annotation.substr(sizeof(kBugPrefix) - 1);
    bool* const chosen = find_switch(bugs, code, docs, name);
    if (chosen == nullptr) {
      const std::string meant = config::did_you_mean(name, kKnown);
      complain(spec, annotation,
               fmt::format("is no known mistake, known are {}{}", fmt::join(kKnown, ", "),
                           meant.empty() ? "" : "; did you mean \"" + (kBugPrefix + meant) + "\"?"));
    }
    if (value != "true" && value != "false") complain(spec, annotation, "must be \"true\" or \"false\"");
    *chosen = value == "true";
  }
  if (code && docs) {
    complain(spec, kBugPrefix + std::string("idle-threshold-docs"),
             "contradicts gamenight/bug-idle-threshold-code; set one of them");
  }
  bugs.idle_divisor = code ? 3 : docs ? 2 : 0;
  return bugs;
}

}  // namespace

void read_tuner(Fields& spec, PolicySpec& policy) {
  HpaTunerSpec tuner = read_rules(spec);
  tuner.bugs = read_bugs(spec, policy.annotations);
  policy.rules = tuner;
}

}  // namespace scaler
