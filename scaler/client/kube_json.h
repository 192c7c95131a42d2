// From the JSON of the API's objects to plain values and back. Of this folder the files *_json.cc alone know the JSON
// library, so that a faster parser can take its place.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "scaler/client/api_types.h"
#include "scaler/model/observation.h"

namespace scaler {

template <class T>
struct DecodedList {
  std::vector<std::shared_ptr<const T>> items;
  std::string resource_version;
  std::string continue_token;
};

enum class WatchEventType { kAdded, kModified, kDeleted, kBookmark, kError, kUnknown };

template <class T>
struct DecodedEvent {
  WatchEventType type = WatchEventType::kUnknown;
  std::shared_ptr<const T> object;  // of added, modified and deleted
  std::string resource_version;     // of the object, or of the bookmark
  base::Error error;                // of an error event
};

// For DeploymentObject, PodObject and PolicyObject. kUnavailable if the text is no such document: a peer that sends
// garbage may send sense the next time.
template <class T>
base::Result<DecodedList<T>> decode_list(std::string_view body);
template <class T>
base::Result<DecodedEvent<T>> decode_event(std::string_view line);

base::Result<Scale> decode_scale(std::string_view body);
// A PUT of the scale: `replicas` in place of what was read. An empty resourceVersion is left out.
std::string encode_scale(const Scale& read, int replicas);
// A merge patch.
std::string encode_min_replicas_patch(int min_replicas, const std::string& resource_version);

// "True" and "False"; all else is unknown.
ConditionStatus decode_condition_status(const std::string& status);

base::Result<PolicyObject> decode_policy(std::string_view body);
PolicyObject policy_from_document(nlohmann::json document);

// Of a HorizontalPodAutoscaler: what its tuner wants to know.
HpaObservation observe_hpa(const PolicyObject& hpa);

// decision.minCount of a decision service's answer; nullopt unless it is a whole number that is not negative.
std::optional<int> decode_min_count(std::string_view body);

struct ApiStatus {
  int code = 0;
  std::string reason;
  std::string message;
  bool version_too_large = false;  // the resourceVersion asked for has not been reached: details.causes say so
};
// nullopt if the text is no Status object.
std::optional<ApiStatus> decode_status(std::string_view body);

}  // namespace scaler
