// Kubernetes quantities ("250m", "1.5Gi", "1e3") in the one way of writing each that the API server answers with. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace fakeapi {

inline constexpr std::string_view kQuantityPattern = "^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$";

// "0.5" is "500m", "1024Mi" is "1Gi", "1.5Gi" is "1536Mi". What is finer than a billionth is rounded away from zero,
// what is larger than 2^63 - 1 becomes that. nullopt if it is no quantity.
std::optional<std::string> canonical_quantity(std::string_view text);

}  // namespace fakeapi
