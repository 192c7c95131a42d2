// fake-apiserver: a Kubernetes API server with a simulated cluster behind it, on the machine's clock.
#include <fmt/format.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <cstdio>
#include <optional>

#include "common/base/log.h"
#include "common/base/real_clock.h"
#include "common/base/task_group.h"
#include "common/http/tcp_server.h"
#include "fake-apiserver/controllers/cluster.h"
#include "fake-apiserver/daemon/flags.h"

namespace {

namespace asio = boost::asio;

constexpr int kInvalidInput = 2;
constexpr base::Duration kStopGrace = std::chrono::seconds(5);

base::LogLevel log_level(const std::string& name) {
  if (name == "debug") return base::LogLevel::kDebug;
  if (name == "warning") return base::LogLevel::kWarning;
  if (name == "error") return base::LogLevel::kError;
  return name == "off" ? base::LogLevel::kOff : base::LogLevel::kInfo;
}

int serve(const fakeapi::Flags& flags) {
  asio::io_context context(1);
  base::RealClock clock(context.get_executor());
  const base::Log log(clock, base::LogOptions{.level = log_level(flags.log_level)});
  base::Metrics metrics;
  const base::Random random(flags.seed);
  fakeapi::FakeApiServer server(clock, random.fork("server"), flags.server, metrics);
  std::optional<fakeapi::Cluster> cluster;
  if (flags.controllers) {
    cluster.emplace(flags.cluster, server.store(), clock, random.fork("cluster"), nullptr, metrics);
    server.set_metrics_source(&cluster->metrics());
  }

  http::TcpServerOptions tcp_options;
  tcp_options.on_handler_error = [&](std::string_view what) {
    log.error("handler failed", {{"what", what}});
    metrics.increment("fakeapi_handler_exceptions_total", "Exceptions that a request handler let out.");
  };
  auto listening = http::TcpServer::listen(clock, server, flags.address, flags.port, std::move(tcp_options));
  if (!listening) {
    fmt::print(stderr, "fake-apiserver: {}\n", listening.error().message);
    return kInvalidInput;
  }
  http::TcpServer& tcp = **listening;
  // Before anybody hears of the port, and may send a signal.
  asio::signal_set signals(context, SIGINT, SIGTERM);
  if (flags.print_port) {
    fmt::print("{}\n", tcp.port());
    std::fflush(stdout);
  }
  log.info("serving", {{"address", flags.address}, {"port", int{tcp.port()}}});

  base::TaskGroup tasks(context.get_executor());
  bool stopping = false;
  signals.async_wait([&](const boost::system::error_code& error, int signal) {
    if (error) return;
    log.info("stopping", {{"signal", signal}});
    stopping = true;
    tasks.spawn(tcp.stop(kStopGrace));
  });
  while (!stopping || !tasks.empty()) context.run_one();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const fakeapi::ParsedFlags parsed = fakeapi::parse_flags(argc, argv);
  if (!parsed.flags) {
    std::fputs(parsed.message.c_str(), parsed.exit_code == 0 ? stdout : stderr);
    return parsed.exit_code;
  }
  return serve(*parsed.flags);
}
