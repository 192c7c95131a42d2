// gamenight: the front door.
#include <cstdio>
#include <exception>

#include "sim/cli/commands.h"
#include "sim/cli/exit_codes.h"
#include "sim/cli/flags.h"

namespace {

int dispatch(int argc, const char* const* argv) {
  const auto flags = sim::parse_flags(argc, argv);
  if (const auto* message = std::get_if<sim::Message>(&flags)) {
    std::fputs(message->text.c_str(), message->code == sim::kExitOk ? stdout : stderr);
    return message->code;
  }
  if (const auto* check = std::get_if<sim::CheckFlags>(&flags)) return sim::check_command(*check);
  if (const auto* catalogue = std::get_if<sim::CatalogueFlags>(&flags)) return sim::catalogue_command(*catalogue);
  if (const auto* policies = std::get_if<sim::PoliciesFlags>(&flags)) return sim::policies_command(*policies);
  if (const auto* validate = std::get_if<sim::ValidateFlags>(&flags)) return sim::validate_command(*validate);
  if (const auto* explain = std::get_if<sim::ExplainFlags>(&flags)) return sim::explain_command(*explain);
  return sim::run_command(std::get<sim::RunFlags>(flags));
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return dispatch(argc, argv);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "gamenight: internal error: %s\n", e.what());
    return sim::kExitInternal;
  }
}
