// Why a policy decided what it did at a moment of a run: the record of decisions.ndjson in words, always the same five
// lines, and what came of it as the run's series tell.
#pragma once

#include <optional>
#include <string>

#include "common/base/result.h"

namespace report {

struct ExplainOptions {
  std::string policy;             // empty: every policy of the run
  std::string target;             // "default/api" or "api"; empty: every target
  std::string field;              // "replicas" or "minReplicas"; empty: both
  std::optional<std::string> at;  // "19:30:15" (the scenario's clock), RFC 3339, or since the start "+10m15s";
                                  // nullopt: every decision that changed something, and what repeats told once
};

// With `at`, for each policy and target the decision in force: the last one not after it. The error, code kInvalid,
// says what is wrong with the options and what would be right.
base::Result<std::string> explain(const std::string& run_json, const std::string& decisions,
                                  const ExplainOptions& options);

}  // namespace report
