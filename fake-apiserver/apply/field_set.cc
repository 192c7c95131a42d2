#include "fake-apiserver/apply/field_set.h"

#include <algorithm>

#include "common/base/number_format.h"
#include "fake-apiserver/store/json_access.h"

namespace fakeapi {
namespace {

using nlohmann::json;

// Keys and values are scalars; deeper ones would cost a stack to write.
bool is_flat(const json& value, bool keys) {
  if (!keys) return !value.is_structured();
  return value.is_object() && std::none_of(value.begin(), value.end(), [](const json& v) { return v.is_structured(); });
}

// The canonical spelling of an element that a client wrote; "" for one that we do not know, nullopt for a broken one.
std::optional<std::string> canonical(const std::string& element) {
  if (element.size() < 2 || element[1] != ':') return std::nullopt;
  const std::string_view text = std::string_view(element).substr(2);
  switch (element[0]) {
    case 'f': return element;
    case 'i': return base::parse_int64(text) ? std::optional(element) : std::nullopt;
    case 'k':
    case 'v': {
      const json value = json::parse(text, nullptr, false);
      if (value.is_discarded() || !is_flat(value, element[0] == 'k')) return std::nullopt;
      return element[0] == 'k' ? key_element(value) : value_element(value);
    }
    default: return "";
  }
}

}  // namespace

FieldSet::FieldSet(const FieldSet&) = default;
FieldSet::FieldSet(FieldSet&&) noexcept = default;
FieldSet& FieldSet::operator=(const FieldSet&) = default;
FieldSet& FieldSet::operator=(FieldSet&&) noexcept = default;
FieldSet::~FieldSet() = default;

std::optional<FieldSet> FieldSet::parse(const json& fields_v1) {
  if (!fields_v1.is_object()) return std::nullopt;
  FieldSet set;
  for (const auto& [key, value] : fields_v1.items()) {
    if (key == ".") {
      set.add();
      continue;
    }
    auto element = canonical(key);
    auto below = parse(value);
    if (!element || !below) return std::nullopt;
    if (element->empty()) continue;
    if (value.empty()) below->add();
    const auto at = set.lower_bound(*element);
    if (at != set.children_.end() && at->element == *element) {
      at->fields.unite(*below);
    } else {
      set.put(std::move(*element), std::move(*below));
    }
  }
  return set;
}

FieldSet FieldSet::of(std::initializer_list<std::string_view> path) {
  FieldSet set;
  set.add();
  for (auto element = std::rbegin(path); element != std::rend(path); ++element) {
    FieldSet above;
    above.put(std::string(*element), std::move(set));
    set = std::move(above);
  }
  return set;
}

json FieldSet::to_json() const {
  json::object_t fields;
  if (member_ && !children_.empty()) fields["."] = json::object();
  for (const Child& child : children_) fields.emplace_hint(fields.end(), child.element, child.fields.to_json());
  return fields;
}

const FieldSet* FieldSet::find(std::string_view element) const {
  const auto at = std::lower_bound(children_.begin(), children_.end(), element,
                                   [](const Child& child, std::string_view e) { return child.element < e; });
  return at != children_.end() && at->element == element ? &at->fields : nullptr;
}

bool FieldSet::has(std::initializer_list<std::string_view> path) const {
  const FieldSet* set = this;
  for (const std::string_view element : path) {
    set = set->find(element);
    if (!set) return false;
  }
  return set->member_;
}

void FieldSet::put(std::string element, FieldSet below) {
  if (below.empty()) return;
  const bool last = children_.empty() || children_.back().element < element;
  const auto at = last ? children_.end() : lower_bound(element);
  children_.insert(at, Child{std::move(element), std::move(below)});
}

void FieldSet::erase(std::string_view element) {
  const auto at = lower_bound(element);
  if (at != children_.end() && at->element == element) children_.erase(at);
}

void FieldSet::unite(const FieldSet& other) {
  member_ = member_ || other.member_;
  for (const Child& child : other.children_) {
    const auto at = lower_bound(child.element);
    if (at != children_.end() && at->element == child.element) {
      at->fields.unite(child.fields);
    } else {
      children_.insert(at, child);
    }
  }
}

void FieldSet::subtract(const FieldSet& other) {
  if (other.member_) member_ = false;
  for (Child& child : children_) {
    if (const FieldSet* below = other.find(child.element)) child.fields.subtract(*below);
  }
  drop_empty_children();
}

void FieldSet::intersect(const FieldSet& other) {
  member_ = member_ && other.member_;
  for (Child& child : children_) {
    const FieldSet* below = other.find(child.element);
    if (below) {
      child.fields.intersect(*below);
    } else {
      child.fields = FieldSet();
    }
  }
  drop_empty_children();
}

std::vector<std::string> FieldSet::paths() const {
  std::vector<std::string> paths;
  collect("", paths);
  return paths;
}

void FieldSet::collect(const std::string& prefix, std::vector<std::string>& paths) const {
  for (const Child& child : children_) {
    if (child.fields.member_) paths.push_back(prefix + element_text(child.element));
  }
  for (const Child& child : children_) child.fields.collect(prefix + element_text(child.element), paths);
}

bool FieldSet::operator==(const FieldSet& other) const {
  return member_ == other.member_ && children_ == other.children_;
}

std::vector<FieldSet::Child>::iterator FieldSet::lower_bound(std::string_view element) {
  return std::lower_bound(children_.begin(), children_.end(), element,
                          [](const Child& child, std::string_view e) { return child.element < e; });
}

void FieldSet::drop_empty_children() {
  std::erase_if(children_, [](const Child& child) { return child.fields.empty(); });
}

std::string field_element(std::string_view name) { return "f:" + std::string(name); }
std::string key_element(const json& keys) { return "k:" + to_text(keys); }
std::string value_element(const json& value) { return "v:" + to_text(value); }

std::string element_text(std::string_view element) {
  const std::string_view text = element.substr(2);
  switch (element[0]) {
    case 'f': return "." + std::string(text);
    case 'i': return "[" + std::string(text) + "]";
    case 'v': return "[=" + std::string(text) + "]";
    default: break;
  }
  const json keys = json::parse(text, nullptr, false);
  std::string list;
  for (const auto& [key, value] : keys.items()) list += (list.empty() ? "" : ",") + key + "=" + to_text(value);
  return "[" + list + "]";
}

}  // namespace fakeapi
