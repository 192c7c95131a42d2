// The exit codes of every program of the project, one list.
#pragma once

namespace sim {

enum ExitCode : int {
  kExitOk = 0,
  kExitFailed = 1,   // a stated criterion failed
  kExitInvalid = 2,  // usage or invalid input, nothing was run
  kExitInconclusive = 3,
  kExitPartial = 4,
  kExitUnreachable = 5,    // peer unreachable or denied
  kExitInternal = 70,      // internal error, or the machine failed us (disk full)
  kExitTemporary = 75,     // temporary, state saved
  kExitInterrupted = 130,  // Ctrl-C or SIGTERM; nothing was written
};

inline constexpr const char* kExitCodeHelp =
    "Exit codes: 0 ok; 1 a stated criterion failed; 2 usage or invalid input, nothing was run; 3 inconclusive;\n"
    "4 partial result; 5 peer unreachable or denied; 70 internal error, or the disk is full; 75 temporary, state\n"
    "saved; 130 interrupted, nothing was written.";

}  // namespace sim
