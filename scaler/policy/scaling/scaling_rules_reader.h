// The rules that a ScalingPolicy composes beside metrics and behavior, read one by one. Complaints travel as
// config::FieldError.
#pragma once

#include <optional>
#include <vector>

#include "common/config/fields.h"
#include "scaler/policy/policy_fields.h"
#include "scaler/policy/scaling/scaling_spec.h"

namespace scaler {

// `own` are the policy's bounds: a floor above them needs a ceiling of its own.
std::vector<ScheduleSpec> read_schedules(config::Fields& spec, ReplicaBounds own);
std::vector<CalendarEventSpec> read_calendar(config::Fields& spec, ReplicaBounds own);
std::optional<PredictionSpec> read_prediction(config::Fields& spec);
std::optional<PanicSpec> read_panic(config::Fields& spec, ReplicaBounds own);
std::optional<LadderSpec> read_ladder(config::Fields& spec, ReplicaBounds own);
std::optional<ScaleToZeroSpec> read_scale_to_zero(config::Fields& spec);

}  // namespace scaler
