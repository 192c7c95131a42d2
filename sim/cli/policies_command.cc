#include <cstdio>

#include "common/base/number_format.h"
#include "sim/cli/commands.h"
#include "sim/cli/driver.h"
#include "sim/cli/exit_codes.h"
#include "sim/cli/output.h"
#include "sim/cli/policy_table.h"

namespace sim {
namespace {

int complain(const base::Error& error, ExitCode code) {
  std::fprintf(stderr, "%s\n", error.message.c_str());
  return code;
}

std::string command_text(const PoliciesFlags& flags) {
  std::string text = "gamenight policies";
  if (flags.scenarios != PoliciesFlags{}.scenarios) {
    for (const std::string& scenario : flags.scenarios) text += " --scenario " + quoted(scenario);
  }
  if (flags.presets != PoliciesFlags{}.presets) text += " --presets " + quoted(flags.presets);
  if (!flags.out.empty()) text += " --out " + quoted(flags.out);
  return text;
}

base::Result<std::vector<PolicyTable>> run_all(const PoliciesFlags& flags, const std::vector<Preset>& presets,
                                               RunControl& control) {
  std::vector<PolicyTable> tables;
  for (const std::string& scenario : flags.scenarios) {
    auto table = run_policies(scenario, presets, threads_or_all(flags.jobs), control);
    if (!table) return table.error();
    tables.push_back(std::move(*table));
  }
  return tables;
}

}  // namespace

int policies_command(const PoliciesFlags& flags) {
  const auto presets = find_presets(flags.presets);
  if (!presets) return complain(presets.error(), kExitInvalid);
  RunControl control;
  base::Result<std::vector<PolicyTable>> tables = base::Error{};
  const std::size_t total = presets->size() * flags.scenarios.size();
  const auto line = [&](double) {
    return base::format_number(std::int64_t{control.policies_done}) + "/" + base::format_number(std::uint64_t{total}) +
           " runs done";
  };
  drive([&] { tables = run_all(flags, *presets, control); }, flags.quiet ? ProgressLine() : line, control);
  if (control.stop) {
    std::fputs("interrupted; nothing was written\n", stderr);
    return kExitInterrupted;
  }
  if (!tables) {
    return complain(tables.error(), tables.error().code == base::ErrorCode::kInvalid ? kExitInvalid : kExitInternal);
  }
  const std::filesystem::path out(flags.out);
  const std::filesystem::path folder = out.has_parent_path() ? out.parent_path() : std::filesystem::path(".");
  const std::string text = policies_markdown(*tables, folder, command_text(flags));
  if (flags.out.empty()) {
    std::fputs(text.c_str(), stdout);
  } else if (const auto written = write_document(flags.out, text); !written) {
    return complain(written.error(), kExitInternal);
  }
  return kExitOk;
}

}  // namespace sim
