#include "scaler/control/control_loop.h"

#include <nlohmann/json.hpp>

#include "scaler/policy/policy_factory.h"
#include "scaler/policy/policy_file.h"

namespace scaler {
namespace asio = boost::asio;
namespace {

// An HPA's minReplicas may change under a running controller (a tuner's work), whose memory must survive it.
std::string fingerprint_of(const PolicyObject& object) {
  nlohmann::json spec = object.document->value("spec", nlohmann::json::object());
  if (object.kind == kHpaKind && spec.is_object()) spec.erase("minReplicas");
  return object.meta.uid + spec.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

// Empty if the policy can be followed.
std::string unsupported(const PolicySpec& spec, bool allow_people) {
  if (std::holds_alternative<HumanOperatorSpec>(spec.rules) && !allow_people) {
    return "a HumanOperator is a baseline for simulations, it is not followed here";
  }
  const Role role = role_of(spec);
  const std::string wanted = role == Role::kReplicas ? "Deployment" : kHpaKind;
  if (spec.target.kind == wanted) return {};
  return "scaleTargetRef.kind is " + spec.target.kind + ", only " + wanted + " is supported";
}

}  // namespace

std::string kind_of(const PolicySpec& spec) {
  if (std::holds_alternative<HpaSpec>(spec.rules)) return kHpaKind;
  if (std::holds_alternative<HpaTunerSpec>(spec.rules)) return kTunerKind;
  if (std::holds_alternative<HumanOperatorSpec>(spec.rules)) return kHumanKind;
  if (std::holds_alternative<KedaSpec>(spec.rules)) return kKedaKind;
  if (std::holds_alternative<KpaSpec>(spec.rules)) return kKpaKind;
  if (std::holds_alternative<WpaSpec>(spec.rules)) return kWpaKind;
  return kScalingPolicyKind;
}

ControlLoop::ControlLoop(ControlParts parts, base::TaskGroup& tasks, std::vector<PolicySpec> from_files, bool run_hpas)
    : parts_(std::move(parts)), tasks_(tasks), from_files_(std::move(from_files)), run_hpas_(run_hpas) {
  if (run_hpas_) follow(parts_.view.hpas());
  follow(parts_.view.tuners());
  follow(parts_.view.scaling_policies());
}

void ControlLoop::follow(Informer<PolicyObject>& informer) {
  ObjectCache<PolicyObject>::Handlers handlers;
  handlers.added = [this](const auto& object) { put(*object); };
  handlers.updated = [this](const auto&, const auto& after) { put(*after); };
  handlers.deleted = [this](const auto& last) {
    const PolicyId id{last->kind, last->meta.key};
    if (!is_from_file(id)) remove(id);
  };
  informer.cache().subscribe(std::move(handlers));
}

asio::awaitable<void> ControlLoop::start() {
  co_await parts_.view.wait_until_synced();
  started_ = true;
  for (const PolicySpec& spec : from_files_) {
    const PolicyId id{kind_of(spec), ObjectKey{spec.ns, spec.name}};
    run(id, spec, running_[id], false);
  }
  if (run_hpas_) parts_.view.hpas().cache().for_each("", [this](const PolicyObject& object) { put(object); });
  parts_.view.tuners().cache().for_each("", [this](const PolicyObject& object) { put(object); });
  parts_.view.scaling_policies().cache().for_each("", [this](const PolicyObject& object) { put(object); });
}

bool ControlLoop::is_from_file(const PolicyId& id) const {
  const auto found = running_.find(id);
  return found != running_.end() && found->second.fingerprint.empty();
}

void ControlLoop::put(const PolicyObject& object) {
  if (!started_) return;
  const PolicyId id{object.kind, object.meta.key};
  std::string fingerprint = fingerprint_of(object);
  const auto existing = running_.find(id);
  if (existing != running_.end()) {
    if (is_from_file(id) || existing->second.fingerprint == fingerprint) return;
    if (existing->second.uid != object.meta.uid) remove(id);
  }
  Running& entry = running_[id];
  entry.uid = object.meta.uid;
  entry.fingerprint = std::move(fingerprint);
  auto spec = read_policy(config::from_json(*object.document), config::Strictness::kLenient);
  run(id, std::move(spec), entry, object.kind == kHpaKind);
}

void ControlLoop::run(const PolicyId& id, base::Result<PolicySpec> spec, Running& entry, bool writes_status) {
  if (entry.controller && !entry.rejected) entry.controller->end();
  const std::string why = spec ? unsupported(*spec, parts_.options.allow_people) : spec.error().message;
  entry.rejected = !why.empty();
  if (entry.rejected) {
    parts_.metrics.increment("scaler_invalid_policies_total", "Policy objects that can't be followed",
                             {{"policy", id.text()}});
    parts_.log.error("policy rejected", {{"policy", id.text()}, {"error", why}});
    return;
  }
  auto policy = make_policy(*spec, parts_.options.policies);
  if (entry.controller) policy->inherit(entry.controller->policy());
  entry.controller = std::make_shared<TargetController>(id, std::move(*spec), std::move(policy), writes_status, parts_);
  parts_.log.info("policy started", {{"policy", id.text()}});
  tasks_.spawn(TargetController::run(entry.controller));
}

std::optional<int> ControlLoop::advised_min(const ObjectKey& hpa, base::Time now) const {
  std::optional<int> most;
  for (const auto& [id, entry] : running_) {
    if (!entry.controller || entry.rejected || entry.controller->advised_hpa() != hpa) continue;
    const auto advised = entry.controller->policy().advised_min(now);
    if (advised && (!most || *advised > *most)) most = advised;
  }
  return most;
}

void ControlLoop::remove(const PolicyId& id) {
  const auto found = running_.find(id);
  if (found == running_.end()) return;
  if (found->second.controller && !found->second.rejected) found->second.controller->end();
  running_.erase(found);
  parts_.log.info("policy ended", {{"policy", id.text()}});
}

}  // namespace scaler
