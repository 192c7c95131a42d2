// What is wrong with the fields of an object, in the API's words. Plain values; single-threaded.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "fake-apiserver/api/status.h"
#include "fake-apiserver/store/json_access.h"

namespace fakeapi {

// Where a field is. A chain of references to what is on the stack: text is only made for a field that is wrong.
// REQUIRES: the parent outlives it, so a chain of "/" is for one expression, unless each link has a name.
class FieldPath {
 public:
  explicit FieldPath(std::string_view root) : name_(root) {}

  FieldPath operator/(std::string_view child) const { return FieldPath(this, child, kChild, 0); }
  FieldPath operator[](std::size_t index) const { return FieldPath(this, {}, kIndex, index); }
  FieldPath key(std::string_view key) const { return FieldPath(this, key, kKey, 0); }

  // "spec.containers[0].resources.limits[cpu]".
  std::string text() const;

 private:
  enum Kind { kRoot, kChild, kIndex, kKey };
  FieldPath(const FieldPath* parent, std::string_view name, Kind kind, std::size_t index)
      : parent_(parent), name_(name), kind_(kind), index_(index) {}

  const FieldPath* parent_ = nullptr;
  std::string_view name_;
  Kind kind_ = kRoot;
  std::size_t index_ = 0;
};

class Problems {
 public:
  using Choices = std::initializer_list<std::string_view>;

  void required(const FieldPath& path, std::string_view detail = "");
  void invalid(const FieldPath& path, const Json& value, std::string_view detail);
  void forbidden(const FieldPath& path, std::string_view detail);
  void duplicate(const FieldPath& path, const Json& value);
  void not_found(const FieldPath& path, const Json& value);
  void not_supported(const FieldPath& path, const Json& value, Choices choices);
  void too_long(const FieldPath& path, std::size_t most_bytes);
  // Of an integer that is set.
  void check_not_negative(const FieldPath& path, const Json& value);
  void check_range(const FieldPath& path, const Json& value, std::int64_t least, std::int64_t most);
  // Not one of `choices`; what is absent counts as wrong too.
  void check_choice(const FieldPath& path, const Json& value, Choices choices);
  // Each text of a list of reasons why `value` is no good.
  void invalid_all(const FieldPath& path, const Json& value, const std::vector<std::string>& details);

  bool empty() const { return errors_.empty(); }
  const std::vector<FieldError>& errors() const { return errors_; }

 private:
  void add(const FieldPath& path, const char* reason, std::string message);

  std::vector<FieldError> errors_;
};

// The objects of a list, with their indices; what is no list has none.
template <class Visit>
void for_each_item(const Json& list, const Visit& visit) {
  if (!list.is_array()) return;
  for (std::size_t i = 0; i < list.size(); ++i) visit(list[i], i);
}

// A text or number that is absent, empty or zero, as a type without pointers sees it.
inline bool is_unset(const Json& value) {
  return value.is_null() || (value.is_string() && value.get_ref<const std::string&>().empty()) ||
         (value.is_number_integer() && value == 0);
}

// The text in place, "" if there is none; no copy.
std::string_view view_of(const Json& value);
inline std::string_view view_at(const Json& object, std::string_view key) { return view_of(member(object, key)); }

inline constexpr const char* kImmutable = "field is immutable";
inline constexpr const char* kNotNegative = "must be greater than or equal to 0";

}  // namespace fakeapi
