#include "fake-apiserver/custom/aggregator.h"

#include <algorithm>
#include <array>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <set>
#include <variant>

#include "common/http/url.h"
#include "fake-apiserver/api/base64.h"
#include "fake-apiserver/api/body.h"
#include "fake-apiserver/api/query_flag.h"
#include "fake-apiserver/api/status.h"
#include "fake-apiserver/custom/api_services.h"
#include "fake-apiserver/store/json_access.h"

namespace fakeapi {
namespace asio = boost::asio;
namespace {

using namespace asio::experimental::awaitable_operators;

// How long a server may take to say that it is there, and when one is asked again that said nothing in that time.
constexpr base::Duration kCheckLimit = std::chrono::seconds(2);
constexpr base::Duration kSilentInterval = std::chrono::seconds(30);

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return text;
}

// Of one connection alone, or about who asks: the other server hears that from us.
bool is_kept_back(const std::string& name) {
  constexpr std::array<std::string_view, 10> kOwn{
      "accept-encoding", "authorization",     "connection", "content-length", "host", "keep-alive", "te",
      "trailer",         "transfer-encoding", "upgrade"};
  const std::string key = lower(name);
  return std::find(kOwn.begin(), kOwn.end(), key) != kOwn.end() || key.starts_with("x-remote-") ||
         key.starts_with("impersonate-") || key.starts_with("proxy-");
}

// The fields that Connection names belong to that connection.
std::set<std::string> nominated(const http::Headers& headers) {
  std::set<std::string> names;
  for (const auto& [name, value] : headers.all()) {
    if (lower(name) != "connection") continue;
    std::size_t begin = 0;
    while (begin < value.size()) {
      const std::size_t end = std::min(value.find_first_of(", \t", begin), value.size());
      if (end > begin) names.insert(lower(value.substr(begin, end - begin)));
      begin = end + 1;
    }
  }
  return names;
}

http::Headers passed_on(const http::Headers& headers) {
  const std::set<std::string> own = nominated(headers);
  http::Headers result;
  for (const auto& [name, value] : headers.all()) {
    if (!is_kept_back(name) && !own.contains(lower(name))) result.add(name, value);
  }
  return result;
}

// Whether every server sees the same path in it that was allowed here: nothing to resolve, nothing hidden in escapes.
bool is_plain(std::string_view target) {
  if (target.find('#') != std::string_view::npos) return false;
  std::string_view path = target.substr(1, target.find('?') - 1);
  for (;;) {
    const std::size_t end = path.find('/');
    const auto segment = http::percent_decode(path.substr(0, end));
    if (!segment || *segment == "." || *segment == "..") return false;
    const auto hides = [](char c) { return c == '/' || c == '\\' || static_cast<unsigned char>(c) < 0x20; };
    if (std::any_of(segment->begin(), segment->end(), hides)) return false;
    if (end == std::string_view::npos) return true;
    if (segment->empty()) return false;
    path.remove_prefix(end + 1);
  }
}

http::Request forwarded(http::Request request, const User& user) {
  http::Headers headers = passed_on(request.headers);
  headers.set("X-Remote-User", user.name);
  if (!user.uid.empty()) headers.set("X-Remote-Uid", user.uid);
  for (const std::string& group : user.groups) headers.add("X-Remote-Group", group);
  for (const auto& [key, values] : user.extra) {
    for (const std::string& value : values) headers.add("X-Remote-Extra-" + http::percent_encode(key), value);
  }
  request.headers = std::move(headers);
  return request;
}

// How a server is verified: as service.namespace.svc, wherever it is really reached.
http::TlsClientOptions trust_of(const Json& spec, const std::optional<http::TlsIdentity>& identity) {
  http::TlsClientOptions trust;
  trust.identity = identity;
  trust.verify = member(spec, "insecureSkipTLSVerify") != true;
  trust.server_name = text_at(spec, {"service", "name"}) + "." + text_at(spec, {"service", "namespace"}) + ".svc";
  const std::string bundle = text_at(spec, {"caBundle"});
  // What is no base64 is no certificate either, and is complained of as such.
  if (!bundle.empty()) trust.ca_pem = base64_decode(bundle).value_or(bundle);
  return trust;
}

http::Reply unavailable(const std::string& message) {
  StatusError error;
  error.code = 503;
  error.reason = "ServiceUnavailable";
  error.message = message;
  return http::Reply(to_response(error));
}

// What comes from the other server, line by line. Keeps the way there open.
class RelayedStream final : public http::BodyStream {
 public:
  RelayedStream(std::shared_ptr<http::Transport> transport, std::unique_ptr<http::LineStream> lines)
      : transport_(std::move(transport)), lines_(std::move(lines)) {}

