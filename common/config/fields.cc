#include "common/config/fields.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "common/base/number_format.h"
#include "common/base/time_format.h"
#include "common/kube/quantity.h"

namespace config {
namespace {

std::string listed(const std::vector<std::string>& words) {
  std::string out;
  for (std::size_t i = 0; i < words.size(); ++i) out += (i == 0 ? "" : ", ") + words[i];
  return out;
}

std::string shown(const Json& value) {
  std::string text = value.dump(-1, ' ', false, Json::error_handler_t::replace);
  constexpr std::size_t kLongest = 60;
  if (text.size() > kLongest) text = text.substr(0, kLongest) + "...";
  return text;
}

// Whole numbers without an exponent.
std::string bound(double x) {
  const bool whole = std::fabs(x) < 1e15 && x == std::floor(x);
  return whole ? base::format_number(static_cast<std::int64_t>(x)) : base::format_number(x);
}

std::string suggestion(std::string_view word, const std::vector<std::string>& candidates) {
  const std::string meant = did_you_mean(word, candidates);
  return meant.empty() ? "" : "; did you mean \"" + meant + "\"?";
}

}  // namespace

struct Fields::Shared {
  struct Asked {
    const Json* object;
    std::set<std::string> keys;
  };
  const Document& document;
  Strictness strictness;
  std::map<std::string, Asked> objects;  // by pointer
};

Fields::Fields(const Document& document, Strictness strictness)
    : Fields(std::make_shared<Shared>(Shared{document, strictness, {}}), "", document.value) {}

Fields::Fields(std::shared_ptr<Shared> shared, std::string pointer, const Json& value)
    : shared_(std::move(shared)), pointer_(std::move(pointer)), value_(&value) {
  if (!value.is_object()) fail("must be a mapping of keys to values, is " + shown(value));
  shared_->objects.emplace(pointer_, Shared::Asked{value_, {}});
}

const Document& Fields::document() const { return shared_->document; }

std::string Fields::child(const std::string& key) const {
  std::string escaped;
  for (const char c : key) escaped += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
  return pointer_ + "/" + escaped;
}

const Json* Fields::find(const std::string& key) const {
  shared_->objects.at(pointer_).keys.insert(key);
  const auto found = value_->find(key);
  return found == value_->end() || found->is_null() ? nullptr : &*found;
}

const Json& Fields::required(const std::string& key) const {
  const Json* value = find(key);
  if (!value) fail_at(document().locate(pointer_), "\"" + key + "\" is missing");
  return *value;
}

bool Fields::has(const std::string& key) const { return find(key) != nullptr; }
void Fields::ignore(const std::string& key) { find(key); }

void Fields::fail_at(const std::string& where, const std::string& message) const {
  throw FieldError(where + ": " + message);
}

std::string Fields::where(const std::string& key) const { return document().locate(child(key)); }

void Fields::fail(const std::string& key, const std::string& message) const {
  fail_at(where(key), key + " " + message);
}

void Fields::fail(const std::string& message) const { fail_at(document().locate(pointer_), message); }

void Fields::wrong_type(const std::string& key, const std::string& wanted) const {
  fail(key, "must be " + wanted + ", is " + shown(value_->at(key)));
}

std::string Fields::text(const std::string& key) {
  const Json& value = required(key);
  if (!value.is_string()) wrong_type(key, "a text");
  return value.get<std::string>();
}

std::string Fields::text_or(const std::string& key, std::string fallback) { return has(key) ? text(key) : fallback; }

std::string Fields::choice(const std::string& key, const std::vector<std::string>& allowed) {
  std::string value = text(key);
  if (std::find(allowed.begin(), allowed.end(), value) == allowed.end()) {
    fail(key, "must be one of " + listed(allowed) + ", is \"" + value + "\"" + suggestion(value, allowed));
  }
  return value;
}

std::string Fields::choice_or(const std::string& key, const std::vector<std::string>& allowed, std::string fallback) {
  return has(key) ? choice(key, allowed) : fallback;
}

bool Fields::boolean_or(const std::string& key, bool fallback) {
  const Json* value = find(key);
  if (!value) return fallback;
  if (!value->is_boolean()) wrong_type(key, "true or false");
  return value->get<bool>();
}

std::int64_t Fields::integer(const std::string& key, std::int64_t min, std::int64_t max) {
  const Json& value = required(key);
  const bool too_large = value.is_number_unsigned() && value.get<std::uint64_t>() > std::uint64_t{INT64_MAX};
  if (!value.is_number_integer()) wrong_type(key, "a whole number");
  const std::int64_t number = too_large ? INT64_MAX : value.get<std::int64_t>();
  if (number < min) fail(key, "must be at least " + base::format_number(min) + ", is " + shown(value));
  if (number > max) fail(key, "must be at most " + base::format_number(max) + ", is " + shown(value));
  return number;
}

std::int64_t Fields::integer_or(const std::string& key, std::int64_t fallback, std::int64_t min, std::int64_t max) {
  return has(key) ? integer(key, min, max) : fallback;
}

double Fields::number(const std::string& key, double min, double max) {
  const Json& value = required(key);
  if (!value.is_number()) wrong_type(key, "a number");
  const double number = value.get<double>();
  if (number < min) fail(key, "must be at least " + bound(min) + ", is " + shown(value));
  if (number > max) fail(key, "must be at most " + bound(max) + ", is " + shown(value));
  return number;
}

double Fields::number_or(const std::string& key, double fallback, double min, double max) {
  return has(key) ? number(key, min, max) : fallback;
}

base::Duration Fields::duration(const std::string& key) {
  const Json& value = required(key);
  const std::string wanted = "a duration with its unit, such as 90s, 1h30m or 250ms";
  if (!value.is_string()) wrong_type(key, wanted);
  const auto duration = base::parse_duration(value.get<std::string>());
  if (!duration) wrong_type(key, wanted);
  if (*duration < base::Duration::zero()) fail(key, "must not be negative, is " + shown(value));
  return *duration;
}

base::Duration Fields::duration_or(const std::string& key, base::Duration fallback) {
  return has(key) ? duration(key) : fallback;
}

base::Time Fields::time(const std::string& key) {
  const Json& value = required(key);
  const std::string wanted = "a time with its offset, such as \"2026-09-26T19:20:00+10:00\"";
  if (!value.is_string()) wrong_type(key, wanted);
  const auto time = base::parse_rfc3339(value.get<std::string>());
  if (!time) wrong_type(key, wanted);
  return *time;
}

double Fields::quantity(const std::string& key) {
  const Json& value = required(key);
  const std::string text = value.is_string() ? value.get<std::string>() : value.is_number() ? value.dump() : "";
  const auto quantity = kube::Quantity::parse(text);
  if (!quantity) wrong_type(key, "a quantity, such as 500m, 2 or 64Gi");
  if (quantity->as_double() < 0) fail(key, "must not be negative, is " + shown(value));
  return quantity->as_double();
}

double Fields::quantity_or(const std::string& key, double fallback) { return has(key) ? quantity(key) : fallback; }

Fields Fields::object(const std::string& key) { return Fields(shared_, child(key), required(key)); }

std::optional<Fields> Fields::object_if(const std::string& key) {
  if (!has(key)) return std::nullopt;
  return object(key);
}

std::vector<Fields> Fields::elements(const std::string& key, const Json& list) const {
  if (!list.is_array()) wrong_type(key, "a list");
  std::vector<Fields> out;
  for (std::size_t i = 0; i < list.size(); ++i) {
    out.push_back(Fields(shared_, child(key) + "/" + base::format_number(std::uint64_t{i}), list[i]));
  }
  return out;
}

std::vector<Fields> Fields::objects(const std::string& key) { return elements(key, required(key)); }

std::vector<Fields> Fields::objects_or_none(const std::string& key) {
  if (!has(key)) return {};
  return objects(key);
}

std::vector<std::string> Fields::texts_or_none(const std::string& key) {
  const Json* list = find(key);
  if (!list) return {};
  if (!list->is_array()) wrong_type(key, "a list of texts");
  std::vector<std::string> out;
  for (const Json& element : *list) {
    if (!element.is_string()) wrong_type(key, "a list of texts");
    out.push_back(element.get<std::string>());
  }
  return out;
}

const Json& Fields::raw(const std::string& key) { return required(key); }

struct Fields::Unknown {
  Position position;
  std::string pointer;
  std::string message;
};

// Puts the key into `first` that stands before it in the file, and is none of `known`.
template <class Keys>
void Fields::find_unknown(const Keys& known, std::optional<Unknown>& first) const {
  const Document& document = shared_->document;
  for (const auto& [key, value] : value_->items()) {
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    const auto found = document.keys.find(child(key));
    const Position position = found == document.keys.end() ? Position{} : found->second;
    if (first && std::pair(first->position.line, first->position.column) <= std::pair(position.line, position.column))
      continue;
    const std::vector<std::string> candidates(known.begin(), known.end());
    std::string help = suggestion(key, candidates);
    if (help.empty()) help = "; known here: " + listed(candidates);
    first = Unknown{position, child(key), "unknown key \"" + key + "\"" + help};
  }
}

void Fields::complain(const std::optional<Unknown>& first) const {
  if (first) fail_at(document().locate_key(first->pointer), first->message);
}

void Fields::check_unknown() const {
  if (shared_->strictness == Strictness::kLenient) return;
  std::optional<Unknown> first;
  for (const auto& [pointer, asked] : shared_->objects) {
    Fields(shared_, pointer, *asked.object).find_unknown(asked.keys, first);
  }
  complain(first);
}

void Fields::only(const std::vector<std::string>& known) const {
  if (shared_->strictness == Strictness::kLenient) return;
  std::optional<Unknown> first;
  find_unknown(known, first);
  complain(first);
}

}  // namespace config
