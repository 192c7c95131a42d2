#include "scaler/control/tuner_status.h"

#include <nlohmann/json.hpp>

#include "common/base/time_format.h"

namespace scaler {
namespace {

using Json = nlohmann::json;

constexpr char kUp[] = "lastUpScaleTime";
constexpr char kDown[] = "lastDownScaleTime";

std::optional<base::Time> time_of(const Json& status, const char* key) {
  const auto found = status.find(key);
  if (found == status.end() || !found->is_string()) return std::nullopt;
  return base::parse_rfc3339(found->get_ref<const std::string&>());
}

}  // namespace

TunerStatus decode_tuner_status(const PolicyObject& tuner) {
  TunerStatus status;
  const auto found = tuner.document->find("status");
  if (found == tuner.document->end() || !found->is_object()) return status;
  status.last_up_scale_time = time_of(*found, kUp);
  status.last_down_scale_time = time_of(*found, kDown);
  return status;
}

std::string encode_tuner_status(const TunerStatus& status) {
  Json patch;
  Json& fields = patch["status"] = Json::object();
  if (status.last_up_scale_time) fields[kUp] = base::format_rfc3339(*status.last_up_scale_time);
  if (status.last_down_scale_time) fields[kDown] = base::format_rfc3339(*status.last_down_scale_time);
  return patch.dump();
}

}  // namespace scaler
