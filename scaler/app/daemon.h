// The scaler as a program: sockets, the machine's clock, signals.
#pragma once

#include "scaler/app/flags.h"

namespace scaler {

// Runs until SIGTERM or SIGINT and returns the exit code. What keeps it from running is said in one line on stderr.
int run_daemon(const DaemonFlags& flags);

}  // namespace scaler
