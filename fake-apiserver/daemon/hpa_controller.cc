#include "fake-apiserver/daemon/hpa_controller.h"

#include <optional>
#include <utility>

#include "common/base/background_clock.h"
#include "common/base/number_format.h"
#include "common/http/in_process_transport.h"
#include "common/http/url.h"
#include "fake-apiserver/daemon/faulty_stream.h"
#include "fake-apiserver/daemon/request_info.h"
#include "scaler/app/scaler_app.h"

namespace fakeapi {
namespace asio = boost::asio;
namespace {

// How long the request lets a watch go on.
std::optional<base::Duration> time_out_of(const http::Request& request) {
  const auto target = http::parse_target(request.target);
  if (!target) return std::nullopt;
  const auto seconds = base::parse_int64(target->get("timeoutSeconds").value_or(""));
  if (!seconds) return std::nullopt;
  return std::chrono::seconds(*seconds);
}

// Says who asks. Its watches end by the cluster's clock, which is that of this client; the server counts by the wire's.
class Introduced final : public http::Handler {
 public:
  Introduced(http::Handler& inner, std::string token, base::Clock& clock)
      : inner_(inner), token_(std::move(token)), clock_(clock) {}

  asio::awaitable<http::Reply> handle(http::Request request) override {
    request.headers.set("User-Agent", std::string(kHpaClient));
    if (!token_.empty()) request.headers.set("Authorization", "Bearer " + token_);
    const auto time_out = time_out_of(request);
    http::Reply reply = co_await inner_.handle(std::move(request));
    if (reply.stream && time_out) {
      StreamFaults ends;
      ends.end = StreamFaults::End();
      ends.end->after = *time_out;
      reply.stream = make_faulty_stream(std::move(reply.stream), std::move(ends), clock_);
    }
    co_return reply;
  }

 private:
  http::Handler& inner_;
  const std::string token_;
  base::Clock& clock_;
};

scaler::ScalerConfig config() {
  scaler::ScalerConfig config;
  config.run_hpa_controller = true;
  config.remembered_decisions = 0;
  return config;
}

}  // namespace

struct HpaController::Parts {
  Parts(http::Handler& server, std::string token, base::Clock& clock, base::Random random, const base::Log& log,
        base::Metrics& metrics)
      : background(clock),
        handler(server, std::move(token), background),
        transport(handler),
        app(config(), background, transport, random, log, metrics, nullptr) {}

  base::BackgroundClock background;
  Introduced handler;
  http::InProcessTransport transport;
  scaler::ScalerApp app;
};

HpaController::HpaController(http::Handler& server, std::string token, base::Clock& clock, base::Random random,
                             const base::Log& log, base::Metrics& metrics)
    : parts_(std::make_unique<Parts>(server, std::move(token), clock, random, log, metrics)) {}

HpaController::~HpaController() = default;

void HpaController::start() { parts_->app.start(); }

asio::awaitable<void> HpaController::stop() { return parts_->app.stop(); }

bool HpaController::is_ready() const { return parts_->app.is_ready(); }

}  // namespace fakeapi
