#include "fake-apiserver/api/strategic_merge.h"

#include <map>
#include <optional>
#include <set>

#include "fake-apiserver/store/json_access.h"

namespace fakeapi {
namespace {

constexpr std::string_view kPatch = "$patch";
constexpr std::string_view kRetainKeys = "$retainKeys";
constexpr std::string_view kOrder = "$setElementOrder/";
constexpr std::string_view kDelete = "$deleteFromPrimitiveList/";

// How a list is merged; without a rule it is replaced.
struct ListRule {
  std::string key;  // of the items; empty for a set of scalars
};

// Of a field as its type declares it, which may be unknown.
std::optional<ListRule> list_rule(const SchemaField* field) {
  if (!field || field->shape != Shape::kList) return std::nullopt;
  if (!field->patch_merge_key.empty()) return ListRule{field->patch_merge_key};
  // Of the sets of scalars, strategic merge knows these two; the others it replaces.
  const bool merges = field->merge == MergeRule::kSet && (field->name == "finalizers" || field->name == "podCIDRs");
  return merges ? std::optional(ListRule{""}) : std::nullopt;
}

const SchemaField* field_of(const SchemaType* type, std::string_view name) {
  return type ? type->field(name) : nullptr;
}

// The type of the objects in a field: of itself or of its items. Entries of maps are replaced by no other rule.
const SchemaType* type_in(const SchemaField* field) {
  return field && field->shape != Shape::kMap ? field->message : nullptr;
}

bool is_directive(std::string_view key) {
  return key == kPatch || key == kRetainKeys || key.starts_with(kOrder) || key.starts_with(kDelete);
}

// What a patch means where there is nothing to merge it into.
Json without_directives(const Json& patch) {
  if (patch.is_object()) {
    Json clean = Json::object();
    for (const auto& [key, value] : patch.items()) {
      if (!is_directive(key) && !value.is_null()) clean[key] = without_directives(value);
    }
    return clean;
  }
  if (!patch.is_array()) return patch;
  Json clean = Json::array();
  for (const Json& item : patch) {
    if (text_at(item, {kPatch}) != "delete") clean.push_back(without_directives(item));
  }
  return clean;
}

// Where the items of a list stand. Two items are the same one if their keys are equal, or, of scalars, they themselves;
// keys need not be unique: a port may be TCP and UDP.
class Positions {
 public:
  Positions(const Json& list, const ListRule& rule) : rule_(rule) {
    if (!list.is_array()) return;
    for (std::size_t i = 0; i < list.size(); ++i) add(list[i], i);
  }

  void add(const Json& item, std::size_t at) {
    if (const Json& key = key_of(item); !key.is_null() || rule_.key.empty()) places_[key].push_back(at);
  }
  std::optional<std::size_t> first(const Json& item) const {
    const auto found = places_.find(key_of(item));
    return found == places_.end() ? std::nullopt : std::optional(found->second.front());
  }
  // Forgets the items, and says where they were.
  std::vector<std::size_t> take(const Json& item) {
    const auto taken = places_.extract(key_of(item));
    return taken ? taken.mapped() : std::vector<std::size_t>();
  }

 private:
  const Json& key_of(const Json& item) const { return rule_.key.empty() ? item : member(item, rule_.key); }

  const ListRule& rule_;
  std::map<Json, std::vector<std::size_t>> places_;
};

// Puts a merged list in order: what `wanted` names stands in its order, the rest in the order of `before`; where the
// two meet, an item that only the server knows keeps its place before those that followed it.
void put_in_order(Json& merged, const Json& wanted, const Positions& before, const ListRule& rule) {
  const Positions order(wanted, rule);
  std::vector<std::vector<Json>> named(wanted.size());
  std::vector<Json> others;
  for (Json& item : merged) {
    if (const auto at = order.first(item)) {
      named[*at].push_back(std::move(item));
    } else {
      others.push_back(std::move(item));
    }
  }
  Json ordered = Json::array();
  std::size_t next = 0;
  const auto comes_first = [&](const Json& other, const Json& item) {
    const auto a = before.first(other);
    const auto b = before.first(item);
    return a && b && *a < *b;
  };
  for (std::vector<Json>& items : named) {
    for (Json& item : items) {
      while (next < others.size() && comes_first(others[next], item)) ordered.push_back(std::move(others[next++]));
      ordered.push_back(std::move(item));
    }
  }
  while (next < others.size()) ordered.push_back(std::move(others[next++]));
  merged = std::move(ordered);
}

class Merger {
 public:
  // Empty if all went well, else what is wrong.
  static std::string merge_map(Json& target, const Json& patch, const SchemaType* type) {
    const std::string directive = text_at(patch, {kPatch});
    if (directive == "delete") {
      target = Json::object();
      return "";
    }
    if (directive == "replace") {
      target = without_directives(patch);
      return "";
    }
    if (!directive.empty() && directive != "merge") return "unknown $patch directive " + directive;
    if (!target.is_object()) target = Json::object();
    retain_keys(target, patch);
    for (const auto& [key, value] : patch.items()) {
      if (is_directive(key)) continue;
      std::string wrong = merge_field(target, key, value, patch, field_of(type, key));
      if (!wrong.empty()) return wrong;
    }
    return merge_lists_without_values(target, patch, type);
  }

