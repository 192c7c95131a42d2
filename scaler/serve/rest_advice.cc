// GET /api/HorizontalPodAutoscaler: the role of a decision service, which an HpaTuner asks for a minimum.
#include "common/base/number_format.h"
#include "scaler/serve/rest_answers.h"
#include "scaler/serve/rest_handler.h"

namespace scaler {
namespace {

using base::ErrorCode;
using base::Result;

// "namespace/name"
Result<ObjectKey> hpa_of(const http::Target& target) {
  const std::string name = target.get("name").value_or("");
  const std::size_t slash = name.find('/');
  const bool is_key = slash != std::string::npos && slash > 0 && slash + 1 < name.size() && slash == name.rfind('/');
  if (!is_key) return base::Error{ErrorCode::kInvalid, "name must be the HPA's namespace/name"};
  return ObjectKey{name.substr(0, slash), name.substr(slash + 1)};
}

Result<> check_count(const http::Target& target, const std::string& key) {
  const auto number = base::parse_int64(target.get(key).value_or(""));
  if (number && *number >= 0 && *number <= std::numeric_limits<std::int32_t>::max()) return {};
  return base::Error{ErrorCode::kInvalid, key + " must be a whole number that is not negative"};
}

}  // namespace

RestHandler::Answer RestHandler::get_decision(http::Target target, std::string) {
  const auto key = hpa_of(target);
  if (!key) co_return json_error(400, key.error().message);
  for (const char* count : {"current-min", "current-instance-count"}) {
    const auto valid = check_count(target, count);
    if (!valid) co_return json_error(400, valid.error().message);
  }
  if (!parts_.view.is_synced()) co_return json_error(503, "Caches are not synced");
  const std::string hpa = "HorizontalPodAutoscaler " + key->text();
  if (!parts_.view.hpas().cache().find(*key)) co_return json_error(404, hpa + " not found");
  const auto deployment = parts_.ownership.deployment_of_hpa(*key);
  const bool stopped = deployment && parts_.ownership.is_stopped(*deployment);
  if (stopped) co_return json_error(404, "No opinion on " + hpa + ": its Deployment is stopped");
  const auto min_count = parts_.advise(*key);
  if (!min_count) co_return json_error(404, "No opinion on " + hpa);
  nlohmann::json body;
  body["decision"]["minCount"] = *min_count;
  co_return json_answer(200, body);
}

}  // namespace scaler
