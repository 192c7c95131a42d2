#include "scaler/control/target_controller.h"

#include <algorithm>
#include <utility>

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
                                   base::Time first, const ControlParts& parts)
    : id_(std::move(id)),
      spec_(std::move(spec)),
      role_(role_of(spec_)),
      target_(ObjectKey{spec_.ns, spec_.target.name}),
      policy_(std::move(policy)),
      hpa_(dynamic_cast<HpaPolicy*>(policy_.get())),
      writes_status_(writes_status),
      parts_(parts),
      woken_(parts.clock.executor()),
      due_(first),
      reporter_(id_.key, writes_status, parts) {
  if (role_ != Role::kAdvice) parts_.ownership.claim(written(), id_);
  const auto tuner = parts_.view.tuners().cache().find(id_.key);
  if (tuner && id_.kind == kTunerKind) told_ = decode_tuner_status(*tuner);
}

asio::awaitable<void> TargetController::run(std::shared_ptr<TargetController> self) {
  co_await self->loop();
  if (self->removed_) self->parts_.forget(self->nameplate());  // not sooner: a write under way is told yet
}

void TargetController::end() {
  removed_ = true;
  release();
  retire();
}

void TargetController::retire() {
  ended_ = true;
  woken_.notify_all();
}

asio::awaitable<void> TargetController::finished() {
  while (busy_) co_await woken_.wait();
}

void TargetController::release() {
  if (role_ != Role::kAdvice) parts_.ownership.release(written(), id_);
}

void TargetController::take_over(const TargetController& before) {
  policy_->inherit(*before.policy_);
  reporter_.inherit(before.reporter_);
  last_known_ = before.last_known_;
  const Decision mine = nameplate();
  const Decision other = before.nameplate();
  if (mine.policy == other.policy && mine.target == other.target && mine.field == other.field) return;
  parts_.metrics.remove({{"policy", id_.text()}, {"target", other.target}, {"field", other.field}});
  parts_.forget(other);
}

void TargetController::wake() {
  asked_ = true;
  woken_.notify_all();
}

WrittenField TargetController::written() const {
  if (role_ == Role::kMinReplicas) return {WrittenField::Kind::kMinReplicas, target_};
  return {WrittenField::Kind::kReplicas, target_, scale_target().kind};
}

// What names no kind means a Deployment, as KEDA has it.
ScaleTarget TargetController::scale_target() const {
  if (role_ == Role::kReplicas && !spec_.target.kind.empty()) {
    return {spec_.target.api_version, spec_.target.kind, target_};
  }
  return {"apps/v1", "Deployment", target_};
}

std::optional<ObjectKey> TargetController::advised_hpa() const {
  return role_ == Role::kAdvice ? std::optional(target_) : std::nullopt;
}

std::optional<ObjectKey> TargetController::deployment() const {
  if (role_ != Role::kReplicas) return parts_.ownership.deployment_of_hpa(target_);
  return scale_target().kind == "Deployment" ? std::optional(target_) : std::nullopt;
}

asio::awaitable<void> TargetController::loop() {
  if (due_ > parts_.clock.now()) co_await wait_until(due_);
  base::Time loop = due_;
  Trigger trigger = Trigger::kLoop;
  while (!ended_) {
    if (std::exchange(asked_, false)) due_ = std::min(due_, parts_.clock.now());
    co_await evaluate(trigger);
    busy_ = false;
    loop = next_loop(loop);
    if (ended_) {
      due_ = loop;  // the successor's
      woken_.notify_all();
      break;
    }
    const base::Time now = std::max(parts_.clock.now(), due_);
    const auto edge = policy_->next_wake(now);
    const bool edge_first = edge && *edge > now && *edge <= loop;
    trigger = edge_first ? Trigger::kSchedule : Trigger::kLoop;
    due_ = edge_first ? *edge : loop;
    co_await wait_until(due_);
  }
}

// An HPA goes back into its controller's queue when a round is over; all others keep to a grid.
base::Time TargetController::next_loop(base::Time last) const {
  const base::Time now = std::max(parts_.clock.now(), due_);  // a wall clock may be set back
  const base::Duration period = policy_->period(parts_.options.period);
  if (hpa_ != nullptr) return now + period;
  while (last <= now) last += period;
  return last;
}

