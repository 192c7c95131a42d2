#include "scaler/informer/label_selector.h"

#include <algorithm>

namespace scaler {
namespace {

std::string_view trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(' ');
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

bool is_label_text(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '.' || c == '/';
  });
}

bool is_key(std::string_view text) { return !text.empty() && is_label_text(text); }

// Splits at commas that stand outside of parentheses.
std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> parts;
  std::size_t start = 0;
  int depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '(') ++depth;
    if (text[i] == ')') --depth;
    if (text[i] != ',' || depth != 0) continue;
    parts.push_back(trim(text.substr(start, i - start)));
    start = i + 1;
  }
  parts.push_back(trim(text.substr(start)));
  return parts;
}

}  // namespace

std::optional<LabelSelector::Requirement> LabelSelector::parse_requirement(std::string_view text) {
  Requirement requirement;
  const std::size_t equals = text.find('=');
  const std::size_t space = text.find(' ');
  if (equals != std::string_view::npos) {
    const bool negated = equals > 0 && text[equals - 1] == '!';
    const bool doubled = !negated && equals + 1 < text.size() && text[equals + 1] == '=';
    const std::string_view value = trim(text.substr(equals + (doubled ? 2 : 1)));
    requirement.key = trim(text.substr(0, negated ? equals - 1 : equals));
    requirement.op = negated ? Operator::kNotIn : Operator::kIn;
    requirement.values.emplace(value);
    if (!is_label_text(value)) return std::nullopt;
  } else if (space != std::string_view::npos) {
    const std::string_view rest = trim(text.substr(space));
    const bool negated = rest.starts_with("notin");
    if (!negated && !rest.starts_with("in")) return std::nullopt;
    const std::string_view list = trim(rest.substr(negated ? 5 : 2));
    if (list.size() < 2 || list.front() != '(' || list.back() != ')') return std::nullopt;
    requirement.key = text.substr(0, space);
    requirement.op = negated ? Operator::kNotIn : Operator::kIn;
    for (const std::string_view value : split(list.substr(1, list.size() - 2))) {
      if (!is_label_text(value)) return std::nullopt;
      requirement.values.emplace(value);
    }
  } else {
    const bool negated = text.starts_with('!');
    requirement.key = negated ? text.substr(1) : text;
    requirement.op = negated ? Operator::kNotExists : Operator::kExists;
  }
  if (!is_key(requirement.key)) return std::nullopt;
  return requirement;
}

std::optional<LabelSelector> LabelSelector::parse(std::string_view text) {
  LabelSelector selector;
  if (trim(text).empty()) return selector;
  for (const std::string_view part : split(text)) {
    auto requirement = parse_requirement(part);
    if (!requirement) return std::nullopt;
    if (requirement->op == Operator::kIn && requirement->values.size() == 1) {
      selector.equalities_.emplace_back(requirement->key, *requirement->values.begin());
    }
    selector.requirements_.push_back(std::move(*requirement));
  }
  return selector;
}

bool LabelSelector::matches(const std::map<std::string, std::string>& labels) const {
  return std::all_of(requirements_.begin(), requirements_.end(), [&](const Requirement& requirement) {
    const auto label = labels.find(requirement.key);
    const bool present = label != labels.end();
    switch (requirement.op) {
      case Operator::kIn: return present && requirement.values.contains(label->second);
      case Operator::kNotIn: return !present || !requirement.values.contains(label->second);
      case Operator::kExists: return present;
      case Operator::kNotExists: return !present;
    }
    return false;
  });
}

// Neither names nor labels hold a NUL.
std::string label_bucket(const std::string& ns, const std::string& label, const std::string& value) {
  std::string key;
  key.reserve(ns.size() + label.size() + value.size() + 2);
  return key.append(ns).append(1, '\0').append(label).append(1, '\0').append(value);
}

}  // namespace scaler
