#include "fake-apiserver/api/api_request.h"

#include "common/base/number_format.h"
#include "fake-apiserver/api/query_flag.h"
#include "fake-apiserver/store/json_access.h"

namespace fakeapi {

bool ApiRequest::flag(std::string_view key) const { return query_flag(target, key); }

ApiResult<std::optional<std::int64_t>> ApiRequest::integer(std::string_view key) const {
  const auto text = target.get(key);
  if (!text || text->empty()) return std::optional<std::int64_t>();
  const auto value = base::parse_int64(*text);
  if (!value) return bad_request("invalid value \"" + *text + "\" for the query parameter " + std::string(key));
  return value;
}

ApiResult<std::optional<Revision>> ApiRequest::revision(std::string_view key) const {
  const auto value = integer(key);
  if (!value) return value.error();
  if (!*value) return std::optional<Revision>();
  if (**value < 0) return bad_request("invalid value for the query parameter " + std::string(key));
  return std::optional<Revision>(static_cast<Revision>(**value));
}

std::string_view ApiRequest::header(std::string_view field) const { return http.headers.get(field).value_or(""); }

void ApiRequest::warn(const std::string& text) const {
  if (warnings) warnings->add(text);
}

ApiResult<View> ApiRequest::view(bool list) const {
  const auto format = negotiate(header("Accept"), list);
  if (!format) return not_acceptable();
  View view{info, version, *format};
  const std::string include = target.get("includeObject").value_or("");
  if (include == "None") view.format.include_object = IncludeObject::kNone;
  if (include == "Object") view.format.include_object = IncludeObject::kObject;
  return view;
}

ApiResult<Selector> ApiRequest::selector() const {
  Selector selector;
  auto labels = LabelSelector::parse(target.get("labelSelector").value_or(""));
  if (!labels) return labels.error();
  auto fields = FieldSelector::parse(target.get("fieldSelector").value_or(""),
                                     Resource{info->served_group(), info->resource.plural});
  if (!fields) return fields.error();
  selector.labels = std::move(*labels);
  selector.fields = std::move(*fields);
  return selector;
}

ApiResult<bool> ApiRequest::dry_run(const Json& options) const {
  std::vector<std::string> values;
  for (const auto& [key, value] : target.query) {
    if (key == "dryRun") values.push_back(value);
  }
  const Json& listed = member(options, "dryRun");
  if (listed.is_array()) {
    for (const Json& value : listed) values.push_back(text_of(value));
  }
  bool dry = false;
  for (const std::string& value : values) {
    if (value != "All" && !value.empty()) {
      return invalid_object("meta.k8s.io", "CreateOptions", "",
                            {FieldError{"dryRun", "FieldValueNotSupported",
                                        "Unsupported value: \"" + value + "\": supported values: \"All\""}});
    }
    dry = dry || value == "All";
  }
  return ApiResult<bool>(boost::system::in_place_value, dry);
}

ApiResult<ApiRequest> resolve(const ResourceRegistry& registry, const std::string& group, const std::string& version,
                              const std::vector<std::string>& rest) {
  ApiRequest request;
  request.version = version;
  std::size_t at = 0;
  // /namespaces/x/pods is a collection in a namespace; /namespaces/x/status belongs to the namespace itself.
  if (rest.size() >= 3 && rest[0] == "namespaces" && registry.find(group, version, rest[2])) {
    request.ns = rest[1];
    at = 2;
  }
  if (at >= rest.size()) return unknown_resource();
  request.info = registry.find(group, version, rest[at]);
  // What follows /proxy is for whoever is behind it.
  const bool proxied = rest.size() > at + 3 && rest[at + 2] == "proxy";
  if (!request.info || (rest.size() > at + 3 && !proxied) || (at == 2 && !request.info->namespaced))
    return unknown_resource();
  if (rest.size() > at + 1) request.name = rest[at + 1];
  if (rest.size() > at + 2) request.subresource = rest[at + 2];
  if (!request.subresource.empty() && !request.info->has_subresource(request.subresource)) return unknown_resource();
  if (!request.name.empty() && request.info->namespaced && request.ns.empty()) return unknown_resource();
  return request;
}

std::string verb_of(const ApiRequest& request) {
  const std::string& method = request.http.method;
  const bool collection = request.name.empty();
  if (method == "GET") return request.is_watch() ? "watch" : (collection ? "list" : "get");
  if (method == "POST") return "create";
  if (method == "PUT") return "update";
  if (method == "PATCH") return "patch";
  if (method == "DELETE") return collection ? "deletecollection" : "delete";
  return "other";
}

}  // namespace fakeapi
