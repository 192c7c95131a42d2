// Reads policies as Kubernetes users write them: HorizontalPodAutoscaler (autoscaling/v2), HpaTuner
// (webapp.streamotion.com.au/v1) and ScalingPolicy (gamenight/v1), with the API's defaults and validation.
#pragma once

#include <filesystem>
#include <vector>

#include "common/base/result.h"
#include "common/config/document.h"
#include "common/config/fields.h"
#include "scaler/policy/policy_spec.h"

namespace scaler {

// Strict for files: unknown keys are errors. Lenient for API objects. The error is one line, "file:line:col: what".
base::Result<PolicySpec> read_policy(const config::Document& document,
                                     config::Strictness strictness = config::Strictness::kStrict);

// All policies of a file, at least one; two of the same kind, namespace and name are an error.
base::Result<std::vector<PolicySpec>> load_policies(const std::filesystem::path& path);

}  // namespace scaler
