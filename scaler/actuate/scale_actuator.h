// Writes what was decided: compare-and-swap with a bounded number of retries on conflict, as the HPA's controller does.
//
// Single-threaded; owned by ScalerApp.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <functional>
#include <string>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/metrics.h"
#include "common/base/random.h"
#include "scaler/client/kube_client.h"

namespace scaler {

struct ActuatorOptions {
  bool dry_run = false;                                  // read, but write nothing
  int attempts = 5;                                      // in all; only a conflict leads to another one
  base::Duration pause = std::chrono::milliseconds(10);  // between attempts, up to `jitter` longer
  double jitter = 0.1;
};

// What became of a write.
struct Actuation {
  base::Result<> result;
  std::string status;            // "unchanged", "patched", "dry-run", or the error
  std::string resource_version;  // of the object now, as far as it is known
  base::Duration latency{};      // from the call to its end, retries included
};

class ScaleActuator {
 public:
  ScaleActuator(KubeClient& client, base::Clock& clock, base::Random random, const base::Log& log,
                base::Metrics& metrics, ActuatorOptions options);

  // Whether nothing is written at all.
  bool dry_run() const { return options_.dry_run; }

  // Asked before and after the pause that comes before each further attempt; an empty function says yes.
  using StillWanted = std::function<bool()>;

  // `read` is the scale that the decision was made on. The number is not reconsidered after a conflict.
  boost::asio::awaitable<Actuation> set_replicas(Scale read, int replicas, StillWanted still_wanted = {});
  // spec.minReplicas of an HPA, of which `resource_version` was read.
  boost::asio::awaitable<Actuation> set_min_replicas(ObjectKey hpa, std::string resource_version, int current,
                                                     int min_replicas, StillWanted still_wanted = {});

 private:
  boost::asio::awaitable<base::Result<Scale>> write_scale(Scale read, int replicas, StillWanted still_wanted);
  boost::asio::awaitable<base::Result<PolicyObject>> write_min_replicas(ObjectKey hpa, std::string resource_version,
                                                                        int min_replicas, StillWanted still_wanted);
  boost::asio::awaitable<void> pause();
  void finish(Actuation& actuation, const std::string& field, base::MonoTime started);
  void conflicted(const std::string& target);

  KubeClient& client_;
  base::Clock& clock_;
  base::Random random_;
  const base::Log& log_;
  base::Metrics& metrics_;
  const ActuatorOptions options_;
};

}  // namespace scaler
