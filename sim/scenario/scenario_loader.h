// Reads a scenario file and what it names. Every complaint is one line, "file:line:col: what is wrong".
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "sim/scenario/scenario.h"

namespace sim {

// What the command line puts in the place of what the file says.
struct Overrides {
  std::vector<std::string> policies;  // relative to the working directory; not empty: instead of the scenario's
  std::optional<std::uint64_t> seed;
  std::optional<base::Duration> duration;
};

base::Result<Scenario> load_scenario(const std::filesystem::path& path, const Overrides& overrides);

}  // namespace sim
