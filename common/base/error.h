// An expected failure: something outside this program, or in its input, is not as wanted.
#pragma once

#include <string>
#include <string_view>

namespace base {

// What the caller can do about it, not what went wrong inside.
enum class ErrorCode {
  kInvalid,       // the input is wrong; trying again changes nothing
  kNotFound,      // the named thing does not exist
  kExists,        // the named thing exists already
  kConflict,      // somebody else changed it first: read again, then try again
  kExpired,       // the position asked for is gone (HTTP 410): start over with a list
  kRateLimited,   // asked too often (HTTP 429)
  kUnavailable,   // the peer is down, broke off or answered 5xx: try again later
  kTimeout,       // no answer in time
  kCancelled,     // the caller itself gave up
  kUnauthorized,  // HTTP 401 or 403
  kInternal,      // a fault of the peer or of the machine (disk full) that no retry heals
};

std::string_view to_string(ErrorCode code);

struct Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string message;  // one line, without a trailing full stop
};

inline bool operator==(const Error& a, const Error& b) { return a.code == b.code && a.message == b.message; }

// Prefixes the message with what was being done: `annotate({kTimeout, "no answer"}, "read scale")` reads
// "read scale: no answer".
Error annotate(Error error, std::string_view doing);

}  // namespace base
