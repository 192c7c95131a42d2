// The JSON paths of printer columns and scales: fields, indices, wildcards and filters such as
// .status.conditions[?(@.type=="Ready")].status. Values; immutable once parsed.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fake-apiserver/store/object_store.h"

namespace fakeapi {

class JsonPath {
 public:
  // nullopt if it is no such path. It begins with a dot, which stands for the document.
  static std::optional<JsonPath> parse(std::string_view text);

  // What it leads to, in the order of the document.
  std::vector<const Json*> find(const Json& document) const;
  // The first of these, null if there is none.
  const Json* first(const Json& document) const;

  // The names of a path of plain fields, nullopt if there is anything else in it.
  std::optional<std::vector<std::string>> field_names() const;

 private:
  enum class StepKind { kField, kIndex, kSlice, kAll, kFilter };
  enum class Comparison { kExists, kEqual, kUnequal, kLess, kLessOrEqual, kGreater, kGreaterOrEqual };
  struct Step {
    StepKind kind = StepKind::kField;
    std::string name = {};
    std::optional<std::int64_t> from = {};  // the index
    std::optional<std::int64_t> to = {};
    std::vector<Step> inner = {};  // of a filter: the path from the item
    Comparison comparison = Comparison::kExists;
    Json literal = {};
  };
  class Parser;

  static void follow(const std::vector<Step>& steps, std::size_t at, const Json& value,
                     std::vector<const Json*>& found);
  static void follow_items(const std::vector<Step>& steps, std::size_t at, const Json& value,
                           std::vector<const Json*>& found);
  static bool holds(const Step& filter, const Json& item);

  std::vector<Step> steps_;
};

}  // namespace fakeapi
