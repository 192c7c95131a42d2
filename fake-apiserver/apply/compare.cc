#include "fake-apiserver/apply/compare.h"

#include <map>

#include "fake-apiserver/store/json_access.h"

namespace fakeapi {
namespace {

using nlohmann::json;

// Items of a list under their elements; more than one where they cannot be told apart.
using Items = std::map<std::string, std::vector<const json*>>;

// nullopt if there is an item without an element.
std::optional<Items> items_of(const json& list, ValueType type) {
  Items items;
  if (!list.is_array()) return items;
  for (const json& item : list) {
    auto element = type.element_of(item);
    if (!element) return std::nullopt;
    items[std::move(*element)].push_back(&item);
  }
  return items;
}

class Comparer {
 public:
  static Difference compare(const json& before, const json& after, ValueType type, bool inside_new = false) {
    Difference out;
    if (before == after) return out;
    // The object that is always there has been there before, empty, if what it stands in has.
    const bool stays = type.is_always_there() && !inside_new;
    const MergeForm form = type.form(after.is_null() ? before : after);
    const bool same_form = before.is_null() || after.is_null() || type.form(before) == form;
    const bool nothing_below = (before.is_null() || before.empty()) && (after.is_null() || after.empty());
    if (form == MergeForm::kWhole || nothing_below || !same_form) {
      leaf(before, after, stays, out);
      return out;
    }
    switch (form) {
      case MergeForm::kObject:
      case MergeForm::kMap: members(before, after, type, stays, out); break;
      default:
        if (!items(before, after, type, out)) {
          out = Difference();
          leaf(before, after, stays, out);
          return out;
        }
    }
    if (before.is_null() && !stays) out.added.add();
    if (after.is_null() && !stays) out.removed.add();
    return out;
  }

 private:
  static void leaf(const json& before, const json& after, bool stays, Difference& out) {
    if (stays && (before.is_null() || before.empty()) && (after.is_null() || after.empty())) return;
    if (before.is_null()) {
      out.added.add();
    } else if (after.is_null()) {
      out.removed.add();
    } else if (before != after) {
      out.modified.add();
    }
  }

  static void put(std::string element, Difference below, Difference& out) {
    if (below.empty()) return;
    out.added.put(element, std::move(below.added));
    out.removed.put(element, std::move(below.removed));
    out.modified.put(std::move(element), std::move(below.modified));
  }

  static void members(const json& before, const json& after, ValueType type, bool stays, Difference& out) {
    const json& old_members = before.is_null() ? kEmpty : before;
    const json& new_members = after.is_null() ? kEmpty : after;
    const bool new_or_gone = (before.is_null() || after.is_null()) && !stays;
    auto a = old_members.begin();
    auto b = new_members.begin();
    while (a != old_members.end() || b != new_members.end()) {
      const bool has_a = a != old_members.end() && (b == new_members.end() || a.key() <= b.key());
      const bool has_b = b != new_members.end() && (a == old_members.end() || b.key() <= a.key());
      const std::string& key = has_a ? a.key() : b.key();
      put(field_element(key), compare(has_a ? *a : kNull, has_b ? *b : kNull, type.member(key), new_or_gone), out);
      if (has_a) ++a;
      if (has_b) ++b;
    }
  }

  static bool items(const json& before, const json& after, ValueType type, Difference& out) {
    auto old_items = items_of(before, type);
    auto new_items = items_of(after, type);
    if (!old_items || !new_items) return false;
    for (const auto& [element, values] : *new_items) old_items->try_emplace(element);
    for (const auto& [element, olds] : *old_items) {
      const auto found = new_items->find(element);
      const std::vector<const json*> none;
      put(element, item(olds, found == new_items->end() ? none : found->second, type), out);
    }
    return true;
  }

  // Items that cannot be told apart are owned together.
  static Difference item(const std::vector<const json*>& olds, const std::vector<const json*>& news, ValueType type) {
    Difference out;
    if (olds.size() <= 1 && news.size() <= 1) {
      return compare(olds.empty() ? kNull : *olds[0], news.empty() ? kNull : *news[0], type.item(), true);
    }
    if (olds.size() >= 2 && news.size() >= 2) {
      const auto same = [](const json* a, const json* b) { return *a == *b; };
      if (!std::equal(olds.begin(), olds.end(), news.begin(), news.end(), same)) out.modified.add();
    } else if (olds.size() >= 2) {
      if (!news.empty()) out = compare(kNull, *news[0], type.item(), true);
      out.removed.add();
    } else {
      if (!olds.empty()) out = compare(*olds[0], kNull, type.item(), true);
      out.added.add();
    }
    return out;
  }

  static const json kNull;
  static const json kEmpty;
};

// As Comparer, for what was nothing before: without the sets, which creations, the most frequent of writes, can do
// without.
class Creation {
 public:
  // Whether a field was added at all; `fields` gets FieldsV1.
  static bool collect(const json& value, ValueType type, bool inside_new, json& fields) {
    if (value.is_null()) return false;
    const bool stays = type.is_always_there() && !inside_new;
    if (value.empty()) return !stays;
    json::object_t below;
    switch (type.form(value)) {
      case MergeForm::kWhole: return true;
      case MergeForm::kObject:
      case MergeForm::kMap: members(value, type, !stays, below); break;
      default:
        if (!items(value, type, below)) return true;
    }
    if (stays && below.empty()) return false;
    if (!stays && !below.empty()) below.try_emplace(".", json::value_t::object);
    fields = std::move(below);
    return true;
  }

  static void members(const json& value, ValueType type, bool inside_new, json::object_t& fields) {
    for (const auto& [key, member] : value.get_ref<const json::object_t&>()) {
      json below(json::value_t::object);
      if (collect(member, type.member(key), inside_new, below)) {
        fields.emplace_hint(fields.end(), field_element(key), std::move(below));
      }
    }
  }

 private:
  static bool items(const json& list, ValueType type, json::object_t& fields) {
    const auto items = items_of(list, type);
    if (!items) return false;
    for (const auto& [element, values] : *items) {
      json below(json::value_t::object);
      const bool is_told_apart = values.size() == 1;
      if (!is_told_apart || collect(*values[0], type.item(), true, below)) {
        fields.emplace_hint(fields.end(), element, std::move(below));
      }
    }
    return true;
  }
};

const json Comparer::kNull;
const json Comparer::kEmpty = json::object();

}  // namespace

FieldSet fields_of(const json& value, ValueType type) {
  FieldSet set;
  switch (type.form(value)) {
    case MergeForm::kWhole: set.add(); return set;
    case MergeForm::kObject:
    case MergeForm::kMap:
      for (const auto& [key, below] : value.items()) {
        FieldSet fields = fields_of(below, type.member(key));
        const bool nothing_below = below.is_null() || (below.is_object() && below.empty());
        if (nothing_below || !type.declares(key)) fields.add();
        set.put(field_element(key), std::move(fields));
      }
      return set;
    default: break;
  }
  for (const json& item : value) {
    auto element = type.element_of(item);
    if (!element || set.find(*element)) continue;
    FieldSet fields = fields_of(item, type.item());
    fields.add();
    set.put(std::move(*element), std::move(fields));
  }
  return set;
}

FieldSet Difference::written() const {
  FieldSet set = added;
  set.unite(modified);
  return set;
}

json fields_created(const json& object, ValueType type) {
  json::object_t fields;
  if (object.is_object()) Creation::members(object, type, false, fields);
  return json(std::move(fields));
}

Difference compare(const json& before, const json& after, ValueType type) {
  return Comparer::compare(before, after, type);
}

}  // namespace fakeapi
