#include "fake-apiserver/api/openapi.h"

#include "common/base/number_format.h"
#include "common/base/random.h"
#include "fake-apiserver/api/negotiation.h"
#include "fake-apiserver/api/openapi_paths.h"
#include "fake-apiserver/api/openapi_schemas.h"
#include "fake-apiserver/api/openapi_v2.h"
#include "fake-apiserver/api/status.h"
#include "fake-apiserver/custom/custom_definition.h"
#include "fake-apiserver/store/json_access.h"

namespace fakeapi {
namespace {

constexpr const char* kV2Protobuf = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";
constexpr std::string_view kV2Accepts[] = {"application/com.github.proto-openapi.spec.v2@v1.0+protobuf", kV2Protobuf};

std::string path_of(const ResourceInfo& info, const std::string& version) {
  const std::string& group = info.served_group();
  return group.empty() ? "api/" + version : "apis/" + group + "/" + version;
}

const Json& custom_schema(const ResourceInfo& info, const std::string& version) {
  static const Json kNone;
  const CustomVersion* found = info.definition ? info.definition->version(version) : nullptr;
  return found ? found->openapi : kNone;
}

std::string hash_of(const std::string& text) { return base::format_number(base::stable_hash(text)); }

http::Response tagged(std::string body, const std::string& tag, std::string_view known, const char* type) {
  http::Response response;
  const std::string quoted = "\"" + tag + "\"";
  if (known == quoted) {
    response.status = 304;
  } else {
    response.body = std::move(body);
  }
  response.headers.set("Content-Type", type);
  response.headers.set("ETag", quoted);
  response.headers.set("Vary", "Accept");
  return response;
}

}  // namespace

OpenApi::OpenApi(const ResourceRegistry& registry, std::string git_version)
    : registry_(registry), git_version_(std::move(git_version)) {}

// A document is the same as long as the resources and their own schemas are.
void OpenApi::refresh() {
  if (made_of_ == registry_.changes()) return;
  made_of_ = registry_.changes();
  std::map<std::string, std::string> sources;
  for (const ResourceInfo& info : registry_.all()) {
    for (const std::string& version : info.versions) {
      std::string& source = sources[path_of(info, version)];
      source += git_version_ + " " + info.resource.plural + " " + info.kind;
      for (const std::string& name : info.subresources) source += " " + name;
      const Json& schema = custom_schema(info, version);
      if (!schema.is_null()) source += to_text(schema);
    }
  }
  std::map<std::string, Entry> documents;
  for (const auto& [path, source] : sources) {
    Entry entry{hash_of(source), ""};
    const auto before = documents_.find(path);
    if (before != documents_.end() && before->second.hash == entry.hash) entry.text = std::move(before->second.text);
    documents.emplace(path, std::move(entry));
  }
  documents_ = std::move(documents);
  std::string all;
  for (const auto& [path, entry] : documents_) all += path + " " + entry.hash + " ";
  tag_ = hash_of(all);
  v2_json_.clear();
  v2_protobuf_.clear();
}

http::Response OpenApi::answer(const http::Request& request, const http::Target& target) {
  const std::string_view known = request.headers.get("If-None-Match").value_or("");
  const std::string_view accept = request.headers.get("Accept").value_or("");
  const auto& s = target.segments;
  const std::string which = s.size() > 1 ? s[1] : "";
  if (which == "v2" && s.size() == 2) return v2(accept, known);
  if (which != "v3") return http::text_response(404, "404 page not found\n");
  if (!accepts(accept, "application/json")) return to_response(not_acceptable());
  refresh();
  if (s.size() == 2) return v3_index(known);
  std::string path;
  for (std::size_t i = 2; i < s.size(); ++i) path += (i == 2 ? "" : "/") + s[i];
  const auto found = documents_.find(path);
  if (found == documents_.end()) return http::text_response(404, "404 page not found\n");
  if (found->second.text.empty()) found->second.text = to_text(document(path)) + "\n";
  http::Response response = tagged(found->second.text, found->second.hash, known, "application/json");
  // An address with its hash never changes its meaning.
  if (target.get("hash").value_or("") == found->second.hash) {
    response.headers.set("Cache-Control", "public, immutable");
  }
  return response;
}

http::Response OpenApi::v2(std::string_view accept, std::string_view known) {
  refresh();
  for (const std::string_view type : kV2Accepts) {
    if (!accepts_by_name(accept, type)) continue;
    if (v2_protobuf_.empty()) v2_protobuf_ = swagger_to_protobuf(swagger());
    return tagged(v2_protobuf_, tag_, known, kV2Protobuf);
  }
  if (!accepts(accept, "application/json")) return to_response(not_acceptable());
  if (v2_json_.empty()) v2_json_ = to_text(swagger()) + "\n";
  return tagged(v2_json_, tag_, known, "application/json");
}

Json OpenApi::swagger() const {
  Json result = {{"swagger", "2.0"},
                 {"info", {{"title", "Kubernetes"}, {"version", git_version_}}},
                 {"paths", Json::object()},
                 {"definitions", Json::object()}};
  for (const auto& [path, entry] : documents_) add_to_swagger(document(path), result);
  return result;
}

http::Response OpenApi::v3_index(std::string_view known) const {
  Json paths = Json::object();
  for (const auto& [path, entry] : documents_) {
    paths[path] = {{"serverRelativeURL", "/openapi/v3/" + path + "?hash=" + entry.hash}};
  }
  std::string text = to_text({{"paths", std::move(paths)}}) + "\n";
  const std::string tag = hash_of(text);
  return tagged(std::move(text), tag, known, "application/json");
}

Json OpenApi::document(const std::string& path) const {
  Json paths = Json::object();
  Json components = Json::object();
  for (const char* name : {"DeleteOptions", "Status"}) {
    add_component(*Schema::builtin().of_kind("", "v1", name), components);
  }
  for (const ResourceInfo& info : registry_.all()) {
    for (const std::string& version : info.versions) {
      if (path_of(info, version) != path) continue;
      const SchemaKind kind{info.served_group(), version, info.kind};
      const SchemaType* type = Schema::builtin().of_kind(kind.group, kind.version, kind.kind);
      OpenApiNames names;
      if (type && !info.definition) {
        add_component(*type, components);
        names.object = type->name;
      } else {
        names.object = add_custom_component(kind, custom_schema(info, version), components);
      }
      names.list = add_list_component(names.object, kind, info.kind_of_list(), components);
      add_paths(info, version, names, paths, components);
    }
  }
  return {
      {"openapi", "3.0.0"},
      {"info", {{"title", "Kubernetes"}, {"version", git_version_}}},
      {"paths", std::move(paths)},
      {"components",
       {{"schemas", std::move(components)},
        {"securitySchemes", {{"BearerToken", {{"type", "apiKey"}, {"name", "authorization"}, {"in", "header"}}}}}}}};
}

}  // namespace fakeapi
