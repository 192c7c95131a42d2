#include <algorithm>

#include "fake-apiserver/custom/structural_schema.h"
#include "fake-apiserver/store/json_access.h"

namespace fakeapi {
namespace {

constexpr std::pair<const char*, JsonType> kTypes[] = {
    {"array", JsonType::kArray},   {"boolean", JsonType::kBoolean}, {"integer", JsonType::kInteger},
    {"number", JsonType::kNumber}, {"object", JsonType::kObject},   {"string", JsonType::kString},
};

// Where a schema stands: alternatives (anyOf and so on) only restrict values, and may not shape the document.
enum class Place { kRoot, kProperty, kItem, kAlternative };

class Parser {
 public:
  explicit Parser(ParsedSchema& result) : result_(result) {}

  SchemaNode::Ptr parse(const Json& schema, const std::string& path, Place place) {
    auto node = std::make_unique<SchemaNode>();
    if (!schema.is_object()) {
      wrong(path, schema, "must be a schema object");
      return node;
    }
    read_shape(*node, schema, path, place);
    read_values(*node, schema, path);
    read_children(*node, schema, path, place);
    read_merge(*node, schema, path);
    if (const Json& rules = member(schema, "x-kubernetes-validations"); rules.is_array() && !rules.empty()) {
      result_.has_expressions = true;
    }
    check_default(*node, schema, path);
    return node;
  }

 private:
  void wrong(const std::string& path, const Json& value, const std::string& why) {
    result_.errors.push_back({path, "FieldValueInvalid", "Invalid value: " + to_text(value) + ": " + why});
  }
  void required(const std::string& path, const std::string& why) {
    result_.errors.push_back({path, "FieldValueRequired", "Required value: " + why});
  }
  void forbidden(const std::string& path, const std::string& why) {
    result_.errors.push_back({path, "FieldValueForbidden", "Forbidden: " + why});
  }

  bool flag(const Json& schema, const char* key, const std::string& path) {
    const Json& value = member(schema, key);
    if (!value.is_null() && !value.is_boolean()) wrong(path + "." + key, value, "must be a boolean");
    return value == Json(true);
  }

  std::string text(const Json& schema, const char* key, const std::string& path) {
    const Json& value = member(schema, key);
    if (!value.is_null() && !value.is_string()) wrong(path + "." + key, value, "must be a string");
    return text_of(value);
  }

  std::optional<std::size_t> count(const Json& schema, const char* key, const std::string& path) {
    const Json& value = member(schema, key);
    if (value.is_null()) return std::nullopt;
    if (!value.is_number_integer() || value < 0) {
      wrong(path + "." + key, value, "must be an integer that is not negative");
      return std::nullopt;
    }
    return value.get<std::size_t>();
  }

  std::optional<Json> number(const Json& schema, const char* key, const std::string& path) {
    const Json& value = member(schema, key);
    if (value.is_null()) return std::nullopt;
    if (!value.is_number()) {
      wrong(path + "." + key, value, "must be a number");
      return std::nullopt;
    }
    return value;
  }

  std::vector<std::string> texts(const Json& schema, const char* key, const std::string& path) {
    std::vector<std::string> list;
    const Json& value = member(schema, key);
    if (value.is_null()) return list;
    if (!value.is_array()) wrong(path + "." + key, value, "must be a list of strings");
    for (const Json& item : value.is_array() ? value : Json::array()) {
      if (!item.is_string()) wrong(path + "." + key, item, "must be a string");
      list.push_back(text_of(item));
    }
    return list;
  }

