#include "scaler/app/scaler_app.h"

#include <algorithm>
#include <utility>

namespace scaler {
namespace asio = boost::asio;
namespace {

constexpr base::Duration kShortestProbe = std::chrono::seconds(1);

std::unique_ptr<DecisionService> make_decision_service(http::Transport* transport, base::Clock& clock,
                                                       const base::Log& log, base::Metrics& metrics) {
  if (transport == nullptr) return nullptr;
  return std::make_unique<DecisionService>(*transport, clock, log, metrics);
}

std::string failing_key(const Decision& decision) {
  return decision.policy + ' ' + decision.field + ' ' + decision.target;
}

}  // namespace

ScalerApp::ScalerApp(ScalerConfig config, base::Clock& clock, http::Transport& transport, base::Random random,
                     const base::Log& log, base::Metrics& metrics, DecisionSink sink)
    : clock_(clock),
      log_(log),
      metrics_(metrics),
      random_(random),
      sink_(std::move(sink)),
      backoff_(config.reflector.backoff),
      client_(transport, clock, metrics, config.client),
      view_(client_, clock, random.fork("informers"), log, metrics, config.reflector, config.ns),
      ownership_(view_.hpas().cache(), config.force_ownership),
      actuator_(client_, clock, random.fork("actuator"), log, metrics, config.actuator),
      decision_service_(make_decision_service(config.decision_service, clock, log, metrics)),
      observer_(client_, view_, decision_service_.get(), clock),
      events_(client_, clock, log, metrics),
      decisions_(config.remembered_decisions),
      tasks_(clock.executor()),
      control_(control_parts(config.control), tasks_, std::move(config.policies), config.run_hpa_controller),
      rest_(rest_parts(), config.rest) {
  for (Informer<PolicyObject>* kind : view_.foreign_policies()) ownership_.add_writers(kind->cache());
}

ScalerApp::~ScalerApp() = default;

DecisionSink ScalerApp::recorder() {
  return [this](const Decision& decision) { record(decision); };
}

ControlParts ScalerApp::control_parts(ControlOptions options) {
  options.policies.sync_period = options.period;  // HPAs inside of policies keep the pace of the others
  return ControlParts{
      clock_,  log_,       metrics_,           client_,
      view_,   observer_,  actuator_,          ownership_,
      events_, recorder(), std::move(options), [this](const Decision& ended) { failing_.erase(failing_key(ended)); }};
}

RestHandler::Parts ScalerApp::rest_parts() {
  return RestHandler::Parts{
      clock_,     metrics_,   client_,
      view_,      actuator_,  ownership_,
      decisions_, recorder(), [this](const ObjectKey& hpa) { return control_.advised_min(hpa, clock_.now()); }};
}

void ScalerApp::start() {
  view_.start(tasks_);
  tasks_.spawn(events_.run());
  tasks_.spawn(control_.start());
}

asio::awaitable<void> ScalerApp::stop() {
  tasks_.cancel();
  co_await tasks_.join();
}

asio::awaitable<base::Result<>> ScalerApp::wait_for_api(base::Duration limit) {
  const base::Time deadline = clock_.now() + limit;
  Backoff backoff(backoff_, random_.fork("wait for API"));
  for (;;) {
    const base::Duration left = deadline - clock_.now();
    const auto version = co_await client_.probe("/version", std::max(left, kShortestProbe));
    if (version) co_return base::Result<>();
    const base::Time now = clock_.now();
    const bool denied = version.error().code == base::ErrorCode::kUnauthorized;
    if (denied || now >= deadline) co_return annotate(version.error(), "ask the API for its version");
    co_await clock_.sleep_until(std::min(now + backoff.next(now), deadline));
  }
}

// What fails the same way in every loop is a warning once, until it changes; a request's failure always is.
bool ScalerApp::is_old_failure(const Decision& decision) {
  if (decision.trigger == Trigger::kRest) return false;
  const std::string failure = decision.error + "\n" + (decision.applied.ok ? "" : decision.applied.status);
  std::string& logged = failing_[failing_key(decision)];
  return std::exchange(logged, failure) == failure;
}

void ScalerApp::record(Decision decision) {
  decision.number = ++decided_;
  const bool changed = decision.final != decision.current && decision.field != "advice";
  const auto write = [&](auto level) {
    (log_.*level)("decision", {{"policy", decision.policy},
                               {"target", decision.target},
                               {"trigger", to_string(decision.trigger)},
                               {"from", decision.current},
                               {"to", decision.final},
                               {"selected", decision.selected},
                               {"applied", decision.applied.status},
                               {"error", decision.error}});
  };
  if (!decision.error.empty() || (changed && !decision.applied.ok)) {
    write(is_old_failure(decision) ? &base::Log::debug : &base::Log::warning);
  } else {
    if (decision.trigger != Trigger::kRest) failing_.erase(failing_key(decision));
    write(changed ? &base::Log::info : &base::Log::debug);
  }
  decisions_.add(decision);
  if (sink_) sink_(decision);
}

}  // namespace scaler
