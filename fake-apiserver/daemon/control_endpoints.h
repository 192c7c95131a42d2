// /gamenight/clock, /gamenight/faults and /gamenight/snapshot: what a test does to the server beside asking it.
//
// A decorator: everything else goes on to the API. Single-threaded; must outlive its replies.
#pragma once

#include <functional>
#include <set>
#include <string>

#include "common/base/log.h"
#include "common/base/scaled_clock.h"
#include "common/http/handler.h"
#include "common/http/url.h"
#include "fake-apiserver/daemon/auto_advance.h"
#include "fake-apiserver/daemon/fault_injector.h"

namespace fakeapi {

struct ControlTargets {
  std::function<std::string()> snapshot;          // the document
  std::function<base::Result<>()> save_snapshot;  // to the file that was configured; empty: none was
  // The answer to whoever may not use these paths; nullopt if he may. Empty: everybody may.
  std::function<std::optional<http::Response>(const http::Request&)> refusal = {};
};

class ControlEndpoints final : public http::Handler {
 public:
  ControlEndpoints(http::Handler& inner, base::ScaledClock& clock, AutoAdvance& auto_advance, FaultInjector& faults,
                   const base::Log& log, base::Time start, ControlTargets targets)
      : inner_(inner),
        clock_(clock),
        auto_advance_(auto_advance),
        faults_(faults),
        log_(log),
        start_(start),
        targets_(std::move(targets)) {}

  boost::asio::awaitable<http::Reply> handle(http::Request request) override;

 private:
  struct ClockOrder;

  boost::asio::awaitable<http::Reply> control(http::Request request, http::Target target);
  boost::asio::awaitable<http::Reply> set_clock(std::string body);
  boost::asio::awaitable<bool> run_until_idle(base::Duration horizon, base::Time limit);
  http::Reply faults(const http::Request& request, const http::Target& target);
  http::Reply snapshot(const http::Request& request) const;
  nlohmann::json clock_document() const;
  // Tells clients that compare our times with their own clock that these differ.
  void warn_of_own_clock(const std::string& client, http::Reply& reply);

  http::Handler& inner_;
  base::ScaledClock& clock_;
  AutoAdvance& auto_advance_;
  FaultInjector& faults_;
  const base::Log& log_;
  const base::Time start_;
  const ControlTargets targets_;
  std::set<std::string> warned_;  // clients
};

}  // namespace fakeapi
