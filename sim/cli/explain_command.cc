#include <cstdio>
#include <filesystem>

#include "common/base/file.h"
#include "reports/explain.h"
#include "sim/cli/commands.h"
#include "sim/cli/exit_codes.h"

namespace sim {

int explain_command(const ExplainFlags& flags) {
  namespace fs = std::filesystem;
  std::error_code error;
  const fs::path given(flags.run);
  const fs::path folder = fs::is_directory(given, error) ? given : given.parent_path();
  const auto complain = [](const std::string& message) {
    std::fprintf(stderr, "%s\n", message.c_str());
    return kExitInvalid;
  };
  if (!fs::exists(given, error)) {
    return complain(flags.run +
                    ": there is no such run; give the folder that gamenight run wrote, e.g. out/grand-final");
  }
  const auto run = base::read_file(folder / "run.json");
  if (!run) return complain(run.error().message);
  const auto decisions = base::read_file(folder / "decisions.ndjson");
  if (!decisions) return complain(decisions.error().message);
  const auto text = report::explain(*run, *decisions, {flags.policy, flags.target, "", flags.at});
  if (!text) return complain(folder.string() + ": " + text.error().message);
  std::fputs(text->c_str(), stdout);
  return kExitOk;
}

}  // namespace sim
