// Reads policies as Kubernetes users write them, with the API's defaults and validation: HorizontalPodAutoscalers and
// the other kinds in policy_file.cc. A file may hold several, and objects that belong to them.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/config/document.h"
#include "common/config/fields.h"
#include "scaler/policy/policy_spec.h"

namespace scaler {

// Strict for files: unknown keys are errors. Lenient for API objects. The error is one line, "file:line:col: what".
base::Result<PolicySpec> read_policy(const config::Document& document,
                                     config::Strictness strictness = config::Strictness::kStrict);

// The objects in the text of a file, in order and unchecked: its documents, and the items of those that are a List, as
// `kubectl get -o yaml` writes it. Each knows its place in the file.
base::Result<std::vector<config::Document>> parse_objects(std::string_view text, const std::string& file);

struct PolicyFileContents {
  std::vector<PolicySpec> policies;          // at least one
  std::vector<config::Document> companions;  // what may stand beside policies (a VerticalPodAutoscaler, a Service,
                                             // ...); each has a kind, an apiVersion and a name, the rest is unchecked
};

// Two objects of the same kind, namespace and name are an error, and so are policies that contradict each other or a
// VerticalPodAutoscaler (contradictions.h).
base::Result<PolicyFileContents> load_policy_file(const std::filesystem::path& path);

// Its policies alone.
base::Result<std::vector<PolicySpec>> load_policies(const std::filesystem::path& path);

}  // namespace scaler
