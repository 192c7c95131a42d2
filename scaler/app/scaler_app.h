// The whole scaler over one Transport and one Clock: the same in a simulation (in process, virtual time) and as a
// daemon (TCP, real time).
//
//   ScalerApp app(config, clock, transport, random.fork("scaler"), log, metrics, record_decision);
//   app.start();
//   ... the executor runs ...
//   co_await app.stop();
//
// Single-threaded, on the clock's executor. stop() must have returned before it is destroyed.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <map>
#include <memory>

#include "common/base/task_group.h"
#include "scaler/app/config.h"
#include "scaler/control/control_loop.h"

namespace scaler {

class ScalerApp {
 public:
  // The references outlive the app. `sink` gets every decision, in order; it may be empty.
  ScalerApp(ScalerConfig config, base::Clock& clock, http::Transport& transport, base::Random random,
            const base::Log& log, base::Metrics& metrics, DecisionSink sink);
  ~ScalerApp();

  void start();
  // Cancels everything and returns when the last task has ended.
  boost::asio::awaitable<void> stop();

  // Every cache has been listed once and the control loops run.
  bool is_ready() const { return view_.is_synced(); }

  // The scaler's own interface.
  http::Handler& handler() { return rest_; }

  // Asks the API for its version, again and again with back-off, until it answers; kUnauthorized at once if it denies
  // us, the last error once `limit` has passed.
  boost::asio::awaitable<base::Result<>> wait_for_api(base::Duration limit);

 private:
  void record(Decision decision);
  bool is_old_failure(const Decision& decision);
  DecisionSink recorder();
  ControlParts control_parts(ControlOptions options);
  RestHandler::Parts rest_parts();

  base::Clock& clock_;
  const base::Log& log_;
  base::Metrics& metrics_;
  base::Random random_;
  const DecisionSink sink_;
  const BackoffOptions backoff_;
  std::uint64_t decided_ = 0;  // decisions so far
  KubeClient client_;
  ClusterView view_;
  Ownership ownership_;
  ScaleActuator actuator_;
  std::unique_ptr<DecisionService> decision_service_;
  Observer observer_;
  EventRecorder events_;
  DecisionLog decisions_;
  std::map<std::string, std::string> failing_;  // policies and what was logged of their failure
  base::TaskGroup tasks_;
  ControlLoop control_;
  RestHandler rest_;
};

}  // namespace scaler
