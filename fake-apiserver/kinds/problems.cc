#include "fake-apiserver/kinds/problems.h"

#include <algorithm>

namespace fakeapi {
namespace {

// "Invalid value: 5", with the detail behind it if there is one.
std::string with_value(const char* what, const Json& value, std::string_view detail = "") {
  std::string text = std::string(what) + ": " + to_text(value);
  if (!detail.empty()) text.append(": ").append(detail);
  return text;
}

std::string with_detail(const char* what, std::string_view detail) {
  std::string text = what;
  if (!detail.empty()) text.append(": ").append(detail);
  return text;
}

}  // namespace

std::string FieldPath::text() const {
  std::string text = parent_ ? parent_->text() : "";
  switch (kind_) {
    case kRoot: text = name_; break;
    case kChild: text.append(text.empty() ? "" : ".").append(name_); break;
    case kIndex: text += "[" + std::to_string(index_) + "]"; break;
    case kKey: text.append("[").append(name_).append("]"); break;
  }
  return text;
}

void Problems::add(const FieldPath& path, const char* reason, std::string message) {
  errors_.push_back(FieldError{path.text(), reason, std::move(message)});
}

void Problems::required(const FieldPath& path, std::string_view detail) {
  add(path, "FieldValueRequired", with_detail("Required value", detail));
}

void Problems::invalid(const FieldPath& path, const Json& value, std::string_view detail) {
  add(path, "FieldValueInvalid", with_value("Invalid value", value, detail));
}

void Problems::forbidden(const FieldPath& path, std::string_view detail) {
  add(path, "FieldValueForbidden", with_detail("Forbidden", detail));
}

void Problems::duplicate(const FieldPath& path, const Json& value) {
  add(path, "FieldValueDuplicate", with_value("Duplicate value", value));
}

void Problems::not_found(const FieldPath& path, const Json& value) {
  add(path, "FieldValueNotFound", with_value("Not found", value));
}

void Problems::not_supported(const FieldPath& path, const Json& value, Choices choices) {
  std::string list;
  for (const std::string_view choice : choices) list.append(list.empty() ? "\"" : ", \"").append(choice).append("\"");
  const Json shown = value.is_null() ? Json("") : value;
  add(path, "FieldValueNotSupported", with_value("Unsupported value", shown, "supported values: " + list));
}

void Problems::too_long(const FieldPath& path, std::size_t most_bytes) {
  add(path, "FieldValueTooLong", "Too long: may not be more than " + std::to_string(most_bytes) + " bytes");
}

void Problems::check_not_negative(const FieldPath& path, const Json& value) {
  if (value.is_number_integer() && value < 0) invalid(path, value, kNotNegative);
}

void Problems::check_range(const FieldPath& path, const Json& value, std::int64_t least, std::int64_t most) {
  if (!value.is_number_integer()) return;
  if (value >= least && value <= most) return;
  invalid(path, value, "must be between " + std::to_string(least) + " and " + std::to_string(most) + ", inclusive");
}

void Problems::check_choice(const FieldPath& path, const Json& value, Choices choices) {
  const std::string_view text = view_of(value);
  if (std::find(choices.begin(), choices.end(), text) == choices.end()) not_supported(path, value, choices);
}

void Problems::invalid_all(const FieldPath& path, const Json& value, const std::vector<std::string>& details) {
  for (const std::string& detail : details) invalid(path, value, detail);
}

std::string_view view_of(const Json& value) {
  return value.is_string() ? std::string_view(value.get_ref<const std::string&>()) : std::string_view();
}

}  // namespace fakeapi
