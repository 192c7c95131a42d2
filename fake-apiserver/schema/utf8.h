// UTF-8 by the letter: no overlong forms, no surrogates. Pure function.
#pragma once

#include <string_view>

namespace fakeapi {

bool is_utf8(std::string_view text);

}  // namespace fakeapi
