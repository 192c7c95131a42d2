#include "fake-apiserver/custom/custom_definition.h"

#include <algorithm>

#include "fake-apiserver/store/json_access.h"

namespace fakeapi {
namespace {

std::vector<std::string> texts(const Json& list) {
  std::vector<std::string> result;
  if (!list.is_array()) return result;
  for (const Json& item : list) result.push_back(text_of(item));
  return result;
}

std::vector<std::string> names_of_path(const std::string& text) {
  const auto path = JsonPath::parse(text);
  return path ? path->field_names().value_or(std::vector<std::string>()) : std::vector<std::string>();
}

std::optional<ScalePaths> scale_of_version(const Json& version) {
  const Json& scale = at_path(version, {"subresources", "scale"});
  if (!scale.is_object()) return std::nullopt;
  return ScalePaths{names_of_path(text_at(scale, {"specReplicasPath"})),
                    names_of_path(text_at(scale, {"statusReplicasPath"})),
                    names_of_path(text_at(scale, {"labelSelectorPath"}))};
}

std::vector<PrinterColumn> columns_of(const Json& version) {
  std::vector<PrinterColumn> columns;
  const Json& list = member(version, "additionalPrinterColumns");
  if (!list.is_array()) return columns;
  for (const Json& item : list) {
    auto path = JsonPath::parse(text_at(item, {"jsonPath"}));
    if (!path) continue;
    columns.push_back(PrinterColumn{text_at(item, {"name"}), text_at(item, {"type"}), text_at(item, {"format"}),
                                    text_at(item, {"description"}), integer_at(item, {"priority"}).value_or(0),
                                    std::move(*path)});
  }
  return columns;
}

// "keda.sh" becomes "sh.keda", as in the names of OpenAPI.
std::string reversed_domain(std::string_view group) {
  std::string result;
  while (!group.empty()) {
    const std::size_t dot = group.rfind('.');
    const std::size_t begin = dot == std::string_view::npos ? 0 : dot + 1;
    result += (result.empty() ? "" : ".") + std::string(group.substr(begin));
    group = group.substr(0, dot == std::string_view::npos ? 0 : dot);
  }
  return result;
}

void add_unique(std::vector<std::string>& list, const char* value) {
  if (std::find(list.begin(), list.end(), value) == list.end()) list.emplace_back(value);
}

}  // namespace

CustomDefinition::CustomDefinition(const Json& object)
    : name_(text_at(object, {"metadata", "name"})),
      terminating_(at_path(object, {"metadata", "deletionTimestamp"}).is_string()) {
  const std::string group = text_at(object, {"spec", "group"});
  const std::string kind = text_at(object, {"spec", "names", "kind"});
  for (const Json& item : at_path(object, {"spec", "versions"})) {
    CustomVersion version;
    version.name = text_at(item, {"name"});
    version.served = member(item, "served") == Json(true);
    version.storage = member(item, "storage") == Json(true);
    version.openapi = at_path(item, {"schema", "openAPIV3Schema"});
    version.schema = parse_schema(version.openapi, "").root;
    version.types = build_types(*version.schema, reversed_domain(group) + "." + version.name + "." + kind,
                                SchemaKind{group, version.name, kind});
    version.has_status = at_path(item, {"subresources", "status"}).is_object();
    version.scale = scale_of_version(item);
    version.columns = columns_of(item);
    if (member(item, "deprecated") == Json(true)) {
      version.deprecation = text_at(item, {"deprecationWarning"});
      if (version.deprecation.empty()) version.deprecation = group + "/" + version.name + " " + kind + " is deprecated";
    }
    versions_.push_back(std::move(version));
  }
}

const CustomVersion* CustomDefinition::version(const std::string& name) const {
  const auto found =
      std::find_if(versions_.begin(), versions_.end(), [&](const CustomVersion& v) { return v.name == name; });
  return found == versions_.end() ? nullptr : &*found;
}

ResourceInfo info_of_definition(const Json& object) {
  const Json& spec = member(object, "spec");
  const Json& names = member(spec, "names");
  auto definition = std::make_shared<const CustomDefinition>(object);
  ResourceInfo info;
  info.resource = Resource{text_at(spec, {"group"}), text_at(names, {"plural"})};
  info.kind = text_at(names, {"kind"});
  info.list_kind = text_at(names, {"listKind"});
  info.singular = text_at(names, {"singular"});
  info.short_names = texts(member(names, "shortNames"));
  info.categories = texts(member(names, "categories"));
  info.in_all = std::find(info.categories.begin(), info.categories.end(), "all") != info.categories.end();
  info.namespaced = text_at(spec, {"scope"}) == "Namespaced";
  info.custom = true;
  for (const CustomVersion& version : definition->versions()) {
    if (!version.served) continue;
    info.versions.push_back(version.name);
    if (version.has_status) add_unique(info.subresources, "status");
    if (version.scale) add_unique(info.subresources, "scale");
  }
  std::sort(info.versions.begin(), info.versions.end(), is_preferred_version);
  std::sort(info.subresources.begin(), info.subresources.end());
  info.definition = std::move(definition);
  return info;
}

const SchemaType* type_of(const ResourceInfo& info, const std::string& version) {
  if (!info.definition) return Schema::builtin().of_kind(info.served_group(), version, info.kind);
  const CustomVersion* found = info.definition->version(version);
  return found ? found->types->root : nullptr;
}

}  // namespace fakeapi
