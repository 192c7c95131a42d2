#include "fake-apiserver/daemon/daemon.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <csignal>
#include <filesystem>
#include <optional>

#include "common/base/file.h"
#include "common/base/log.h"
#include "common/base/number_format.h"
#include "common/base/real_clock.h"
#include "common/base/scaled_clock.h"
#include "common/base/task_group.h"
#include "common/base/time_format.h"
#include "common/http/certificates.h"
#include "common/http/tcp_server.h"
#include "fake-apiserver/controllers/cluster.h"
#include "fake-apiserver/controllers/event_expiry.h"
#include "fake-apiserver/daemon/control_endpoints.h"
#include "fake-apiserver/daemon/hpa_controller.h"
#include "fake-apiserver/daemon/kubeconfig.h"
#include "fake-apiserver/daemon/manifests.h"
#include "fake-apiserver/daemon/output_file.h"
#include "fake-apiserver/daemon/serving_identity.h"
#include "fake-apiserver/daemon/snapshot.h"
#include "fake-apiserver/kinds/admission.h"

namespace fakeapi {
namespace {

namespace asio = boost::asio;
namespace fs = std::filesystem;

// Beside a snapshot: what its tokens are made from, so that they hold after it is restored.
constexpr const char* kSecretSuffix = ".secret";
constexpr base::Duration kStopGrace = std::chrono::seconds(5);
constexpr base::Duration kServiceCheck = std::chrono::seconds(30);
// etcd takes 1.5 MiB; the API server in front of it twice that.
constexpr std::size_t kMostBodyBytes = std::size_t{3} << 20;
// How long the loop may sleep: while the clock may have to move by itself, and otherwise.
constexpr base::Duration kShortNap = std::chrono::milliseconds(5);
constexpr base::Duration kLongNap = std::chrono::milliseconds(200);

base::LogLevel log_level(const std::string& name) {
  if (name == "debug") return base::LogLevel::kDebug;
  if (name == "warning") return base::LogLevel::kWarning;
  if (name == "error") return base::LogLevel::kError;
  return name == "off" ? base::LogLevel::kOff : base::LogLevel::kInfo;
}

// 256 bits as text, of a secret.
std::string token_of(const std::string& secret) {
  std::string token;
  for (std::uint64_t i = 0; i < 4; ++i) token += base::format_number(base::stable_hash(secret, i));
  return token;
}

bool identifies(const Flags& flags) {
  return flags.tls || !flags.token_file.empty() || !flags.server.security.authentication.anonymous ||
         flags.server.security.authorization != AuthorizationMode::kAlwaysAllow;
}

// Who gives a seed wants the same bytes again, tokens too, unless they have to keep anybody out.
base::Result<> make_tokens(Flags& flags, base::Time now) {
  const bool loopback = flags.address == "127.0.0.1" || flags.address == "::1" || flags.address == "localhost";
  if (flags.seed_given && loopback && !identifies(flags)) return {};
  const std::string kept = flags.restore.empty() ? "" : flags.restore + kSecretSuffix;
  const bool restored = !kept.empty() && fs::exists(kept);
  const auto secret = restored ? base::read_file(kept) : make_secret(now);
  if (!secret) return secret.error();
  if (secret->empty()) return base::Error{base::ErrorCode::kInvalid, kept + " is empty"};
  flags.server.security.token_secret = *secret;
  if (!identifies(flags)) return {};
  flags.server.security.authentication.admin_token = token_of(*secret);
  flags.server.security.bootstrap_objects = true;
  return {};
}

}  // namespace

struct Daemon::Parts {
  Parts(Flags f, base::Time start)
      : flags(std::move(f)),
        clock(context, wall, start, flags.speed),
        start_time(start),
        log(clock, base::LogOptions{.level = log_level(flags.log_level)}),
        random(flags.seed),
        server(clock, random.fork("server"), flags.server, metrics, &wall),
        auto_advance(clock, wall, flags.auto_advance),
        faults(server, clock, wall, random.fork("faults"), log, metrics, fault_targets()),
        control(faults, clock, auto_advance, faults, log, start, control_targets()),
        tasks(context.get_executor()),
        signals(context) {}

