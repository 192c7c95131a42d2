#include "scaler/policy/tuner/human_reader.h"

#include <algorithm>

#include "scaler/policy/policy_fields.h"
#include "scaler/policy/scaling/cron.h"
#include "scaler/policy/scaling/time_zone.h"

namespace scaler {
namespace {

using config::Fields;

constexpr double kMostSigma = 5.0;  // of a lognormal delay: beyond it, a median means nothing any more

base::Duration read_positive(Fields& fields, const std::string& key, base::Duration fallback) {
  const base::Duration value = fields.duration_or(key, fallback);
  if (value <= base::Duration::zero()) fields.fail(key, "must be positive");
  return value;
}

void read_cron(Fields& entry, ShiftSpec& shift) {
  shift.cron = entry.text("cron");
  if (const auto cron = Cron::parse(shift.cron); !cron) entry.fail("cron", cron.error().message);
  shift.time_zone = entry.text_or("timeZone", shift.time_zone);
  if (TimeZone::find(shift.time_zone)) return;
  const std::string meant = config::did_you_mean(shift.time_zone, TimeZone::names());
  entry.fail("timeZone", "is no time zone" + (meant.empty() ? "" : "; did you mean \"" + meant + "\"?"));
}

ShiftSpec read_shift(Fields& entry) {
  ShiftSpec shift;
  shift.name = entry.text("name");
  if (shift.name.empty()) entry.fail("name", "must not be empty");
  if (entry.has("at") == entry.has("cron")) entry.fail("needs one of at (the game's beginning) and cron");
  if (entry.has("at")) {
    if (entry.has("timeZone")) entry.fail("timeZone", "goes with cron; at says its offset itself");
    shift.at = entry.time("at");
  } else {
    read_cron(entry, shift);
  }
  shift.lead = entry.duration_or("lead", shift.lead);
  shift.duration = entry.duration("duration");
  if (shift.duration <= base::Duration::zero()) entry.fail("duration", "must be positive");
  shift.min_replicas = read_int(entry, "minReplicas", 1);
  return shift;
}

double read_probability(Fields& fields, double fallback) { return fields.number_or("probability", fallback, 0, 1); }

void read_habits(Fields& spec, HumanOperatorSpec& human) {
  if (auto reaction = spec.object_if("reaction")) {
    human.reaction_median = read_positive(*reaction, "median", human.reaction_median);
    human.reaction_sigma = reaction->number_or("sigma", human.reaction_sigma, 0, kMostSigma);
  }
  if (auto late = spec.object_if("late")) {
    human.late_probability = read_probability(*late, human.late_probability);
    human.late_median = read_positive(*late, "median", human.late_median);
  }
  if (auto forgets = spec.object_if("forgets")) {
    human.forgets_probability = read_probability(*forgets, human.forgets_probability);
  }
  if (auto forgets = spec.object_if("forgetsToLower")) {
    human.forgets_to_lower_probability = read_probability(*forgets, human.forgets_to_lower_probability);
  }
}

}  // namespace

void read_human(Fields& spec, PolicySpec& policy) {
  HumanOperatorSpec human;
  if (spec.has("minReplicas")) human.min_replicas = read_int(spec, "minReplicas", 1);
  for (Fields& entry : spec.objects("shifts")) {
    ShiftSpec shift = read_shift(entry);
    const auto same = [&](const ShiftSpec& other) { return other.name == shift.name; };
    if (std::any_of(human.shifts.begin(), human.shifts.end(), same)) {
      entry.fail("name", "\"" + shift.name + "\" is taken by another shift");
    }
    human.shifts.push_back(std::move(shift));
  }
  if (human.shifts.empty()) spec.fail("shifts", "must hold at least one shift");
  read_habits(spec, human);
  policy.rules = std::move(human);
}

}  // namespace scaler
