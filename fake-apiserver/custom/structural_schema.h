// The schema of a version of a custom resource, read once from openAPIV3Schema: what fields there are, what they
// default to, and which values are right.
//
// Immutable once parsed; shared by the requests of its resource.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fake-apiserver/api/status.h"

namespace fakeapi {

// A regular expression of a schema, which matches anywhere in the text.
class Pattern {
 public:
  // Null if it does not compile.
  static std::shared_ptr<const Pattern> compile(const std::string& text);
  explicit Pattern(std::string text) : text_(std::move(text)) {}
  virtual ~Pattern() = default;

  // An expression that takes too long to decide on `value` does not match it.
  virtual bool matches(const std::string& value) const = 0;
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

enum class JsonType { kAny, kObject, kArray, kString, kInteger, kNumber, kBoolean };
enum class ListType { kAtomic, kSet, kMap };

struct SchemaNode {
  using Ptr = std::unique_ptr<const SchemaNode>;

  JsonType type = JsonType::kAny;
  std::string format;
  std::string description;
  bool nullable = false;
  bool int_or_string = false;
  bool preserve_unknown = false;
  bool embedded_resource = false;
  bool atomic_map = false;
  ListType list_type = ListType::kAtomic;
  std::vector<std::string> list_keys;
  std::optional<Json> default_value;

  std::map<std::string, Ptr, std::less<>> properties;
  Ptr items;
  Ptr additional;               // of the values of a map
  bool additional_any = false;  // a map of anything

  std::optional<Json> minimum, maximum, multiple_of;
  bool exclusive_minimum = false, exclusive_maximum = false;
  std::optional<std::size_t> min_length, max_length, min_items, max_items, min_properties, max_properties;
  bool unique_items = false;
  std::vector<Json> values;  // of an enum; empty: any
  std::shared_ptr<const Pattern> pattern;
  std::vector<std::string> required;
  std::vector<Ptr> all_of, any_of, one_of;
  Ptr negated;
};

struct ParsedSchema {
  SchemaNode::Ptr root;  // never null
  std::vector<FieldError> errors;
  bool has_expressions = false;  // x-kubernetes-validations, which are not evaluated
};

// `path` is where the schema stands in its definition; errors are named by it. A schema that is not structural is one
// with errors.
ParsedSchema parse_schema(const Json& schema, const std::string& path);

// `path` and what follows it, cut where it gets longer than anybody reads: paths are made for every value.
std::string bounded_path(const std::string& path, const std::string& step);

// Removes the fields that the schema does not know, and returns the paths of the first hundred ("spec.list[0].x"). The
// root's apiVersion, kind and metadata are everybody's.
std::vector<std::string> prune(const SchemaNode& root, Json& object);

// Fills in what is absent, and takes away nulls where null is no value.
void apply_schema_defaults(const SchemaNode& root, Json& object);

// What is wrong with `object`, in the words of a real server; no more than a hundred findings, or a megabyte.
std::vector<FieldError> validate(const SchemaNode& root, const Json& object);
// The same of a part, which stands at `path`.
void validate_at(const SchemaNode& node, const Json& value, const std::string& path, std::vector<FieldError>& errors);

// Whether the text has the format; formats that nobody knows are had by all.
bool has_format(std::string_view format, const std::string& text);

}  // namespace fakeapi
