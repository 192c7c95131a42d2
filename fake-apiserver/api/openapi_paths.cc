#include "fake-apiserver/api/openapi_paths.h"

#include <algorithm>

#include "fake-apiserver/api/openapi_schemas.h"
#include "fake-apiserver/api/subresource_kinds.h"

namespace fakeapi {
namespace {

Json parameter(const char* name, const char* description, const char* in = "query", const char* type = "string") {
  return {{"name", name},
          {"in", in},
          {"description", description},
          {"schema", {{"type", type}, {"uniqueItems", true}}},
          {"required", std::string_view(in) == "path"}};
}

Json path_parameters(bool namespaced, bool named) {
  Json list = Json::array({parameter("pretty", "Whether the answer is laid out for people.")});
  if (named) list.push_back(parameter("name", "The name of the object.", "path"));
  if (namespaced) list.push_back(parameter("namespace", "The namespace of the object.", "path"));
  return list;
}

Json write_parameters(bool patch) {
  Json list = Json::array({parameter("dryRun", "With All nothing is stored."),
                           parameter("fieldManager", "Who owns the fields that are written."),
                           parameter("fieldValidation",
                                     "What becomes of unknown fields and of fields that come twice: Ignore, Warn, "
                                     "Strict.")});
  if (patch) list.push_back(parameter("force", "Fields of others are taken over by apply.", "query", "boolean"));
  return list;
}

Json list_parameters() {
  return Json::array({parameter("labelSelector", "Only objects with such labels."),
                      parameter("fieldSelector", "Only objects with such fields."),
                      parameter("limit", "How many objects a page has.", "query", "integer"),
                      parameter("continue", "Where the next page begins."),
                      parameter("resourceVersion", "How new the answer must be."),
                      parameter("resourceVersionMatch", "How resourceVersion is meant."),
                      parameter("timeoutSeconds", "How long a watch lasts.", "query", "integer"),
                      parameter("allowWatchBookmarks", "A watch may send bookmarks.", "query", "boolean"),
                      parameter("sendInitialEvents", "A watch begins with what there is.", "query", "boolean"),
                      parameter("watch", "Changes are sent as they come.", "query", "boolean")});
}

Json content(std::initializer_list<const char*> types, const std::string& component) {
  Json result = Json::object();
  for (const char* type : types) result[type] = {{"schema", openapi_reference(component)}};
  return result;
}

class ResourcePaths {
 public:
  ResourcePaths(const ResourceInfo& info, const std::string& version, const OpenApiNames& names, Json& paths)
      : info_(info), names_(names), kind_{info.served_group(), version, info.kind}, paths_(paths) {
    const std::string& group = info.served_group();
    root_ = group.empty() ? "/api/" + version : "/apis/" + group + "/" + version;
  }

  void add() {
    const std::string in = info_.namespaced ? root_ + "/namespaces/{namespace}/" : root_ + "/";
    const std::string collection = in + info_.resource.plural;
    const std::string object = collection + "/{name}";
    add_operation(collection, "get", "list", names_.list, kind_, false);
    add_operation(collection, "post", "create", names_.object, kind_, false);
    add_operation(collection, "delete", "deletecollection", names_.list, kind_, false);
    add_operation(object, "get", "get", names_.object, kind_, true);
    add_operation(object, "put", "update", names_.object, kind_, true);
    add_operation(object, "patch", "patch", names_.object, kind_, true);
    add_operation(object, "delete", "delete", names_.object, kind_, true);
    if (info_.namespaced) add_operation(root_ + "/" + info_.resource.plural, "get", "list", names_.list, kind_, false);
  }

  void add_subresource(const std::string& name, Json& components) {
    const SubresourceKind part = subresource_kind(info_, kind_.version, name);
    const SchemaKind kind{part.group, part.version, part.kind};
    const SchemaType* type = Schema::builtin().of_kind(kind.group, kind.version, kind.kind);
    std::string component = names_.object;
    if (type) {
      component = type->name;
      add_component(*type, components);
    }
    const std::string in = info_.namespaced ? root_ + "/namespaces/{namespace}/" : root_ + "/";
    const std::string path = in + info_.resource.plural + "/{name}/" + name;
    for (const std::string& verb : part.verbs) {
      const char* method = verb == "get"      ? "get"
                           : verb == "create" ? "post"
                           : verb == "update" ? "put"
                           : verb == "patch"  ? "patch"
                                              : "delete";
      add_operation(path, method, verb.c_str(), component, kind, true, "_" + name);
    }
  }

 private:
  void add_operation(const std::string& path, const std::string& method, const char* verb, const std::string& component,
                     const SchemaKind& kind, bool named, const std::string& suffix = "") {
    const bool served = std::find(info_.verbs.begin(), info_.verbs.end(), verb) != info_.verbs.end();
    if (suffix.empty() && !served) return;
    const bool writes = method == "post" || method == "put" || method == "patch";
    const bool scoped = path.find("{namespace}") != std::string::npos;
    Json operation = {
        {"operationId", std::string(verb) + "_" + kind_.version + "_" + info_.resource.plural + suffix +
                            (info_.namespaced && !scoped ? "_in_all_namespaces" : "")},
        {"x-kubernetes-action", method == "get" || method == "patch" || method == "delete" ? verb : method},
        {"x-kubernetes-group-version-kind", openapi_kind(kind)},
        {"responses",
         {{"200", {{"description", "OK"}, {"content", content({"application/json"}, component)}}},
          {"401", {{"description", "Unauthorized"}}}}}};
    if (writes) {
      operation["parameters"] = write_parameters(method == "patch");
      operation["requestBody"] = {{"required", true}, {"content", body_of(method, component)}};
    } else if (std::string_view(verb) == "list" || std::string_view(verb) == "deletecollection") {
      operation["parameters"] = list_parameters();
    }
    Json& entry = paths_[path];
    entry[method] = std::move(operation);
    entry["parameters"] = path_parameters(scoped, named);
  }

  Json body_of(const std::string& method, const std::string& component) const {
    if (method != "patch") {
      return content({"application/json", "application/yaml", "application/vnd.kubernetes.protobuf"}, component);
    }
    if (info_.custom) {
      return content({"application/json-patch+json", "application/merge-patch+json", "application/apply-patch+yaml"},
                     component);
    }
    return content({"application/json-patch+json", "application/merge-patch+json",
                    "application/strategic-merge-patch+json", "application/apply-patch+yaml"},
                   component);
  }

  const ResourceInfo& info_;
  const OpenApiNames& names_;
  const SchemaKind kind_;
  Json& paths_;
  std::string root_;
};

}  // namespace

void add_paths(const ResourceInfo& info, const std::string& version, const OpenApiNames& names, Json& paths,
               Json& components) {
  ResourcePaths resource(info, version, names, paths);
  resource.add();
  for (const std::string& name : info.subresources) resource.add_subresource(name, components);
}

}  // namespace fakeapi
