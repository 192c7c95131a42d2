// What is wrong with a field of an API object, as the API server says it.
//
// Plain values.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace scaler {

// Where a field is: "spec.metrics[0].type" for people, "/spec/metrics/0/type" (a JSON pointer) for its place in a file.
class FieldPath {
 public:
  explicit FieldPath(std::string_view root) : field_(root), pointer_("/" + std::string(root)) {}
  // Of a JSON pointer with at least one part.
  static FieldPath of_pointer(std::string_view pointer);
  FieldPath child(std::string_view key) const;
  FieldPath index(std::size_t i) const;
  const std::string& field() const { return field_; }
  const std::string& pointer() const { return pointer_; }

 private:
  std::string field_;
  std::string pointer_;
};

// The JSON pointer of an annotation in an object: "/metadata/annotations/example.com~1paused".
std::string annotation_pointer(std::string_view key);

struct FieldProblem {
  enum class Type { kRequired, kInvalid, kNotSupported, kForbidden };
  Type type = Type::kInvalid;
  FieldPath path;
  std::string bad_value{};               // as JSON; empty for kRequired and kForbidden
  std::string detail{};                  // what is wanted; may be empty
  std::vector<std::string> supported{};  // of kNotSupported

  // "Invalid value: 0: must be greater than 0", "Required value", "Unsupported value: \"x\": supported values: \"y\"".
  std::string message() const;
  // "spec.maxReplicas: Invalid value: …".
  std::string text() const { return path.field() + ": " + message(); }
};

using FieldProblems = std::vector<FieldProblem>;

// "Required", "Invalid", "NotSupported", "Forbidden": upstream's FieldValue… without that prefix.
const char* to_string(FieldProblem::Type type);

}  // namespace scaler
