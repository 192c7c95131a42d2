#include "scaler/control/target_controller.h"

#include <algorithm>

#include "scaler/informer/wait_for.h"
#include "scaler/policy/decision_steps.h"

namespace scaler {
namespace asio = boost::asio;

using base::Result;

Role role_of(const PolicySpec& spec) {
  if (std::holds_alternative<HpaTunerSpec>(spec.rules)) return Role::kMinReplicas;
  if (std::holds_alternative<HumanOperatorSpec>(spec.rules)) return Role::kMinReplicas;
  const bool advises = std::holds_alternative<ScalingPolicySpec>(spec.rules) && spec.target.kind == kHpaKind;
  return advises ? Role::kAdvice : Role::kReplicas;
}

TargetController::TargetController(PolicyId id, PolicySpec spec, std::unique_ptr<Policy> policy, bool writes_status,
                                   const ControlParts& parts)
    : id_(std::move(id)),
      spec_(std::move(spec)),
      role_(role_of(spec_)),
      target_(ObjectKey{spec_.ns, spec_.target.name}),
      policy_(std::move(policy)),
      writes_status_(writes_status),
      parts_(parts),
      woken_(parts.clock.executor()),
      status_(spec_) {
  if (role_ != Role::kAdvice) parts_.ownership.claim(written(), id_);
}

asio::awaitable<void> TargetController::run(std::shared_ptr<TargetController> self) { co_await self->loop(); }

void TargetController::end() {
  ended_ = true;
  if (role_ != Role::kAdvice) parts_.ownership.release(written(), id_);
  woken_.notify_all();
}

WrittenField TargetController::written() const {
  return {role_ == Role::kMinReplicas ? WrittenField::Kind::kMinReplicas : WrittenField::Kind::kReplicas, target_};
}

std::optional<ObjectKey> TargetController::advised_hpa() const {
  return role_ == Role::kAdvice ? std::optional(target_) : std::nullopt;
}

std::optional<ObjectKey> TargetController::deployment() const {
  return role_ == Role::kReplicas ? std::optional(target_) : parts_.ownership.deployment_of_hpa(target_);
}

asio::awaitable<void> TargetController::loop() {
  base::Time due = parts_.clock.now() + parts_.options.first_loop_delay;
  base::Time next_loop = due;
  if (due > parts_.clock.now()) co_await wait_until(due);
  Trigger trigger = Trigger::kLoop;
  while (!ended_) {
    co_await evaluate(trigger);
    if (ended_) break;
    const base::Time now = std::max(parts_.clock.now(), due);  // a wall clock may be set back
    while (next_loop <= now) next_loop += parts_.options.period;
    const auto edge = policy_->next_wake(now);
    const bool edge_first = edge && *edge > now && *edge <= next_loop;
    trigger = edge_first ? Trigger::kSchedule : Trigger::kLoop;
    due = edge_first ? *edge : next_loop;
    co_await wait_until(due);
  }
}

asio::awaitable<void> TargetController::wait_until(base::Time at) {
  const auto ended = [this] { return ended_; };
  co_await wait_for(parts_.clock, woken_, at, ended);
}

asio::awaitable<void> TargetController::evaluate(Trigger trigger) {
  const base::Time asked = parts_.clock.now();
  MetricNeeds needs = policy_->needs();
  auto observing = observe(std::move(needs));
  auto observed = co_await std::move(observing);
  if (ended_) co_return;
  const auto permitted = may_write();
  if (!observed || !permitted) {
    Decision decision = undecided(trigger, observed ? permitted.error() : observed.error());
    decision.at = asked;
    if (observed) {
      const Observation& seen = observed->observation;
      last_known_ = seen.hpa ? seen.hpa->min_replicas : seen.scale.spec_replicas;
      decision.current = decision.final = last_known_;
    }
    finish(decision);
    if (writes_status_) co_await write_status(std::move(decision), observed.has_value());
    co_return;
  }
  if (role_ == Role::kReplicas) observed->observation.current_min_replicas = current_min_replicas();
  Decision decision = policy_->evaluate(observed->observation);
  identify(decision, trigger);
  if (role_ != Role::kAdvice) hold_if_stopped(decision);
  last_known_ = decision.current;
  co_await apply(decision, std::move(*observed));
  finish(decision);
  if (writes_status_ && !ended_) co_await write_status(std::move(decision), true);
}

asio::awaitable<Result<Observed>> TargetController::observe(MetricNeeds needs) {
  if (role_ == Role::kMinReplicas) {
    auto observing = parts_.observer.observe_hpa_of_tuner(target_, std::move(needs));
    co_return co_await std::move(observing);
  }
  const auto scaled = deployment();
  if (!scaled) {
    co_return base::Error{base::ErrorCode::kNotFound,
                          "HorizontalPodAutoscaler " + target_.text() + " that scales a Deployment not found"};
  }
  auto observing = parts_.observer.observe_deployment(*scaled, std::move(needs));
  co_return co_await std::move(observing);
}

void TargetController::hold_if_stopped(Decision& decision) const {
  const auto scaled = deployment();
  if (!scaled || !parts_.ownership.is_stopped(*scaled)) return;
  decision.note += (decision.note.empty() ? "" : "; ") + std::string("suspended by /stop");
  step_to(decision, decision.current, "stop", "Deployment " + scaled->text() + " was stopped and not started again");
}

asio::awaitable<void> TargetController::apply(Decision& decision, Observed observed) {
  if (role_ == Role::kAdvice) {
    decision.applied.ok = true;
    decision.applied.status = "advice";
    co_return;
  }
  // A stop that comes in between two attempts counts.
  const auto still_wanted = [this] {
    const auto scaled = deployment();
    return !scaled || !parts_.ownership.is_stopped(*scaled);
  };
  auto acting = role_ == Role::kMinReplicas
                    ? parts_.actuator.set_min_replicas(target_, std::move(observed.hpa_resource_version),
                                                       decision.current, decision.final, still_wanted)
                    : parts_.actuator.set_replicas(std::move(observed.scale), decision.final, still_wanted);
  const Actuation actuation = co_await std::move(acting);
  decision.applied.ok = actuation.result.has_value();
  decision.applied.status = actuation.status;
  decision.applied.latency = actuation.latency;
  if (actuation.status != "patched") co_return;
  last_known_ = decision.final;
  policy_->applied(decision);
}

asio::awaitable<void> TargetController::write_status(Decision decision, bool scale_read) {
  const auto hpa = parts_.view.hpas().cache().find(id_.key);
  if (!hpa) co_return;
  auto patch = status_.patch(*hpa, decision, scale_read);
  if (!patch) co_return;
  const auto written = co_await parts_.client.patch_hpa_status(id_.key, std::move(*patch));
  if (written) co_return;
  status_.forget();
  parts_.log.warning("HPA status not written", {{"policy", id_.text()}, {"error", written.error().message}});
}

Result<> TargetController::may_write() const {
  if (role_ == Role::kAdvice) return {};
  std::string conflict = parts_.ownership.conflict(written(), id_);
  if (conflict.empty()) return {};
  parts_.metrics.increment("scaler_ownership_refusals_total", "Decisions not made because the target has another owner",
                           {{"policy", id_.text()}});
  return base::Error{base::ErrorCode::kConflict, "refused: " + conflict};
}

Decision TargetController::undecided(Trigger trigger, const base::Error& error) const {
  Decision decision;
  decision.field = role_ == Role::kMinReplicas ? "minReplicas" : "replicas";
  decision.current = decision.final = last_known_;
  decision.error = error.message;
  decision.applied.status = error.message;
  identify(decision, trigger);
  return decision;
}

void TargetController::identify(Decision& decision, Trigger trigger) const {
  decision.policy = spec_.name;
  decision.target = target_.text();
  if (role_ == Role::kAdvice) decision.field = "advice";
  if (decision.trigger == Trigger::kLoop) decision.trigger = trigger;  // a policy may know better, as in a panic
}

std::optional<int> TargetController::current_min_replicas() const {
  if (id_.kind != kHpaKind) return std::nullopt;
  const auto hpa = parts_.view.hpas().cache().find(id_.key);
  if (!hpa || !writes_status_) return std::nullopt;
  return observe_hpa(*hpa).min_replicas;
}

void TargetController::finish(const Decision& decision) {
  const bool undecided = !decision.raw && !decision.error.empty();
  const char* outcome = undecided ? "undecided" : "unchanged";
  if (decision.final != decision.current) outcome = decision.applied.ok ? "changed" : "failed";
  if (role_ == Role::kAdvice && !undecided) outcome = "advised";
  parts_.metrics.increment("scaler_decisions_total", "Decisions by policy and outcome",
                           {{"policy", id_.text()}, {"outcome", outcome}});
  const base::Metrics::Labels labels{{"policy", id_.text()}, {"target", decision.target}, {"field", decision.field}};
  if (!undecided) {
    parts_.metrics.set("scaler_desired_replicas", "The number of replicas that was decided on last", decision.final,
                       labels);
  }
  parts_.sink(decision);
}

}  // namespace scaler
