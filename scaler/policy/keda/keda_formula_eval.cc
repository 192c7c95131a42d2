#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "common/base/check.h"
#include "scaler/policy/keda/keda_formula_node.h"

namespace scaler {
namespace {

using Kind = FormulaValue::Kind;
using Node = KedaFormula::Node;

FormulaValue fraction(double number) { return {Kind::kFraction, number}; }
FormulaValue whole(double number) { return {Kind::kWhole, number}; }
FormulaValue boolean(bool value) { return {Kind::kBool, value ? 1.0 : 0.0}; }

base::Error cannot(const std::string& message) { return {base::ErrorCode::kInvalid, message}; }

const char* name_of(Kind kind) {
  switch (kind) {
    case Kind::kNil: return "nil";
    case Kind::kWhole: return "a whole number";
    case Kind::kFraction: return "a number";
    case Kind::kBool: return "a truth value";
    case Kind::kList: return "a list";
  }
  return "";
}

bool equal(const FormulaValue& a, const FormulaValue& b) {
  if (a.is_number() && b.is_number()) return a.number == b.number;
  return a.kind == b.kind && a.kind != Kind::kList && a.number == b.number;
}

FormulaResult arithmetic(const std::string& op, const FormulaValue& a, const FormulaValue& b) {
  if (!a.is_number() || !b.is_number()) {
    return cannot(fmt::format("{} {} {} cannot be calculated", name_of(a.kind), op, name_of(b.kind)));
  }
  const bool wholes = a.kind == Kind::kWhole && b.kind == Kind::kWhole;
  const auto same = [&](double number) { return wholes ? whole(number) : fraction(number); };
  if (op == "+") return same(a.number + b.number);
  if (op == "-") return same(a.number - b.number);
  if (op == "*") return same(a.number * b.number);
  if (op == "/") return fraction(a.number / b.number);
  if (op == "%") {
    if (!wholes) return cannot("% takes whole numbers");
    if (b.number == 0) return cannot("% by 0");
    return whole(std::fmod(a.number, b.number));
  }
  if (op == "**") return fraction(std::pow(a.number, b.number));
  if (op == "<") return boolean(a.number < b.number);
  if (op == "<=") return boolean(a.number <= b.number);
  if (op == ">") return boolean(a.number > b.number);
  CHECK(op == ">=", op);
  return boolean(a.number >= b.number);
}

FormulaResult evaluate_binary(const Node& node, const KedaFormula::Values& values, const FormulaValue* element) {
  auto left = evaluate_node(*node.children[0], values, element);
  if (!left) return left;
  const std::string& op = node.text;
  // The right side is looked at only if it matters.
  if (op == "??" && left->kind != Kind::kNil) return left;
  if ((op == "&&" || op == "||") && left->kind != Kind::kBool) {
    return cannot(fmt::format("{} is no condition", name_of(left->kind)));
  }
  if (op == "&&" && left->number == 0) return left;
  if (op == "||" && left->number != 0) return left;
  auto right = evaluate_node(*node.children[1], values, element);
  if (!right || op == "??" || op == "&&" || op == "||") return right;
  if (op == "==") return boolean(equal(*left, *right));
  if (op == "!=") return boolean(!equal(*left, *right));
  return arithmetic(op, *left, *right);
}

FormulaResult evaluate_unary(const Node& node, const KedaFormula::Values& values, const FormulaValue* element) {
  auto value = evaluate_node(*node.children[0], values, element);
  if (!value) return value;
  if (node.text == "!") {
    if (value->kind != Kind::kBool) return cannot(fmt::format("{} is no condition", name_of(value->kind)));
    return boolean(value->number == 0);
  }
  if (!value->is_number()) return cannot(fmt::format("{}{} cannot be calculated", node.text, name_of(value->kind)));
  if (node.text == "-") value->number = -value->number;
  return value;
}

FormulaResult evaluate_all(const Node& node, const KedaFormula::Values& values, const FormulaValue* element) {
  FormulaValue list{Kind::kList, 0};
  for (const auto& child : node.children) {
    auto value = evaluate_node(*child, values, element);
    if (!value) return value;
    list.list.push_back(std::move(*value));
  }
  return list;
}

FormulaResult evaluate_call(const Node& node, const KedaFormula::Values& values, const FormulaValue* element) {
  auto arguments = evaluate_all(node, values, element);
  if (!arguments) return arguments;
  std::vector<FormulaValue> numbers = std::move(arguments->list);
  if (numbers.size() == 1 && numbers[0].kind == Kind::kList) numbers = std::vector<FormulaValue>(numbers[0].list);
  for (const FormulaValue& number : numbers) {
    if (!number.is_number()) return cannot(fmt::format("{}() of {}", node.text, name_of(number.kind)));
  }
  return call_function(node.text, numbers);
}

FormulaResult evaluate_count(const Node& node, const KedaFormula::Values& values, const FormulaValue* element) {
  auto list = evaluate_node(*node.children[0], values, element);
  if (!list) return list;
  std::size_t hits = 0;
  for (const FormulaValue& entry : list->list) {
    auto hit = evaluate_node(*node.children[1], values, &entry);
    if (!hit) return hit;
    if (hit->kind != Kind::kBool) return cannot(fmt::format("{} is no condition", name_of(hit->kind)));
    if (hit->number != 0) ++hits;
  }
  if (node.text == "count") return whole(static_cast<double>(hits));
  if (node.text == "all") return boolean(hits == list->list.size());
  if (node.text == "any") return boolean(hits > 0);
  if (node.text == "none") return boolean(hits == 0);
  return boolean(hits == 1);
}

FormulaResult median(std::vector<FormulaValue> numbers) {
  if (numbers.empty()) return fraction(0);
  std::sort(numbers.begin(), numbers.end(), [](const auto& a, const auto& b) { return a.number < b.number; });
  const std::size_t middle = numbers.size() / 2;
  if (numbers.size() % 2 == 1) return fraction(numbers[middle].number);
  return fraction((numbers[middle - 1].number + numbers[middle].number) / 2);
}

}  // namespace

const std::vector<std::string>& formula_functions() {
  static const std::vector<std::string> kNames = {"abs",  "ceil",   "float", "floor", "int", "max",
                                                  "mean", "median", "min",   "round", "sum"};
  return kNames;
}

const std::vector<std::string>& formula_conditions() {
  static const std::vector<std::string> kNames = {"all", "any", "count", "none", "one"};
  return kNames;
}

FormulaResult call_function(const std::string& name, const std::vector<FormulaValue>& arguments) {
  const auto smaller = [](const FormulaValue& a, const FormulaValue& b) { return a.number < b.number; };
  double sum = 0;
  bool wholes = true;
  for (const FormulaValue& argument : arguments) {
    sum += argument.number;
    wholes = wholes && argument.kind == Kind::kWhole;
  }
  if (name == "sum") return wholes ? whole(sum) : fraction(sum);
  if (name == "mean") return fraction(arguments.empty() ? 0 : sum / static_cast<double>(arguments.size()));
  if (name == "median") return median(arguments);
  if (arguments.empty()) return cannot(name + "() of an empty list");
  if (name == "max") return *std::max_element(arguments.begin(), arguments.end(), smaller);
  if (name == "min") return *std::min_element(arguments.begin(), arguments.end(), smaller);
  const FormulaValue& only = arguments.front();
  if (name == "abs") return FormulaValue{only.kind, std::fabs(only.number)};
  if (name == "ceil") return fraction(std::ceil(only.number));
  if (name == "floor") return fraction(std::floor(only.number));
  if (name == "round") return fraction(std::round(only.number));
  if (name == "int") return whole(std::trunc(only.number));
  CHECK(name == "float", name);
  return fraction(only.number);
}

FormulaResult evaluate_node(const Node& node, const KedaFormula::Values& values, const FormulaValue* element) {
  switch (node.kind) {
    case Node::Kind::kConstant:
      if (node.type == FormulaType::kBool) return boolean(node.number != 0);
      return node.type == FormulaType::kWhole ? whole(node.number) : fraction(node.number);
    case Node::Kind::kNil: return FormulaValue{};
    case Node::Kind::kTrigger: {
      const auto found = values.find(node.text);
      CHECK(found != values.end(), node.text);
      return found->second ? fraction(*found->second) : FormulaValue{};
    }
    case Node::Kind::kElement: CHECK(element != nullptr, "# outside of a condition"); return *element;
    case Node::Kind::kUnary: return evaluate_unary(node, values, element);
    case Node::Kind::kBinary: return evaluate_binary(node, values, element);
    case Node::Kind::kChoice: {
      auto condition = evaluate_node(*node.children[0], values, element);
      if (!condition) return condition;
      if (condition->kind != Kind::kBool) return cannot(fmt::format("{} is no condition", name_of(condition->kind)));
      return evaluate_node(*node.children[condition->number != 0 ? 1 : 2], values, element);
    }
    case Node::Kind::kList: return evaluate_all(node, values, element);
    case Node::Kind::kCall: return evaluate_call(node, values, element);
    case Node::Kind::kCount: return evaluate_count(node, values, element);
  }
  return FormulaValue{};
}

base::Result<std::optional<double>> KedaFormula::evaluate(const Values& values) const {
  const auto result = evaluate_node(*root_, values, nullptr);
  if (!result) return result.error();
  if (result->kind == FormulaValue::Kind::kNil) return std::optional<double>();
  if (!result->is_number()) return cannot(fmt::format("the formula gave {}", name_of(result->kind)));
  if (!std::isfinite(result->number)) return cannot("the formula gave no finite number");
  return std::optional(result->number);
}

}  // namespace scaler
