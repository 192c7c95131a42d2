// Calls a Handler directly, on the caller's executor: what a simulation puts in the place of sockets.
#pragma once

#include "common/http/handler.h"
#include "common/http/transport.h"

namespace http {

class InProcessTransport final : public Transport {
 public:
  // `handler` must outlive this object and all streams opened through it.
  explicit InProcessTransport(Handler& handler) : handler_(handler) {}

  boost::asio::awaitable<base::Result<Response>> round_trip(Request request) override;
  boost::asio::awaitable<base::Result<StreamResponse>> open_stream(Request request) override;

 private:
  Handler& handler_;
};

}  // namespace http
