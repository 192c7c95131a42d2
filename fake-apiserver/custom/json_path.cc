#include "fake-apiserver/custom/json_path.h"

#include <algorithm>

#include "common/base/number_format.h"

namespace fakeapi {
namespace {

// Filters in filters are bounded, since a path is read by recursion.
constexpr int kDeepest = 8;

}  // namespace

class JsonPath::Parser {
 public:
  explicit Parser(std::string_view text) : rest_(text) {}

  std::optional<std::vector<Step>> whole() {
    auto steps = path(0);
    if (!steps || !rest_.empty()) return std::nullopt;
    return steps;
  }

 private:
  bool take(std::string_view token) {
    if (!rest_.starts_with(token)) return false;
    rest_.remove_prefix(token.size());
    return true;
  }

  void skip_blanks() {
    while (!rest_.empty() && rest_.front() == ' ') rest_.remove_prefix(1);
  }

  // Up to something that is part of no path.
  std::optional<std::vector<Step>> path(int depth) {
    std::vector<Step> steps;
    if (rest_.empty() || (rest_.front() != '.' && rest_.front() != '[')) return std::nullopt;
    while (!rest_.empty() && (rest_.front() == '.' || rest_.front() == '[')) {
      if (take(".")) {
        if (rest_.empty() || rest_.front() == '[') continue;
        if (take("*")) {
          steps.push_back(Step{.kind = StepKind::kAll});
          continue;
        }
        std::string name = field_name();
        if (name.empty()) return std::nullopt;
        steps.push_back(Step{.name = std::move(name)});
        continue;
      }
      auto step = bracket(depth);
      if (!step) return std::nullopt;
      steps.push_back(std::move(*step));
    }
    return steps;
  }

  std::string field_name() {
    std::string name;
    while (!rest_.empty() && std::string_view(".[] ()=!<>&|'\"@?,").find(rest_.front()) == std::string_view::npos) {
      if (rest_.front() == '\\' && rest_.size() > 1) rest_.remove_prefix(1);
      name += rest_.front();
      rest_.remove_prefix(1);
    }
    return name;
  }

  std::optional<std::string> quoted() {
    const char quote = rest_.front();
    std::string text;
    for (rest_.remove_prefix(1); !rest_.empty() && rest_.front() != quote; rest_.remove_prefix(1)) {
      if (rest_.front() == '\\' && rest_.size() > 1) rest_.remove_prefix(1);
      text += rest_.front();
    }
    if (rest_.empty()) return std::nullopt;
    rest_.remove_prefix(1);
    return text;
  }

  std::optional<Step> bracket(int depth) {
    rest_.remove_prefix(1);
    if (take("*]")) return Step{.kind = StepKind::kAll};
    if (take("?(")) return filter(depth);
    if (!rest_.empty() && (rest_.front() == '\'' || rest_.front() == '"')) {
      auto name = quoted();
      if (!name || !take("]")) return std::nullopt;
      return Step{.name = std::move(*name)};
    }
    Step step{.kind = StepKind::kIndex};
    if (!number(step.from)) return std::nullopt;
    if (take(":")) {
      step.kind = StepKind::kSlice;
      if (!number(step.to)) return std::nullopt;
    } else if (!step.from) {
      return std::nullopt;
    }
    if (!take("]")) return std::nullopt;
    return step;
  }

  // Nothing is fine too.
  bool number(std::optional<std::int64_t>& value) {
    const std::size_t end = std::min(rest_.find_first_not_of("-0123456789"), rest_.size());
    if (end == 0) return true;
    value = base::parse_int64(rest_.substr(0, end));
    rest_.remove_prefix(end);
    return value.has_value();
  }

  std::optional<Step> filter(int depth) {
    Step step{.kind = StepKind::kFilter};
    skip_blanks();
    if (depth >= kDeepest || !take("@")) return std::nullopt;
    if (!rest_.empty() && (rest_.front() == '.' || rest_.front() == '[')) {
      auto inner = path(depth + 1);
      if (!inner) return std::nullopt;
      step.inner = std::move(*inner);
    }
    skip_blanks();
    constexpr std::pair<std::string_view, Comparison> kComparisons[] = {
        {"==", Comparison::kEqual},          {"!=", Comparison::kUnequal}, {"<=", Comparison::kLessOrEqual},
        {">=", Comparison::kGreaterOrEqual}, {"<", Comparison::kLess},     {">", Comparison::kGreater}};
    for (const auto& [token, comparison] : kComparisons) {
      if (!take(token)) continue;
      step.comparison = comparison;
      skip_blanks();
      if (!literal(step.literal)) return std::nullopt;
      break;
    }
    skip_blanks();
    if (!take(")]")) return std::nullopt;
    return step;
  }

