// A server in virtual time for the targets that need one: a fresh one for each input, so that a finding depends on
// its input alone.
#pragma once

#include <string>
#include <string_view>

#include "common/base/metrics.h"
#include "common/base/virtual_time.h"
#include "common/http/message.h"
#include "fake-apiserver/fake_apiserver.h"

namespace fuzz {

class World {
 public:
  // With a deployment "web" and a config map "settings" in the namespace default.
  World();

  // Takes the answer, and a little of its stream if it has one. A fault of the server ends the process.
  http::Response call(http::Request request);
  http::Response call(const std::string& method, const std::string& target, const std::string& body = "",
                      const std::string& content_type = "");

 private:
  boost::asio::awaitable<void> exchange(http::Request request, http::Response& out);

  base::VirtualTime clock_;
  base::Metrics metrics_;
  fakeapi::FakeApiServer server_;
};

// Of an answer: a status that clients know, and JSON where it says so.
void check_answer(const http::Response& response);

}  // namespace fuzz