 private:
  static void retain_keys(Json& target, const Json& patch) {
    const Json& keys = member(patch, kRetainKeys);
    if (!keys.is_array()) return;
    const std::set<Json> retained(keys.begin(), keys.end());
    for (auto it = target.begin(); it != target.end();) {
      it = retained.contains(Json(it.key())) ? std::next(it) : target.erase(it);
    }
  }

  static std::string merge_field(Json& target, const std::string& key, const Json& value, const Json& patch,
                                 const SchemaField* field) {
    if (value.is_null()) {
      target.erase(key);
      return "";
    }
    if (!target.contains(key) || target[key].is_null()) {
      target[key] = without_directives(value);
      return "";
    }
    if (value.is_object() && target[key].is_object() && !(field && field->patch_replace)) {
      return merge_map(target[key], value, type_in(field));
    }
    const auto rule = value.is_array() && target[key].is_array() ? list_rule(field) : std::nullopt;
    if (!rule) {
      target[key] = without_directives(value);
      return "";
    }
    return merge_list(target[key], value, *rule, *field, member(patch, std::string(kOrder) + key),
                      member(patch, std::string(kDelete) + key));
  }

  // Orders and deletions of lists for which the patch has no items.
  static std::string merge_lists_without_values(Json& target, const Json& patch, const SchemaType* type) {
    for (const auto& [directive, value] : patch.items()) {
      const bool orders = directive.starts_with(kOrder);
      if (!orders && !directive.starts_with(kDelete)) continue;
      if (!value.is_array()) return directive + " must be a list";
      const std::string key = directive.substr(orders ? kOrder.size() : kDelete.size());
      if (patch.contains(key) || !member(target, key).is_array()) continue;
      const SchemaField* field = field_of(type, key);
      const auto rule = list_rule(field);
      if (!rule) continue;
      const Json nothing = Json::array();
      const Json none;
      const std::string wrong = orders ? merge_list(target[key], nothing, *rule, *field, value, none)
                                       : merge_list(target[key], nothing, *rule, *field, none, value);
      if (!wrong.empty()) return wrong;
    }
    return "";
  }

  static std::string merge_list(Json& target, const Json& patch, const ListRule& rule, const SchemaField& field,
                                const Json& order, const Json& deletions) {
    const Positions before(target, rule);
    if (deletions.is_array()) {
      const Positions deleted(deletions, rule);
      Json kept = Json::array();
      for (Json& item : target) {
        if (!deleted.first(item)) kept.push_back(std::move(item));
      }
      target = std::move(kept);
    }
    for (const Json& item : patch) {
      if (text_at(item, {kPatch}) == "replace") {
        target = Json::array();
        for (const Json& other : patch) {
          if (!other.contains(kPatch)) target.push_back(without_directives(other));
        }
        return "";
      }
    }
    if (std::string wrong = merge_items(target, patch, rule, field); !wrong.empty()) return wrong;
    // An order names items by their keys alone; without one, the patch itself is the order.
    put_in_order(target, order.is_array() ? order : patch, before, rule);
    return "";
  }

  static std::string merge_items(Json& target, const Json& patch, const ListRule& rule, const SchemaField& field) {
    Positions places(target, rule);
    std::vector<bool> gone(target.size());
    for (const Json& item : patch) {
      if (!rule.key.empty() && member(item, rule.key).is_null()) {
        return "an item of " + field.name + " has no " + rule.key + ", by which the list is merged";
      }
      if (text_at(item, {kPatch}) == "delete") {
        for (const std::size_t at : places.take(item)) gone[at] = true;
      } else if (const auto found = places.first(item); !found) {
        places.add(item, target.size());
        target.push_back(without_directives(item));
        gone.push_back(false);
      } else if (!rule.key.empty()) {
        if (std::string wrong = merge_map(target[*found], item, type_in(&field)); !wrong.empty()) return wrong;
      }
    }
    Json kept = Json::array();
    for (std::size_t i = 0; i < target.size(); ++i) {
      if (!gone[i]) kept.push_back(std::move(target[i]));
    }
    target = std::move(kept);
    return "";
  }
};

}  // namespace

ApiResult<> apply_strategic_merge(Json& target, const Json& patch, const SchemaType* type) {
  const std::string wrong = Merger::merge_map(target, patch, type);
  if (!wrong.empty()) return bad_request(wrong);
  return {};
}

}  // namespace fakeapi
