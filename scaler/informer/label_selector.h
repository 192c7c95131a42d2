// The text form of a label selector ("app=web,tier in (a,b),!canary"), as the scale subresource carries it.
//
// Immutable value.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace scaler {

class LabelSelector {
 public:
  // nullopt if the text is no selector; an empty text selects everything.
  static std::optional<LabelSelector> parse(std::string_view text);

  bool matches(const std::map<std::string, std::string>& labels) const;

  // The labels that all that it selects has, by key and value: what an index may look things up by.
  const std::vector<std::pair<std::string, std::string>>& equalities() const { return equalities_; }

 private:
  enum class Operator { kIn, kNotIn, kExists, kNotExists };
  struct Requirement {
    std::string key;
    Operator op = Operator::kExists;
    std::set<std::string> values;
  };
  static std::optional<Requirement> parse_requirement(std::string_view text);

  std::vector<Requirement> requirements_;  // all must hold
  std::vector<std::pair<std::string, std::string>> equalities_;
};

// By which objects of a namespace with one label are found.
std::string label_bucket(const std::string& ns, const std::string& label, const std::string& value);

}  // namespace scaler
