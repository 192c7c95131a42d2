// The settings that a Knative PodAutoscaler carries as annotations. Complaints travel as config::FieldError and tell
// the place of the annotation.
//
// Lives within one read.
#pragma once

#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/base/time.h"
#include "common/config/fields.h"

namespace scaler {

class Annotations {
 public:
  struct Setting {
    const char* annotation;  // after "autoscaling.knative.dev/"; nullptr: only for the whole cluster
    const char* global;      // after "gamenight/", a key of config-autoscaler; nullptr: only here
  };

  // `owner`: the JSON pointer of what has the metadata, if that is not the whole object.
  Annotations(const config::Fields& spec, const std::map<std::string, std::string>& annotations, std::string owner = {})
      : document_(spec.document()), annotations_(annotations), owner_(std::move(owner)) {}

  // Each leaves `value` as it is if the setting is not given, and tells whether it is.
  bool text(const Setting& setting, std::string& value);
  bool integer(const Setting& setting, int& value, int min, int max = std::numeric_limits<int>::max());
  // `open`: the value must be above `min`.
  bool number(const Setting& setting, double& value, double min, double max, bool open = false);
  bool duration(const Setting& setting, base::Duration& value, base::Duration min, base::Duration max,
                bool whole_seconds = false);
  bool boolean(const Setting& setting, bool& value);

  // Complains about the annotation that gave `setting`.
  [[noreturn]] void fail(const Setting& setting, const std::string& message);
  // Complains about what is nearly a known annotation.
  void check_unknown() const;

 private:
  struct Found {
    std::string key;
    std::string text;
  };
  std::optional<Found> find(const Setting& setting);
  [[noreturn]] void fail_at(const std::string& key, const std::string& message) const;

  const config::Document& document_;
  const std::map<std::string, std::string>& annotations_;
  const std::string owner_;
  std::set<std::string> known_;  // full keys that were asked for
};

}  // namespace scaler
