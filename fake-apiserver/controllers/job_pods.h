// The pods that a Job makes. Pure functions.
#pragma once

#include <cstdint>
#include <optional>

#include "fake-apiserver/store/object_store.h"

namespace fakeapi {

// A pod of `job`, for the completion index if there is one.
Json pod_of_job(const Json& job, std::optional<std::int64_t> index);

}  // namespace fakeapi
