// Kubernetes quantities ("250m", "1.5Gi", 16) as whole numbers of a small unit. Pure function.
#pragma once

#include <cstdint>
#include <optional>

#include "fake-apiserver/store/object_store.h"

namespace fakeapi {

// The quantity in units of 10^-decimals (3: milli), rounded up as Kubernetes does; capped at the largest int64.
// nullopt unless it is a non-negative quantity, given as text or as a number.
std::optional<std::int64_t> whole_quantity(const Json& quantity, int decimals);

}  // namespace fakeapi
