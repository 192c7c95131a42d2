#include "fake-apiserver/controllers/requirements.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "common/base/number_format.h"
#include "fake-apiserver/controllers/object_fields.h"

namespace fakeapi {

void Requirements::add(const Json& expression) {
  constexpr std::array<std::pair<const char*, Operator>, 6> kOperators = {{{"In", Operator::kIn},
                                                                           {"NotIn", Operator::kNotIn},
                                                                           {"Exists", Operator::kExists},
                                                                           {"DoesNotExist", Operator::kAbsent},
                                                                           {"Gt", Operator::kGreater},
                                                                           {"Lt", Operator::kLess}}};
  const std::string op = text_at(expression, {"operator"});
  const auto found = std::find_if(kOperators.begin(), kOperators.end(), [&](const auto& k) { return op == k.first; });
  if (found == kOperators.end()) {
    never_ = true;
    return;
  }
  Condition condition{.key = text_at(expression, {"key"}), .op = found->second, .values = {}};
  const Json* values = field_at(expression, {"values"});
  if (values && values->is_array()) {
    for (const Json& value : *values) {
      if (value.is_string()) condition.values.push_back(value.get<std::string>());
    }
  }
  conditions_.push_back(std::move(condition));
}

Requirements Requirements::of_expressions(const Json* expressions) {
  Requirements requirements;
  if (!expressions) return requirements;
  if (!expressions->is_array()) {
    requirements.never_ = true;
    return requirements;
  }
  for (const Json& expression : *expressions) requirements.add(expression);
  return requirements;
}

Requirements Requirements::of_selector(const Json* selector) {
  Requirements requirements;
  if (!selector || !selector->is_object()) {
    requirements.never_ = true;
    return requirements;
  }
  requirements = of_expressions(field_at(*selector, {"matchExpressions"}));
  const Json* labels = field_at(*selector, {"matchLabels"});
  if (!labels || !labels->is_object()) return requirements;
  for (const auto& [key, value] : labels->items()) {
    if (!value.is_string()) {
      requirements.never_ = true;
      continue;
    }
    requirements.conditions_.push_back(Condition{key, Operator::kIn, {value.get<std::string>()}});
  }
  return requirements;
}

bool Requirements::met_by(const Json* labels) const {
  return !never_ && std::all_of(conditions_.begin(), conditions_.end(),
                                [&](const Condition& condition) { return meets(condition, labels); });
}

bool Requirements::meets(const Condition& condition, const Json* labels) {
  const Json* value = labels && labels->is_object() ? field_at(*labels, {condition.key}) : nullptr;
  if (value && !value->is_string()) value = nullptr;
  const auto listed = [&] {
    return std::find(condition.values.begin(), condition.values.end(), value->get<std::string>()) !=
           condition.values.end();
  };
  switch (condition.op) {
    case Operator::kIn: return value && listed();
    case Operator::kNotIn: return !value || !listed();
    case Operator::kExists: return value;
    case Operator::kAbsent: return !value;
    case Operator::kGreater:
    case Operator::kLess: break;
  }
  if (!value || condition.values.size() != 1) return false;
  const auto is = base::parse_int64(value->get<std::string>());
  const auto bound = base::parse_int64(condition.values.front());
  if (!is || !bound) return false;
  return condition.op == Operator::kGreater ? *is > *bound : *is < *bound;
}

}  // namespace fakeapi
