// The quantities in an HPA's status.
//
// Stateless.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace scaler {

struct StatusQuantity {
  std::string text;         // as the API server writes it
  std::string_view format;  // "DecimalSI" or "BinarySI"
};

// A milli-quantity; in binary units for memory.
StatusQuantity status_quantity(std::string_view resource, std::int64_t milli);

}  // namespace scaler
