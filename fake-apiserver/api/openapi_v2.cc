#include "fake-apiserver/api/openapi_v2.h"

#include <string_view>

namespace fakeapi {
namespace {

constexpr std::string_view kComponents = "#/components/schemas/";
constexpr const char* kKeepsUnknown = "x-kubernetes-preserve-unknown-fields";

Json to_v2(const Json& schema);

bool is_true(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_boolean() && found->get<bool>();
}

// The only member of an "allOf" that wraps a reference; null if there is none.
const Json* wrapped_reference(const Json& schema) {
  const auto all = schema.find("allOf");
  if (all == schema.end() || !all->is_array() || all->size() != 1) return nullptr;
  const Json& only = all->front();
  return only.is_object() && only.contains("$ref") ? &only["$ref"] : nullptr;
}

// Quantities and the like may be texts; a text is what readers of version 2 take anything scalar for.
bool may_be_text(const Json& schema) {
  const auto choices = schema.find("oneOf");
  if (choices == schema.end() || !choices->is_array()) return false;
  for (const Json& choice : *choices) {
    if (choice.is_object() && choice.contains("type") && choice["type"] == "string") return true;
  }
  return false;
}

void add_reference(const Json& reference, Json& result) {
  if (!reference.is_string()) return;
  const auto& text = reference.get_ref<const std::string&>();
  if (text.compare(0, kComponents.size(), kComponents) == 0) {
    result["$ref"] = "#/definitions/" + text.substr(kComponents.size());
  }
}

// Readers of version 2 refuse an array without items, and fields that a schema with unknown ones does not name.
void tidy(const Json& schema, Json& result) {
  const bool open = is_true(schema, kKeepsUnknown) || is_true(schema, "nullable");
  if (open) {
    result.erase("properties");
    result.erase("items");
  }
  if (is_true(schema, "nullable") || is_true(schema, "x-kubernetes-int-or-string") ||
      (result.value("type", "") == "array" && !result.contains("items"))) {
    result.erase("type");
  }
  if (!result.contains("type")) result.erase("properties");
}

Json to_v2(const Json& schema) {
  Json result = Json::object();
  if (!schema.is_object()) return result;
  for (const auto& [name, value] : schema.items()) {
    if (name == "$ref") {
      add_reference(value, result);
    } else if (name == "properties") {
      if (!value.is_object()) continue;
      Json& properties = result[name] = Json::object();
      for (const auto& [field, inner] : value.items()) properties[field] = to_v2(inner);
    } else if (name == "items" || name == "additionalProperties") {
      result[name] = value.is_boolean() ? value : to_v2(value);
    } else if (name == "type") {
      if (value.is_string()) result[name] = value;
    } else if (name != "allOf" && name != "anyOf" && name != "oneOf" && name != "not" && name != "nullable") {
      result[name] = value;
    }
  }
  if (const Json* reference = wrapped_reference(schema)) add_reference(*reference, result);
  if (!result.contains("type") && may_be_text(schema)) result["type"] = "string";
  tidy(schema, result);
  return result;
}

Json parameters_to_v2(const Json& parameters) {
  Json list = Json::array();
  for (Json parameter : parameters) {
    const Json schema = parameter["schema"];
    parameter.erase("schema");
    parameter.update(schema);
    list.push_back(std::move(parameter));
  }
  return list;
}

const Json& first_schema(const Json& content) { return content.begin().value()["schema"]; }

Json operation_to_v2(const Json& operation) {
  Json result = operation;
  result["produces"] = {"application/json", "application/yaml", "application/vnd.kubernetes.protobuf"};
  result["parameters"] =
      operation.contains("parameters") ? parameters_to_v2(operation["parameters"]) : Json(Json::array());
  if (operation.contains("requestBody")) {
    const Json& content = operation["requestBody"]["content"];
    for (const auto& [type, unused] : content.items()) result["consumes"].push_back(type);
    result["parameters"].push_back(
        {{"name", "body"}, {"in", "body"}, {"required", true}, {"schema", to_v2(first_schema(content))}});
    result.erase("requestBody");
  }
  for (Json& response : result["responses"]) {
    if (!response.contains("content")) continue;
    response["schema"] = to_v2(first_schema(response["content"]));
    response.erase("content");
  }
  return result;
}

}  // namespace

void add_to_swagger(const Json& document, Json& swagger) {
  Json& definitions = swagger["definitions"];
  for (const auto& [name, schema] : document["components"]["schemas"].items()) {
    if (!definitions.contains(name)) definitions[name] = to_v2(schema);
  }
  for (const auto& [path, methods] : document["paths"].items()) {
    Json& entry = swagger["paths"][path];
    for (const auto& [method, operation] : methods.items()) {
      entry[method] = method == "parameters" ? parameters_to_v2(operation) : operation_to_v2(operation);
    }
  }
}

}  // namespace fakeapi
