#include "scaler/policy/keda/keda_formula.h"

#include <gtest/gtest.h>

#include <cmath>

#include "common/base/random.h"

namespace scaler {
namespace {

const std::vector<std::string> kNames = {"orders", "rps", "queue"};

std::string complaint(const std::string& text) {
  const auto formula = KedaFormula::parse(text, kNames);
  return formula ? "no complaint" : formula.error().message;
}

base::Result<std::optional<double>> evaluate(const std::string& text, std::optional<double> orders = 10,
                                             std::optional<double> rps = 4, std::optional<double> queue = 0.5) {
  const auto formula = KedaFormula::parse(text, kNames);
  if (!formula) return formula.error();
  return formula->evaluate({{"orders", orders}, {"rps", rps}, {"queue", queue}});
}

// NaN would equal nothing: a failure shows as a number that no case expects.
double value(const std::string& text) {
  const auto result = evaluate(text);
  EXPECT_TRUE(result) << text << ": " << (result ? "" : result.error().message);
  return result && *result ? **result : -987654321.0;
}

TEST(KedaFormulaTest, ArithmeticHasTheUsualPrecedence) {
  EXPECT_EQ(value("orders + rps * 2"), 18);
  EXPECT_EQ(value("(orders + rps) * 2"), 28);
  EXPECT_EQ(value("orders - rps - 1"), 5);
  EXPECT_EQ(value("orders / rps / 2"), 1.25);
  EXPECT_EQ(value("-orders + 1"), -9);
  EXPECT_EQ(value("+rps"), 4);
  EXPECT_EQ(value(".5 + 1e1 + 0.25"), 10.75);
}

TEST(KedaFormulaTest, PowersBindTighterThanSignsAndGroupFromTheRight) {
  EXPECT_EQ(value("2 ** 3 ** 2"), 512);
  EXPECT_EQ(value("2 ^ 2"), 4);
  EXPECT_EQ(value("-2 ** 2"), -4);
}

TEST(KedaFormulaTest, DivisionGivesAFractionAndRemaindersTakeWholeNumbers) {
  EXPECT_EQ(value("7 / 2"), 3.5);
  EXPECT_EQ(value("7 % 4"), 3);
  EXPECT_EQ(value("-7 % 4"), -3);
  EXPECT_EQ(value("int(orders) % 4"), 2);
  EXPECT_EQ(complaint("orders % 4"), "\"%\" at character 8 takes whole numbers; int(x) makes one");
  EXPECT_EQ(complaint("7 / 2 % 2"), "\"%\" at character 7 takes whole numbers; int(x) makes one");
}

TEST(KedaFormulaTest, ConditionsChoose) {
  EXPECT_EQ(value("orders > 2 ? orders + rps : 1"), 14);
  EXPECT_EQ(value("orders < 2 ? 0 : rps < 2 ? 1 : 2"), 2);
  EXPECT_EQ(value("orders >= 10 && rps != 4 ? 1 : 0"), 0);
  EXPECT_EQ(value("orders == 10 and not (rps <= 3) ? 1 : 0"), 1);
  EXPECT_EQ(value("rps > 9 || queue > 9 or !(orders > 9) ? 1 : 0"), 0);
  EXPECT_EQ(value("true ? 1 : 0"), 1);
}

TEST(KedaFormulaTest, FunctionsTakeNumbersOrOneList) {
  EXPECT_EQ(value("max(orders, rps, queue)"), 10);
  EXPECT_EQ(value("min([orders, rps, queue])"), 0.5);
  EXPECT_EQ(value("sum([orders, rps, 1])"), 15);
  EXPECT_EQ(value("mean(orders, rps)"), 7);
  EXPECT_EQ(value("median([orders, rps, 1])"), 4);
  EXPECT_EQ(value("median(orders, rps)"), 7);
  EXPECT_EQ(value("ceil(queue) + floor(queue) + round(2.5) + abs(-2)"), 6);
  EXPECT_EQ(value("float(int(7.9))"), 7);
}

TEST(KedaFormulaTest, ConditionsOverListsCount) {
  EXPECT_EQ(value("count([orders, rps, queue], {# > 1}) > 1 ? 5 : 0"), 5);
  EXPECT_EQ(value("count([orders, rps, queue], # > orders)"), 0);
  EXPECT_EQ(value("all([orders, rps], {# > 1}) ? 1 : 0"), 1);
  EXPECT_EQ(value("any([queue], {# > 1}) ? 1 : 0"), 0);
  EXPECT_EQ(value("none([queue], {# > 1}) ? 1 : 0"), 1);
  EXPECT_EQ(value("one([orders, queue], {# > 1}) ? 1 : 0"), 1);
}

TEST(KedaFormulaTest, NilIsTheValueOfATriggerWithoutOne) {
  EXPECT_EQ(**evaluate("orders == nil ? rps : orders", std::nullopt), 4);
  EXPECT_EQ(**evaluate("(orders ?? 7) + rps", std::nullopt), 11);
  EXPECT_EQ(**evaluate("orders ?? 7 + rps", std::nullopt), 11);  // ?? binds tightest
  EXPECT_FALSE(evaluate("orders", std::nullopt)->has_value());
  EXPECT_FALSE(evaluate("nil")->has_value());
  EXPECT_EQ(evaluate("orders + 1", std::nullopt).error().message, "nil + a whole number cannot be calculated");
  EXPECT_EQ(evaluate("max(orders, rps)", std::nullopt).error().message, "max() of nil");
}

TEST(KedaFormulaTest, TheOtherSideOfAConditionIsNotLookedAt) {
  EXPECT_EQ(**evaluate("orders != nil && orders > 1 ? 1 : 0", std::nullopt), 0);
  EXPECT_EQ(**evaluate("orders == nil || orders > 1 ? 1 : 0", std::nullopt), 1);
}

TEST(KedaFormulaTest, ResultsThatAreNoFiniteNumberFail) {
  EXPECT_EQ(evaluate("orders / 0").error().message, "the formula gave no finite number");
  EXPECT_EQ(evaluate("0 / 0").error().message, "the formula gave no finite number");
  EXPECT_EQ(evaluate("7 % 0").error().message, "% by 0");
  EXPECT_EQ(evaluate("max([])").error().message, "max() of an empty list");
}

TEST(KedaFormulaTest, ComplaintsNameTheTokenAndItsPlace) {
  EXPECT_EQ(complaint("orders + order"),
            "\"order\" at character 10 is no trigger's name; triggers with a name: orders, rps, queue; did you mean "
            "\"orders\"?");
  EXPECT_EQ(complaint("filter([orders], {# > 1})"),
            "function \"filter\" at character 1 is not supported; there are abs, ceil, float, floor, int, max, mean, "
            "median, min, round, sum, all, any, count, none, one");
  EXPECT_EQ(complaint("orders | rps"), "\"|\" at character 8 is not supported");
  EXPECT_EQ(complaint("orders = 1"), "\"=\" at character 8 is not supported");
  EXPECT_EQ(complaint("\"text\""), "\"\"\" at character 1 is not supported");
  EXPECT_EQ(complaint("orders rps"), "\"rps\" at character 8 is not supported here");
  EXPECT_EQ(complaint("orders in [1]"), "\"in\" at character 8 is not supported here");
  EXPECT_EQ(complaint("# > 1 ? 1 : 0"), "\"#\" at character 1 is not supported here");
  EXPECT_EQ(complaint("(orders"), "\"the end\" at character 8: expected \")\"");
  EXPECT_EQ(complaint("orders +"), "the formula ends too early");
  EXPECT_EQ(complaint(""), "the formula ends too early");
  EXPECT_EQ(complaint("1x"), "\"1x\" at character 1 is no number");
  EXPECT_EQ(complaint("1e"), "\"1e\" at character 1 is no number");
}

// A chain of powers is as deep as it is long.
TEST(KedaFormulaTest, ALongFormulaIsRefused) {
  const auto chain = [](int powers) {
    std::string text = "-1";
    for (int i = 0; i < powers; ++i) text += "**1";
    return text;
  };
  EXPECT_EQ(complaint(chain(499)), "no complaint");  // 1,000 numbers and symbols
  EXPECT_EQ(complaint("+" + chain(499)), "the formula has more than 1000 numbers, names and symbols");
  EXPECT_EQ(complaint(chain(60000)), "the formula has more than 1000 numbers, names and symbols");
}

TEST(KedaFormulaTest, TypesAreCheckedBeforeAnythingIsCalculated) {
  EXPECT_EQ(complaint("orders > 1"), "the result must be a number; cond ? 1 : 0 makes one of a condition");
  EXPECT_EQ(complaint("[orders]"), "the result must be a number; cond ? 1 : 0 makes one of a condition");
  EXPECT_EQ(complaint("orders ? 1 : 0"), "\"?\" at character 8: expected a condition");
  EXPECT_EQ(complaint("orders && true ? 1 : 0"), "\"&&\" at character 8: expected a condition");
  EXPECT_EQ(complaint("orders + (rps > 1)"), "\"+\" at character 8: expected a number");
  EXPECT_EQ(complaint("-(rps > 1)"), "\"-\" at character 1: expected a number");
  EXPECT_EQ(complaint("nil + 1"), "\"+\" at character 5: expected a number");
  EXPECT_EQ(complaint("abs(orders, rps)"), "abs() at character 1 takes one number");
  EXPECT_EQ(complaint("max([orders], rps)"), "max() at character 1 takes numbers, or one list of numbers");
  EXPECT_EQ(complaint("max()"), "max() at character 1 takes numbers, or one list of numbers");
  EXPECT_EQ(complaint("count(orders, {# > 1})"), "count() at character 1 needs a list");
}

TEST(KedaFormulaTest, DeepNestingIsRefused) {
  const std::string deep = std::string(400, '(') + "1" + std::string(400, ')');
  EXPECT_EQ(complaint(deep), "the formula is nested too deeply");
  EXPECT_EQ(complaint(std::string(900, '-') + "1"), "the formula is nested too deeply");
  EXPECT_EQ(complaint(std::string(90, '(') + "1" + std::string(90, ')')), "no complaint");
}

// Whatever stands there, it is refused with a word, fails with a word, or is a number or nil.
TEST(KedaFormulaTest, AnyRowOfTokensIsJudged) {
  static constexpr const char* kTokens[] = {"orders", "rps", "nil", "1",  "2.5", "+",  "-",   "*",   "/",     "%",
                                            "**",     ">",   "==",  "&&", "!",   "??", "?",   ":",   "(",     ")",
                                            "[",      "]",   "{",   "}",  "#",   ",",  "max", "int", "count", "not"};
  base::Random random(4);
  int understood = 0;
  for (int round = 0; round < 30000; ++round) {
    std::string text;
    const std::uint64_t length = 1 + random.below(9);
    for (std::uint64_t i = 0; i < length; ++i) text += std::string(kTokens[random.below(std::size(kTokens))]) + " ";
    const auto formula = KedaFormula::parse(text, kNames);
    if (!formula) {
      EXPECT_NE(formula.error().message, "") << text;
      continue;
    }
    ++understood;
    const auto result = formula->evaluate({{"orders", 10}, {"rps", std::nullopt}, {"queue", 0.5}});
    if (!result) {
      EXPECT_NE(result.error().message, "") << text;
    } else if (*result) {
      EXPECT_TRUE(std::isfinite(**result)) << text;
    }
  }
  EXPECT_GT(understood, 300);
}

}  // namespace
}  // namespace scaler
