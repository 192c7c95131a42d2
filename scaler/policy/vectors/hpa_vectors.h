// Runs the transcribed unit tests of the Kubernetes HPA (testdata/hpa-vectors.json) against our policies.
//
// Stateless. Used by a test and by whoever wants to see the conformance of a build.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"

namespace scaler {

struct VectorResult {
  enum class Status { kPassed, kFailed, kOutOfSlice };
  std::string id;
  std::string group;
  Status status = Status::kFailed;
  std::string detail;  // what differs, or why the case says nothing about a policy
};

// One result a case, in the order of the file. An error if the text is not such a file.
base::Result<std::vector<VectorResult>> run_hpa_vectors(std::string_view json);

}  // namespace scaler
