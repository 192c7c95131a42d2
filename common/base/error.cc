#include "common/base/error.h"

namespace base {

std::string_view to_string(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalid: return "invalid";
    case ErrorCode::kNotFound: return "not_found";
    case ErrorCode::kExists: return "exists";
    case ErrorCode::kConflict: return "conflict";
    case ErrorCode::kExpired: return "expired";
    case ErrorCode::kRateLimited: return "rate_limited";
    case ErrorCode::kUnavailable: return "unavailable";
    case ErrorCode::kTimeout: return "timeout";
    case ErrorCode::kCancelled: return "cancelled";
    case ErrorCode::kUnauthorized: return "unauthorized";
    case ErrorCode::kInternal: return "internal";
  }
  return "internal";
}

Error annotate(Error error, std::string_view doing) {
  error.message = std::string(doing) + ": " + error.message;
  return error;
}

}  // namespace base
