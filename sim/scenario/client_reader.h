// Reads how clients, and services that call others, wait and try again.
#pragma once

#include "common/config/fields.h"
#include "sim/scenario/scenario.h"

namespace sim {

// `timeout`, `retries {max, backoff, budget}` and `cancels` of `fields`. Complains by FieldError.
ClientOptions read_attempts(config::Fields& fields);

// `client` of `traffic`: those, and `hedging`, `patience`.
SystemClient read_client(config::Fields& traffic);

}  // namespace sim
