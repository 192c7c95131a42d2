#include "fake-apiserver/daemon/manifest_complaints.h"

#include "common/base/number_format.h"
#include "fake-apiserver/schema/json_types.h"
#include "fake-apiserver/store/json_access.h"

namespace fakeapi {
namespace {

using config::Document;
using Json = nlohmann::json;

// The step of `path` that leads to `next`, with the rest behind it.
struct Step {
  std::string key;
  std::string rest;
};

// Keys of maps may have dots in them, so the longest that is there is meant.
Step step_into(const Json& object, const std::string& path) {
  std::string longest;
  for (const auto& [key, value] : object.items()) {
    const bool leads =
        path.starts_with(key) && (path.size() == key.size() || path[key.size()] == '.' || path[key.size()] == '[');
    if (leads && key.size() > longest.size()) longest = key;
  }
  if (longest.empty()) longest = path.substr(0, path.find_first_of(".["));
  return Step{longest, path.substr(longest.size())};
}

std::string escaped(const std::string& key) {
  std::string out;
  for (const char c : key) out += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
  return out;
}

// "spec.template.spec.containers[0].name" as a JSON pointer into `value`.
std::string pointer_of(const Json& value, const std::string& field) {
  const Json* at = &value;
  std::string pointer;
  std::string rest = field;
  while (!rest.empty()) {
    if (!pointer.empty() && rest.front() == '.') rest.erase(0, 1);
    if (rest.starts_with("[") && at->is_array()) {
      const std::size_t end = std::min(rest.find(']'), rest.size());
      const auto index = base::parse_int64(rest.substr(1, end - 1));
      rest.erase(0, end + 1);
      if (!index || *index < 0 || !at->is_array() || static_cast<std::size_t>(*index) >= at->size()) break;
      pointer += "/" + std::to_string(*index);
      at = &(*at)[static_cast<std::size_t>(*index)];
      continue;
    }
    Step step = step_into(at->is_object() ? *at : Json::object(), rest);
    if (step.key.empty()) break;
    pointer += "/" + escaped(step.key);
    at = &member(*at, step.key);
    rest = std::move(step.rest);
  }
  return pointer;
}

void add_names(const SchemaType& type, std::vector<std::string>& names) {
  for (const SchemaField& field : type.fields) {
    if (field.inlined && field.message) add_names(*field.message, names);
    if (!field.inlined) names.push_back(field.name);
  }
}

// The fields of the message that holds `pointer`; none if its type is not known.
std::vector<std::string> names_beside(const SchemaType* type, const std::string& pointer) {
  const Json::json_pointer way(pointer);
  std::vector<std::string> steps;
  for (Json::json_pointer at = way.parent_pointer(); !at.empty(); at.pop_back()) steps.push_back(at.back());
  bool inside = false;  // of a list or map, whose next step is an index or a key
  for (auto step = steps.rbegin(); type && step != steps.rend(); ++step) {
    if (std::exchange(inside, false)) continue;
    const SchemaField* field = type->field(*step);
    inside = field && field->shape != Shape::kSingle;
    type = field ? field->message : nullptr;
  }
  std::vector<std::string> names;
  if (type) add_names(*type, names);
  return names;
}

// What stands in `text` between `before` and `after`.
std::string between(const std::string& text, const std::string& before, const std::string& after) {
  const std::size_t begin = text.find(before);
  if (begin == std::string::npos) return "";
  const std::size_t from = begin + before.size();
  return text.substr(from, text.find(after, from) - from);
}

// Where a value of type `wanted` stands at `path`, which tells neither indices nor keys of maps; "" if nowhere.
std::string find_misfit(const Json& value, const std::string& path, const std::string& wanted) {
  if (path.empty() && json_type_name(value) == wanted) return "/";
  if (!value.is_structured()) return "";
  for (const auto& [key, inner] : value.items()) {
    const std::string name = path.substr(0, path.find('.'));
    const bool named = value.is_object() && key == name;
    const std::string rest = named ? path.substr(std::min(name.size() + 1, path.size())) : path;
    const std::string found = find_misfit(inner, rest, wanted);
    if (!found.empty()) return "/" + escaped(key) + (found == "/" ? "" : found);
  }
  return "";
}

base::Error unknown_field(const Document& document, const std::string& path, const SchemaType* type) {
  const std::string pointer = pointer_of(document.value, path);
  const std::string name = pointer.empty() ? "" : Json::json_pointer(pointer).back();
  // What is not found in the document is told at what is around it.
  const bool reached = !name.empty() && path.ends_with(name);
  const std::string meant = reached ? or_rather(name, names_beside(type, pointer)) : "";
  const std::string what = "unknown field \"" + path + "\"" + meant;
  return base::Error{base::ErrorCode::kInvalid, document.locate_key(pointer) + ": " + what};
}

}  // namespace

base::Error wrong(const Document& document, const std::string& pointer, const std::string& what) {
  return base::Error{base::ErrorCode::kInvalid, document.locate(pointer) + ": " + what};
}

std::string or_rather(const std::string& word, const std::vector<std::string>& candidates) {
  const std::string meant = config::did_you_mean(word, candidates);
  return meant.empty() ? "" : "; did you mean \"" + meant + "\"?";
}

base::Error refused(const Document& document, const http::Response& response, const SchemaType* type) {
  const Json status = Json::parse(response.body, nullptr, false);
  std::string message = status.is_object() ? text_at(status, {"message"}) : response.body;
  if (message.empty()) message = "HTTP " + std::to_string(response.status);
  const std::string unknown = between(message, "unknown field \"", "\"");
  if (!unknown.empty()) return unknown_field(document, unknown, type);
  const std::string misfit = between(message, "json: cannot unmarshal ", " into Go struct field ");
  if (!misfit.empty()) {
    const std::string field = between(message, " into Go struct field ", " of type ");
    return wrong(document, find_misfit(document.value, field.substr(field.find('.') + 1), misfit), message);
  }
  const Json& causes = at_path(status, {"details", "causes"});
  const std::string field = causes.is_array() && !causes.empty() ? text_at(causes[0], {"field"}) : "";
  return wrong(document, pointer_of(document.value, field), message);
}

}  // namespace fakeapi
