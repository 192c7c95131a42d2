// What the commands of gamenight do. Results go to stdout, everything else to stderr; the return value is the exit
// code.
#pragma once

#include "sim/cli/flags.h"

namespace sim {

// `command_line` stands in the report under "reproduce".
int run_command(const RunFlags& flags, const std::string& command_line);
int check_command(const CheckFlags& flags);

}  // namespace sim
