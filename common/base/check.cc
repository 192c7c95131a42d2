#include "common/base/check.h"

#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>

#include "common/base/result.h"

namespace base {

void check_failed(const char* file, int line, const char* condition, std::string_view message) {
  std::fprintf(stderr, "%s:%d: CHECK(%s) failed: %.*s\n", file, line, condition, static_cast<int>(message.size()),
               message.data());
  std::abort();
}

void throw_exception_from_error(const Error& error, const boost::source_location& where) {
  check_failed(where.file_name(), static_cast<int>(where.line()), "result.has_value()", error.message);
}

}  // namespace base
