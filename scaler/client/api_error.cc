#include "scaler/client/api_error.h"

#include <fmt/format.h>

#include "common/base/number_format.h"
#include "scaler/client/kube_json.h"

namespace scaler {
namespace {

using base::ErrorCode;

constexpr std::size_t kLongestText = 200;

ErrorCode code_of(int status, const std::string& reason) {
  switch (status) {
    case 401:
    case 403: return ErrorCode::kUnauthorized;
    case 404: return ErrorCode::kNotFound;
    case 409: return reason == "AlreadyExists" ? ErrorCode::kExists : ErrorCode::kConflict;
    case 410: return ErrorCode::kExpired;
    case 429: return ErrorCode::kRateLimited;
    default: return status >= 500 ? ErrorCode::kUnavailable : ErrorCode::kInvalid;
  }
}

std::string first_line(const std::string& body) {
  return body.substr(0, std::min(body.find_first_of("\r\n"), kLongestText));
}

}  // namespace

base::Error error_of_status(int code, const std::string& reason, const std::string& message) {
  std::string text = message.empty() ? "the server refused" : message;
  text += reason.empty() ? fmt::format(" ({})", code) : fmt::format(" ({} {})", code, reason);
  return base::Error{code_of(code, reason), std::move(text)};
}

base::Error error_of(const http::Response& response) {
  const auto status = decode_status(response.body);
  if (!status) return error_of_status(response.status, "", first_line(response.body));
  base::Error error = error_of_status(response.status, status->reason, first_line(status->message));
  // A server whose count of versions began anew, or that lags behind: to the caller, a position that is gone.
  if (status->version_too_large) error.code = ErrorCode::kExpired;
  return error;
}

std::optional<base::Duration> retry_after(const http::Response& response) {
  if (response.status != 429 && response.status < 500) return std::nullopt;
  const auto header = response.headers.get("Retry-After");
  if (!header) return std::nullopt;
  const auto seconds = base::parse_int64(*header);
  if (!seconds || *seconds < 0 || *seconds > 3600) return std::nullopt;
  return std::chrono::seconds(*seconds);
}

}  // namespace scaler
