#include "scaler/policy/hpa/field_problem.h"

#include <optional>

#include "common/base/number_format.h"

namespace scaler {
namespace {

// A part of a JSON pointer.
std::string unescaped(std::string_view part) {
  std::string text;
  for (std::size_t i = 0; i < part.size(); ++i) {
    if (part[i] == '~' && i + 1 < part.size()) {
      text += part[++i] == '0' ? '~' : '/';
    } else {
      text += part[i];
    }
  }
  return text;
}

}  // namespace

FieldPath FieldPath::of_pointer(std::string_view pointer) {
  std::optional<FieldPath> path;
  while (!pointer.empty()) {
    pointer.remove_prefix(1);
    const std::string_view part = pointer.substr(0, pointer.find('/'));
    pointer.remove_prefix(part.size());
    const auto number = base::parse_int64(part);
    if (!path) {
      path = FieldPath(part);
    } else {
      path = number ? path->index(static_cast<std::size_t>(*number)) : path->child(unescaped(part));
    }
  }
  return path ? *path : FieldPath("");
}

FieldPath FieldPath::child(std::string_view key) const {
  FieldPath path = *this;
  path.field_ += "." + std::string(key);
  path.pointer_ += '/';
  for (const char c : key) path.pointer_ += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
  return path;
}

FieldPath FieldPath::index(std::size_t i) const {
  FieldPath path = *this;
  const std::string number = base::format_number(std::uint64_t{i});
  path.field_ += "[" + number + "]";
  path.pointer_ += "/" + number;
  return path;
}

std::string annotation_pointer(std::string_view key) {
  return FieldPath("metadata").child("annotations").child(key).pointer();
}

std::string FieldProblem::message() const {
  const std::string reason = detail.empty() ? "" : ": " + detail;
  switch (type) {
    case Type::kRequired: return "Required value" + reason;
    case Type::kForbidden: return "Forbidden" + reason;
    case Type::kInvalid: return "Invalid value: " + bad_value + reason;
    case Type::kNotSupported: break;
  }
  std::string list;
  for (const std::string& value : supported) list += (list.empty() ? "\"" : ", \"") + value + "\"";
  return "Unsupported value: " + bad_value + ": supported values: " + list;
}

const char* to_string(FieldProblem::Type type) {
  switch (type) {
    case FieldProblem::Type::kRequired: return "Required";
    case FieldProblem::Type::kInvalid: return "Invalid";
    case FieldProblem::Type::kNotSupported: return "NotSupported";
    case FieldProblem::Type::kForbidden: return "Forbidden";
  }
  return "";
}

}  // namespace scaler
