#include "sim/run/policy_run.h"

#include <algorithm>
#include <cmath>
#include <memory>

#include "common/base/check.h"
#include "common/base/metrics.h"
#include "common/base/task_group.h"
#include "common/base/time_format.h"
#include "common/base/virtual_time.h"
#include "common/http/faulty_transport.h"
#include "common/http/in_process_transport.h"
#include "fake-apiserver/controllers/cluster.h"
#include "fake-apiserver/fake_apiserver.h"
#include "scaler/app/scaler_app.h"
#include "scaler/model/decision_json.h"
#include "sim/bridge/policy_objects.h"
#include "sim/bridge/system_bridge.h"
#include "sim/bridge/workload_metrics.h"
#include "sim/metrics/demand.h"
#include "sim/run/disruptions.h"
#include "sim/run/pausable_metrics.h"
#include "sim/run/policy_inputs.h"
#include "sim/run/replay_options.h"
#include "sim/run/summary.h"

namespace sim {
namespace {

using namespace std::chrono_literals;

double milliseconds(Ticks t) { return static_cast<double>(t) / 1e6; }

// A decision service at the address of a scaler: its own interface, while it runs.
class AdviceDesk final : public http::Handler {
 public:
  explicit AdviceDesk(const std::unique_ptr<scaler::ScalerApp>& scaler) : scaler_(scaler) {}

  boost::asio::awaitable<http::Reply> handle(http::Request request) override {
    if (scaler_) return scaler_->handler().handle(std::move(request));
    return nobody();
  }

 private:
  static boost::asio::awaitable<http::Reply> nobody() {
    http::Response response;
    response.status = 503;
    co_return http::Reply(std::move(response));
  }

  const std::unique_ptr<scaler::ScalerApp>& scaler_;
};

// Everything that one replay owns, in the order of dependence.
class Replay {
 public:
  Replay(const Scenario& scenario, const PolicyFile* policy, std::unique_ptr<RequestEngine> engine,
         base::LogLevel log_level)
      : scenario_(scenario),
        policy_(policy),
        random_(scenario.seed),
        time_(scenario.start - kPreRoll),
        log_(time_, base::LogOptions{log_level, base::LogFormat::kLogfmt}),
        api_(time_, random_.fork("api"), fakeapi::FakeApiServerOptions{}, metrics_),
        engine_(std::move(engine)),
        bridge_(scenario, api_.store(), *engine_),
        cluster_(cluster_options(scenario), api_.store(), time_, random_.fork("cluster"), &bridge_, metrics_),
        prometheus_(bridge_, time_, first_scrape(random_)),
        workload_metrics_(cluster_.metrics(), bridge_, prometheus_, time_),
        all_metrics_(workload_metrics_),
        in_process_(api_),
        faulty_(in_process_, time_, random_.fork("faults"), fault_rules(scenario)),
        deaf_(in_process_, time_, random_.fork("deaf"), {http::FaultRule{.reset_probability = 1.0}}),
        advice_desk_(scaler_),
        advice_(advice_desk_),
        disruptions_(scenario, {bridge_, cluster_, api_.watch_hub(), all_metrics_, [this] { stop_scaler(); },
                                [this] { start_scaler(); }}),
        others_(scenario.workloads.size()) {
    api_.set_metrics_source(&all_metrics_);
  }

  // However the replay ends, the scaler's coroutines end before what they refer to.
  ~Replay() { stop_scaler(); }
  Replay(const Replay&) = delete;
  Replay& operator=(const Replay&) = delete;

  base::Result<PolicyResult> run(RunControl& control) {
    if (auto ready = prepare(control); !ready) return ready.error();
    for (std::int64_t second = 0; second < scenario_.duration / 1s; ++second) {
      record_cluster();
      if (auto ok = run_until(scenario_.start + std::chrono::seconds(second + 1), control); !ok) return ok.error();
      ++control.seconds_done;
    }
    received_.push_back(received_by_first());
    engine_->finish();
    return result();
  }

 private:
  // In steps of a second, so that a stop is obeyed soon, and with what happens between.
  base::Result<> run_until(base::Time t, const RunControl& control) {
    while (time_.now() < t) {
      if (control.stop) return base::Error{base::ErrorCode::kCancelled, "interrupted"};
      time_.run_until(std::min({t, time_.now() + 1s, std::max(time_.now(), disruptions_.next_at())}));
      if (time_.now() >= disruptions_.next_at()) {
        if (auto done = disruptions_.perform(); !done) return done;
      }
      // Whatever asks nothing of the pods would not notice what happens to them, or that there are none.
      if (engine_->kills() && begun_) engine_->advance_to((time_.now() - scenario_.start).count());
      for (const SystemBridge::Failure& failure : bridge_.take_failures()) {
        cluster_.actions().restart_container(failure.ns, failure.pod, failure.reason);
      }
      activate();
      mirror();
    }
    return {};
  }

