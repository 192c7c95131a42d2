// The command line of gamenight, parsed. Complaints are one line; the exit codes are listed in exit_codes.h.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "common/base/time.h"

namespace sim {

struct RunFlags {
  std::string scenario;
  std::vector<std::string> policies;
  std::optional<std::uint64_t> seed;
  std::optional<base::Duration> duration;
  std::string out;      // empty: out/NAME
  int jobs = 0;         // 0: as many as the machine has cores
  bool cohort = false;  // --fidelity cohort
  bool quiet = false;
  bool verbose = false;  // log what the scaler does
};

struct CheckFlags {
  std::vector<std::string> files;
};

struct CatalogueFlags {
  std::string folder = "scenarios";
  std::string out;  // the table; empty: stdout
  base::Duration at_most = std::chrono::hours(3);
  int jobs = 0;
  bool quiet = false;
};

struct PoliciesFlags {
  std::vector<std::string> scenarios = {"scenarios/grand-final.yaml"};
  std::string presets = "scenarios/policies";
  std::string out;  // the document; empty: stdout
  int jobs = 0;
  bool quiet = false;
};

struct ValidateFlags {
  std::string out;  // the document; empty: none is written
  bool quick = false;
  std::vector<std::string> groups;  // empty: all
  int jobs = 0;
  std::string scenarios = "scenarios";  // the folder that holds those that are compared with published nights
};

struct ExplainFlags {
  std::string run;  // the folder of a run, or a file in it
  std::string policy;
  std::string target;
  std::optional<std::string> at;
};

// To be printed, then exit with `code`: help and version (0, stdout), or what is wrong (2, stderr).
struct Message {
  std::string text;
  int code = 0;
};

using Flags = std::variant<RunFlags, CheckFlags, CatalogueFlags, PoliciesFlags, ValidateFlags, ExplainFlags, Message>;

Flags parse_flags(int argc, const char* const* argv);

}  // namespace sim