  FaultTargets fault_targets() {
    FaultTargets targets;
    targets.revision = [this] { return server.store().revision(); };
    targets.end_watches = [this] { server.watch_hub().close_all(); };
    targets.shrink_history = [this](std::size_t events) { server.store().shrink_history(events); };
    targets.user_name = [this](const http::Request& request) {
      const auto user = server.admit(request);
      return user ? user->name : std::string();
    };
    return targets;
  }

  ControlTargets control_targets() {
    ControlTargets targets;
    targets.snapshot = [this] { return write_snapshot(server.store(), clock.now()); };
    if (!flags.snapshot.empty()) targets.save_snapshot = [this] { return save_snapshot(); };
    targets.refusal = [this](const http::Request& request) -> std::optional<http::Response> {
      const auto user = server.admit(request);
      if (user) return std::nullopt;
      return to_response(user.error());
    };
    return targets;
  }

  base::Result<> save_snapshot() {
    auto written = write_output(flags.snapshot, write_snapshot(server.store(), clock.now()));
    const std::string& secret = flags.server.security.token_secret;
    if (written && !secret.empty()) written = write_output(flags.snapshot + kSecretSuffix, secret);
    if (!written) {
      log.error("snapshot failed", {{"file", flags.snapshot}, {"error", written.error().message}});
      metrics.increment("fakeapi_snapshot_failures_total", "Snapshots that could not be written");
    }
    return written;
  }

  // Clients will not believe it: better told here than found out there.
  void warn_of_dates() const {
    if (!identity) return;
    const auto shown = http::describe_certificate(identity->options.identity.certificate_pem);
    if (!shown || (shown->valid_from <= wall.now() && wall.now() < shown->valid_until)) return;
    log.warning(
        "the certificate of the server is not valid now",
        {{"from", base::format_rfc3339(shown->valid_from)}, {"until", base::format_rfc3339(shown->valid_until)}});
  }

  base::Result<> read_faults() {
    auto documents = config::load_yaml(flags.faults);
    if (!documents) return documents.error();
    std::vector<FaultRule> rules;
    for (const config::Document& document : *documents) {
      auto read = read_fault_rules(document, start_time);
      if (!read) return read.error();
      rules.insert(rules.end(), read->begin(), read->end());
    }
    faults.clear();
    faults.add(std::move(rules));
    return {};
  }

  // Runs the loop until `task` has ended.
  template <class T>
  T finish(asio::awaitable<T> task) {
    std::optional<T> result;
    tasks.spawn(store_result(std::move(task), result));
    while (!result) clock.turn(kLongNap);
    return std::move(*result);
  }
  template <class T>
  static asio::awaitable<void> store_result(asio::awaitable<T> task, std::optional<T>& result) {
    T value = co_await std::move(task);
    result.emplace(std::move(value));
  }

  base::Result<> begin(std::optional<Snapshot> snapshot);
  base::Result<> apply_all();
  base::Result<> listen();
  void serve_right_certificate();
  void keep_checking_services();
  asio::awaitable<void> end();