asio::awaitable<void> TargetController::wait_until(base::Time at) {
  const auto done = [this] { return ended_ || asked_; };
  co_await wait_for(parts_.clock, woken_, at, done);
}

asio::awaitable<void> TargetController::evaluate(Trigger trigger) {
  const base::Time asked = parts_.clock.now();
  const base::MonoTime started = parts_.clock.monotonic_now();
  busy_ = hpa_ != nullptr;
  MetricNeeds needs = policy_->needs();
  auto observing = observe(std::move(needs));
  auto observed = co_await std::move(observing);
  if (removed_ || (ended_ && hpa_ == nullptr)) co_return;
  const auto permitted = may_write();
  if (!observed || (!permitted && hpa_ == nullptr)) {
    Decision decision = undecided(trigger, observed ? permitted.error() : observed.error());
    decision.at = asked;
    if (observed) {
      const Observation& seen = observed->observation;
      last_known_ = seen.hpa ? seen.hpa->min_replicas : seen.scale.spec_replicas;
      decision.current = decision.final = last_known_;
    }
    finish(decision);
    if (observed || hpa_ == nullptr) co_return;
    std::optional<base::Error> unreadable = observed.error();
    co_await conclude(std::move(decision), std::move(unreadable), started);
    co_return;
  }
  Observation& seen = observed->observation;
  if (!permitted) {  // to an HPA, another that scales its target is one that selects its pods
    seen.selector_problem = SelectorProblem::kAmbiguous;
    seen.selector_message = permitted.error().message;
  }
  Decision decision = policy_->evaluate(seen);
  identify(decision, trigger);
  if (!permitted) refuse(decision, permitted.error());
  if (role_ != Role::kAdvice) hold_if_stopped(decision);
  last_known_ = decision.current;
  if (permitted) co_await apply(decision, std::move(*observed));
  finish(decision);
  if (removed_) co_return;
  std::optional<base::Error> unreadable;
  if (hpa_ != nullptr) co_await conclude(std::move(decision), std::move(unreadable), started);
  if (role_ == Role::kMinReplicas && !ended_) co_await write_tuner_status();
}

asio::awaitable<void> TargetController::conclude(Decision decision, std::optional<base::Error> unreadable,
                                                 base::MonoTime started) {
  HpaRound round;
  if (unreadable) {
    const bool bad_spec = !parse_group_version(spec_.target.api_version);
    const HpaErrorKind kind = bad_spec ? HpaErrorKind::kSpec : HpaErrorKind::kInternal;
    round = hpa_->scale_unreadable(reporter_.state(), decision.at, kind, unreadable->message);
  } else {
    if (decision.applied.status == "dry-run") decision.final = decision.current;  // nothing came of it
    round = hpa_->conclude(decision);
  }
  const base::Duration took = parts_.clock.monotonic_now() - started;
  co_await reporter_.report(std::move(round), took);
}

void TargetController::refuse(Decision& decision, const base::Error& error) const {
  decision.steps.clear();
  decision.final = decision.current;
  decision.raw.reset();
  decision.error = error.message;
  decision.applied.status = error.message;
}

std::optional<ObservingHpa> TargetController::observing_hpa() const {
  if (hpa_ == nullptr) return std::nullopt;
  return ObservingHpa{id_.key, hpa_, current_min_replicas(), reporter_.state()};
}

std::optional<DecisionQuestion> TargetController::question() const {
  const auto* rules = std::get_if<ScalingPolicySpec>(&spec_.rules);
  if (rules == nullptr) return std::nullopt;
  DecisionQuestion question;
  question.name = target_.text();
  question.current_min = rules->min_replicas;
  return question;
}

asio::awaitable<Result<Observed>> TargetController::observe(MetricNeeds needs) {
  if (role_ == Role::kMinReplicas) {
    auto observing = parts_.observer.observe_hpa_of_tuner(target_, std::move(needs));
    co_return co_await std::move(observing);
  }
  ScaleTarget target = scale_target();
  if (role_ == Role::kAdvice) {
    const auto scaled = deployment();
    if (!scaled) {
      co_return base::Error{base::ErrorCode::kNotFound,
                            "HorizontalPodAutoscaler " + target_.text() + " that scales a Deployment not found"};
    }
    target.key = *scaled;
  }
  auto hpa = observing_hpa();
  auto asked = question();
  auto observing =
      parts_.observer.observe_target(std::move(target), std::move(needs), std::move(hpa), std::move(asked));
  co_return co_await std::move(observing);
}

