// Quantities ("250m", "1.5Gi", "1e3") as the API reads, compares and writes them. Pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace fakeapi {

enum class QuantityForm { kDecimal, kBinary, kExponent };

struct Quantity {
  __extension__ typedef __int128 Wide;
  Wide nano = 0;  // units of 10^-9, capped far beyond what Kubernetes can hold
  QuantityForm form = QuantityForm::kDecimal;
  bool operator==(const Quantity&) const = default;
};

// nullopt if it is no quantity.
std::optional<Quantity> parse_quantity(std::string_view text);

// The form in which it is stored: "1000m" is "1", "0.5" is "500m", "1024Mi" is "1Gi", "1.5Gi" is "1536Mi".
std::string canonical_quantity(const Quantity& quantity);

}  // namespace fakeapi
