// An HTTP message as plain values: what crosses the seam between the scaler and the world.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

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

// Who sent a request, as far as the transport knows.
struct Peer {
  std::string address;              // empty in process
  std::string certificate_subject;  // empty without mTLS
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
