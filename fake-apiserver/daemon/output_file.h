// Files that the program writes for its owner alone: all of them hold secrets.
#pragma once

#include <string>
#include <string_view>

#include "common/base/result.h"

namespace fakeapi {

// Replaces the file at once or not at all, and makes the folders that lead to it. A link stays, with a new file behind
// it; a device or a pipe is written to.
base::Result<> write_output(const std::string& path, std::string_view content);

// Whether write_output() has a place for `path`, found out before there is anything to lose. `what` is the flag that
// names it.
base::Result<> check_output(const std::string& path, const std::string& what);

}  // namespace fakeapi
