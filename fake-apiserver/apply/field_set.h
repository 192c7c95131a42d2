// A set of fields of a document, as metadata.managedFields holds them: who owns what, in the form FieldsV1.
//
// A tree of path elements: "f:spec" a member of an object, "k:{...}" an item of a list by its keys, "v:..." a member of
// a set, "i:0" an index. A node stands for the fields below it, and for itself only if it is a member. A value.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fakeapi {

class FieldSet {
 public:
  struct Child;

  FieldSet() = default;
  FieldSet(const FieldSet&);
  FieldSet(FieldSet&&) noexcept;
  FieldSet& operator=(const FieldSet&);
  FieldSet& operator=(FieldSet&&) noexcept;
  ~FieldSet();

  // From FieldsV1: {"f:spec": {"f:replicas": {}}}. Elements of a kind that we do not know are left out, as upstream
  // does; nullopt if it is no such document.
  static std::optional<FieldSet> parse(const nlohmann::json& fields_v1);
  // The set of one field, its path given element by element.
  static FieldSet of(std::initializer_list<std::string_view> path);
  nlohmann::json to_json() const;

  bool empty() const { return !member_ && children_.empty(); }
  bool is_member() const { return member_; }
  const std::vector<Child>& children() const { return children_; }
  // Null if nothing of it is in the set.
  const FieldSet* find(std::string_view element) const;
  bool has(std::initializer_list<std::string_view> path) const;

  void add() { member_ = true; }
  // Puts `below` under the element; does nothing if it is empty. REQUIRES: the element is not there yet.
  void put(std::string element, FieldSet below);
  // Without the element and all that is below it.
  void erase(std::string_view element);

  void unite(const FieldSet& other);
  // Takes away each field of `other`; what is below such a field stays.
  void subtract(const FieldSet& other);
  void intersect(const FieldSet& other);

  // ".spec.template.spec.containers[name=\"main\"].image": as messages write them. Fields before what is below others.
  std::vector<std::string> paths() const;

  bool operator==(const FieldSet& other) const;

 private:
  void collect(const std::string& prefix, std::vector<std::string>& paths) const;
  std::vector<Child>::iterator lower_bound(std::string_view element);
  void drop_empty_children();

  bool member_ = false;
  std::vector<Child> children_;  // sorted by element; none is empty
};

struct FieldSet::Child {
  std::string element;
  FieldSet fields;
  bool operator==(const Child&) const = default;
};

// Elements in their canonical spelling, by which they are compared.
std::string field_element(std::string_view name);
std::string key_element(const nlohmann::json& keys);     // an object
std::string value_element(const nlohmann::json& value);  // a scalar

// "[name=\"main\"]", ".spec": an element as messages write it.
std::string element_text(std::string_view element);

}  // namespace fakeapi
