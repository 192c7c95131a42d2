// Runs cases of the vector format "hpa-vectors/1" (transcribed unit tests of the Kubernetes HPA, and others like them)
// against our policies. A case is judged by its group, input and expectation alone.
//
// Stateless. Used by the program policy-vectors and by tests.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"

namespace scaler {

struct VectorResult {
  std::string id;
  std::string group;
  bool passed = false;
  std::string detail;  // of a failure: "replicas: expected 5 got 4", or what is malformed
};

// One result a case, in the order of the file; a case that is malformed or of an unknown group fails. An error if the
// text is not such a file.
base::Result<std::vector<VectorResult>> run_hpa_vectors(std::string_view json);

// The names of all groups that are known.
std::vector<std::string> vector_groups();

}  // namespace scaler