  bool literal(Json& value) {
    if (rest_.empty()) return false;
    if (rest_.front() == '\'' || rest_.front() == '"') {
      auto text = quoted();
      if (text) value = std::move(*text);
      return text.has_value();
    }
    const std::size_t end = std::min(rest_.find_first_of(") "), rest_.size());
    value = Json::parse(rest_.substr(0, end), nullptr, false);
    rest_.remove_prefix(end);
    return value.is_primitive() && !value.is_discarded();
  }

  std::string_view rest_;
};

std::optional<JsonPath> JsonPath::parse(std::string_view text) {
  JsonPath path;
  auto steps = Parser(text).whole();
  if (!steps) return std::nullopt;
  path.steps_ = std::move(*steps);
  return path;
}

std::vector<const Json*> JsonPath::find(const Json& document) const {
  std::vector<const Json*> found;
  follow(steps_, 0, document, found);
  return found;
}

const Json* JsonPath::first(const Json& document) const {
  const auto found = find(document);
  return found.empty() ? nullptr : found.front();
}

std::optional<std::vector<std::string>> JsonPath::field_names() const {
  std::vector<std::string> names;
  for (const Step& step : steps_) {
    if (step.kind != StepKind::kField) return std::nullopt;
    names.push_back(step.name);
  }
  return names;
}

void JsonPath::follow(const std::vector<Step>& steps, std::size_t at, const Json& value,
                      std::vector<const Json*>& found) {
  if (at == steps.size()) {
    found.push_back(&value);
    return;
  }
  const Step& step = steps[at];
  if (step.kind != StepKind::kField) return follow_items(steps, at, value, found);
  if (!value.is_object()) return;
  const auto member = value.find(step.name);
  if (member != value.end()) follow(steps, at + 1, *member, found);
}

void JsonPath::follow_items(const std::vector<Step>& steps, std::size_t at, const Json& value,
                            std::vector<const Json*>& found) {
  const Step& step = steps[at];
  if (step.kind == StepKind::kAll && value.is_object()) {
    for (const auto& [key, item] : value.items()) follow(steps, at + 1, item, found);
  }
  if (!value.is_array()) return;
  const auto size = static_cast<std::int64_t>(value.size());
  const auto place = [&](std::int64_t index) {
    return std::clamp<std::int64_t>(index < 0 ? index + size : index, 0, size);
  };
  std::int64_t from = 0;
  std::int64_t to = size;
  if (step.kind == StepKind::kIndex) {
    if (*step.from >= size || *step.from < -size) return;
    from = place(*step.from);
    to = from + 1;
  } else if (step.kind == StepKind::kSlice) {
    from = place(step.from.value_or(0));
    to = step.to ? place(*step.to) : size;
  }
  for (std::int64_t i = from; i < to; ++i) {
    const Json& item = value[static_cast<std::size_t>(i)];
    if (step.kind != StepKind::kFilter || holds(step, item)) follow(steps, at + 1, item, found);
  }
}

bool JsonPath::holds(const Step& filter, const Json& item) {
  std::vector<const Json*> found;
  follow(filter.inner, 0, item, found);
  if (found.empty()) return false;
  const Json& value = *found.front();
  if (filter.comparison == Comparison::kExists) return true;
  if (filter.comparison == Comparison::kEqual) return value == filter.literal;
  if (filter.comparison == Comparison::kUnequal) return value != filter.literal;
  const bool comparable =
      (value.is_number() && filter.literal.is_number()) || (value.is_string() && filter.literal.is_string());
  if (!comparable) return false;
  switch (filter.comparison) {
    case Comparison::kLess: return value < filter.literal;
    case Comparison::kLessOrEqual: return value <= filter.literal;
    case Comparison::kGreater: return value > filter.literal;
    default: return value >= filter.literal;
  }
}

}  // namespace fakeapi
