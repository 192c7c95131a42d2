// The errors of the Kubernetes API: a Status object and the HTTP code that goes with it.
#pragma once

#include <boost/assert/source_location.hpp>
#include <boost/system/result.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "common/base/error.h"
#include "common/http/message.h"
#include "fake-apiserver/store/object_store.h"

namespace fakeapi {

struct StatusError {
  int code = 500;
  std::string reason;
  std::string message;
  Json details = Json::object();
  std::string continue_token;  // 410 on a list: where to go on without the consistent view
};

[[noreturn]] void throw_exception_from_error(const StatusError& error, const boost::source_location& where);

template <class T = void>
class [[nodiscard]] ApiResult : public boost::system::result<T, StatusError> {
 public:
  using boost::system::result<T, StatusError>::result;
};

// "deployments.apps", or "pods" of the core group: how messages name a resource.
std::string display_name(const Resource& resource);

StatusError bad_request(std::string message);
StatusError not_found(const Resource& resource, const std::string& name);
StatusError unknown_resource();
StatusError already_exists(const Resource& resource, const std::string& name);
StatusError conflict(const Resource& resource, const std::string& name, const std::string& why);
StatusError lost_race(const Resource& resource, const std::string& name);
StatusError method_not_allowed();
StatusError not_acceptable();
StatusError unsupported_media_type(const std::vector<std::string>& accepted);
StatusError forbidden(const Resource& resource, const std::string& name, const std::string& why);
StatusError too_large();
StatusError expired(std::string message);
StatusError future_revision(Revision wanted, Revision current);
StatusError rejected_patch();
StatusError internal_error(std::string message);

// One thing wrong with a document; `reason` is FieldValueRequired, FieldValueInvalid and so on.
struct FieldError {
  std::string field;
  std::string reason;
  std::string message;  // "Required value", "Invalid value: -1: must be ..."
};
// REQUIRES: at least one error.
StatusError invalid_object(const std::string& group, const std::string& kind, const std::string& name,
                           const std::vector<FieldError>& errors);
// 422 about the options of a request.
StatusError invalid_options(const std::string& kind, const std::string& field, const std::string& message);

// What the store refused, in the API's words.
StatusError from_store(const base::Error& error, const Resource& resource, const std::string& name);

Json to_json(const StatusError& error);
http::Response to_response(const StatusError& error);
// The answer to a delete that took the object away.
Json success_status(const Resource& resource, const std::string& name, const std::string& uid);

}  // namespace fakeapi
