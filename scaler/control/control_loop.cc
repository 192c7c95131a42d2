#include "scaler/control/control_loop.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "scaler/policy/hpa/hpa_queue.h"
#include "scaler/policy/policy_factory.h"
#include "scaler/policy/policy_file.h"

namespace scaler {
namespace asio = boost::asio;
namespace {

// An HPA's minReplicas may change under a running controller (a tuner's work), whose memory must survive it.
std::string fingerprint_of(const PolicyObject& object) {
  nlohmann::json spec = object.document->value("spec", nlohmann::json::object());
  if (object.kind == kHpaKind) {
    if (spec.is_object()) spec.erase("minReplicas");
  } else if (const auto metadata = object.document->find("metadata"); metadata != object.document->end()) {
    // Where KEDA and Knative have settings.
    if (metadata->is_object()) spec = {spec, metadata->value("annotations", nlohmann::json())};
  }
  return object.meta.uid + spec.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

// Empty if the policy can be followed.
std::string unsupported(const PolicySpec& spec, bool allow_people) {
  if (std::holds_alternative<HumanOperatorSpec>(spec.rules) && !allow_people) {
    return "a HumanOperator is a baseline for simulations, it is not followed here";
  }
  if (role_of(spec) == Role::kReplicas || spec.target.kind == kHpaKind) return {};
  return "scaleTargetRef.kind is " + spec.target.kind + ", only " + kHpaKind + " is supported";
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
  for (Informer<PolicyObject>* kind : followed()) follow(*kind);
}

std::vector<Informer<PolicyObject>*> ControlLoop::followed() const {
  std::vector<Informer<PolicyObject>*> kinds;
  if (run_hpas_) kinds.push_back(&parts_.view.hpas());
  for (Informer<PolicyObject>* kind : parts_.view.own_policies()) kinds.push_back(kind);
  if (!run_hpas_) return kinds;
  for (Informer<PolicyObject>* kind : parts_.view.foreign_policies()) kinds.push_back(kind);
  return kinds;
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
  const auto kinds = followed();
  for (const Informer<PolicyObject>* kind : kinds) {
    kind->cache().for_each("", [this](const PolicyObject& object) { put(object); });
  }
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
    if (is_from_file(id)) return;
    if (existing->second.uid != object.meta.uid) {
      remove(id);
    } else if (existing->second.fingerprint == fingerprint) {
      wake_if_edited(existing->second, object);
      return;
    }
  }
  Running& entry = running_[id];
  entry.uid = object.meta.uid;
  entry.fingerprint = std::move(fingerprint);
  entry.generation = object.meta.generation;
  auto spec = read_policy(config::from_json(*object.document), config::Strictness::kLenient);
  run(id, std::move(spec), entry, object.kind == kHpaKind);
}

// Of an HPA whose controller goes on, as when a tuner sets minReplicas.
void ControlLoop::wake_if_edited(Running& entry, const PolicyObject& object) {
  const std::int64_t before = std::exchange(entry.generation, object.meta.generation);
  if (object.kind != kHpaKind || !entry.controller || entry.rejected) return;
  const HpaEnqueue enqueue = enqueue_updated(before, entry.generation, parts_.options.policies.generation);
  if (enqueue.immediate) entry.controller->wake();
}

base::Time ControlLoop::first_round(const PolicyId& id, const Running& entry) const {
  const base::Time now = parts_.clock.now();
  // An edited HPA keeps its turn unless the gate says otherwise.
  if (entry.pending->goes_on && id.kind == kHpaKind && !parts_.options.policies.generation) {
    return std::max(entry.controller->due(), now);
  }
  return now + parts_.options.first_loop_delay;
}

void ControlLoop::run(const PolicyId& id, base::Result<PolicySpec> spec, Running& entry, bool writes_status) {
  const bool goes_on = entry.controller && !entry.rejected;
  if (goes_on) entry.controller->retire();
  const std::string why = spec ? unsupported(*spec, parts_.options.allow_people) : spec.error().message;
  entry.rejected = !why.empty();
  if (entry.rejected) {
    if (entry.controller) entry.controller->release();
    entry.pending.reset();
    parts_.metrics.increment("scaler_invalid_policies_total", "Policy objects that can't be followed",
                             {{"policy", id.text()}});
    parts_.log.error("policy rejected", {{"policy", id.text()}, {"error", why}});
    return;
  }
  entry.pending = Pending{std::move(*spec), writes_status, goes_on};
  if (entry.controller && entry.controller->is_busy()) {
    tasks_.spawn(succeed(id, entry.controller));
  } else {
    start_pending(id, entry);
  }
}

asio::awaitable<void> ControlLoop::succeed(PolicyId id, std::shared_ptr<TargetController> before) {
  co_await before->finished();
  const auto found = running_.find(id);
  if (found == running_.end() || found->second.controller != before || !found->second.pending) co_return;
  start_pending(id, found->second);
}

void ControlLoop::start_pending(const PolicyId& id, Running& entry) {
  const base::Time first = first_round(id, entry);
  Pending pending = std::move(*entry.pending);
  entry.pending.reset();
  auto policy = make_policy(pending.spec, parts_.options.policies);
  const auto object = parts_.view.tuners().cache().find(id.key);
  auto* const tuner = dynamic_cast<TunerPolicy*>(policy.get());
  if (tuner != nullptr && object && !entry.controller) tuner->restore(decode_tuner_status(*object));
  const std::shared_ptr<TargetController> before = entry.controller;
  if (before) before->release();
  entry.controller = std::make_shared<TargetController>(id, std::move(pending.spec), std::move(policy),
                                                        pending.writes_status, first, parts_);
  if (before) entry.controller->take_over(*before);
  if (id.kind == kHpaKind) parts_.observer.hpa_selectors().add(id.key);
  export_counts();
  parts_.log.info("policy started", {{"policy", id.text()}});
  tasks_.spawn(TargetController::run(entry.controller));
}

void ControlLoop::export_counts() {
  parts_.metrics.set("horizontal_pod_autoscaler_controller_num_horizontal_pod_autoscalers", "HPAs that are followed",
                     static_cast<double>(parts_.observer.hpa_selectors().size()));
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
  if (found->second.controller) found->second.controller->end();
  running_.erase(found);
  parts_.metrics.remove({{"policy", id.text()}});
  if (id.kind == kHpaKind) {
    parts_.observer.hpa_selectors().remove(id.key);
    parts_.metrics.remove({{"namespace", id.key.ns}, {"hpa_name", id.key.name}});
  }
  export_counts();
  parts_.log.info("policy ended", {{"policy", id.text()}});
}

}  // namespace scaler