  asio::awaitable<std::optional<std::string>> next_chunk() override {
    auto line = co_await lines_->next_line();
    if (!line) throw http::StreamBroken();
    if (!*line) co_return std::nullopt;
    co_return std::optional<std::string>(std::move(**line) + "\n");
  }

 private:
  std::shared_ptr<http::Transport> transport_;
  std::unique_ptr<http::LineStream> lines_;
};

bool is_stream(const http::Target& target) { return query_flag(target, "watch") || query_flag(target, "follow"); }

}  // namespace

// Marks a server as being asked, until the asking has ended in whatever way.
class Aggregator::Checking {
 public:
  Checking(Aggregator& aggregator, std::string name, std::shared_ptr<http::Transport> transport)
      : aggregator_(aggregator), name_(std::move(name)), transport_(std::move(transport)) {
    mark(true);
  }
  ~Checking() { mark(false); }
  Checking(const Checking&) = delete;
  Checking& operator=(const Checking&) = delete;

 private:
  void mark(bool checking) {
    const auto at = aggregator_.remotes_.find(name_);
    if (at != aggregator_.remotes_.end() && at->second.transport == transport_) at->second.checking = checking;
  }

  Aggregator& aggregator_;
  const std::string name_;
  const std::shared_ptr<http::Transport> transport_;
};

Aggregator::Aggregator(ObjectStore& store, base::Clock& wire_clock, AggregationOptions options, Natively natively)
    : store_(store), wire_clock_(wire_clock), options_(std::move(options)), natively_(std::move(natively)) {
  subscription_ = store_.subscribe(kServiceResource, [this](const StoreEvent& event) { on_event(event); });
}

Aggregator::~Aggregator() { store_.unsubscribe(subscription_); }

void Aggregator::on_event(const StoreEvent& event) {
  const std::string name = text_at(*event.object, {"metadata", "name"});
  if (event.type == EventType::kDeleted) {
    remotes_.erase(name);
    return;
  }
  if (event.previous && member(*event.previous, "spec") == member(*event.object, "spec")) return;
  remotes_.erase(name);
  add(*event.object);
}

void Aggregator::add(const Json& object) {
  const std::string name = text_at(object, {"metadata", "name"});
  const Json& spec = member(object, "spec");
  const Json& service = member(spec, "service");
  if (!service.is_object()) return report(name, true, "Local", "Local APIServices are always available");
  Remote remote;
  remote.group = text_at(spec, {"group"});
  remote.version = text_at(spec, {"version"});
  remote.service = text_at(service, {"namespace"}) + "/" + text_at(service, {"name"});
  connect(name, spec, remote);
  if (!remote.transport && natively_(remote.group, remote.version)) {
    return report(name, true, "Passed", "served by this server: no address is configured for " + remote.service);
  }
  const std::string problem = remote.problem;
  remotes_.emplace(name, std::move(remote));
  if (!problem.empty()) report(name, false, "ServiceNotFound", problem);
}

void Aggregator::connect(const std::string& name, const Json& spec, Remote& remote) {
  auto backend = options_.backends.find(name);
  if (backend == options_.backends.end()) backend = options_.backends.find(remote.service);
  if (backend == options_.backends.end()) {
    remote.problem = "no address is configured for service/" + remote.service.substr(remote.service.find('/') + 1) +
                     " in \"" + remote.service.substr(0, remote.service.find('/')) + "\"";
    return;
  }
  if (options_.connect) {
    auto transport = options_.connect(backend->second);
    if (transport) remote.transport = std::move(*transport);
    if (!transport) remote.problem = transport.error().message;
    return;
  }
  http::TcpTransportOptions way = options_.transport;
  if (!way.tls && backend->second.starts_with("https:")) {
    auto tls = http::TlsClientContext::create(trust_of(spec, options_.identity));
    if (!tls) {
      remote.problem = "caBundle: " + tls.error().message;
      return;
    }
    way.tls = std::move(*tls);
  }
  auto transport = http::TcpTransport::create(wire_clock_.executor(), backend->second, std::move(way));
  if (transport) remote.transport = std::move(*transport);
  if (!transport) remote.problem = transport.error().message;
}

const Aggregator::Remote* Aggregator::remote_of(const http::Request& request) const {
  if (remotes_.empty() || !request.target.starts_with("/apis/")) return nullptr;
  const auto target = http::parse_target(request.target);
  if (!target || target->segments.size() < 3) return nullptr;
  const auto found = remotes_.find(target->segments[2] + "." + target->segments[1]);
  return found == remotes_.end() ? nullptr : &found->second;
}

bool Aggregator::serves(const http::Request& request) const { return remote_of(request) != nullptr; }

bool Aggregator::tells(const http::Request& request) const {
  if (remotes_.empty()) return false;
  const std::string path = request.target.substr(0, request.target.find('?'));
  return path == "/apis" || path.starts_with("/apis/apiregistration.k8s.io/");
}

