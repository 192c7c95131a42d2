// A formula of advanced.scalingModifiers: the arithmetic part of the language `expr` that KEDA uses.
//
// Immutable; safe to use from several threads.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"

namespace scaler {

// Numbers, trigger names, nil; + - * / % ** ^; == != < <= > >=; && || ! and or not; ??; ?:; parentheses; lists of
// numbers [a, b]; abs ceil float floor int max mean median min round sum; count all any none one with a list and a
// condition {# > 1}. Whole numbers and fractions are told apart as there: % takes whole numbers only, / gives a
// fraction.
class KedaFormula {
 public:
  // nullopt: nil, a trigger without a value.
  using Values = std::map<std::string, std::optional<double>>;
  struct Node;

  // `names` are those of the triggers. The error names the token and its place, counted from 1. More than
  // 1,000 numbers, names and symbols are too many.
  static base::Result<KedaFormula> parse(std::string_view text, const std::vector<std::string>& names);

  // nullopt: the result is nil. Fails on arithmetic with nil and on results that are no finite number.
  // REQUIRES: `values` has all the names that parse() got.
  base::Result<std::optional<double>> evaluate(const Values& values) const;

 private:
  explicit KedaFormula(std::shared_ptr<const Node> root) : root_(std::move(root)) {}
  std::shared_ptr<const Node> root_;
};

}  // namespace scaler
