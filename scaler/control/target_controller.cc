#include "scaler/control/target_controller.h"

#include <algorithm>

#include "scaler/informer/wait_for.h"

namespace scaler {
namespace asio = boost::asio;

using base::Result;

TargetController::TargetController(PolicyId id, PolicySpec spec, std::unique_ptr<Policy> policy, bool writes_status,
                                   const ControlParts& parts)
    : id_(std::move(id)),
      spec_(std::move(spec)),
      target_(ObjectKey{spec_.ns, spec_.target.name}),
      policy_(std::move(policy)),
      writes_status_(writes_status),
      parts_(parts),
      woken_(parts.clock.executor()),
      status_(spec_) {
  if (!is_tuner()) parts_.ownership.claim(target_, id_);
}

asio::awaitable<void> TargetController::run(std::shared_ptr<TargetController> self) { co_await self->loop(); }

void TargetController::end() {
  ended_ = true;
  if (!is_tuner()) parts_.ownership.release(target_, id_);
  woken_.notify_all();
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
  auto observing = is_tuner() ? parts_.observer.observe_hpa_of_tuner(target_, std::move(needs))
                              : parts_.observer.observe_deployment(target_, std::move(needs));
  auto observed = co_await std::move(observing);
  if (ended_) co_return;
  const auto permitted = may_write();
  if (!observed || !permitted) {
    Decision decision = undecided(trigger, observed ? permitted.error() : observed.error());
    decision.at = asked;
    if (observed) decision.current = decision.final = last_known_ = observed->scale.state.spec_replicas;
    finish(decision);
    if (writes_status_) co_await write_status(std::move(decision), observed.has_value());
    co_return;
  }
  if (!is_tuner()) observed->observation.current_min_replicas = current_min_replicas();
  Decision decision = policy_->evaluate(observed->observation);
  identify(decision, trigger);
  last_known_ = decision.current;
  co_await apply(decision, std::move(*observed));
  finish(decision);
  if (writes_status_ && !ended_) co_await write_status(std::move(decision), true);
}

asio::awaitable<void> TargetController::apply(Decision& decision, Observed observed) {
  auto acting = is_tuner() ? parts_.actuator.set_min_replicas(target_, std::move(observed.hpa_resource_version),
                                                              decision.current, decision.final)
                           : parts_.actuator.set_replicas(std::move(observed.scale), decision.final);
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
  if (is_tuner()) return {};
  std::string conflict = parts_.ownership.conflict(target_, id_);
  if (conflict.empty()) return {};
  parts_.metrics.increment("scaler_ownership_refusals_total", "Decisions not made because the target has another owner",
                           {{"policy", id_.text()}});
  return base::Error{base::ErrorCode::kConflict, "refused: " + conflict};
}

Decision TargetController::undecided(Trigger trigger, const base::Error& error) const {
  Decision decision;
  decision.field = is_tuner() ? "minReplicas" : "replicas";
  decision.current = decision.final = last_known_;
  decision.error = error.message;
  decision.applied.status = error.message;
  identify(decision, trigger);
  return decision;
}

void TargetController::identify(Decision& decision, Trigger trigger) const {
  decision.policy = spec_.name;
  decision.target = target_.text();
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
