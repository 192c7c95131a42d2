// The group of the vector file about whole rounds.
#pragma once

#include <string>

#include "scaler/policy/vectors/hpa_vectors.h"
#include "scaler/policy/vectors/vector_values.h"

namespace scaler::vectors {

struct Outcome {
  VectorResult::Status status = VectorResult::Status::kFailed;
  std::string detail;
};

inline Outcome passes() { return {VectorResult::Status::kPassed, ""}; }
inline Outcome fails(std::string detail) { return {VectorResult::Status::kFailed, std::move(detail)}; }
inline Outcome out_of_slice(std::string detail) { return {VectorResult::Status::kOutOfSlice, std::move(detail)}; }

Outcome run_reconcile(const Json& in, const Json& expect);

}  // namespace scaler::vectors
