#include <bit>
#include <cstdint>
#include <string_view>

#include "fake-apiserver/api/openapi_v2.h"
#include "fake-apiserver/store/json_access.h"

namespace fakeapi {
namespace {

// A message under construction. Fields may come in any order; empty texts are as good as absent.
class Message {
 public:
  void bytes(unsigned number, std::string_view content) {
    varint(number << 3 | 2);
    varint(content.size());
    bytes_.append(content);
  }
  void add(unsigned number, const Message& message) { bytes(number, message.bytes_); }
  void number(unsigned field, std::uint64_t value) {
    varint(field << 3);
    varint(value);
  }
  void real(unsigned field, double value) {
    varint(field << 3 | 1);
    const auto bits = std::bit_cast<std::uint64_t>(value);
    for (unsigned shift = 0; shift < 64; shift += 8) bytes_ += static_cast<char>(bits >> shift & 0xFF);
  }
  std::string take() { return std::move(bytes_); }

 private:
  void varint(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) bytes_ += static_cast<char>(value | 0x80);
    bytes_ += static_cast<char>(value);
  }

  std::string bytes_;
};

enum class Form { kText, kTexts, kBool, kInteger, kReal, kAny, kAnys };

struct Field {
  const char* name;
  unsigned number;
  Form form;
};

Message named(const std::string& name, const Message& value) {
  Message result;
  result.bytes(1, name);
  result.add(2, value);
  return result;
}

// Values of no fixed type travel as YAML, of which JSON is a part.
Message any(const Json& value) {
  Message result;
  result.bytes(2, to_text(value));
  return result;
}

void add_field(const Field& field, const Json& value, Message& message) {
  switch (field.form) {
    case Form::kText:
      if (value.is_string()) message.bytes(field.number, value.get_ref<const std::string&>());
      break;
    case Form::kTexts:
      for (const Json& text : value) {
        if (text.is_string()) message.bytes(field.number, text.get_ref<const std::string&>());
      }
      break;
    case Form::kBool:
      if (value.is_boolean()) message.number(field.number, value.get<bool>() ? 1 : 0);
      break;
    case Form::kInteger:
      if (value.is_number_integer()) message.number(field.number, value.get<std::uint64_t>());
      break;
    case Form::kReal:
      if (value.is_number()) message.real(field.number, value.get<double>());
      break;
    case Form::kAny: message.add(field.number, any(value)); break;
    case Form::kAnys:
      for (const Json& one : value) message.add(field.number, any(one));
      break;
  }
}

template <std::size_t size>
void add_fields(const Field (&fields)[size], const Json& object, Message& message) {
  for (const Field& field : fields) {
    const auto found = object.find(field.name);
    if (found != object.end()) add_field(field, *found, message);
  }
}

void add_extensions(unsigned number, const Json& object, Message& message) {
  for (const auto& [name, value] : object.items()) {
    if (name.compare(0, 2, "x-") == 0) message.add(number, named(name, any(value)));
  }
}

constexpr Field kSchemaFields[] = {{"$ref", 1, Form::kText},
                                   {"format", 2, Form::kText},
                                   {"title", 3, Form::kText},
                                   {"description", 4, Form::kText},
                                   {"default", 5, Form::kAny},
                                   {"multipleOf", 6, Form::kReal},
                                   {"maximum", 7, Form::kReal},
                                   {"exclusiveMaximum", 8, Form::kBool},
                                   {"minimum", 9, Form::kReal},
                                   {"exclusiveMinimum", 10, Form::kBool},
                                   {"maxLength", 11, Form::kInteger},
                                   {"minLength", 12, Form::kInteger},
                                   {"pattern", 13, Form::kText},
                                   {"maxItems", 14, Form::kInteger},
                                   {"minItems", 15, Form::kInteger},
                                   {"uniqueItems", 16, Form::kBool},
                                   {"maxProperties", 17, Form::kInteger},
                                   {"minProperties", 18, Form::kInteger},
                                   {"required", 19, Form::kTexts},
                                   {"enum", 20, Form::kAnys},
                                   {"example", 30, Form::kAny}};

Message schema_of(const Json& schema);

Message schemas_of(const Json& by_name) {
  Message result;
  for (const auto& [name, schema] : by_name.items()) result.add(1, named(name, schema_of(schema)));
  return result;
}

Message schema_of(const Json& schema) {
  Message result;
  add_fields(kSchemaFields, schema, result);
  if (const auto found = schema.find("additionalProperties"); found != schema.end()) {
    Message choice;
    if (found->is_boolean()) {
      choice.number(2, found->get<bool>() ? 1 : 0);
    } else {
      choice.add(1, schema_of(*found));
    }
    result.add(21, choice);
  }
  if (const auto found = schema.find("type"); found != schema.end()) {
    Message types;
    types.bytes(1, found->get_ref<const std::string&>());
    result.add(22, types);
  }
  if (const auto found = schema.find("items"); found != schema.end()) {
    Message items;
    items.add(1, schema_of(*found));
    result.add(23, items);
  }
  if (const auto found = schema.find("properties"); found != schema.end()) result.add(25, schemas_of(*found));
  add_extensions(31, schema, result);
  return result;
}

constexpr Field kBodyFields[] = {
    {"description", 1, Form::kText}, {"name", 2, Form::kText}, {"in", 3, Form::kText}, {"required", 4, Form::kBool}};
constexpr Field kQueryFields[] = {
    {"required", 1, Form::kBool}, {"in", 2, Form::kText},     {"description", 3, Form::kText}, {"name", 4, Form::kText},
    {"type", 6, Form::kText},     {"format", 7, Form::kText}, {"uniqueItems", 20, Form::kBool}};
constexpr Field kPathFields[] = {
    {"required", 1, Form::kBool}, {"in", 2, Form::kText},     {"description", 3, Form::kText}, {"name", 4, Form::kText},
    {"type", 5, Form::kText},     {"format", 6, Form::kText}, {"uniqueItems", 18, Form::kBool}};

// A choice within a choice within a choice, as the message has it.
Message parameter_of(const Json& parameter) {
  Message inner;
  Message kind;
  const std::string in = parameter.value("in", "");
  if (in == "body") {
    add_fields(kBodyFields, parameter, inner);
    inner.add(5, schema_of(parameter["schema"]));
    kind.add(1, inner);
  } else {
    Message place;
    if (in == "path") {
      add_fields(kPathFields, parameter, inner);
      place.add(4, inner);
    } else {
      add_fields(kQueryFields, parameter, inner);
      place.add(3, inner);
    }
    kind.add(2, place);
  }
  Message item;
  item.add(1, kind);
  return item;
}

Message response_of(const Json& response) {
  Message inner;
  inner.bytes(1, response.value("description", ""));
  if (response.contains("schema")) {
    Message item;
    item.add(1, schema_of(response["schema"]));
    inner.add(2, item);
  }
  Message value;
  value.add(1, inner);
  return value;
}

constexpr Field kOperationFields[] = {{"description", 3, Form::kText},
                                      {"operationId", 5, Form::kText},
                                      {"produces", 6, Form::kTexts},
                                      {"consumes", 7, Form::kTexts}};

Message operation_of(const Json& operation) {
  Message result;
  add_fields(kOperationFields, operation, result);
  for (const Json& parameter : operation["parameters"]) result.add(8, parameter_of(parameter));
  Message responses;
  for (const auto& [code, response] : operation["responses"].items()) {
    responses.add(1, named(code, response_of(response)));
  }
  result.add(9, responses);
  add_extensions(13, operation, result);
  return result;
}

struct Method {
  const char* name;
  unsigned number;
};
constexpr Method kMethods[] = {{"get", 2}, {"put", 3}, {"post", 4}, {"delete", 5}, {"patch", 8}};

Message path_of(const Json& path) {
  Message result;
  for (const Method& method : kMethods) {
    if (path.contains(method.name)) result.add(method.number, operation_of(path[method.name]));
  }
  for (const Json& parameter : path["parameters"]) result.add(9, parameter_of(parameter));
  return result;
}

}  // namespace

std::string swagger_to_protobuf(const Json& swagger) {
  Message document;
  document.bytes(1, swagger["swagger"].get_ref<const std::string&>());
  Message info;
  info.bytes(1, swagger["info"]["title"].get_ref<const std::string&>());
  info.bytes(2, swagger["info"]["version"].get_ref<const std::string&>());
  document.add(2, info);
  Message paths;
  for (const auto& [name, path] : swagger["paths"].items()) paths.add(2, named(name, path_of(path)));
  document.add(8, paths);
  document.add(9, schemas_of(swagger["definitions"]));
  return document.take();
}

}  // namespace fakeapi
