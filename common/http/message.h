// An HTTP message as plain values: what crosses the seam between the scaler and the world.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/time.h"

namespace http {

// Header fields in order; names compare without case.
class Headers {
 public:
  void set(std::string name, std::string value);  // replaces an existing one
  void add(std::string name, std::string value);
  // nullopt if absent; the first if there are several.
  std::optional<std::string_view> get(std::string_view name) const;
  const std::vector<std::pair<std::string, std::string>>& all() const { return fields_; }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

// What stands in the certificate that a peer has shown.
struct PeerCertificate {
  std::string common_name{};
  std::vector<std::string> organizations{};
  std::vector<std::string> dns_names{};
  std::vector<std::string> uris{};
  base::Time valid_from{};
  base::Time valid_until{};
  std::string fault{};  // why it is not to be believed; empty if it is
};

// Who sent a request, as far as the transport knows.
struct Peer {
  std::string address;                                   // empty in process
  std::string certificate_subject;                       // its common name; empty without mTLS
  std::shared_ptr<const PeerCertificate> certificate{};  // null if none was shown
};

struct Request {
  std::string method = "GET";
  std::string target = "/";  // path and query, percent-encoded
  Headers headers;
  std::string body;
  Peer peer;
};

struct Response {
  int status = 200;
  Headers headers;
  std::string body;
};

Response text_response(int status, std::string body);
// `json_text` is serialised JSON.
Response json_response(int status, std::string json_text);
// {"message": ..., "code": status} and a new line.
Response json_error(int status, std::string_view message);

}  // namespace http
