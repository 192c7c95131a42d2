// Runs every scenario of a folder, holds each against its expectations, and draws the table of all of them under the
// plain HorizontalPodAutoscaler.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/base/time.h"
#include "sim/run/run_result.h"
#include "sim/run/runner.h"

namespace sim {

struct CatalogueEntry {
  std::string path;    // below the folder, with forward slashes
  std::string family;  // its folder; empty: the catalogue's own
  std::string name;
  std::string about;   // the first sentence of the file's header comment
  std::string policy;  // of the plain HPA, or what ran in its place: "none"
  Summary summary;     // under that policy
  bool cut = false;    // replayed in part
  int policies = 0;
  int expectations = 0;
  std::vector<std::string> failures;  // a line for each expectation that was not met
};

struct CatalogueOptions {
  int jobs = 1;
  base::Duration at_most = std::chrono::hours(3);  // of each scenario is replayed
};

// Every *.yaml below `folder` that is a Scenario, in order of path; files of other kinds are left out. The first that
// cannot be loaded or run is the error.
base::Result<std::vector<CatalogueEntry>> run_catalogue(const std::filesystem::path& folder,
                                                        const CatalogueOptions& options, RunControl& control);

// `command` is what the reader types to get the same.
std::string catalogue_markdown(const std::vector<CatalogueEntry>& entries, const std::string& command);

}  // namespace sim
