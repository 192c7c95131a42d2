// A structural schema in the form that built-in kinds have too.
#include "fake-apiserver/custom/custom_definition.h"

namespace fakeapi {
namespace {

constexpr const char* kObjectMeta = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";

class Builder {
 public:
  explicit Builder(CustomTypes& out) : out_(out) {}

  SchemaType& build(const SchemaNode& node, const std::string& name) {
    SchemaType& type = out_.types.emplace_back();
    type.name = name;
    type.description = node.description;
    type.atomic = node.atomic_map;
    for (const auto& [key, property] : node.properties) {
      SchemaField field;
      field.name = key;
      field.optional = true;
      field.description = property->description;
      if (property->default_value) field.default_json = property->default_value->dump();
      fill(field, *property, name + "." + key);
      type.fields.push_back(std::move(field));
    }
    return type;
  }

 private:
  void fill(SchemaField& field, const SchemaNode& node, const std::string& name) {
    if (node.type == JsonType::kArray) {
      field.shape = Shape::kList;
      field.merge = MergeRule::kAtomic;
      if (node.list_type == ListType::kSet) field.merge = MergeRule::kSet;
      if (node.list_type == ListType::kMap) field.merge = MergeRule::kListByKey;
      field.keys = node.list_keys;
      if (node.items) set_type(field, *node.items, name);
      return;
    }
    if (node.atomic_map) field.merge = MergeRule::kAtomic;
    if (node.type == JsonType::kObject && node.additional) {
      field.shape = Shape::kMap;
      set_type(field, *node.additional, name);
      return;
    }
    set_type(field, node, name);
  }

  // Lists of lists and the like merge as a whole: they are raw.
  void set_type(SchemaField& field, const SchemaNode& node, const std::string& name) {
    if (node.int_or_string) {
      field.type = FieldType::kIntOrString;
      return;
    }
    switch (node.type) {
      case JsonType::kString: field.type = FieldType::kString; break;
      case JsonType::kBoolean: field.type = FieldType::kBool; break;
      case JsonType::kInteger: field.type = FieldType::kInt64; break;
      case JsonType::kNumber: field.type = FieldType::kDouble; break;
      case JsonType::kArray:
      case JsonType::kAny: field.type = FieldType::kRaw; break;
      case JsonType::kObject:
        if (node.properties.empty()) {
          field.type = FieldType::kRaw;
        } else {
          field.type = FieldType::kMessage;
          field.message = &build(node, name);
        }
        break;
    }
  }

  CustomTypes& out_;
};

SchemaField plain_field(const char* name) {
  SchemaField field;
  field.name = name;
  field.optional = true;
  return field;
}

}  // namespace

std::unique_ptr<const CustomTypes> build_types(const SchemaNode& root, const std::string& name,
                                               const SchemaKind& kind) {
  auto types = std::make_unique<CustomTypes>();
  SchemaType& type = Builder(*types).build(root, name);
  std::erase_if(type.fields, [](const SchemaField& f) {
    return f.name == "apiVersion" || f.name == "kind" || f.name == "metadata";
  });
  type.fields.push_back(plain_field("apiVersion"));
  type.fields.push_back(plain_field("kind"));
  SchemaField metadata = plain_field("metadata");
  metadata.message = Schema::builtin().type(kObjectMeta);
  metadata.type = metadata.message ? FieldType::kMessage : FieldType::kRaw;
  type.fields.push_back(std::move(metadata));
  type.kinds = {kind};
  for (SchemaType& each : types->types) each.build_index();
  types->root = &type;
  return types;
}

}  // namespace fakeapi
