// How long a pod that is deleted gets to end. A pure function.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>

#include "common/base/time.h"

namespace fakeapi {

// What was asked for, in seconds, else terminationGracePeriodSeconds, else 30 s; nothing for a pod that runs nowhere or
// has ended: it has nothing to wait for.
base::Duration pod_grace(const nlohmann::json& pod, std::optional<std::int64_t> asked = std::nullopt);

}  // namespace fakeapi
