// Reads an object of a Document field by field, strictly: types and units are checked, and a key that nobody asked for
// is an error that names the nearest known one.
//
//   auto options = config::read(document, [](config::Fields& root) {
//     Options o;
//     config::Fields spec = root.object("spec");
//     o.duration = spec.duration("duration");
//     if (o.duration <= 0s) spec.fail("duration", "must be positive");
//     o.seed = spec.integer_or("seed", 1, 0);
//     return o;
//   });
//
// Complaints travel as FieldError inside read(), which turns the first into a Result. Single-threaded.
#pragma once

#include <limits>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "common/base/time.h"
#include "common/config/document.h"

namespace config {

class FieldError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

enum class Strictness {
  kStrict,   // for files: unknown keys are errors
  kLenient,  // for API objects, which may be newer than we
};

class Fields {
 public:
  Fields(const Document& document, Strictness strictness);

  bool has(const std::string& key) const;  // present and not null; counts as asked for

  // A required field. Each complains if the key is missing or of another type.
  std::string text(const std::string& key);
  std::string text_or(const std::string& key, std::string fallback);
  // One of `allowed`; the complaint lists them and suggests the nearest.
  std::string choice(const std::string& key, const std::vector<std::string>& allowed);
  std::string choice_or(const std::string& key, const std::vector<std::string>& allowed, std::string fallback);
  bool boolean_or(const std::string& key, bool fallback);
  std::int64_t integer(const std::string& key, std::int64_t min, std::int64_t max = std::numeric_limits<int>::max());
  std::int64_t integer_or(const std::string& key, std::int64_t fallback, std::int64_t min,
                          std::int64_t max = std::numeric_limits<int>::max());
  double number(const std::string& key, double min, double max = std::numeric_limits<double>::max());
  double number_or(const std::string& key, double fallback, double min,
                   double max = std::numeric_limits<double>::max());
  // "90s", "1h30m" (a bare number is refused: no unit), not negative.
  base::Duration duration(const std::string& key);
  base::Duration duration_or(const std::string& key, base::Duration fallback);
  // RFC 3339 with Z or an offset.
  base::Time time(const std::string& key);
  // A Kubernetes quantity ("500m", "64Gi", 16) in units of 1, not negative.
  double quantity(const std::string& key);
  double quantity_or(const std::string& key, double fallback);

  // Nested objects share this one's document and error handling; their keys are checked when the whole read() ends.
  Fields object(const std::string& key);
  std::optional<Fields> object_if(const std::string& key);
  std::vector<Fields> objects(const std::string& key);  // required, may be empty
  std::vector<Fields> objects_or_none(const std::string& key);
  std::vector<std::string> texts_or_none(const std::string& key);
  const Json& raw(const std::string& key);  // required; nothing inside is checked
  void ignore(const std::string& key);      // known, but not read here

  // Throws "file:line:col: KEY MESSAGE" at the field's value (or at this object if it is absent).
  [[noreturn]] void fail(const std::string& key, const std::string& message) const;
  // The same about this object as a whole.
  [[noreturn]] void fail(const std::string& message) const;
  // "file:line:col" of a field, for complaints that are made later.
  std::string where(const std::string& key) const;

  const Json& value() const { return *value_; }
  const std::string& pointer() const { return pointer_; }
  const Document& document() const;

  // Complains about the first key in the file, of any object read through this reader's root, that nobody asked for.
  void check_unknown() const;
  // Complains about the first key of this object that is none of `known`. Called before required fields are read, a
  // misspelt one is told as such and not as missing.
  void only(const std::vector<std::string>& known) const;

 private:
  struct Shared;  // document, strictness, and for every object read so far the keys that were asked for
  Fields(std::shared_ptr<Shared> shared, std::string pointer, const Json& value);
  const Json& required(const std::string& key) const;
  const Json* find(const std::string& key) const;
  std::vector<Fields> elements(const std::string& key, const Json& list) const;
  [[noreturn]] void wrong_type(const std::string& key, const std::string& wanted) const;
  struct Unknown;
  template <class Keys>
  void find_unknown(const Keys& known, std::optional<Unknown>& first) const;
  void complain(const std::optional<Unknown>& first) const;
  [[noreturn]] void fail_at(const std::string& where, const std::string& message) const;
  std::string child(const std::string& key) const;

  std::shared_ptr<Shared> shared_;
  std::string pointer_;
  const Json* value_;
};

// Reads `document` with `reader(Fields&) -> T`; the first complaint becomes the error, code kInvalid.
template <class Reader>
auto read(const Document& document, Reader reader, Strictness strictness = Strictness::kStrict)
    -> base::Result<decltype(reader(std::declval<Fields&>()))> {
  try {
    Fields root(document, strictness);
    auto value = reader(root);
    root.check_unknown();
    return value;
  } catch (const FieldError& complaint) {
    return base::Error{base::ErrorCode::kInvalid, complaint.what()};
  }
}

}  // namespace config
