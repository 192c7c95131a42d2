#include "scaler/model/decision_json.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "common/base/number_format.h"
#include "common/base/time_format.h"

namespace scaler {
namespace {

using Json = nlohmann::ordered_json;

// Whole numbers without a decimal point, as they are read.
Json number(double x) {
  constexpr double kExact = 9007199254740992.0;  // 2^53
  if (!std::isfinite(x)) return nullptr;
  if (std::trunc(x) == x && std::abs(x) < kExact) return static_cast<std::int64_t>(x);
  return x;
}

template <class T>
Json or_null(const std::optional<T>& value) {
  if (!value) return nullptr;
  if constexpr (std::is_same_v<T, int>) {
    return *value;
  } else if constexpr (std::is_same_v<T, base::Duration>) {
    return number(base::seconds(*value));
  } else {
    return number(*value);
  }
}

Json to_json(const Input& input) {
  Json json;
  json["metric"] = input.metric;
  json["value"] = or_null(input.value);
  json["ageSeconds"] = or_null(input.age);
  json["target"] = or_null(input.target);
  // Only a percentage of the request comes with the value that it was made from.
  if (input.average_milli) json["unit"] = "%";
  json["wants"] = or_null(input.wants);
  if (!input.note.empty()) json["note"] = input.note;
  return json;
}

Json to_json(const Step& step) {
  Json json;
  json["rule"] = step.rule;
  json["before"] = step.before;
  json["after"] = step.after;
  json["why"] = step.why;
  if (!step.param.empty()) json["param"] = step.param;
  if (!step.remaining.empty()) json["remaining"] = step.remaining;
  return json;
}

Json to_json(const PolicyEvent& event) {
  Json json;
  json["type"] = event.warning ? "Warning" : "Normal";
  json["reason"] = event.reason;
  json["message"] = event.message;
  return json;
}

Json to_json(const Unused& unused) {
  Json json;
  json["rule"] = unused.rule;
  json["why"] = unused.why;
  return json;
}

template <class T>
Json list(const std::vector<T>& items) {
  Json json = Json::array();
  for (const T& item : items) json.push_back(to_json(item));
  return json;
}

}  // namespace

std::string to_json_line(const Decision& decision) {
  Json json;
  if (decision.number > 0) json["id"] = decision.policy + "-" + base::format_number(decision.number);
  json["t"] = base::format_rfc3339_nano(decision.at);
  json["policy"] = decision.policy;
  json["target"] = decision.target;
  json["field"] = decision.field;
  json["trigger"] = to_string(decision.trigger);
  json["current"] = decision.current;
  json["inputs"] = list(decision.inputs);
  json["selected"] = decision.selected.empty() ? Json(nullptr) : Json(decision.selected);
  json["raw"] = or_null(decision.raw);
  json["steps"] = list(decision.steps);
  if (!decision.unused.empty()) json["unused"] = list(decision.unused);
  json["final"] = decision.final;
  Json applied;
  applied["ok"] = decision.applied.ok;
  applied["status"] = decision.applied.status;
  applied["latencyMs"] = number(base::seconds(decision.applied.latency) * 1000.0);
  json["applied"] = applied;
  if (!decision.events.empty()) json["events"] = list(decision.events);
  if (decision.next) {
    json["next"]["when"] = base::format_rfc3339_nano(decision.next->when);
    json["next"]["why"] = decision.next->why;
  }
  if (!decision.error.empty()) json["error"] = decision.error;
  if (!decision.note.empty()) json["note"] = decision.note;
  // Names come from outside and may hold bytes that are no UTF-8.
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace scaler
