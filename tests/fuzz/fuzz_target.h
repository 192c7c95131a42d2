// The entry point that libFuzzer calls, and what the targets judge by. A fault ends the process.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "common/base/check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

inline std::string_view text_of_input(const std::uint8_t* data, std::size_t size) {
  return std::string_view(reinterpret_cast<const char*>(data), size);
}