void TargetController::hold_if_stopped(Decision& decision) const {
  const auto scaled = deployment();
  if (!scaled || !parts_.ownership.is_stopped(*scaled)) return;
  decision.note += (decision.note.empty() ? "" : "; ") + std::string("suspended by /stop");
  decision.events.clear();
  decision.next.reset();
  step_to(decision, decision.current, "stop", "Deployment " + scaled->text() + " was stopped and not started again");
}

asio::awaitable<void> TargetController::apply(Decision& decision, Observed observed) {
  if (role_ == Role::kAdvice) {
    decision.applied.ok = true;
    decision.applied.status = "advice";
    co_return;
  }
  busy_ = true;
  // What comes in between two attempts counts: a stop, an owner that goes before, an edit or the end.
  const auto still_wanted = [this] {
    const auto scaled = deployment();
    const bool stopped = scaled && parts_.ownership.is_stopped(*scaled);
    return !ended_ && !stopped && parts_.ownership.conflict(written(), id_).empty();
  };
  auto acting = role_ == Role::kMinReplicas
                    ? parts_.actuator.set_min_replicas(target_, std::move(observed.hpa_resource_version),
                                                       decision.current, decision.final, still_wanted)
                    : parts_.actuator.set_replicas(std::move(observed.scale), decision.final, still_wanted);
  const Actuation actuation = co_await std::move(acting);
  decision.applied.ok = actuation.result.has_value();
  decision.applied.status = actuation.status;
  decision.applied.latency = actuation.latency;
  if (actuation.status == "dry-run") decision.events.clear();
  if (!decision.events.empty() && !decision.applied.ok) {
    decision.events.assign(1, PolicyEvent{true, "FailedProcessHpaTuner", actuation.status});
  }
  if (actuation.status != "patched") co_return;
  last_known_ = decision.final;
  policy_->applied(decision);
}

asio::awaitable<void> TargetController::write_tuner_status() {
  const auto* tuner = dynamic_cast<const TunerPolicy*>(policy_.get());
  if (parts_.actuator.dry_run()) co_return;
  if (tuner == nullptr || tuner->status() == told_ || !parts_.view.tuners().cache().find(id_.key)) co_return;
  const TunerStatus status = tuner->status();
  std::string path = object_path("apis/webapp.streamotion.com.au/v1", id_.key.ns, "hpatuners", id_.key.name, "status");
  std::string patch = encode_tuner_status(status);
  const auto written = co_await parts_.client.merge_patch(std::move(path), std::move(patch));
  if (written) told_ = status;
  if (!written) {
    parts_.log.warning("HpaTuner status not written", {{"policy", id_.text()}, {"error", written.error().message}});
  }
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
  Decision decision = nameplate();
  decision.current = decision.final = last_known_;
  decision.error = error.message;
  decision.applied.status = error.message;
  identify(decision, trigger);
  return decision;
}

Decision TargetController::nameplate() const {
  Decision decision;
  decision.policy = spec_.name;
  decision.target = target_.text();
  decision.field = role_ == Role::kMinReplicas ? "minReplicas" : role_ == Role::kAdvice ? "advice" : "replicas";
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
  if (!removed_) count(decision);  // of what is gone no series stays
  record_events(decision);
  parts_.sink(decision);
}

void TargetController::count(const Decision& decision) {
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
}

void TargetController::record_events(const Decision& decision) {
  if (decision.events.empty()) return;
  const auto object = parts_.view.tuners().cache().find(id_.key);
  if (!object || id_.kind != kTunerKind) return;
  for (const PolicyEvent& event : decision.events) {
    parts_.events.record(EventSubject{"webapp.streamotion.com.au/v1", id_.kind, object->meta},
                         EventText{"hpa-tuner", event.warning, event.reason, event.message});
  }
}

}  // namespace scaler
