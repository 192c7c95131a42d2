// A transport whose network can be taken away: connections refused, open streams broken, answers that never come.
//
// Single-threaded; owned by a test.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>

#include "common/base/clock.h"
#include "common/base/notify.h"
#include "common/http/transport.h"

namespace scaler::testing {

class FlakyTransport final : public http::Transport {
 public:
  FlakyTransport(http::Transport& inner, base::Clock& clock)
      : inner_(inner), clock_(clock), broken_(clock.executor()) {}

  bool refuses = false;  // every new connection
  bool hangs = false;    // every new request, for a day
  void break_streams() {
    ++breaks_;
    broken_.notify_all();
  }

  boost::asio::awaitable<base::Result<http::Response>> round_trip(http::Request request) override;
  boost::asio::awaitable<base::Result<http::StreamResponse>> open_stream(http::Request request) override;

 private:
  class Stream;
  boost::asio::awaitable<base::Result<>> connect();

  http::Transport& inner_;
  base::Clock& clock_;
  base::Notify broken_;
  std::uint64_t breaks_ = 0;
};

}  // namespace scaler::testing
