#include "fake-apiserver/controllers/run_so_far.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "common/base/time_format.h"
#include "fake-apiserver/controllers/object_fields.h"
#include "fake-apiserver/controllers/run_plan.h"
#include "fake-apiserver/store/bounded_seconds.h"

namespace fakeapi {
namespace {

using State = RunSoFar::State;

// Between two runs: 10 s, 20 s and so on up to five minutes, or no more than the time that a restart takes.
base::Duration back_off_within(base::Duration gap) {
  constexpr std::array<std::int64_t, 6> kSteps = {10, 20, 40, 80, 160, 300};
  base::Duration longest{};
  for (const std::int64_t step : kSteps) {
    if (gap >= std::chrono::seconds(step)) longest = std::chrono::seconds(step);
  }
  return longest;
}

// "back-off 40s restarting failed container=...": nothing if it says something else.
std::optional<base::Duration> announced_back_off(const Json& status) {
  const std::string message = text_at(status, {"state", "waiting", "message"});
  const std::string prefix = "back-off ";
  if (!message.starts_with(prefix)) return std::nullopt;
  const auto wait =
      base::parse_duration(message.substr(prefix.size(), message.find(' ', prefix.size()) - prefix.size()));
  if (!wait) return std::nullopt;
  return std::clamp<base::Duration>(*wait, base::Duration::zero(), std::chrono::minutes(5));
}

// What one container says, into what is known of those before it: they start and end together.
void read_container(const Json& status, RunSoFar& run) {
  run.restarts =
      std::max(run.restarts,
               static_cast<std::uint64_t>(std::clamp<std::int64_t>(int_at(status, {"restartCount"}), 0, 1'000'000)));
  const auto last_end = time_at(status, {"lastState", "terminated", "finishedAt"});
  if (const auto started = time_at(status, {"state", "running", "startedAt"})) {
    if (run.state == State::kRuns && run.started >= *started) return;
    run.state = State::kRuns;
    run.started = *started;
    run.back_off = last_end ? back_off_within(*started - *last_end) : base::Duration::zero();
    return;
  }
  if (run.state == State::kRuns) return;
  const auto end = time_at(status, {"state", "terminated", "finishedAt"});
  if (end || (last_end && field_at(status, {"state", "waiting"}))) {
    if (run.state == State::kEnded && run.ended >= (end ? *end : *last_end)) return;
    run.state = State::kEnded;
    run.ended = end ? *end : *last_end;
    run.back_off = end ? base::Duration::zero() : announced_back_off(status).value_or(std::chrono::seconds(10));
    return;
  }
  if (run.state == State::kNothing && field_at(status, {"state", "waiting"})) run.state = State::kWaits;
}

bool is_done(const Json& status, const ContainerSpec& container) {
  if (container.sidecar) return field_at(status, {"state", "running"}) != nullptr;
  return field_at(status, {"state", "terminated"}) && int_at(status, {"state", "terminated", "exitCode"}, 1) == 0;
}

}  // namespace

RunSoFar run_so_far(const Json& pod) {
  RunSoFar run;
  run.acknowledged = time_at(pod, {"status", "startTime"});
  const std::vector<ContainerSpec> inits = containers_of(pod, "initContainers");
  const Json& statuses = at_path(pod, {"status", "initContainerStatuses"});
  const std::size_t told = statuses.is_array() ? std::min(inits.size(), statuses.size()) : 0;
  while (run.inits < told && is_done(statuses[run.inits], inits[run.inits])) ++run.inits;
  const Json& containers = at_path(pod, {"status", "containerStatuses"});
  // Clients may leave out what has been long ago: what runs was initialised.
  RunSoFar application = run;
  if (containers.is_array()) {
    for (const Json& status : containers) read_container(status, application);
  }
  const bool begun = application.state == State::kRuns || application.state == State::kEnded;
  if (run.inits >= inits.size() || begun) {
    application.inits = inits.size();
    application.initialized = true;
    return application;
  }
  if (run.inits < told) read_container(statuses[run.inits], run);
  return run;
}

std::optional<base::Time> asked_to_end(const Json& pod) {
  const auto deletion = time_at(pod, {"metadata", "deletionTimestamp"});
  if (!deletion) return std::nullopt;
  return *deletion - bounded_seconds(int_at(pod, {"metadata", "deletionGracePeriodSeconds"}));
}

}  // namespace fakeapi
