#include "scaler/model/decision.h"

#include "common/base/check.h"

namespace scaler {

std::string_view to_string(Trigger trigger) {
  switch (trigger) {
    case Trigger::kLoop: return "loop";
    case Trigger::kSchedule: return "schedule";
    case Trigger::kEvent: return "event";
    case Trigger::kRest: return "rest";
    case Trigger::kPanic: return "panic";
  }
  base::check_failed(__FILE__, __LINE__, "trigger", "not an enumerator");
}

}  // namespace scaler
