#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "scaler/policy/hpa/hpa_json.h"
#include "scaler/policy/hpa/json_values.h"
#include "scaler/policy/hpa/names.h"

namespace scaler {
namespace {

using json_values::find;
using json_values::Json;
using json_values::text;

struct Requirement {
  std::string key;
  std::string text;
};

struct Parsed {
  std::vector<Requirement> requirements;
  std::string problem;  // of the first that is none
};

std::string check_value(const std::string& value) {
  return is_label_value(value) ? "" : "\"" + value + "\" is no label value";
}

void add_labels(const Json& labels, Parsed& parsed) {
  if (!labels.is_object()) {
    parsed.problem = "matchLabels is no mapping";
    return;
  }
  for (const auto& [key, value] : labels.items()) {
    if (!value.is_string()) {
      parsed.problem = "the value of the label \"" + key + "\" is no text";
    } else if (!is_qualified_name(key)) {
      parsed.problem = "\"" + key + "\" is no label key";
    } else {
      parsed.problem = check_value(value.get<std::string>());
      parsed.requirements.push_back({key, key + "=" + value.get<std::string>()});
    }
    if (!parsed.problem.empty()) return;
  }
}

// The values of In and NotIn, "(a,b)", in order.
std::string listed(std::vector<std::string> values) {
  std::sort(values.begin(), values.end());
  std::string list;
  for (const std::string& value : values) list += (list.empty() ? "" : ",") + value;
  return "(" + list + ")";
}

void add_expression(const Json& expression, Parsed& parsed) {
  const std::string key = text(expression, "key");
  const std::string op = text(expression, "operator");
  std::vector<std::string> values;
  if (const Json* list = json_values::find_list(expression, "values")) {
    for (const Json& value : *list)
      values.push_back(value.is_string() ? value.get<std::string>()
                                         : value.dump(-1, ' ', false, Json::error_handler_t::replace));
  }
  for (const std::string& value : values) {
    if (parsed.problem.empty()) parsed.problem = check_value(value);
  }
  const bool of_set = op == "In" || op == "NotIn";
  if (!of_set && op != "Exists" && op != "DoesNotExist") {
    parsed.problem = "\"" + op + "\" is not a valid label selector operator (In, NotIn, Exists, DoesNotExist)";
  } else if (!is_qualified_name(key)) {
    parsed.problem = "\"" + key + "\" is no label key";
  } else if (of_set == values.empty()) {
    parsed.problem = op + (of_set ? " needs at least one value" : " takes no values");
  }
  if (!parsed.problem.empty()) return;
  if (of_set) {
    parsed.requirements.push_back({key, key + (op == "In" ? " in " : " notin ") + listed(std::move(values))});
  } else {
    parsed.requirements.push_back({key, (op == "Exists" ? "" : "!") + key});
  }
}

}  // namespace

SelectorText selector_text(const Json& selector) {
  if (selector.is_null()) return {};
  if (!selector.is_object()) return {"", "the selector is no mapping"};
  Parsed parsed;
  if (const Json* labels = find(selector, "matchLabels")) add_labels(*labels, parsed);
  const Json* expressions = find(selector, "matchExpressions");
  if (expressions && !expressions->is_array()) return {"", "matchExpressions is no list"};
  if (expressions) {
    for (const Json& expression : *expressions) {
      if (parsed.problem.empty()) add_expression(expression, parsed);
    }
  }
  if (!parsed.problem.empty()) return {"", parsed.problem};
  std::stable_sort(parsed.requirements.begin(), parsed.requirements.end(),
                   [](const Requirement& a, const Requirement& b) { return a.key < b.key; });
  SelectorText result;
  for (const Requirement& requirement : parsed.requirements) {
    result.text += (result.text.empty() ? "" : ",") + requirement.text;
  }
  return result;
}

}  // namespace scaler
