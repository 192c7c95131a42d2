#include "scaler/app/daemon.h"

#include <fmt/format.h>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <csignal>
#include <cstdio>
#include <iterator>

#include "common/base/real_clock.h"
#include "common/http/tcp_server.h"
#include "common/http/tcp_transport.h"
#include "scaler/app/scaler_app.h"
#include "scaler/policy/policy_file.h"

namespace scaler {
namespace asio = boost::asio;
namespace {

constexpr base::Duration kGrace = std::chrono::seconds(5);  // for requests that are being answered when we stop

int fail(int code, const std::string& message) {
  fmt::print(stderr, "scaler: {}\n", message);
  return code;
}

int code_of(const base::Error& error) {
  return error.code == base::ErrorCode::kInvalid ? kExitInvalid : kExitUnreachable;
}

base::Result<ScalerConfig> make_config(const DaemonFlags& flags) {
  ScalerConfig config;
  config.ns = flags.ns;
  config.run_hpa_controller = flags.run_hpa_controller;
  config.force_ownership = flags.force_ownership;
  config.control.period = flags.period;
  config.actuator.dry_run = flags.dry_run;
  config.rest.max_replicas = flags.max_replicas;
  for (const std::string& file : flags.policies) {
    auto policies = load_policies(file);
    if (!policies) return policies.error();
    for (const PolicySpec& policy : *policies) {
      if (!std::holds_alternative<HumanOperatorSpec>(policy.rules)) continue;
      return base::Error{base::ErrorCode::kInvalid,
                         policy.target_where +
                             ": a HumanOperator is a baseline for simulations, the scaler does not "
                             "follow it; use gamenight run --policy"};
    }
    std::move(policies->begin(), policies->end(), std::back_inserter(config.policies));
  }
  return config;
}

asio::awaitable<void> signalled(asio::signal_set& signals) { co_await signals.async_wait(asio::use_awaitable); }

// The life of the daemon between its first and its last log line; `exit_code` is its result.
asio::awaitable<void> supervise(ScalerApp& app, http::TcpServer& server, asio::signal_set& signals,
                                std::optional<base::Duration> wait_for_api, int& exit_code) {
  using asio::experimental::awaitable_operators::operator||;
  app.start();
  bool stopping = false;
  if (wait_for_api) {
    auto either = app.wait_for_api(*wait_for_api) || signalled(signals);
    const auto winner = co_await std::move(either);
    stopping = winner.index() == 1;
    if (!stopping && !std::get<0>(winner)) {
      exit_code = fail(kExitUnreachable, std::get<0>(winner).error().message);
      stopping = true;
    }
  }
  if (!stopping) co_await signalled(signals);
  signals.clear();  // a second signal ends the process at once
  co_await server.stop(kGrace);
  co_await app.stop();
}

}  // namespace

int run_daemon(const DaemonFlags& flags) {
  auto config = make_config(flags);
  if (!config) return fail(kExitInvalid, config.error().message);

  asio::io_context context(1);
  base::RealClock clock(context.get_executor());
  const base::Log log(clock, flags.log);
  base::Metrics metrics;
  auto transport = http::TcpTransport::create(context.get_executor(), flags.server);
  if (!transport) return fail(code_of(transport.error()), "--server: " + transport.error().message);
  std::unique_ptr<http::TcpTransport> decision_transport;
  if (!flags.decision_service.empty()) {
    auto created = http::TcpTransport::create(context.get_executor(), flags.decision_service);
    if (!created) return fail(code_of(created.error()), "--decision-service: " + created.error().message);
    decision_transport = std::move(*created);
    config->decision_service = decision_transport.get();
  }
  // Several scalers must not retry in step.
  base::Random random(static_cast<std::uint64_t>(clock.now().time_since_epoch().count()));
  ScalerApp app(std::move(*config), clock, **transport, random, log, metrics, {});
  http::TcpServerOptions tcp_options;
  tcp_options.on_handler_error = [&](std::string_view what) {
    log.error("handler failed", {{"what", what}});
    metrics.increment("scaler_handler_exceptions_total", "Exceptions that a request handler let out.");
  };
  auto server = http::TcpServer::listen(clock, app.handler(), flags.address, flags.port, std::move(tcp_options));
  if (!server) return fail(kExitInvalid, server.error().message);  // a port in use is the wrong port
  // Before anybody hears of the port, and may send a signal.
  asio::signal_set signals(context, SIGINT, SIGTERM);
  if (flags.print_port) {
    fmt::print("{}\n", (*server)->port());
    std::fflush(stdout);
  }
  log.info("scaler started", {{"server", flags.server}, {"address", flags.address}, {"port", (*server)->port()}});

  int exit_code = kExitOk;
  base::TaskGroup tasks(context.get_executor());
  tasks.spawn(supervise(app, **server, signals, flags.wait_for_api, exit_code));
  context.run();
  log.info("scaler stopped", {{"exit_code", exit_code}});
  return exit_code;
}

}  // namespace scaler
