// CHECK(condition, message): a bug in this program, not an event in the world, makes it false. Aborts in all builds.
#pragma once

#include <string_view>

namespace base {

[[noreturn]] void check_failed(const char* file, int line, const char* condition, std::string_view message);

}  // namespace base

#define CHECK(condition, message)                                      \
  do {                                                                 \
    if (!(condition)) [[unlikely]]                                     \
      ::base::check_failed(__FILE__, __LINE__, #condition, (message)); \
  } while (false)
