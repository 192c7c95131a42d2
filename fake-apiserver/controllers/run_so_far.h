// How far the containers of a pod have come, as its status tells: where a kubelet goes on that was not there before.
// Pure functions over the pod's object.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "common/base/time.h"
#include "fake-apiserver/store/object_store.h"

namespace fakeapi {

// What is done next of the pod: the first init container that is not done, or the containers of the application.
struct RunSoFar {
  enum class State {
    kWaits,    // to be started for the first time
    kRuns,     // since `started`
    kEnded,    // at `ended`, to be started again after `back_off`
    kNothing,  // the status says nothing of it
  };

  std::optional<base::Time> acknowledged{};  // status.startTime
  std::size_t inits = 0;                     // init containers that are done
  bool initialized = false;                  // all of them are: the rest is about the application
  State state = State::kNothing;
  base::Time started{};
  base::Time ended{};
  base::Duration back_off{};  // before the present start or the next one; zero if there was none
  std::uint64_t restarts = 0;
};

RunSoFar run_so_far(const Json& pod);

// When the containers were asked to end, if the pod is being deleted.
std::optional<base::Time> asked_to_end(const Json& pod);

}  // namespace fakeapi
