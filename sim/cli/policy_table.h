// Runs a scenario with every preset of a folder, and draws the table of all of them: how long viewers suffer, and what
// it costs.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "sim/cli/header_comment.h"
#include "sim/run/run_result.h"
#include "sim/run/runner.h"

namespace sim {

struct Preset {
  std::string path;
  PresetComment comment;
};

// Every *.yaml in the folder that begins with its source, in order of path.
base::Result<std::vector<Preset>> find_presets(const std::filesystem::path& folder);

struct PolicyRow {
  std::string name;
  Preset preset;
  Summary summary;
  bool optimal =
      false;  // no other has both fewer degraded seconds and fewer pod-hours, or one of them with the other equal
};

struct PolicyTable {
  std::string scenario;
  std::string about;  // the first sentence of the scenario's header comment
  std::string path;
  std::vector<PolicyRow> rows;  // by degraded seconds, then pod-hours, then name
};

// The first preset that cannot be loaded for the scenario, or run, is the error.
base::Result<PolicyTable> run_policies(const std::filesystem::path& scenario, const std::vector<Preset>& presets,
                                       int jobs, RunControl& control);

// Sorts the rows and marks those that are optimal.
void rank(std::vector<PolicyRow>& rows);

// `folder` is where the document will be, for its links; `command` is what the reader types to get the same.
std::string policies_markdown(const std::vector<PolicyTable>& tables, const std::filesystem::path& folder,
                              const std::string& command);

}  // namespace sim
