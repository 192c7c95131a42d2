#include "scaler/actuate/scale_actuator.h"

namespace scaler {
namespace asio = boost::asio;

using base::ErrorCode;
using base::Result;

ScaleActuator::ScaleActuator(KubeClient& client, base::Clock& clock, base::Random random, const base::Log& log,
                             base::Metrics& metrics, ActuatorOptions options)
    : client_(client), clock_(clock), random_(random), log_(log), metrics_(metrics), options_(options) {}

asio::awaitable<Actuation> ScaleActuator::set_replicas(Scale read, int replicas, StillWanted still_wanted) {
  const base::MonoTime started = clock_.monotonic_now();
  Actuation actuation;
  actuation.resource_version = read.meta.resource_version;
  if (read.state.spec_replicas == replicas) {
    actuation.status = "unchanged";
  } else if (options_.dry_run) {
    actuation.status = "dry-run";
  } else {
    auto writing = write_scale(std::move(read), replicas, std::move(still_wanted));
    const auto written = co_await std::move(writing);
    actuation.status = "patched";
    if (written) actuation.resource_version = written->meta.resource_version;
    if (!written) actuation.result = written.error();
  }
  finish(actuation, "replicas", started);
  co_return actuation;
}

asio::awaitable<Actuation> ScaleActuator::set_min_replicas(ObjectKey hpa, std::string resource_version, int current,
                                                           int min_replicas, StillWanted still_wanted) {
  const base::MonoTime started = clock_.monotonic_now();
  Actuation actuation;
  actuation.resource_version = resource_version;
  if (current == min_replicas) {
    actuation.status = "unchanged";
  } else if (options_.dry_run) {
    actuation.status = "dry-run";
  } else {
    auto writing =
        write_min_replicas(std::move(hpa), std::move(resource_version), min_replicas, std::move(still_wanted));
    const auto written = co_await std::move(writing);
    actuation.status = "patched";
    if (written) actuation.resource_version = written->meta.resource_version;
    if (!written) actuation.result = written.error();
  }
  finish(actuation, "minReplicas", started);
  co_return actuation;
}

asio::awaitable<Result<Scale>> ScaleActuator::write_scale(Scale read, int replicas, StillWanted still_wanted) {
  const std::string target = read.meta.key.text();
  for (int attempt = 1;; ++attempt) {
    Scale base = read;
    auto written = co_await client_.put_scale(std::move(base), replicas);
    if (written) co_return written;
    const bool is_conflict = written.error().code == ErrorCode::kConflict;
    if (!is_conflict || attempt >= options_.attempts || (still_wanted && !still_wanted())) {
      co_return annotate(written.error(), "write scale of " + target);
    }
    conflicted(target);
    co_await pause();
    auto again = co_await client_.get_scale_again(read);
    if (still_wanted && !still_wanted()) co_return annotate(written.error(), "write scale of " + target);
    if (again) {
      read = std::move(*again);
    } else {
      log_.warning("scale not read again after a conflict", {{"target", target}, {"error", again.error().message}});
    }
  }
}

asio::awaitable<Result<PolicyObject>> ScaleActuator::write_min_replicas(ObjectKey hpa, std::string resource_version,
                                                                        int min_replicas, StillWanted still_wanted) {
  const std::string target = hpa.text();
  for (int attempt = 1;; ++attempt) {
    auto written = co_await client_.patch_hpa_min_replicas(hpa, min_replicas, resource_version);
    if (written) co_return written;
    const bool is_conflict = written.error().code == ErrorCode::kConflict;
    if (!is_conflict || attempt >= options_.attempts || (still_wanted && !still_wanted())) {
      co_return annotate(written.error(), "write minReplicas of " + target);
    }
    conflicted(target);
    co_await pause();
    const auto again = co_await client_.get_hpa(hpa);
    if (still_wanted && !still_wanted()) co_return annotate(written.error(), "write minReplicas of " + target);
    if (again) {
      resource_version = again->meta.resource_version;
    } else {
      log_.warning("HPA not read again after a conflict", {{"target", target}, {"error", again.error().message}});
    }
  }
}

asio::awaitable<void> ScaleActuator::pause() {
  const double stretched = static_cast<double>(options_.pause.count()) * (1 + options_.jitter * random_.uniform());
  co_await clock_.sleep_for(base::Duration(static_cast<base::Duration::rep>(stretched)));
}

void ScaleActuator::conflicted(const std::string& target) {
  metrics_.increment("scaler_write_conflicts_total", "Writes that lost a race and were tried again");
  log_.debug("write conflict", {{"target", target}});
}

void ScaleActuator::finish(Actuation& actuation, const std::string& field, base::MonoTime started) {
  actuation.latency = clock_.monotonic_now() - started;
  if (!actuation.result) actuation.status = actuation.result.error().message;
  const std::string outcome = actuation.result ? actuation.status : std::string("failed");
  metrics_.increment("scaler_writes_total", "Writes of replicas or minReplicas by what became of them",
                     {{"field", field}, {"outcome", outcome}});
}

}  // namespace scaler