  // What an activator in front of a workload at zero does: asks for a replica a while after the first request waits.
  void activate() {
    for (std::size_t i = 0; i < scenario_.workloads.size(); ++i) {
      const WorkloadSpec& workload = scenario_.workloads[i];
      if (!workload.activation) continue;
      WorkloadBridge& bridge = *bridge_.workloads()[i];
      const bool waits = bridge.state().desired == 0 && engine_->waiting_for_pods(workload.service) > 0;
      std::optional<base::Time>& since = others_[i].waits_since;
      if (!waits) {
        since.reset();
      } else if (!since) {
        since = time_.now();
      } else if (time_.now() - *since >= *workload.activation) {
        const auto scaled = bridge.scale_to(1);
        CHECK(scaled.has_value(), "a Deployment that the bridge made can be scaled");
        since.reset();
      }
    }
  }

  void mirror() {
    for (const auto& bridge : bridge_.workloads()) {
      if (bridge->workload().mirrors.empty()) continue;
      const int wanted = bridge_.workload(bridge->workload().mirrors).state().desired;
      if (bridge->state().desired == wanted) continue;
      const auto scaled = bridge->scale_to(wanted);
      CHECK(scaled.has_value(), "a Deployment that the bridge made can be scaled");
    }
  }

  // Brings the cluster up and the traffic to its first rate, hands over the policies and starts the scaler.
  base::Result<> prepare(const RunControl& control) {
    if (auto deployed = bridge_.deploy(); !deployed) return deployed;
    if (auto ok = run_until(scenario_.start - kLeadIn, control); !ok) return ok;
    for (const auto& bridge : bridge_.workloads()) {
      const WorkloadSpec& workload = bridge->workload();
      if (bridge->state().ready == workload.replicas) continue;
      return base::Error{base::ErrorCode::kInvalid,
                         workload.replicas_where + ": only " + std::to_string(bridge->state().ready) + " of " +
                             std::to_string(workload.replicas) + " replicas became ready in the " +
                             base::format_duration(kPreRoll) +
                             " before the start: too few nodes for them, or a start-up that takes longer"};
    }
    bridge_.begin();
    begun_ = true;
    measure();
    if (auto ok = run_until(scenario_.start, control); !ok) return ok;
    if (policy_) {
      if (auto created = create_policy_objects(*policy_, api_.store()); !created) return created;
      start_scaler();
    }
    return {};
  }

  // The targets of a Prometheus are scraped on a grid of its own.
  static base::Duration first_scrape(const base::Random& random) {
    base::Random phase = random.fork("prometheus/phase");
    return base::Duration(
        static_cast<std::int64_t>(phase.uniform() * static_cast<double>(Prometheus::kScrapeInterval.count())));
  }

  // Begins to measure what the policy will ask for.
  void measure() {
    if (!policy_) return;
    PolicyInputs inputs = inputs_of(*policy_);
    for (TriggerMetric& trigger : inputs.triggers) workload_metrics_.add(std::move(trigger));
    if (inputs.rates) workload_metrics_.measure_rates();
  }

  void start_scaler() {
    if (!policy_ || scaler_) return;
    scaler::ScalerConfig config = scaler_config(scenario_, random_.fork("scaler/phase"));
    config.policies = policies_without_objects(*policy_);
    // Without a policy that has an opinion, whoever asks the decision service finds nobody there.
    config.decision_service = has_advice(*policy_) ? static_cast<http::Transport*>(&advice_) : &deaf_;
    http::Transport& transport = scenario_.actions.empty() ? static_cast<http::Transport&>(in_process_) : faulty_;
    scaler_ =
        std::make_unique<scaler::ScalerApp>(std::move(config), time_, transport, random_.fork("scaler"), log_, metrics_,
                                            [this](const scaler::Decision& decision) { record(decision); });
    scaler_->start();
  }

  void stop_scaler() {
    if (!scaler_) return;
    base::TaskGroup stopping(time_.executor());
    stopping.spawn(scaler_->stop());
    time_.run_ready();
    scaler_.reset();
  }

  // Lines of all policies stand in one file; each says whose it is, by the name that the run gives it.
  std::string to_line(scaler::Decision decision) const {
    decision.policy = policy_->name;
    decision.number = decisions_.size() + 1;  // the scaler itself may be restarted within a night
    return scaler::to_json_line(decision);
  }

  void record(const scaler::Decision& decision) {
    decisions_.push_back(to_line(decision));
    if (decision.target != first_target()) return;
    taken_ = 0;
    for (const scaler::Step& step : decision.steps) {
      if (step.rule.ends_with("maxReplicas")) taken_ += std::max(0, step.before - step.after);
    }
    if (!decision.raw) return;
    const auto selected = std::find_if(decision.inputs.begin(), decision.inputs.end(),
                                       [&](const scaler::Input& input) { return input.metric == decision.selected; });
    const base::Duration age =
        selected == decision.inputs.end() ? base::Duration::zero() : selected->age.value_or(base::Duration::zero());
    moments_.push_back({decision.at - scenario_.start, age, decision.current, *decision.raw, decision.final});
  }
  std::string first_target() const { return scenario_.workload().ns + "/" + scenario_.workload().name; }

  // Attempts that reached the first workload so far.
  std::uint64_t received_by_first() const {
    const auto services = engine_->services();
    return services.empty() ? 0 : services[scenario_.workload().service].received;
  }

