#include "fake-apiserver/schema/conform.h"

#include "common/base/time_format.h"
#include "fake-apiserver/schema/json_types.h"
#include "fake-apiserver/schema/quantity.h"
#include "fake-apiserver/store/json_access.h"

namespace fakeapi {
namespace {

constexpr std::size_t kMostUnknown = 100;

// The value does not fit its field, on its way out of the recursion.
struct Misfit {
  std::string message;
};

// A step of the way from the document to a value. Lives on the stack of the recursion: text is made only if needed.
struct Step {
  const Step* parent = nullptr;
  std::string_view key;
  std::size_t index = 0;
  bool in_list = false;
  bool in_map = false;
};

std::string path_of(const Step& step) {
  if (step.in_list) return path_of(*step.parent) + "[" + std::to_string(step.index) + "]";
  if (!step.parent) return "";
  const std::string before = path_of(*step.parent);
  return before.empty() ? std::string(step.key) : before + "." + std::string(step.key);
}

// The path without indices and keys of maps: a decoder does not know them.
std::string names_of(const Step& step) {
  if (!step.parent) return "";
  const std::string before = names_of(*step.parent);
  if (step.in_list || step.in_map) return before;
  return before.empty() ? std::string(step.key) : before + "." + std::string(step.key);
}

class Conformer {
 public:
  Conformity run(const SchemaType& type, Json& document) {
    const Step root;
    try {
      message(type, document, root);
    } catch (Misfit& misfit) {
      result_.error = std::move(misfit.message);
    }
    return std::move(result_);
  }

 private:
  [[noreturn]] static void wrong_type(const SchemaType& owner, const Json& value, const Step& at,
                                      const std::string& wanted) {
    throw Misfit{"json: cannot unmarshal " + json_type_name(value) + " into Go struct field " + short_name(owner) +
                 "." + names_of(at) + " of type " + wanted};
  }

  void message(const SchemaType& type, Json& object, const Step& at) {
    for (auto it = object.begin(); it != object.end();) {
      const SchemaField* field = type.field(it.key());
      if (!field) {
        const Step step{&at, it.key(), 0, false, false};
        if (result_.unknown.size() < kMostUnknown) result_.unknown.push_back(path_of(step));
        it = object.erase(it);
      } else if (keep(type, *field, *it, Step{&at, field->name, 0, false, false})) {
        ++it;
      } else {
        it = object.erase(it);
      }
    }
  }

  // False if the field is better left out.
  bool keep(const SchemaType& owner, const SchemaField& field, Json& value, const Step& at) {
    if (value.is_null()) return false;
    switch (field.shape) {
      case Shape::kList:
        if (!value.is_array()) wrong_type(owner, value, at, go_type(field));
        for (std::size_t i = 0; i < value.size(); ++i) element(owner, field, value[i], Step{&at, {}, i, true, false});
        return field.required || !value.empty();
      case Shape::kMap:
        if (!value.is_object()) wrong_type(owner, value, at, go_type(field));
        for (auto it = value.begin(); it != value.end(); ++it)
          element(owner, field, *it, Step{&at, it.key(), 0, false, true});
        return field.required || !value.empty();
      case Shape::kSingle: break;
    }
    single(owner, field, value, at);
    return field.optional || field.required || !is_left_out(field, value);
  }

  void element(const SchemaType& owner, const SchemaField& field, Json& value, const Step& at) {
    if (value.is_null()) value = zero_of(field);
    if (!value.is_null()) single(owner, field, value, at);
  }

  void single(const SchemaType& owner, const SchemaField& field, Json& value, const Step& at) {
    switch (field.type) {
      case FieldType::kMessage:
        if (field.message->variant) return variant(owner, field, value, at);
        if (!value.is_object()) wrong_type(owner, value, at, go_element_type(field));
        return message(*field.message, value, at);
      case FieldType::kQuantity: return quantity(value);
      case FieldType::kTime:
      case FieldType::kMicroTime: return time(field, value);
      case FieldType::kStringList:
        if (!value.is_array()) wrong_type(owner, value, at, go_element_type(field));
        for (const Json& text : value) {
          if (!text.is_string()) wrong_type(owner, text, at, "string");
        }
        return;
      case FieldType::kBytes:
        if (const auto fault = base64_fault(value)) throw Misfit{*fault};
        [[fallthrough]];
      default:
        if (!fits(field.type, value)) wrong_type(owner, value, at, go_element_type(field));
    }
  }

  // JSON holds the value of the one field that is set: an object, a list, or a scalar.
  void variant(const SchemaType& owner, const SchemaField& field, Json& value, const Step& at) {
    for (const SchemaField& form : field.message->fields) {
      const bool message_form = form.type == FieldType::kMessage && form.shape == Shape::kSingle && value.is_object();
      const bool list_form = form.shape == Shape::kList && value.is_array();
      const bool scalar_form = form.shape == Shape::kSingle && form.type == FieldType::kBool && value.is_boolean();
      if (!message_form && !list_form && !scalar_form) continue;
      if (message_form) message(*form.message, value, at);
      if (list_form) {
        for (std::size_t i = 0; i < value.size(); ++i) element(owner, form, value[i], Step{&at, {}, i, true, false});
      }
      return;
    }
    wrong_type(owner, value, at, go_element_type(field));
  }

  static void quantity(Json& value) {
    const std::string text = value.is_string() ? value.get<std::string>() : to_text(value);
    auto canonical = canonical_quantity(text);
    if (!canonical || !(value.is_string() || value.is_number())) {
      throw Misfit{"quantities must match the regular expression '" + std::string(kQuantityPattern) + "'"};
    }
    value = std::move(*canonical);
  }

  static void time(const SchemaField& field, Json& value) {
    const auto time = value.is_string() ? base::parse_rfc3339(value.get_ref<const std::string&>()) : std::nullopt;
    const bool micro = field.type == FieldType::kMicroTime;
    if (!time) {
      const std::string layout = micro ? "2006-01-02T15:04:05.000000Z07:00" : "2006-01-02T15:04:05Z07:00";
      const std::string text = to_text(value);
      throw Misfit{"parsing time " + text + " as \"" + layout + "\": cannot parse " + text + " as \"2006\""};
    }
    value = micro ? base::format_rfc3339_micro(*time) : base::format_rfc3339(*time);
  }

  Conformity result_;
};

}  // namespace

Conformity conform(const SchemaType& type, Json& document) { return Conformer().run(type, document); }

}  // namespace fakeapi
