// What a policy file or an API object says, with the defaults filled in. Plain values.
#pragma once

#include <map>
#include <string>
#include <variant>

#include "scaler/policy/hpa/hpa_spec.h"
#include "scaler/policy/keda/keda_spec.h"
#include "scaler/policy/kpa/kpa_spec.h"
#include "scaler/policy/scaling/scaling_spec.h"
#include "scaler/policy/tuner/tuner_spec.h"
#include "scaler/policy/wpa/wpa_spec.h"

namespace scaler {

struct TargetRef {
  std::string api_version;
  std::string kind;
  std::string name;
};

struct PolicySpec {
  std::string ns = "default";
  std::string name;
  std::map<std::string, std::string> annotations;
  TargetRef target;          // in the same namespace
  std::string target_where;  // "file:line:col" of the target's name, for complaints about it
  std::variant<HpaSpec, ScalingPolicySpec, HpaTunerSpec, HumanOperatorSpec, KedaSpec, KpaSpec, WpaSpec> rules;

  std::string target_path() const { return ns + "/" + target.name; }
};

}  // namespace scaler
