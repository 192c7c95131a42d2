#include "fake-apiserver/api/status.h"

#include "common/base/check.h"
#include "fake-apiserver/store/json_access.h"

namespace fakeapi {
namespace {

Json details_of(const Resource& resource, const std::string& name) {
  Json details = {{"kind", resource.plural}};
  if (!name.empty()) details["name"] = name;
  if (!resource.group.empty()) details["group"] = resource.group;
  return details;
}

StatusError make(int code, std::string reason, std::string message, Json details = Json::object()) {
  StatusError error;
  error.code = code;
  error.reason = std::move(reason);
  error.message = std::move(message);
  error.details = std::move(details);
  return error;
}

std::string quoted(const Resource& resource, const std::string& name) {
  return display_name(resource) + " \"" + name + "\"";
}

Json cause_of(const std::string& reason, const std::string& message, const std::string& field) {
  Json cause = {{"reason", reason}, {"message", message}};
  if (!field.empty()) cause["field"] = field;
  return cause;
}

}  // namespace

void throw_exception_from_error(const StatusError& error, const boost::source_location& where) {
  base::check_failed(where.file_name(), static_cast<int>(where.line()), "result.has_value()", error.message);
}

std::string display_name(const Resource& resource) {
  return resource.group.empty() ? resource.plural : resource.plural + "." + resource.group;
}

StatusError bad_request(std::string message) { return make(400, "BadRequest", std::move(message)); }

StatusError not_found(const Resource& resource, const std::string& name) {
  return make(404, "NotFound", quoted(resource, name) + " not found", details_of(resource, name));
}

StatusError unknown_resource() { return make(404, "NotFound", "the server could not find the requested resource"); }

StatusError already_exists(const Resource& resource, const std::string& name) {
  return make(409, "AlreadyExists", quoted(resource, name) + " already exists", details_of(resource, name));
}

StatusError conflict(const Resource& resource, const std::string& name, const std::string& why) {
  return make(409, "Conflict", "Operation cannot be fulfilled on " + quoted(resource, name) + ": " + why,
              details_of(resource, name));
}

StatusError lost_race(const Resource& resource, const std::string& name) {
  return conflict(resource, name,
                  "the object has been modified; please apply your changes to the latest version and try again");
}

StatusError method_not_allowed() {
  return make(405, "MethodNotAllowed", "the server does not allow this method on the requested resource");
}

StatusError not_acceptable() {
  return make(406, "NotAcceptable", "only the following media types are accepted: application/json");
}

StatusError unsupported_media_type(const std::vector<std::string>& accepted) {
  std::string list;
  for (const std::string& type : accepted) list += (list.empty() ? "" : ", ") + type;
  return make(415, "UnsupportedMediaType",
              "the body of the request was in an unknown format - accepted media types include: " + list);
}

StatusError forbidden(const Resource& resource, const std::string& name, const std::string& why) {
  return make(403, "Forbidden", quoted(resource, name) + " is forbidden: " + why, details_of(resource, name));
}

StatusError too_large() { return make(413, "RequestEntityTooLarge", "Request entity too large: limit is 3145728"); }

StatusError expired(std::string message) { return make(410, "Expired", std::move(message)); }

// Clients recognise this case by the cause's reason.
StatusError future_revision(Revision wanted, Revision current) {
  const std::string message =
      "Too large resource version: " + std::to_string(wanted) + ", current: " + std::to_string(current);
  const Json details = {
      {"retryAfterSeconds", 1},
      {"causes", Json::array({cause_of("ResourceVersionTooLarge", "Too large resource version", "")})}};
  return make(504, "Timeout", "Timeout: " + message, details);
}

StatusError rejected_patch() {
  return make(422, "Invalid", "the server rejected our request due to an error in our request");
}

StatusError internal_error(std::string message) { return make(500, "InternalError", std::move(message)); }

StatusError invalid_object(const std::string& group, const std::string& kind, const std::string& name,
                           const std::vector<FieldError>& errors) {
  Json causes = Json::array();
  std::string text;
  for (const FieldError& e : errors) {
    text += (text.empty() ? "" : ", ") + (e.field.empty() ? "" : e.field + ": ") + e.message;
    causes.push_back(cause_of(e.reason, e.message, e.field));
  }
  if (errors.size() > 1) text = "[" + text + "]";
  Json details = {{"name", name}, {"kind", kind}, {"causes", causes}};
  if (!group.empty()) details["group"] = group;
  const std::string type = group.empty() ? kind : kind + "." + group;
  return make(422, "Invalid", type + " \"" + name + "\" is invalid: " + text, std::move(details));
}

StatusError invalid_options(const std::string& kind, const std::string& field, const std::string& message) {
  return invalid_object("meta.k8s.io", kind, "", {FieldError{field, "FieldValueForbidden", message}});
}

StatusError from_store(const base::Error& error, const Resource& resource, const std::string& name) {
  switch (error.code) {
    case base::ErrorCode::kNotFound: return not_found(resource, name);
    case base::ErrorCode::kExists: return already_exists(resource, name);
    case base::ErrorCode::kConflict: return lost_race(resource, name);
    case base::ErrorCode::kExpired: return expired(error.message);
    case base::ErrorCode::kInvalid: return make(422, "Invalid", error.message, details_of(resource, name));
    default: return internal_error(error.message);
  }
}

Json to_json(const StatusError& error) {
  Json status = {{"kind", "Status"},    {"apiVersion", "v1"},       {"metadata", Json::object()},
                 {"status", "Failure"}, {"message", error.message}, {"details", error.details},
                 {"code", error.code}};
  if (!error.reason.empty()) status["reason"] = error.reason;
  if (!error.continue_token.empty()) status["metadata"]["continue"] = error.continue_token;
  return status;
}

http::Response to_response(const StatusError& error) {
  return http::json_response(error.code, to_text(to_json(error)) + "\n");
}

Json success_status(const Resource& resource, const std::string& name, const std::string& uid) {
  Json details = details_of(resource, name);
  details["uid"] = uid;
  return {{"kind", "Status"},
          {"apiVersion", "v1"},
          {"metadata", Json::object()},
          {"status", "Success"},
          {"details", details}};
}

}  // namespace fakeapi
