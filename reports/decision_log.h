// decisions.ndjson as the page shows it: placed on the run's clock, runs of the same "no change" told once.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "reports/run_file.h"

namespace report {

// One array of records for each policy of `run`, in the file's order. Instead of `t` and `policy` a record has
//   at      seconds since the start of the run
//   count   how many successive records about its target it stands for; more than 1 only if none of them changed
//           anything (advice never does), and all have the same count of replicas, rules and errors. The numbers are
//           the first one's.
//   until   `at` of the last of them
// Without a start time in run.json, the earliest decision marks second 0. Fields named wall* are left out.
// A line that is no record, or of a policy that did not run, is an error that names the line.
// With kEach every record stands for itself alone, but `count` and `until` are those of the repetition that it is
// part of, and `since` is `at` of its first.
enum class Repeats { kTogether, kEach };
base::Result<std::vector<std::vector<nlohmann::json>>> parse_decisions(const std::string& ndjson, const RunFile& run,
                                                                       Repeats repeats = Repeats::kTogether);

}  // namespace report
