// Validation by a structural schema.
#include <algorithm>
#include <cmath>
#include <limits>

#include "fake-apiserver/custom/structural_schema.h"
#include "fake-apiserver/store/json_access.h"

namespace fakeapi {
namespace {

using Errors = std::vector<FieldError>;

// Enough for anybody to mend, and few enough for a reply: each of them repeats its path and its value.
constexpr std::size_t kMostErrors = 100;
constexpr std::size_t kMostBytes = 1u << 20;
constexpr std::size_t kLongestPath = 4096;
constexpr std::size_t kLongestStep = 1024;

const char* name_of(JsonType type) {
  switch (type) {
    case JsonType::kObject: return "object";
    case JsonType::kArray: return "array";
    case JsonType::kString: return "string";
    case JsonType::kInteger: return "integer";
    case JsonType::kNumber: return "number";
    case JsonType::kBoolean: return "boolean";
    case JsonType::kAny: break;
  }
  return "any";
}

bool is_whole(const Json& value) {
  if (value.is_number_integer()) return true;
  if (!value.is_number_float()) return false;
  const double number = value.get<double>();
  return std::isfinite(number) && std::trunc(number) == number;
}

const char* type_name_of(const Json& value) {
  if (value.is_object()) return "object";
  if (value.is_array()) return "array";
  if (value.is_string()) return "string";
  if (value.is_boolean()) return "boolean";
  if (value.is_null()) return "null";
  return is_whole(value) ? "integer" : "number";
}

bool has_type(const Json& value, JsonType type) {
  switch (type) {
    case JsonType::kObject: return value.is_object();
    case JsonType::kArray: return value.is_array();
    case JsonType::kString: return value.is_string();
    case JsonType::kInteger: return is_whole(value);
    case JsonType::kNumber: return value.is_number();
    case JsonType::kBoolean: return value.is_boolean();
    case JsonType::kAny: return true;
  }
  return true;
}

// 3 and 3.0 alike, as people write them.
std::string number_text(const Json& number) {
  if (number.is_number_float() && is_whole(number) && std::abs(number.get<double>()) < 1e15) {
    return std::to_string(static_cast<std::int64_t>(number.get<double>()));
  }
  return to_text(number);
}

std::size_t characters_in(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::string shown(const std::string& path) { return path.empty() ? "<nil>" : path; }

class Validator {
 public:
  explicit Validator(Errors& errors) : errors_(errors) {}

  void visit(const SchemaNode& node, const Json& value, const std::string& path) {
    if (is_full()) return;
    if (value.is_null() && node.nullable) return;
    if (!check_type(node, value, path)) return;
    check_enum(node, value, path);
    if (value.is_string()) check_string(node, value.get_ref<const std::string&>(), path);
    if (value.is_number()) check_number(node, value, path);
    if (value.is_array()) check_array(node, value, path);
    if (value.is_object()) check_object(node, value, path);
    check_alternatives(node, value, path);
  }

 private:
  bool is_full() const { return errors_.size() >= kMostErrors || bytes_ >= kMostBytes; }
  void add(FieldError error) {
    if (is_full()) return;
    bytes_ += error.field.size() + error.message.size();
    errors_.push_back(std::move(error));
  }

  void refuse(const std::string& path, const Json& value, const std::string& rule) {
    add({shown(path), "FieldValueInvalid", "Invalid value: " + number_text(value) + ": " + path + " in body " + rule});
  }
  void refuse_type(const std::string& path, const Json& value, const std::string& type) {
    const std::string what = std::string("\"") + type_name_of(value) + "\"";
    add({shown(path), "FieldValueTypeInvalid",
         std::string("Invalid value: \"") + type_name_of(value) + "\": " + path + " in body must be of type " + type +
             ": " + what});
  }
  void refuse_whole(const std::string& path, const std::string& rule) {
    add({shown(path), "FieldValueInvalid", "Invalid value: \"\": \"" + path + "\" " + rule});
  }
  void too_many(const std::string& path, std::size_t size, std::size_t limit) {
    add({shown(path), "FieldValueTooMany",
         "Too many: " + std::to_string(size) + ": must have at most " + std::to_string(limit) + " items"});
  }

  bool check_type(const SchemaNode& node, const Json& value, const std::string& path) {
    if (node.int_or_string) {
      if (is_whole(value) || value.is_string()) return true;
      refuse_type(path, value, "integer,string");
      return false;
    }
    if (has_type(value, node.type)) return true;
    refuse_type(path, value, name_of(node.type));
    return false;
  }

  void check_enum(const SchemaNode& node, const Json& value, const std::string& path) {
    if (node.values.empty() || std::find(node.values.begin(), node.values.end(), value) != node.values.end()) return;
    std::string supported;
    for (const Json& allowed : node.values) {
      if (!supported.empty()) supported += ", ";
      supported += allowed.is_string() ? to_text(allowed) : "\"" + to_text(allowed) + "\"";
    }
    add({shown(path), "FieldValueNotSupported",
         "Unsupported value: " + to_text(value) + ": supported values: " + supported});
  }

  void check_string(const SchemaNode& node, const std::string& text, const std::string& path) {
    if (node.max_length && characters_in(text) > *node.max_length) {
      add({shown(path), "FieldValueTooLong",
           "Too long: may not be more than " + std::to_string(*node.max_length) + " bytes"});
    }
    if (node.min_length && characters_in(text) < *node.min_length) {
      refuse(path, text, "should be at least " + std::to_string(*node.min_length) + " chars long");
    }
    if (node.pattern && !node.pattern->matches(text)) {
      refuse(path, text, "should match '" + node.pattern->text() + "'");
    }
    if (!node.format.empty() && !has_format(node.format, text)) {
      refuse(path, text, "must be of type " + node.format + ": " + to_text(text));
    }
  }

  void check_number(const SchemaNode& node, const Json& value, const std::string& path) {
    if (node.type == JsonType::kInteger && node.format == "int32") {
      const bool fits =
          value >= std::numeric_limits<std::int32_t>::min() && value <= std::numeric_limits<std::int32_t>::max();
      if (!fits) {
        add({shown(path), "FieldValueInvalid",
             "Invalid value: " + number_text(value) + ": " + path + " in body must be of type int32: \"" +
                 number_text(value) + "\""});
      }
    }
    if (node.minimum && (node.exclusive_minimum ? value <= *node.minimum : value < *node.minimum)) {
      refuse(path, value,
             std::string("should be greater than ") + (node.exclusive_minimum ? "" : "or equal to ") +
                 number_text(*node.minimum));
    }
    if (node.maximum && (node.exclusive_maximum ? value >= *node.maximum : value > *node.maximum)) {
      refuse(path, value,
             std::string("should be less than ") + (node.exclusive_maximum ? "" : "or equal to ") +
                 number_text(*node.maximum));
    }
    if (node.multiple_of && *node.multiple_of > 0) {
      const double times = value.get<double>() / node.multiple_of->get<double>();
      if (std::abs(times - std::round(times)) > 1e-9) {
        refuse(path, value, "should be a multiple of " + number_text(*node.multiple_of));
      }
    }
  }

  void check_array(const SchemaNode& node, const Json& value, const std::string& path) {
    if (node.min_items && value.size() < *node.min_items) {
      refuse(path, value.size(), "should have at least " + std::to_string(*node.min_items) + " items");
    }
    if (node.max_items && value.size() > *node.max_items) too_many(path, value.size(), *node.max_items);
    for (std::size_t i = 0; i < value.size() && node.items; ++i) {
      visit(*node.items, value[i], bounded_path(path, "[" + std::to_string(i) + "]"));
    }
    if (node.list_type != ListType::kAtomic) check_duplicates(node, value, path);
  }

  void check_duplicates(const SchemaNode& node, const Json& value, const std::string& path) {
    std::map<std::string, bool> seen;
    for (std::size_t i = 0; i < value.size(); ++i) {
      Json key = value[i];
      if (node.list_type == ListType::kMap) {
        key = Json::object();
        for (const std::string& name : node.list_keys) key[name] = member(value[i], name);
      }
      if (!seen.emplace(to_text(key), true).second) {
        add({path + "[" + std::to_string(i) + "]", "FieldValueDuplicate", "Duplicate value: " + to_text(key)});
      }
    }
  }

  void check_object(const SchemaNode& node, const Json& value, const std::string& path) {
    const auto below = [&](const std::string& name) { return bounded_path(path, path.empty() ? name : "." + name); };
    if (node.min_properties && value.size() < *node.min_properties) {
      refuse(path, value.size(), "should have at least " + std::to_string(*node.min_properties) + " properties");
    }
    if (node.max_properties && value.size() > *node.max_properties) too_many(path, value.size(), *node.max_properties);
    for (const std::string& name : node.required) {
      if (!value.contains(name)) add({below(name), "FieldValueRequired", "Required value"});
    }
    for (const auto& [name, item] : value.items()) {
      const auto known = node.properties.find(name);
      if (known != node.properties.end()) {
        visit(*known->second, item, below(name));
      } else if (node.additional) {
        visit(*node.additional, item, below(name));
      }
    }
  }

  bool holds(const SchemaNode& node, const Json& value, const std::string& path, Errors& why) {
    Validator(why).visit(node, value, path);
    return why.empty();
  }

  void check_alternatives(const SchemaNode& node, const Json& value, const std::string& path) {
    for (const SchemaNode::Ptr& part : node.all_of) visit(*part, value, path);
    if (!node.any_of.empty()) {
      Errors nearest;
      bool met = false;
      for (const SchemaNode::Ptr& part : node.any_of) {
        Errors why;
        met = met || holds(*part, value, path, why);
        if (nearest.empty() || why.size() < nearest.size()) nearest = std::move(why);
      }
      if (!met) {
        refuse_whole(path, "must validate at least one schema (anyOf)");
        for (FieldError& error : nearest) add(std::move(error));
      }
    }
    if (!node.one_of.empty()) check_one_of(node, value, path);
    Errors why;
    if (node.negated && holds(*node.negated, value, path, why))
      refuse_whole(path, "must not validate the schema (not)");
  }

  void check_one_of(const SchemaNode& node, const Json& value, const std::string& path) {
    std::size_t met = 0;
    for (const SchemaNode::Ptr& part : node.one_of) {
      Errors why;
      if (holds(*part, value, path, why)) ++met;
    }
    if (met == 1) return;
    refuse_whole(path, "must validate one and only one schema (oneOf). Found " +
                           (met == 0 ? std::string("none valid") : std::to_string(met) + " valid alternatives"));
  }

  Errors& errors_;
  std::size_t bytes_ = 0;
};

}  // namespace

std::string bounded_path(const std::string& path, const std::string& step) {
  if (path.size() >= kLongestPath) return path;
  return path + (step.size() <= kLongestStep ? step : step.substr(0, kLongestStep) + "...");
}

void validate_at(const SchemaNode& node, const Json& value, const std::string& path, std::vector<FieldError>& errors) {
  Validator(errors).visit(node, value, path);
}

std::vector<FieldError> validate(const SchemaNode& root, const Json& object) {
  std::vector<FieldError> errors;
  validate_at(root, object, "", errors);
  return errors;
}

}  // namespace fakeapi
