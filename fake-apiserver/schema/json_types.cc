#include "fake-apiserver/schema/json_types.h"

#include <limits>

#include "fake-apiserver/store/json_access.h"

namespace fakeapi {
namespace {

bool is_integer(const Json& value, std::int64_t low, std::int64_t high) {
  if (value.is_number_unsigned()) return value.get<std::uint64_t>() <= static_cast<std::uint64_t>(high);
  return value.is_number_integer() && value.get<std::int64_t>() >= low && value.get<std::int64_t>() <= high;
}

// "v1.Container" of io.k8s.api.core.v1.Container.
std::string package_name(const SchemaType& type) {
  const std::size_t name = type.name.rfind('.');
  const std::size_t package = name == std::string::npos ? name : type.name.rfind('.', name - 1);
  return package == std::string::npos ? type.name : type.name.substr(package + 1);
}

}  // namespace

std::string json_type_name(const Json& value) {
  switch (value.type()) {
    case Json::value_t::object: return "object";
    case Json::value_t::array: return "array";
    case Json::value_t::string: return "string";
    case Json::value_t::boolean: return "bool";
    case Json::value_t::null: return "null";
    default: return "number " + to_text(value);
  }
}

std::string short_name(const SchemaType& type) { return type.name.substr(type.name.rfind('.') + 1); }

std::string go_element_type(const SchemaField& field) {
  switch (field.type) {
    case FieldType::kBool: return "bool";
    case FieldType::kInt32: return "int32";
    case FieldType::kInt64: return "int64";
    case FieldType::kDouble: return "float64";
    case FieldType::kBytes: return "[]uint8";
    case FieldType::kIntOrString: return "intstr.IntOrString";
    case FieldType::kFieldsV1: return "v1.FieldsV1";
    case FieldType::kStringList: return "[]string";
    case FieldType::kMessage: return package_name(*field.message);
    default: return "string";
  }
}

std::string go_type(const SchemaField& field) {
  if (field.shape == Shape::kList) return "[]" + go_element_type(field);
  if (field.shape == Shape::kMap) return "map[string]" + go_element_type(field);
  return go_element_type(field);
}

bool fits(FieldType type, const Json& value) {
  switch (type) {
    case FieldType::kString:
    case FieldType::kBytes: return value.is_string();
    case FieldType::kBool: return value.is_boolean();
    case FieldType::kInt32:
      return is_integer(value, std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max());
    case FieldType::kInt64:
      return is_integer(value, std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max());
    case FieldType::kDouble: return value.is_number();
    case FieldType::kIntOrString: return value.is_string() || fits(FieldType::kInt32, value);
    case FieldType::kFieldsV1: return value.is_object();
    default: return true;
  }
}

std::optional<std::string> base64_fault(const Json& value) {
  if (!value.is_string()) return std::nullopt;
  const auto& text = value.get_ref<const std::string&>();
  std::size_t at = 0;
  const auto is_digit = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
  };
  while (at < text.size() && is_digit(text[at])) ++at;
  const std::size_t padding = text.size() - at;
  const bool padded = padding <= 2 && text.find_first_not_of('=', at) == std::string::npos;
  if (padded && text.size() % 4 == 0) return std::nullopt;
  return "illegal base64 data at input byte " + std::to_string(padded ? text.size() - padding : at);
}

Json zero_of(const SchemaField& field) {
  switch (field.type) {
    case FieldType::kString:
    case FieldType::kBytes: return "";
    case FieldType::kBool: return false;
    case FieldType::kInt32:
    case FieldType::kInt64:
    case FieldType::kDouble:
    case FieldType::kIntOrString: return 0;
    case FieldType::kQuantity: return "0";
    case FieldType::kMessage: return field.message->variant ? Json() : Json::object();
    case FieldType::kStringList: return Json::array();
    default: return nullptr;
  }
}

bool is_left_out(const SchemaField& field, const Json& value) {
  switch (field.type) {
    case FieldType::kString:
    case FieldType::kBytes: return value.get_ref<const std::string&>().empty();
    case FieldType::kBool: return !value.get<bool>();
    case FieldType::kInt32:
    case FieldType::kInt64:
    case FieldType::kDouble: return value == 0;
    case FieldType::kStringList: return value.empty();
    default: return false;
  }
}

}  // namespace fakeapi
