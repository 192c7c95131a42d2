#include "fake-apiserver/api/openapi_schemas.h"

#include <algorithm>

namespace fakeapi {
namespace {

constexpr const char* kMeta = "io.k8s.apimachinery.pkg.apis.meta.v1.";

// The scalars that have a component of their own.
Json named_scalar(const char* name, Json schema, Json& components) {
  if (!components.contains(name)) components[name] = std::move(schema);
  return openapi_reference(name);
}

Json scalar(FieldType type, Json& components) {
  switch (type) {
    case FieldType::kString: return {{"type", "string"}};
    case FieldType::kBool: return {{"type", "boolean"}};
    case FieldType::kInt32: return {{"type", "integer"}, {"format", "int32"}};
    case FieldType::kInt64: return {{"type", "integer"}, {"format", "int64"}};
    case FieldType::kDouble: return {{"type", "number"}, {"format", "double"}};
    case FieldType::kBytes: return {{"type", "string"}, {"format", "byte"}};
    case FieldType::kQuantity:
      return named_scalar("io.k8s.apimachinery.pkg.api.resource.Quantity",
                          {{"description", "A number with a unit, as 250m or 1.5Gi."},
                           {"oneOf", Json::array({{{"type", "string"}}, {{"type", "number"}}})}},
                          components);
    case FieldType::kIntOrString:
      return named_scalar("io.k8s.apimachinery.pkg.util.intstr.IntOrString",
                          {{"description", "A number, or a text as 25% or the name of a port."},
                           {"format", "int-or-string"},
                           {"oneOf", Json::array({{{"type", "integer"}}, {{"type", "string"}}})}},
                          components);
    case FieldType::kTime:
      return named_scalar(
          "io.k8s.apimachinery.pkg.apis.meta.v1.Time",
          {{"description", "An instant by RFC 3339, in whole seconds."}, {"type", "string"}, {"format", "date-time"}},
          components);
    case FieldType::kMicroTime:
      return named_scalar(
          "io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime",
          {{"description", "An instant by RFC 3339, in microseconds."}, {"type", "string"}, {"format", "date-time"}},
          components);
    case FieldType::kFieldsV1:
      return named_scalar("io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1",
                          {{"description", "A set of fields, as a tree of their names."}, {"type", "object"}},
                          components);
    case FieldType::kRaw: return {{"x-kubernetes-preserve-unknown-fields", true}};
    case FieldType::kStringList: return {{"type", "array"}, {"items", {{"type", "string"}}}};
    case FieldType::kMessage: break;
  }
  return Json::object();
}

// A reference with words of its own beside it must be wrapped: what stands beside $ref does not count.
Json element(const SchemaField& field, bool wrapped, Json& components) {
  Json schema;
  if (field.type == FieldType::kMessage) {
    add_component(*field.message, components);
    schema = openapi_reference(field.message->name);
  } else {
    schema = scalar(field.type, components);
  }
  return wrapped && schema.contains("$ref") ? Json{{"allOf", Json::array({schema})}} : schema;
}

void add_list_rules(const SchemaField& field, Json& property) {
  switch (field.merge) {
    case MergeRule::kAtomic: property["x-kubernetes-list-type"] = "atomic"; break;
    case MergeRule::kSet: property["x-kubernetes-list-type"] = "set"; break;
    case MergeRule::kListByKey:
      property["x-kubernetes-list-type"] = "map";
      property["x-kubernetes-list-map-keys"] = field.keys;
      break;
    case MergeRule::kGranular: break;
  }
}

void add_patch_rules(const SchemaField& field, Json& property) {
  const bool merges = !field.patch_merge_key.empty() || (field.merge == MergeRule::kSet && field.shape == Shape::kList);
  if (!field.patch_merge_key.empty()) property["x-kubernetes-patch-merge-key"] = field.patch_merge_key;
  if (merges || field.retain_keys) {
    property["x-kubernetes-patch-strategy"] = std::string(merges ? "merge" : "") +
                                              (merges && field.retain_keys ? "," : "") +
                                              (field.retain_keys ? "retainKeys" : "");
  }
}

Json property_of(const SchemaField& field, Json& components) {
  Json property;
  switch (field.shape) {
    case Shape::kList:
      property = {{"type", "array"}, {"items", element(field, true, components)}};
      add_list_rules(field, property);
      break;
    case Shape::kMap:
      property = {{"type", "object"}, {"additionalProperties", element(field, true, components)}};
      if (field.merge == MergeRule::kAtomic) property["x-kubernetes-map-type"] = "atomic";
      break;
    case Shape::kSingle: property = element(field, true, components); break;
  }
  add_patch_rules(field, property);
  if (!field.description.empty()) property["description"] = field.description;
  if (!field.default_json.empty()) property["default"] = Json::parse(field.default_json);
  return property;
}

// sh.keda.v1alpha1.ScaledObject of keda.sh/v1alpha1.
std::string custom_name(const SchemaKind& kind) {
  std::string name;
  std::string_view rest = kind.group;
  while (!rest.empty()) {
    const std::size_t dot = rest.rfind('.');
    const std::size_t begin = dot == std::string_view::npos ? 0 : dot + 1;
    name.append(rest.substr(begin)).append(".");
    rest = rest.substr(0, dot == std::string_view::npos ? 0 : dot);
  }
  return name + kind.version + "." + kind.kind;
}

const SchemaType& meta_type(const char* name) { return *Schema::builtin().type(std::string(kMeta) + name); }

void add_own_fields(Json& properties) {
  properties["apiVersion"] = {{"type", "string"},
                              {"description", "The group and version in which the object is written."}};
  properties["kind"] = {{"type", "string"}, {"description", "What the object is."}};
}

}  // namespace

Json openapi_reference(const std::string& name) { return {{"$ref", "#/components/schemas/" + name}}; }

Json openapi_kind(const SchemaKind& kind) {
  return {{"group", kind.group}, {"version", kind.version}, {"kind", kind.kind}};
}

void add_component(const SchemaType& type, Json& components) {
  if (components.contains(type.name)) return;
  components[type.name] = Json::object();  // schemas contain themselves
  Json schema = Json::object();
  if (!type.description.empty()) schema["description"] = type.description;
  if (type.variant) {
    for (const SchemaField& field : type.fields) property_of(field, components);
    schema["x-kubernetes-preserve-unknown-fields"] = true;
  } else {
    schema["type"] = "object";
    for (const SchemaField* field : type.by_name) {
      schema["properties"][field->name] = property_of(*field, components);
      if (field->required) schema["required"].push_back(field->name);
    }
  }
  if (type.atomic) schema["x-kubernetes-map-type"] = "atomic";
  for (const SchemaKind& kind : type.kinds) schema["x-kubernetes-group-version-kind"].push_back(openapi_kind(kind));
  components[type.name] = std::move(schema);
}

std::string add_list_component(const std::string& item, const SchemaKind& kind, const std::string& list_kind,
                               Json& components) {
  const SchemaType& metadata = meta_type("ListMeta");
  add_component(metadata, components);
  Json properties = {{"metadata", {{"allOf", Json::array({openapi_reference(metadata.name)})}}},
                     {"items", {{"type", "array"}, {"items", {{"allOf", Json::array({openapi_reference(item)})}}}}}};
  add_own_fields(properties);
  std::string name = item.substr(0, item.rfind('.') + 1) + list_kind;
  components[name] = {
      {"type", "object"},
      {"description", "A list of objects of the kind " + kind.kind + "."},
      {"properties", std::move(properties)},
      {"required", {"items"}},
      {"x-kubernetes-group-version-kind", Json::array({openapi_kind({kind.group, kind.version, list_kind})})}};
  return name;
}

std::string add_custom_component(const SchemaKind& kind, const Json& schema, Json& components) {
  std::string name = custom_name(kind);
  Json component = schema.is_object() ? schema : Json{{"x-kubernetes-preserve-unknown-fields", true}};
  component["type"] = "object";
  const SchemaType& metadata = meta_type("ObjectMeta");
  add_component(metadata, components);
  Json& properties = component["properties"];
  add_own_fields(properties);
  properties["metadata"] = {{"allOf", Json::array({openapi_reference(metadata.name)})},
                            {"description", "The name, labels and the like, as all objects have them."}};
  component["x-kubernetes-group-version-kind"] = Json::array({openapi_kind(kind)});
  components[name] = std::move(component);
  return name;
}

}  // namespace fakeapi