  void read_shape(SchemaNode& node, const Json& schema, const std::string& path, Place place) {
    node.format = text(schema, "format", path);
    node.description = text(schema, "description", path);
    node.nullable = flag(schema, "nullable", path);
    node.int_or_string = flag(schema, "x-kubernetes-int-or-string", path);
    node.preserve_unknown = flag(schema, "x-kubernetes-preserve-unknown-fields", path);
    node.embedded_resource = flag(schema, "x-kubernetes-embedded-resource", path);
    const std::string type = text(schema, "type", path);
    const auto found =
        std::find_if(std::begin(kTypes), std::end(kTypes), [&](const auto& t) { return type == t.first; });
    if (found != std::end(kTypes)) node.type = found->second;
    if (!type.empty() && found == std::end(kTypes)) {
      result_.errors.push_back({path + ".type", "FieldValueNotSupported",
                                "Unsupported value: " + to_text(type) +
                                    ": supported values: \"array\", \"boolean\", \"integer\", \"number\", \"object\", "
                                    "\"string\""});
    }
    if (member(schema, "$ref").is_string()) forbidden(path + ".$ref", "$ref is not supported");
    check_structure(node, schema, path, place, type);
  }

  void check_structure(const SchemaNode& node, const Json& schema, const std::string& path, Place place,
                       const std::string& type) {
    if (place == Place::kAlternative) {
      for (const char* key :
           {"default", "description", "title", "nullable", "additionalProperties",
            "x-kubernetes-preserve-unknown-fields", "x-kubernetes-embedded-resource", "x-kubernetes-int-or-string"}) {
        if (const Json& value = member(schema, key); !value.is_null() && value != Json(false)) {
          forbidden(path + "." + key, "must be empty to be structural");
        }
      }
      return;
    }
    if (node.int_or_string && !type.empty()) {
      forbidden(path + ".type", "must be empty if x-kubernetes-int-or-string is true");
    }
    if (place == Place::kRoot && type != "object") {
      if (type.empty()) {
        required(path + ".type", "must not be empty at the root");
      } else {
        wrong(path + ".type", type, "must be object at the root");
      }
    } else if (type.empty() && !node.int_or_string && !node.preserve_unknown) {
      required(path + ".type", std::string("must not be empty for specified ") +
                                   (place == Place::kItem ? "array items" : "object fields"));
    }
    if (node.embedded_resource && type != "object") {
      wrong(path + ".type", type, "must be object if x-kubernetes-embedded-resource is true");
    }
    if (type == "array" && member(schema, "items").is_null()) required(path + ".items", "must be specified");
  }

  void read_values(SchemaNode& node, const Json& schema, const std::string& path) {
    node.minimum = number(schema, "minimum", path);
    node.maximum = number(schema, "maximum", path);
    node.multiple_of = number(schema, "multipleOf", path);
    if (node.multiple_of && *node.multiple_of <= 0) wrong(path + ".multipleOf", *node.multiple_of, "must be positive");
    node.exclusive_minimum = flag(schema, "exclusiveMinimum", path);
    node.exclusive_maximum = flag(schema, "exclusiveMaximum", path);
    node.min_length = count(schema, "minLength", path);
    node.max_length = count(schema, "maxLength", path);
    node.min_items = count(schema, "minItems", path);
    node.max_items = count(schema, "maxItems", path);
    node.min_properties = count(schema, "minProperties", path);
    node.max_properties = count(schema, "maxProperties", path);
    node.required = texts(schema, "required", path);
    if (flag(schema, "uniqueItems", path)) {
      forbidden(path + ".uniqueItems",
                "uniqueItems cannot be set to true since the runtime complexity becomes quadratic");
    }
    if (const Json& values = member(schema, "enum"); values.is_array()) {
      node.values.assign(values.begin(), values.end());
    } else if (!values.is_null()) {
      wrong(path + ".enum", values, "must be a list");
    }
    const std::string pattern = text(schema, "pattern", path);
    if (pattern.empty()) return;
    node.pattern = Pattern::compile(pattern);
    if (!node.pattern) wrong(path + ".pattern", pattern, "must be a valid regular expression");
  }

