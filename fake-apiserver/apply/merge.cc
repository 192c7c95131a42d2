#include "fake-apiserver/apply/merge.h"

#include <algorithm>
#include <map>
#include <set>

#include "fake-apiserver/store/json_access.h"

namespace fakeapi {
namespace {

using nlohmann::json;

class Checker {
 public:
  explicit Checker(bool closed) : closed_(closed) {}

  void check(const json& value, ValueType type, const std::string& path) {
    if (value.is_null() || type.is_untyped()) return;
    const bool wants_object = type.is_object_type() || type.is_map_type();
    if (wants_object && !value.is_object()) return add(path, "expected map, got " + to_text(value));
    if (type.is_list_type() && !value.is_array()) return add(path, "expected list, got " + to_text(value));
    switch (type.form(value)) {
      case MergeForm::kObject:
      case MergeForm::kMap:
        for (const auto& [key, below] : value.items()) {
          if (closed_ && type.is_object_type() && !type.declares(key)) {
            add(path + "." + key, "field not declared in schema");
          } else {
            check(below, type.member(key), path + "." + key);
          }
        }
        return;
      case MergeForm::kWhole: return;
      default: check_list(value, type, path);
    }
  }

  std::vector<std::string> take() { return std::move(problems_); }

 private:
  void add(const std::string& path, const std::string& what) { problems_.push_back(path + ": " + what); }

  void check_list(const json& list, ValueType type, const std::string& path) {
    std::set<std::string> seen;
    for (std::size_t i = 0; i < list.size(); ++i) {
      const auto element = type.element_of(list[i]);
      if (!element) {
        add(path, "element " + std::to_string(i) + ": the item has no keys by which it could be told apart");
      } else if (!seen.insert(*element).second) {
        add(path, "duplicate entries for key " + element_text(*element));
      } else {
        check(list[i], type.item(), path + element_text(*element));
      }
    }
  }

  const bool closed_;
  std::vector<std::string> problems_;
};

// The items of a list by their elements; those that come twice, or have none, stay out of the map.
std::map<std::string, std::size_t> positions(const json& list, ValueType type) {
  std::map<std::string, std::size_t> found;
  std::set<std::string> twice;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const auto element = type.element_of(list[i]);
    if (element && !found.emplace(*element, i).second) twice.insert(*element);
  }
  for (const std::string& element : twice) found.erase(element);
  return found;
}

json merge_list(const json& live, const json& configuration, ValueType type) {
  const auto old_positions = positions(live, type);
  std::vector<std::string> elements;
  for (const json& item : configuration) elements.push_back(type.element_of(item).value_or(""));
  const std::set<std::string> wanted(elements.begin(), elements.end());
  json merged = json::array();
  std::size_t next = 0;  // the first live item that is not dealt with
  // Takes what only the live list has, up to the next item that both have, in the order of the configuration.
  const auto take_own = [&](std::size_t from) {
    const auto shared = std::find_if(elements.begin() + static_cast<std::ptrdiff_t>(from), elements.end(),
                                     [&](const std::string& element) { return old_positions.contains(element); });
    for (; next < live.size(); ++next) {
      const auto element = type.element_of(live[next]);
      if (!element || !wanted.contains(*element)) {
        merged.push_back(live[next]);
      } else if (shared != elements.end() && *element == *shared) {
        return;
      }
    }
  };
  for (std::size_t i = 0; i < configuration.size(); ++i) {
    take_own(i);
    const auto old = old_positions.find(elements[i]);
    const bool is_new = old == old_positions.end();
    merged.push_back(is_new ? configuration[i] : merge_configuration(live[old->second], configuration[i], type.item()));
  }
  take_own(elements.size());
  return merged;
}

// Nulls say that a field shall not be there.
json without_nulls(const json& value) {
  if (!value.is_object()) return value;
  json clean = json::object();
  for (const auto& [key, below] : value.items()) {
    if (!below.is_null()) clean[key] = without_nulls(below);
  }
  return clean;
}

}  // namespace

std::vector<std::string> configuration_problems(const json& configuration, ValueType type, bool closed) {
  Checker checker(closed);
  checker.check(configuration, type, "");
  return checker.take();
}

json merge_configuration(const json& live, const json& configuration, ValueType type) {
  const MergeForm form = type.form(configuration);
  if (form == MergeForm::kWhole || type.form(live) != form) return without_nulls(configuration);
  if (form == MergeForm::kByKey || form == MergeForm::kSet) return merge_list(live, configuration, type);
  json merged = live;
  for (const auto& [key, value] : configuration.items()) {
    if (value.is_null()) {
      merged.erase(key);
    } else {
      merged[key] = merge_configuration(member(live, key), value, type.member(key));
    }
  }
  return merged;
}

void prune(json& object, const FieldSet& last, const FieldSet& owned, ValueType type) {
  static const FieldSet kNothing;
  const MergeForm form = type.form(object);
  if (form == MergeForm::kWhole) return;
  const bool is_object = form == MergeForm::kObject || form == MergeForm::kMap;
  json kept = is_object ? json::object() : json::array();
  const auto visit = [&](const std::string& element, ValueType below_type, bool declared, json& value) {
    const FieldSet* was = last.find(element);
    if (!was) return true;
    const FieldSet* is = owned.find(element);
    const bool is_owned = is && (is->is_member() || declared);
    if ((was->is_member() || declared) && !is_owned) return false;
    const bool had_something = !value.empty();
    prune(value, *was, is ? *is : kNothing, below_type);
    return !had_something || !value.is_structured() || !value.empty();
  };
  if (is_object) {
    for (auto& [key, value] : object.items()) {
      if (visit(field_element(key), type.member(key), type.declares(key), value)) kept[key] = std::move(value);
    }
  } else {
    for (json& item : object) {
      const auto element = type.element_of(item);
      if (!element || visit(*element, type.item(), false, item)) kept.push_back(std::move(item));
    }
  }
  object = std::move(kept);
}

}  // namespace fakeapi
