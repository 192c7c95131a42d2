// Label and field selectors of lists and watches. Values; immutable once parsed.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "fake-apiserver/api/status.h"

namespace fakeapi {

class LabelSelector {
 public:
  // "a=b,c!=d,e in (x,y),f notin (z),g,!h,i>1"; 400 if it does not parse. The empty text selects everything.
  static ApiResult<LabelSelector> parse(std::string_view text);

  bool matches(const Json& object) const;
  bool matches_labels(const Json& labels) const;
  bool empty() const { return requirements_.empty(); }

 private:
  enum class Operator { kIn, kNotIn, kExists, kAbsent, kGreater, kLess };
  struct Requirement {
    std::string key;
    Operator op;
    std::vector<std::string> values;
  };
  class Parser;

  static bool meets(const Requirement& requirement, const Json& labels);

  std::vector<Requirement> requirements_;
};

class FieldSelector {
 public:
  // "metadata.name=x,status.phase!=Failed"; 400 if it does not parse or `resource` has no such field to select by.
  static ApiResult<FieldSelector> parse(std::string_view text, const Resource& resource);

  bool matches(const Json& object) const;
  bool empty() const { return requirements_.empty(); }

 private:
  struct Requirement {
    std::vector<std::string> path;
    std::string absent;  // what a missing value counts as
    bool equal;
    std::string value;
  };
  std::vector<Requirement> requirements_;
};

struct Selector {
  LabelSelector labels;
  FieldSelector fields;

  bool matches(const Json& object) const { return labels.matches(object) && fields.matches(object); }
  bool empty() const { return labels.empty() && fields.empty(); }
};

// A LabelSelector object ({"matchLabels":…, "matchExpressions":…}) in the text form above.
std::string selector_text(const Json& label_selector);

}  // namespace fakeapi
