// The fields that an HPA's spec may have and their types, as the API server's strict decoding checks them before it
// validates: asks for every known field, so that Fields complains about unknown keys and wrong types.
//
// Stateless. Complaints travel as config::FieldError.
#pragma once

#include <string>

#include "common/config/fields.h"

namespace scaler {

void check_hpa_types(config::Fields& spec);

// Parts of it, for other kinds that take them over.
void check_metric_types(config::Fields& metric);
void check_behavior_types(config::Fields& behavior);
void check_reference_types(config::Fields& reference);

// Each complains if the key is there and of another type.
void check_text(config::Fields& fields, const std::string& key);
void check_int32(config::Fields& fields, const std::string& key);
void check_quantity(config::Fields& fields, const std::string& key);

}  // namespace scaler
