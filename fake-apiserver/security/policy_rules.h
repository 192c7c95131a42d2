// The rules of roles: what they allow, and whether some of them cover others. Pure functions.
#pragma once

#include <string>
#include <vector>

#include "fake-apiserver/security/attributes.h"

namespace fakeapi {

struct PolicyRule {
  std::vector<std::string> verbs{};
  std::vector<std::string> groups{};
  std::vector<std::string> resources{};  // "pods", "deployments/scale", "*/scale", "*"
  std::vector<std::string> names{};      // empty: all
  std::vector<std::string> urls{};       // "/metrics", "/healthz/*", "*"

  bool operator==(const PolicyRule&) const = default;
};

using PolicyRules = std::vector<PolicyRule>;

// Of a Role or ClusterRole; what has the wrong shape allows nothing.
PolicyRules rules_of(const Json& role);
Json to_json(const PolicyRule& rule);

bool allows(const PolicyRule& rule, const Attributes& attributes);

// What `owned` lacks to be able to give all of `granted`, one line a rule as the real server prints it; sorted.
std::vector<std::string> missing_rights(const PolicyRules& owned, const PolicyRules& granted);

}  // namespace fakeapi
