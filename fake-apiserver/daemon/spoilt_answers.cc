#include "fake-apiserver/daemon/spoilt_answers.h"

#include "common/http/url.h"
#include "fake-apiserver/api/status.h"
#include "fake-apiserver/store/json_access.h"

namespace fakeapi {
namespace {

struct Wording {
  const char* reason;
  const char* message;
};

Wording wording(int code) {
  switch (code) {
    case 401: return {"Unauthorized", "Unauthorized"};
    case 403: return {"Forbidden", "forbidden: a fault rule says so"};
    case 409: return {"Conflict", ""};
    case 410: return {"Expired", "The resourceVersion for the provided list is too old."};
    case 429: return {"TooManyRequests", "Too many requests, please try again later."};
    case 503: return {"ServiceUnavailable", "the server is currently unable to handle the request"};
    case 504:
      return {"Timeout",
              "the server was unable to return a response in the time allotted, but may still be "
              "processing the request"};
    default: return {"InternalError", "an error on the server has prevented the request from succeeding"};
  }
}

std::string conflict_message(const RequestInfo& request) {
  return "Operation cannot be fulfilled on " + request.display() + " \"" + request.name +
         "\": the object has been modified; please apply your changes to the latest version and try again";
}

void replace_body(http::Reply& reply, const Json& document) {
  reply.response.body = document.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

void make_nan(Json& document) {
  if (!document.is_structured()) return;
  for (auto& [key, value] : document.items()) {
    if (key == "usage" && value.is_object()) {
      for (auto& [resource, amount] : value.items()) amount = "NaN";
    } else if (key == "value" && (value.is_string() || value.is_number())) {
      value = "NaN";
    } else {
      make_nan(value);
    }
  }
}

}  // namespace

http::Reply error_answer(const FaultRule& rule, const RequestInfo& request) {
  const Wording words = wording(rule.code);
  std::string message = rule.message.empty() ? std::string(words.message) : rule.message;
  if (rule.code == 409 && rule.message.empty()) message = conflict_message(request);
  // Overload is refused before anybody knows the API's forms.
  http::Response response = http::text_response(rule.code, message + "\n");
  if (rule.code != 429) {
    StatusError error{rule.code, words.reason, message, Json::object(), ""};
    if (!request.name.empty()) error.details["name"] = request.name;
    if (!request.group.empty()) error.details["group"] = request.group;
    if (!request.resource.empty()) error.details["kind"] = request.resource;
    if (rule.retry_after) {
      error.details["retryAfterSeconds"] = std::chrono::ceil<std::chrono::seconds>(*rule.retry_after).count();
    }
    response = to_response(error);
  }
  if (rule.retry_after) {
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(*rule.retry_after).count();
    response.headers.set("Retry-After", std::to_string(seconds));
  }
  return response;
}

bool is_metrics_group(const std::string& group) {
  return group == "metrics.k8s.io" || group == "custom.metrics.k8s.io" || group == "external.metrics.k8s.io";
}

bool is_cached_list(const RequestInfo& info, const http::Request& request) {
  if (info.verb != "list") return false;
  const auto target = http::parse_target(request.target);
  return target && target->get("resourceVersion") == "0" && !target->get("continue");
}

http::Request at_revision(const http::Request& request, std::uint64_t revision) {
  http::Request older = request;
  const auto target = http::parse_target(request.target);
  if (!target) return older;
  std::vector<std::pair<std::string, std::string>> query;
  for (const auto& [key, value] : target->query) {
    if (key != "resourceVersion" && key != "resourceVersionMatch" && key != "limit") query.emplace_back(key, value);
  }
  query.emplace_back("resourceVersion", std::to_string(revision));
  query.emplace_back("resourceVersionMatch", "Exact");
  older.target = http::make_target(request.target.substr(0, request.target.find('?')), query);
  return older;
}

http::Request unconditional(http::Request request) {
  request.headers.set("If-None-Match", "");
  return request;
}

void hide_group(http::Reply& reply, const RequestInfo& request, const std::string& group) {
  if (request.group == group) {
    StatusError error{503, "ServiceUnavailable", "the server is currently unable to handle the request", Json::object(),
                      ""};
    reply = http::Reply(to_response(error));
    return;
  }
  Json document = Json::parse(reply.response.body, nullptr, false);
  if (!document.is_object() || text_at(document, {"kind"}) != "APIGroupDiscoveryList") return;
  for (Json& item : document["items"]) {
    if (text_at(item, {"metadata", "name"}) != group) continue;
    for (Json& version : item["versions"]) {
      version["freshness"] = "Stale";
      version["resources"] = Json::array();
    }
  }
  replace_body(reply, document);
  reply.response.headers.set("ETag", "\"stale-" + group + "\"");
}

void hide_metrics(http::Reply& reply, const RequestInfo& request) {
  Json document = Json::parse(reply.response.body, nullptr, false);
  if (document.is_object() && document.contains("items")) {
    document["items"] = Json::array();
    replace_body(reply, document);
  } else {
    reply = http::Reply(to_response(not_found(Resource{request.group, request.resource}, request.name)));
  }
}

void spoil_metrics(http::Reply& reply) {
  Json document = Json::parse(reply.response.body, nullptr, false);
  if (document.is_discarded()) return;
  make_nan(document);
  replace_body(reply, document);
}

}  // namespace fakeapi
