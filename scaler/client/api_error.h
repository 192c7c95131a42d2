// What an API server's refusal means to a caller.
#pragma once

#include <optional>

#include "common/base/error.h"
#include "common/base/time.h"
#include "common/http/message.h"

namespace scaler {

// REQUIRES: the status is not 2xx. The message is that of the Status object in the body, or the body's first line,
// followed by the HTTP code and reason. "Too large resource version", which is a 504, is kExpired.
base::Error error_of(const http::Response& response);

// From the message, code and reason of a Status object, as in a watch's ERROR event.
base::Error error_of_status(int code, const std::string& reason, const std::string& message);

// The Retry-After header in seconds; nullopt unless the status is 429 or 5xx and the header holds a whole number.
std::optional<base::Duration> retry_after(const http::Response& response);

}  // namespace scaler
