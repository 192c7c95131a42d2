// The groups of the vector file about arithmetic: one metric, one normalisation, one quantity.
//
// Stateless.
#pragma once

#include <vector>

#include "scaler/policy/vectors/vector_outcome.h"

namespace scaler::vectors {

// calc.*
const std::vector<Group>& calc_groups();
// norm.*, status.quantity, queue.enqueue
const std::vector<Group>& norm_groups();

}  // namespace scaler::vectors
