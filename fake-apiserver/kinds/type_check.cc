#include "fake-apiserver/kinds/type_check.h"

#include <limits>

#include "common/base/time_format.h"
#include "fake-apiserver/api/base64.h"
#include "fake-apiserver/kinds/problems.h"
#include "fake-apiserver/kinds/quantity.h"

namespace fakeapi {
namespace {

constexpr const char* kQuantityRule =
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
constexpr const char* kGoTime = "2006-01-02T15:04:05Z07:00";
constexpr const char* kGoMicroTime = "2006-01-02T15:04:05.000000Z07:00";

const char* json_type(const Json& value) {
  if (value.is_string()) return "string";
  if (value.is_number()) return "number";
  if (value.is_boolean()) return "bool";
  return value.is_array() ? "array" : "object";
}

std::string last_part(const std::string& name) { return name.substr(name.rfind('.') + 1); }

// "v1.Container", "[]v1.Container", "map[string]string", "int32".
std::string go_type(const SchemaField& field, bool element) {
  std::string type;
  switch (field.type) {
    case FieldType::kBool: type = "bool"; break;
    case FieldType::kInt32: type = "int32"; break;
    case FieldType::kInt64: type = "int64"; break;
    case FieldType::kDouble: type = "float64"; break;
    case FieldType::kBytes: type = "[]uint8"; break;
    case FieldType::kTime: type = "v1.Time"; break;
    case FieldType::kMicroTime: type = "v1.MicroTime"; break;
    case FieldType::kStringList: type = "[]string"; break;
    case FieldType::kMessage:
      type = field.message->name;
      if (const std::size_t dot = type.rfind('.', type.rfind('.') - 1); dot != std::string::npos)
        type.erase(0, dot + 1);
      break;
    default: type = "string"; break;
  }
  if (element || field.shape == Shape::kSingle) return type;
  return (field.shape == Shape::kList ? "[]" : "map[string]") + type;
}

// Where the walk is, for messages: the names of the fields so far.
struct Place {
  const Place* parent;
  const std::string* name;
  std::string text() const {
    const std::string head = parent ? parent->text() : "";
    return name ? (head.empty() ? *name : head + "." + *name) : head;
  }
};

class TypeChecker {
 public:
  // Empty if all is well.
  std::string check(const SchemaType& type, Json& object, const Place& place) const {
    for (auto member = object.begin(); member != object.end();) {
      if (member->is_null()) {
        member = object.erase(member);
        continue;
      }
      const SchemaField* field = type.field(std::string_view(member.key()));
      if (field) {
        const Place here{&place, &member.key()};
        std::string wrong = check_field(type, *field, *member, here);
        if (!wrong.empty()) return wrong;
      }
      ++member;
    }
    return "";
  }

 private:
  std::string check_field(const SchemaType& owner, const SchemaField& field, Json& value, const Place& place) const {
    if (field.shape == Shape::kSingle) return check_value(owner, field, value, place);
    const bool list = field.shape == Shape::kList;
    if (list ? !value.is_array() : !value.is_object()) return mismatch(owner, field, value, place, false);
    for (auto item = value.begin(); item != value.end(); ++item) {
      if (item->is_null()) {
        // An absent element counts as the zero value of its type.
        if (field.type == FieldType::kMessage) *item = Json::object();
        if (field.type == FieldType::kString || field.type == FieldType::kBytes) *item = "";
        if (item->is_null()) continue;
      }
      std::string wrong = check_value(owner, field, *item, place);
      if (!wrong.empty()) return wrong;
    }
    return "";
  }

  std::string check_value(const SchemaType& owner, const SchemaField& field, Json& value, const Place& place) const {
    switch (field.type) {
      case FieldType::kMessage:
        // JSON holds just the value of a variant, whatever its type.
        if (field.message->variant) return "";
        if (!value.is_object()) return mismatch(owner, field, value, place, true);
        return check(*field.message, value, place);
      case FieldType::kString: return value.is_string() ? "" : mismatch(owner, field, value, place, true);
      case FieldType::kBool: return value.is_boolean() ? "" : mismatch(owner, field, value, place, true);
      case FieldType::kDouble: return value.is_number() ? "" : mismatch(owner, field, value, place, true);
      case FieldType::kInt32:
      case FieldType::kInt64: return check_integer(owner, field, value, place);
      case FieldType::kQuantity: return check_quantity(value);
      case FieldType::kTime: return check_time(value, base::format_rfc3339, 20, kGoTime);
      case FieldType::kMicroTime: return check_time(value, base::format_rfc3339_micro, 27, kGoMicroTime);
      case FieldType::kIntOrString:
        if (value.is_string() || value.is_number_integer()) return "";
        return mismatch(owner, field, value, place, true);
      case FieldType::kBytes:
        if (!value.is_string()) return mismatch(owner, field, value, place, true);
        return base64_decode(value.get_ref<const std::string&>()) ? "" : "illegal base64 data at input byte 0";
      case FieldType::kStringList: return value.is_array() ? "" : mismatch(owner, field, value, place, true);
      case FieldType::kFieldsV1:
      case FieldType::kRaw: return "";
    }
    return "";
  }

  static std::string mismatch(const SchemaType& owner, const SchemaField& field, const Json& value, const Place& place,
                              bool element) {
    const std::string shown = value.is_number() ? "number " + to_text(value) : json_type(value);
    return "json: cannot unmarshal " +
           (field.type == FieldType::kInt32 || field.type == FieldType::kInt64 ? shown
                                                                               : std::string(json_type(value))) +
           " into Go struct field " + last_part(owner.name) + "." + place.text() + " of type " +
           go_type(field, element);
  }

  static std::string check_integer(const SchemaType& owner, const SchemaField& field, const Json& value,
                                   const Place& place) {
    const bool fits =
        value.is_number_integer() &&
        (field.type == FieldType::kInt64
             ? !value.is_number_unsigned() || value <= std::numeric_limits<std::int64_t>::max()
             : value >= std::numeric_limits<std::int32_t>::min() && value <= std::numeric_limits<std::int32_t>::max());
    return fits ? "" : mismatch(owner, field, value, place, true);
  }

  static std::string check_quantity(Json& value) {
    if (value.is_number()) value = to_text(value);
    const auto quantity = parse_quantity(view_of(value));
    if (!quantity) return kQuantityRule;
    value = canonical_quantity(*quantity);
    return "";
  }

  static std::string check_time(Json& value, std::string (*format)(base::Time), std::size_t length, const char* go) {
    const auto time = value.is_string() ? base::parse_rfc3339(value.get_ref<const std::string&>()) : std::nullopt;
    if (!time) {
      const std::string text = to_text(value);
      return "parsing time " + text + " as \"" + go + "\": cannot parse " + text + " as \"2006\"";
    }
    const auto& text = value.get_ref<const std::string&>();
    if (text.size() != length || text.back() != 'Z') value = format(*time);
    return "";
  }
};

}  // namespace

std::optional<StatusError> check_types(const SchemaType& type, const std::string& kind, const std::string& version,
                                       Json& object) {
  const std::string wrong = TypeChecker().check(type, object, Place{nullptr, nullptr});
  if (wrong.empty()) return std::nullopt;
  return bad_request(kind + " in version \"" + version + "\" cannot be handled as a " + kind + ": " + wrong);
}

}  // namespace fakeapi