  Flags flags;
  asio::io_context context{1};
  base::RealClock wall{context.get_executor()};
  base::ScaledClock clock;
  const base::Time start_time;
  base::Log log;
  base::Metrics metrics;
  const base::Random random;
  std::optional<ServingIdentity> identity;
  bool expired_served = false;
  FakeApiServer server;
  std::optional<Cluster> cluster;
  std::optional<EventExpiry> event_expiry;  // where no cluster sees to it
  AutoAdvance auto_advance;
  FaultInjector faults;
  ControlEndpoints control;
  std::unique_ptr<Recorder> recorder;
  std::optional<HpaController> hpa;
  std::unique_ptr<http::TcpServer> tcp;
  base::TaskGroup tasks;
  asio::signal_set signals;
  base::Clock::TimerId service_check = 0;
  bool ran = false;
  bool stopping = false;
  bool ended = false;
  base::Result<> saved;  // the last snapshot
};

base::Result<> Daemon::Parts::begin(std::optional<Snapshot> snapshot) {
  server.namespaces().set_collecting(flags.cluster.controllers.acts("namespace"));
  if (snapshot) {
    server.store().restore(snapshot->revision, std::move(snapshot->objects));
    // That of the server whose snapshot it is may be another.
    if (identity) renew_authentication(server.store(), identity->options.client_ca_pem);
  } else {
    create_system_objects(server.store());
  }
  if (flags.controllers) {
    cluster.emplace(flags.cluster, server.store(), clock, random.fork("cluster"), nullptr, metrics);
    server.set_metrics_source(&cluster->metrics());
    server.hooks().pod_logs = &cluster->logs();
  } else {
    event_expiry.emplace(EventExpiryOptions{}, server.store(), clock);
  }
  server.publish_services(identity ? identity->ca_pem : "");
  keep_checking_services();
  if (auto applied = apply_all(); !applied) return applied;
  if (!flags.faults.empty()) {
    if (auto read = read_faults(); !read) return read;
  }
  if (flags.hpa) {
    const std::string& token = flags.server.security.authentication.admin_token;
    hpa.emplace(faults, token, clock, random.fork("hpa"), log, metrics);
    hpa->start();
  }
  auto made = Recorder::create(control, clock, wall, log, metrics, flags.recorder);
  if (!made) return made.error();
  recorder = std::move(*made);
  return listen();
}

base::Result<> Daemon::Parts::apply_all() {
  std::vector<config::Document> manifests;
  for (const std::string& path : flags.load) {
    auto loaded = load_manifests(path);
    if (!loaded) return loaded.error();
    for (config::Document& document : *loaded) manifests.push_back(std::move(document));
  }
  if (manifests.empty()) return {};
  sort_manifests(manifests);
  const double speed = clock.speed();
  if (speed == 0) clock.set_speed(1);  // definitions need a moment
  auto applied =
      finish(apply_manifests(std::move(manifests), server, clock, flags.server.security.authentication.admin_token));
  if (speed == 0) clock.set_speed(0);
  return applied;
}

base::Result<> Daemon::Parts::listen() {
  http::TcpServerOptions options;
  options.max_connections = flags.max_connections;
  options.max_body_bytes = kMostBodyBytes;
  options.refusal = refusal_status;
  if (identity) options.tls = identity->context;
  options.on_handler_error = [this](std::string_view what) {
    log.error("handler failed", {{"what", what}});
    metrics.increment("fakeapi_handler_exceptions_total", "Exceptions that a request handler let out.");
  };
  auto listening = http::TcpServer::listen(wall, *recorder, flags.address, flags.port, std::move(options));
  if (!listening) return listening.error();
  tcp = std::move(*listening);
  return {};
}

void Daemon::Parts::serve_right_certificate() {
  if (!identity || !identity->expired) return;
  const bool wanted = faults.serves_expired_certificate();
  if (wanted == expired_served) return;
  expired_served = wanted;
  const auto changed = identity->context->reload(wanted ? *identity->expired : identity->options);
  if (!changed) log.error("certificate not changed", {{"error", changed.error().message}});
}

// Other servers come and go without a request that would ask how they are.
void Daemon::Parts::keep_checking_services() {
  service_check = wall.call_after(kServiceCheck, [this] {
    tasks.spawn(server.aggregator().check());
    keep_checking_services();
  });
}

asio::awaitable<void> Daemon::Parts::end() {
  wall.cancel(service_check);
  boost::system::error_code ignored;
  signals.cancel(ignored);
  // The client before the server.
  if (hpa) co_await hpa->stop();
  if (tcp) co_await tcp->stop(kStopGrace);
  // What never ran has nothing to save, and a snapshot of before is not its own to replace.
  if (ran && !flags.snapshot.empty()) saved = save_snapshot();
  ended = true;
}

Daemon::Daemon(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Daemon::~Daemon() {
  if (parts_->ended) return;
  parts_->stopping = true;
  parts_->tasks.spawn(parts_->end());
  while (!parts_->ended || !parts_->tasks.empty()) parts_->clock.turn(kShortNap);
}

base::Result<std::unique_ptr<Daemon>> Daemon::start(Flags flags) {
  std::optional<Snapshot> snapshot;
  if (!flags.restore.empty()) {
    const auto text = base::read_file(flags.restore);
    if (!text) return text.error();
    auto parsed = parse_snapshot(*text);
    if (!parsed) return base::annotate(parsed.error(), flags.restore);
    snapshot = std::move(*parsed);
  }
  if (!flags.snapshot.empty()) {
    if (auto place = check_output(flags.snapshot, "--snapshot"); !place) return place.error();
  }
  asio::io_context unused;
  const base::Time now = base::RealClock(unused.get_executor()).now();
  std::optional<ServingIdentity> identity;
  if (flags.tls) {
    auto made = make_serving_identity(flags, now);
    if (!made) return made.error();
    identity = std::move(*made);
    flags.server.security.client_ca_pem = identity->options.client_ca_pem;
    if (!identity->proxy.key_pem.empty()) flags.server.aggregation.identity = identity->proxy;
  }
  if (!flags.token_file.empty()) {
    const auto text = base::read_file(flags.token_file);
    if (!text) return text.error();
    auto tokens = parse_token_file(*text);
    if (!tokens) return base::annotate(tokens.error(), flags.token_file);
    flags.server.security.authentication.tokens = std::move(*tokens);
  }
  if (auto armed = make_tokens(flags, now); !armed) return armed.error();
  const base::Time begin = flags.start_time ? *flags.start_time : (snapshot ? snapshot->time : now);
  auto parts = std::make_unique<Parts>(std::move(flags), begin);
  parts->identity = std::move(identity);
  auto daemon = std::unique_ptr<Daemon>(new Daemon(std::move(parts)));
  if (auto begun = daemon->parts_->begin(std::move(snapshot)); !begun) return begun.error();
  const std::string& out = daemon->parts_->flags.kubeconfig_out;
  if (!out.empty()) {
    if (auto written = write_output(out, daemon->kubeconfig()); !written) return written.error();
  }
  return daemon;
}

std::uint16_t Daemon::port() const { return parts_->tcp->port(); }

std::string Daemon::url() const {
  const std::string& address = parts_->flags.address;
  std::string host = address == "0.0.0.0" ? "127.0.0.1" : (address == "::" ? "[::1]" : address);
  if (host.find(':') != std::string::npos && host.front() != '[') host = "[" + host + "]";
  return (parts_->identity ? "https://" : "http://") + host + ":" + std::to_string(port());
}

std::string Daemon::kubeconfig() const {
  KubeconfigOptions options{.server = url()};
  if (parts_->identity) {
    options.ca = parts_->identity->ca_pem;
    options.client_cert = parts_->identity->admin.certificate_pem;
    options.client_key = parts_->identity->admin.key_pem;
  }
  // Clients send a token to a server that they know alone.
  if (options.client_cert.empty()) options.token = parts_->flags.server.security.authentication.admin_token;
  return fakeapi::kubeconfig(options);
}

base::Result<> Daemon::run() {
  Parts& p = *parts_;
  p.ran = true;
  p.warn_of_dates();
  p.log.info("serving", {{"url", url()}, {"speed", p.clock.speed()}});
  bool told = false;
  while (!p.ended || !p.tasks.empty()) {
    if (p.stopping && !told) {
      told = true;
      p.log.info("stopping");
      p.tasks.spawn(p.end());
    }
    p.serve_right_certificate();
    if (const auto event = p.auto_advance.next_move(); event && !p.stopping) {
      p.tasks.spawn(p.clock.move_to(*event));
    }
    const bool alert = p.auto_advance.enabled() && p.clock.speed() == 0;
    p.clock.turn(alert ? kShortNap : kLongNap);
  }
  return p.saved;
}

void Daemon::stop() {
  asio::post(parts_->context, [this] { parts_->stopping = true; });
}

void Daemon::reload() {
  asio::post(parts_->context, [this] {
    Parts& p = *parts_;
    if (!p.flags.faults.empty()) {
      const auto read = p.read_faults();
      if (!read) p.log.error("faults not reloaded", {{"error", read.error().message}});
    }
    if (!p.identity) return;
    const auto loaded = reload_identity(p.flags, *p.identity);
    if (!loaded) {
      p.log.error("certificates not reloaded", {{"error", loaded.error().message}});
      return;
    }
    p.expired_served = false;  // the loop sees to it
    renew_authentication(p.server.store(), p.identity->options.client_ca_pem);
    p.log.info("certificates reloaded");
  });
}

asio::awaitable<void> Daemon::await_signals() {
  for (;;) {
    boost::system::error_code error;
    auto token = asio::redirect_error(asio::use_awaitable, error);
    const int signal = co_await parts_->signals.async_wait(token);
    if (error) co_return;
    if (signal != SIGHUP) break;
    reload();
  }
  stop();
}

void Daemon::obey_signals() {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) parts_->signals.add(signal);
  parts_->tasks.spawn(await_signals());
}

}  // namespace fakeapi