asio::awaitable<void> Aggregator::check() {
  std::vector<std::string> due;
  for (const auto& [name, remote] : remotes_) {
    const base::Duration good_for = remote.silent ? kSilentInterval : options_.check_interval;
    const bool fresh = remote.checked && wire_clock_.now() - remote.checked_at < good_for;
    if (remote.transport && !remote.checking && !fresh) due.push_back(name);
  }
  if (!due.empty()) co_await check_all(std::move(due));
}

// All at the same time: as long as the slowest.
asio::awaitable<void> Aggregator::check_all(std::vector<std::string> names) {
  std::string name = std::move(names.back());
  names.pop_back();
  if (names.empty()) {
    co_await check_one(std::move(name));
    co_return;
  }
  auto both = check_one(std::move(name)) && check_all(std::move(names));
  co_await std::move(both);
}

asio::awaitable<void> Aggregator::check_one(std::string name) {
  const auto begin = remotes_.find(name);
  if (begin == remotes_.end()) co_return;
  const std::shared_ptr<http::Transport> transport = begin->second.transport;
  const Checking checking(*this, name, transport);
  const std::string path = "/apis/" + begin->second.group + "/" + begin->second.version;
  http::Request request;
  request.target = path;
  request.headers.set("Accept", "application/json");
  User user;
  user.name = "system:kube-aggregator";
  user.groups = {"system:masters"};
  http::Request asked = forwarded(std::move(request), user);
  auto either = transport->round_trip(std::move(asked)) || wire_clock_.sleep_for(kCheckLimit);
  auto outcome = co_await std::move(either);
  const bool silent = outcome.index() == 1;
  base::Result<http::Response> answer = base::Error{base::ErrorCode::kUnavailable, "no answer in time"};
  if (!silent) answer = std::move(std::get<0>(outcome));
  // The APIService may have gone, or have got another address, in the meantime.
  const auto at = remotes_.find(name);
  if (at == remotes_.end() || at->second.transport != transport) co_return;
  Remote& remote = at->second;
  remote.checked = true;
  remote.silent = silent;
  remote.checked_at = wire_clock_.now();
  remote.available = answer && answer->status >= 200 && answer->status < 300;
  if (remote.available) {
    const auto document = parse_json(answer->body);
    if (document && member(*document, "resources").is_array()) remote.resources = document->at("resources");
    report(name, true, "Passed", "all checks passed");
    co_return;
  }
  const std::string why = answer ? "bad status from " + path + ": " + std::to_string(answer->status)
                                 : "failing or missing response from " + path + ": " + answer.error().message;
  report(name, false, "FailedDiscoveryCheck", why);
}

void Aggregator::report(const std::string& name, bool available, const std::string& reason,
                        const std::string& message) {
  const base::Time now = store_.clock().now();
  (void)store_.update(kServiceResource, {"", name}, Part::kStatus, [&](Json& object) -> base::Result<> {
    set_available(object, available, reason, message, now);
    return {};
  });
}

asio::awaitable<http::Reply> Aggregator::forward(http::Request request, User user) {
  const Remote* remote = remote_of(request);
  const auto target = http::parse_target(request.target);
  if (!is_plain(request.target)) co_return http::Reply(to_response(bad_request("the path is not in its plain form")));
  if (!remote || !target || !remote->transport) co_return unavailable("service unavailable");
  const std::shared_ptr<http::Transport> transport = remote->transport;
  const std::string name = remote->version + "." + remote->group;
  http::Request asked = forwarded(std::move(request), user);
  http::Reply reply;
  std::string failure;
  if (is_stream(*target)) {
    auto opened = co_await transport->open_stream(std::move(asked));
    if (opened) {
      reply.response = std::move(opened->response);
      if (opened->stream) reply.stream = std::make_unique<RelayedStream>(transport, std::move(opened->stream));
    } else {
      failure = opened.error().message;
    }
  } else {
    auto answer = co_await transport->round_trip(std::move(asked));
    if (answer) {
      reply.response = std::move(*answer);
    } else {
      failure = answer.error().message;
    }
  }
  if (failure.empty()) {
    reply.response.headers = passed_on(reply.response.headers);
    co_return reply;
  }
  if (const auto at = remotes_.find(name); at != remotes_.end() && at->second.transport == transport) {
    at->second.available = false;
    at->second.checked = false;
    report(name, false, "FailedDiscoveryCheck", failure);
  }
  co_return unavailable("error trying to reach service: " + failure);
}

std::vector<RemoteVersion> Aggregator::remote_versions() const {
  std::vector<RemoteVersion> versions;
  for (const auto& [name, remote] : remotes_) {
    versions.push_back(RemoteVersion{remote.group, remote.version, remote.resources, remote.available});
  }
  return versions;
}

}  // namespace fakeapi
