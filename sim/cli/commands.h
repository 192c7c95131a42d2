// What the commands of gamenight do. Results go to stdout, everything else to stderr; the return value is the exit
// code.
#pragma once

#include "sim/cli/flags.h"

namespace sim {

int run_command(const RunFlags& flags);
int check_command(const CheckFlags& flags);
int policies_command(const PoliciesFlags& flags);
int catalogue_command(const CatalogueFlags& flags);
int validate_command(const ValidateFlags& flags);
int explain_command(const ExplainFlags& flags);

}  // namespace sim
