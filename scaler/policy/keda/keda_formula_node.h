// The tree of a KedaFormula and its evaluation; only the formula's own sources include this.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "scaler/policy/keda/keda_formula.h"

namespace scaler {

// What the checker knows of a result. kNumber: whole or fraction, known only when it is evaluated; kAny: may be nil.
enum class FormulaType { kWhole, kFraction, kNumber, kBool, kNil, kList, kAny };

struct KedaFormula::Node {
  enum class Kind { kConstant, kNil, kTrigger, kElement, kUnary, kBinary, kChoice, kList, kCall, kCount };
  Kind kind = Kind::kConstant;
  FormulaType type = FormulaType::kWhole;
  double number = 0;                                    // of kConstant
  std::string text{};                                   // trigger, operator or function
  std::vector<std::shared_ptr<const Node>> children{};  // kCount: the list and the condition
};

// A value while it is evaluated.
struct FormulaValue {
  enum class Kind { kNil, kWhole, kFraction, kBool, kList };
  Kind kind = Kind::kNil;
  double number = 0;  // of kBool 0 or 1
  std::vector<FormulaValue> list{};

  bool is_number() const { return kind == Kind::kWhole || kind == Kind::kFraction; }
};

using FormulaResult = base::Result<FormulaValue>;

// `element` is what # stands for, null outside of a condition.
FormulaResult evaluate_node(const KedaFormula::Node& node, const KedaFormula::Values& values,
                            const FormulaValue* element);

// The number functions: one list, or numbers. `arguments` are numbers.
FormulaResult call_function(const std::string& name, const std::vector<FormulaValue>& arguments);

// The known functions, sorted; with a condition, those of kCount.
const std::vector<std::string>& formula_functions();
const std::vector<std::string>& formula_conditions();

}  // namespace scaler
