// The conditions on labels that selectors and affinities are made of. Values; immutable once read.
//
// A document that is not as it should be selects nothing: whoever wrote it was told so by the validation.
#pragma once

#include <string>
#include <vector>

#include "fake-apiserver/store/object_store.h"

namespace fakeapi {

class Requirements {
 public:
  // A list of {key, operator, values}: In, NotIn, Exists, DoesNotExist, Gt, Lt. Null: no conditions.
  static Requirements of_expressions(const Json* expressions);
  // {matchLabels, matchExpressions}. Null selects nothing, {} everything.
  static Requirements of_selector(const Json* selector);

  // `labels` may be null: then there are none.
  bool met_by(const Json* labels) const;
  bool empty() const { return conditions_.empty() && !never_; }

 private:
  enum class Operator { kIn, kNotIn, kExists, kAbsent, kGreater, kLess };
  struct Condition {
    std::string key;
    Operator op = Operator::kExists;
    std::vector<std::string> values;
  };

  void add(const Json& expression);
  static bool meets(const Condition& condition, const Json* labels);

  std::vector<Condition> conditions_;  // all must be met
  bool never_ = false;
};

}  // namespace fakeapi
