// What clients are warned of when they use an old version of a kind. Pure function.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace fakeapi {

// The warning of a server 1.<minor>; nullopt if it has none.
std::optional<std::string> deprecation_warning(std::string_view group, std::string_view version, std::string_view kind,
                                               int minor);

}  // namespace fakeapi
