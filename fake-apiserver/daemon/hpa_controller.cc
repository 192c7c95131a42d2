#include "fake-apiserver/daemon/hpa_controller.h"

#include <utility>

#include "common/base/background_clock.h"
#include "common/http/in_process_transport.h"
#include "fake-apiserver/daemon/request_info.h"
#include "scaler/app/scaler_app.h"

namespace fakeapi {
namespace asio = boost::asio;
namespace {

class Introduced final : public http::Handler {
 public:
  Introduced(http::Handler& inner, std::string token) : inner_(inner), token_(std::move(token)) {}

  asio::awaitable<http::Reply> handle(http::Request request) override {
    request.headers.set("User-Agent", std::string(kHpaClient));
    if (!token_.empty()) request.headers.set("Authorization", "Bearer " + token_);
    return inner_.handle(std::move(request));
  }

 private:
  http::Handler& inner_;
  const std::string token_;
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
        handler(server, std::move(token)),
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
