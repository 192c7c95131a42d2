#include "scaler/policy/policy_file.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "scaler/policy/hpa/hpa_reader.h"
#include "scaler/policy/scaling/scaling_policy_reader.h"
#include "scaler/policy/tuner/tuner_reader.h"

namespace scaler {
namespace {

using config::Fields;

// A kind of object that is a policy.
struct Kind {
  std::string name;
  std::string version;
  std::string target;  // the only kind that its scaleTargetRef may name; empty: any
  void (*read)(Fields& spec, PolicySpec& policy);
};

const Kind kKinds[] = {
    {"HorizontalPodAutoscaler", "autoscaling/v2", "", read_hpa},
    {"HpaTuner", "webapp.streamotion.com.au/v1", "HorizontalPodAutoscaler", read_tuner},
    {"ScalingPolicy", "gamenight/v1", "", read_scaling_policy},
};

bool is_dns_subdomain(const std::string& name) {
  const auto alphanumeric = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  if (name.empty() || name.size() > 253 || !alphanumeric(name.front()) || !alphanumeric(name.back())) return false;
  return std::all_of(name.begin(), name.end(), [&](char c) { return alphanumeric(c) || c == '-' || c == '.'; });
}

std::string read_name(Fields& fields, const std::string& key) {
  std::string name = fields.text(key);
  if (!is_dns_subdomain(name)) {
    fields.fail(key, "must be lower-case letters, digits, '-' and '.', with a letter or digit at both ends");
  }
  return name;
}

void read_metadata(Fields& root, PolicySpec& spec) {
  Fields metadata = root.object("metadata");
  spec.name = read_name(metadata, "name");
  if (metadata.has("namespace")) spec.ns = read_name(metadata, "namespace");
  metadata.ignore("labels");
  if (auto annotations = metadata.object_if("annotations")) {
    for (const auto& [key, value] : annotations->value().items()) spec.annotations[key] = annotations->text(key);
  }
}

// `kinds`: empty if any will do.
void read_target(Fields& fields, const std::vector<std::string>& kinds, PolicySpec& spec) {
  Fields reference = fields.object("scaleTargetRef");
  spec.target.kind = kinds.empty() ? reference.text("kind") : reference.choice("kind", kinds);
  if (spec.target.kind.empty()) reference.fail("kind", "must not be empty");
  spec.target.name = read_name(reference, "name");
  spec.target_where = reference.where("name");
  spec.target.api_version = reference.text_or("apiVersion", "");
  const bool needs_group = kinds.empty() && spec.target.kind != "ReplicationController";
  if (needs_group && spec.target.api_version.find('/') == std::string::npos) {
    reference.fail("apiVersion", "must be a group and a version, such as apps/v1");
  }
}

PolicySpec read_root(Fields& root) {
  PolicySpec policy;
  std::vector<std::string> names;
  for (const Kind& kind : kKinds) names.emplace_back(kind.name);
  const std::string name = root.choice("kind", names);
  const Kind& kind = *std::find_if(std::begin(kKinds), std::end(kKinds), [&](const Kind& k) { return name == k.name; });
  root.choice("apiVersion", {kind.version});
  read_metadata(root, policy);
  root.ignore("status");
  Fields spec = root.object("spec");
  kind.read(spec, policy);
  read_target(spec, kind.target.empty() ? std::vector<std::string>{} : std::vector<std::string>{kind.target}, policy);
  return policy;
}

}  // namespace

base::Result<PolicySpec> read_policy(const config::Document& document, config::Strictness strictness) {
  return config::read(document, read_root, strictness);
}

base::Result<std::vector<PolicySpec>> load_policies(const std::filesystem::path& path) {
  auto documents = config::load_yaml(path);
  if (!documents) return documents.error();
  if (documents->empty()) {
    return base::Error{base::ErrorCode::kInvalid, path.string() + ":1:1: the file holds no policy"};
  }
  std::vector<PolicySpec> policies;
  std::map<std::tuple<std::size_t, std::string, std::string>, std::string> seen;
  for (const config::Document& document : *documents) {
    auto policy = read_policy(document);
    if (!policy) return policy.error();
    const std::string where = document.locate("/metadata/name");
    const auto [first, is_new] = seen.emplace(std::tuple(policy->rules.index(), policy->ns, policy->name), where);
    if (!is_new) {
      return base::Error{base::ErrorCode::kInvalid, where + ": name: is taken by the policy at " + first->second};
    }
    policies.push_back(std::move(*policy));
  }
  return policies;
}

}  // namespace scaler
