// Base64 of RFC 4648, with padding. No state.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace fakeapi {

std::string base64_encode(std::string_view bytes);
// nullopt if it is not base64.
std::optional<std::string> base64_decode(std::string_view text);

}  // namespace fakeapi