  // Requests in a second that the first workload's pods must be enough for: all of them, unless others or a cache in
  // front answer some.
  double load_of_first(std::size_t second, const SecondResult& all) const {
    if (scenario_.system.services.size() == 1 && !scenario_.system.edge) return static_cast<double>(all.arrivals);
    return static_cast<double>(received_[second + 1] - received_[second]);
  }

  void record_cluster() {
    received_.push_back(received_by_first());
    const WorkloadBridge::State state = bridge_.first().state();
    const double rate = scenario_.service().workers / to_seconds(scenario_.service().service.mean);
    series_.desired.push_back(state.desired);
    series_.ready.push_back(state.ready);
    series_.capacity.push_back(state.ready * rate);
    series_.nodes.push_back(bridge_.ready_nodes());
    series_.pods.push_back(bridge_.pods());
    first_pods_.push_back(state.pods);
    capped_.push_back(taken_);
    for (std::size_t i = 1; i < others_.size(); ++i) {
      const WorkloadBridge::State other = bridge_.workloads()[i]->state();
      others_[i].desired.push_back(other.desired);
      others_[i].ready.push_back(other.ready);
    }
  }

  void record_requests() {
    const SloOptions& slo = scenario_.system.slo;
    const ServiceOptions& service = scenario_.service();
    for (const SecondResult& second : engine_->seconds()) {
      if (second.second < 0) continue;
      series_.arrivals.push_back(static_cast<std::int64_t>(second.arrivals));
      series_.p50_ms.push_back(milliseconds(second.p50));
      series_.p95_ms.push_back(milliseconds(second.p95));
      series_.p99_ms.push_back(milliseconds(second.p99));
      series_.failed.push_back(static_cast<std::int64_t>(second.failed));
      series_.bad.push_back(static_cast<std::int64_t>(second.bad));
      series_.satisfied.push_back(static_cast<std::int64_t>(second.satisfied));
      series_.tolerating.push_back(static_cast<std::int64_t>(second.tolerating));
      series_.demand.push_back(demand_pods(load_of_first(series_.demand.size(), second),
                                           to_seconds(service.service.mean), static_cast<int>(service.workers),
                                           to_seconds(slo.latency), slo.percentile));
    }
  }

  PolicyResult result() {
    record_requests();
    PolicyResult result;
    result.name = policy_ ? policy_->name : "none";
    if (policy_) result.text = policy_->text;
    result.summary = summary();
    result.series = std::move(series_);
    result.services = engine_->services();
    for (std::size_t i = 1; i < others_.size(); ++i) {
      result.other_workloads.push_back(
          {scenario_.workloads[i].name, std::move(others_[i].desired), std::move(others_[i].ready)});
    }
    result.decisions = std::move(decisions_);
    return result;
  }

  Summary summary() const {
    return summarize({scenario_, engine_->totals(), series_, first_pods_, moments_, bridge_.first().moments(), capped_,
                      bridge_.first().scale_events(), bridge_.first().scale_reversals()});
  }

  const Scenario& scenario_;
  const PolicyFile* const policy_;
  base::Random random_;
  base::VirtualTime time_;
  base::Log log_;
  base::Metrics metrics_;
  fakeapi::FakeApiServer api_;
  std::unique_ptr<RequestEngine> engine_;
  SystemBridge bridge_;
  fakeapi::Cluster cluster_;
  Prometheus prometheus_;
  WorkloadMetrics workload_metrics_;
  PausableMetrics all_metrics_;
  http::InProcessTransport in_process_;
  http::FaultyTransport faulty_;
  http::FaultyTransport deaf_;
  std::unique_ptr<scaler::ScalerApp> scaler_;
  AdviceDesk advice_desk_;
  http::InProcessTransport advice_;
  Disruptions disruptions_;
  std::vector<std::string> decisions_;
  Series series_;
  std::vector<int> first_pods_;  // of the first workload, a second each, as is capped_
  std::vector<int> capped_;
  std::vector<std::uint64_t> received_;  // by the first workload until each second, and until the end
  bool begun_ = false;                   // traffic
  int taken_ = 0;                        // pods that maxReplicas took from the last decision for the first workload
  std::vector<DecisionMoment> moments_;
  struct Other {
    std::vector<int> desired;
    std::vector<int> ready;
    std::optional<base::Time> waits_since;  // requests, for the workload's first pod
  };
  std::vector<Other> others_;  // by workload; series of the first are in series_
};

}  // namespace

base::Result<PolicyResult> run_policy(const Scenario& scenario, const PolicyFile* policy,
                                      const PolicyRunOptions& options, RunControl& control) {
  EngineChoice choice = options.engine;
  choice.knows_held = policy != nullptr && inputs_of(*policy).held;
  auto engine = make_engine(scenario, with_lead_in(scenario), choice, base::Random(scenario.seed).fork("traffic"));
  if (!engine) return engine.error();
  return std::make_unique<Replay>(scenario, policy, std::move(*engine), options.log_level)->run(control);
}

}  // namespace sim