  void read_children(SchemaNode& node, const Json& schema, const std::string& path, Place place) {
    const bool alternative = place == Place::kAlternative;
    const Json& properties = member(schema, "properties");
    if (!properties.is_null() && !properties.is_object()) wrong(path + ".properties", properties, "must be an object");
    if (properties.is_object()) {
      for (const auto& [name, property] : properties.items()) {
        node.properties.emplace(name, parse(property, path + ".properties[" + name + "]",
                                            alternative ? Place::kAlternative : Place::kProperty));
      }
    }
    const Json& items = member(schema, "items");
    if (items.is_array()) {
      forbidden(path + ".items", "items must be a schema object and not an array");
    } else if (!items.is_null()) {
      node.items = parse(items, path + ".items", alternative ? Place::kAlternative : Place::kItem);
    }
    if (!alternative) read_additional(node, schema, path);
    read_alternatives(node.all_of, schema, "allOf", path);
    read_alternatives(node.any_of, schema, "anyOf", path);
    read_alternatives(node.one_of, schema, "oneOf", path);
    if (const Json& negated = member(schema, "not"); !negated.is_null()) {
      node.negated = parse(negated, path + ".not", Place::kAlternative);
    }
  }

  void read_additional(SchemaNode& node, const Json& schema, const std::string& path) {
    const Json& additional = member(schema, "additionalProperties");
    const std::string at = path + ".additionalProperties";
    if (additional.is_null()) return;
    if (additional == Json(false)) return forbidden(at, "additionalProperties cannot be set to false");
    if (!node.properties.empty()) forbidden(at, "additionalProperties and properties are mutual exclusive");
    if (additional == Json(true)) {
      node.additional_any = true;
    } else {
      node.additional = parse(additional, at, Place::kProperty);
    }
  }

  // A list of an int-or-string node may say again which two types it has.
  void read_alternatives(std::vector<SchemaNode::Ptr>& nodes, const Json& schema, const char* key,
                         const std::string& path) {
    const Json& list = member(schema, key);
    if (!list.is_null() && !list.is_array()) wrong(path + "." + key, list, "must be a list of schemas");
    if (!list.is_array()) return;
    for (std::size_t i = 0; i < list.size(); ++i) {
      nodes.push_back(parse(list[i], path + "." + key + "[" + std::to_string(i) + "]", Place::kAlternative));
    }
  }

  void read_merge(SchemaNode& node, const Json& schema, const std::string& path) {
    const std::string list = text(schema, "x-kubernetes-list-type", path);
    node.list_keys = texts(schema, "x-kubernetes-list-map-keys", path);
    const std::string at = path + ".x-kubernetes-list-type";
    if (list == "map") {
      node.list_type = ListType::kMap;
      if (node.list_keys.empty()) {
        required(path + ".x-kubernetes-list-map-keys", "must not be empty if x-kubernetes-list-type is map");
      }
      if (!node.items || node.items->type != JsonType::kObject) {
        wrong(path + ".items.type", member(member(schema, "items"), "type"),
              "must be object if parent array's x-kubernetes-list-type is map");
      }
    } else if (list == "set") {
      node.list_type = ListType::kSet;
    } else if (!list.empty() && list != "atomic") {
      result_.errors.push_back(
          {at, "FieldValueNotSupported",
           "Unsupported value: " + to_text(list) + ": supported values: \"atomic\", \"map\", \"set\""});
    }
    if (!list.empty() && node.type != JsonType::kArray) {
      wrong(path + ".type", member(schema, "type"), "must be array if x-kubernetes-list-type is specified");
    }
    const std::string map = text(schema, "x-kubernetes-map-type", path);
    node.atomic_map = map == "atomic";
    if (!map.empty() && map != "atomic" && map != "granular") {
      result_.errors.push_back({path + ".x-kubernetes-map-type", "FieldValueNotSupported",
                                "Unsupported value: " + to_text(map) + ": supported values: \"atomic\", \"granular\""});
    }
  }

  void check_default(SchemaNode& node, const Json& schema, const std::string& path) {
    const auto given = schema.find("default");
    if (given == schema.end() || given->is_null()) return;
    std::vector<FieldError> errors;
    validate_at(node, *given, path + ".default", errors);
    result_.errors.insert(result_.errors.end(), errors.begin(), errors.end());
    node.default_value = *given;
  }

  ParsedSchema& result_;
};

}  // namespace

ParsedSchema parse_schema(const Json& schema, const std::string& path) {
  ParsedSchema result;
  Parser parser(result);
  result.root = parser.parse(schema, path, Place::kRoot);
  return result;
}

}  // namespace fakeapi
