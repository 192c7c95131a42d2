#include "fake-apiserver/daemon/fault_injector.h"

#include <algorithm>

#include "common/base/time_format.h"
#include "common/http/url.h"
#include "fake-apiserver/api/renderer.h"
#include "fake-apiserver/api/status.h"
#include "fake-apiserver/daemon/spoilt_answers.h"

namespace fakeapi {
namespace asio = boost::asio;

struct FaultInjector::Armed {
  FaultRule rule;
  base::Random dice;
  std::int64_t matched = 0;
  std::int64_t struck = 0;
  base::Clock::TimerId timer = 0;  // of an action
};

// What befalls one request.
struct FaultInjector::Verdict {
  base::Duration latency{};
  std::shared_ptr<Armed> instead;  // of the answer; the first that strikes
  std::shared_ptr<Armed> stale_read;
  std::shared_ptr<Armed> metrics;
  std::shared_ptr<Armed> discovery;
  StreamFaults stream;
  bool on_stream = false;
};

// Breaks off when the server "restarts".
class FaultInjector::Watched final : public http::BodyStream {
 public:
  Watched(std::unique_ptr<http::BodyStream> inner, const std::uint64_t& restarts)
      : inner_(std::move(inner)), restarts_(restarts), opened_at_(restarts) {}

  asio::awaitable<std::optional<std::string>> next_chunk() override {
    auto chunk = co_await inner_->next_chunk();
    if (restarts_ != opened_at_) throw http::StreamBroken();
    co_return chunk;
  }

 private:
  const std::unique_ptr<http::BodyStream> inner_;
  const std::uint64_t& restarts_;
  const std::uint64_t opened_at_;
};

namespace {

// Answers that are kept while metrics are stale; later ones are as fresh as they come.
constexpr std::size_t kMostFrozen = 4096;

bool is_per_event(FaultKind kind) { return is_illegal(kind); }

// Whether a fault of this kind can befall such a request at all.
bool concerns(const FaultRule& rule, const RequestInfo& request, const http::Request& http) {
  switch (rule.kind) {
    case FaultKind::kWatchDrop:
    case FaultKind::kWatchStall:
    case FaultKind::kWatchExpired:
    case FaultKind::kSlowWatch:
    case FaultKind::kDuplicateEvents:
    case FaultKind::kLoseEvents:
    case FaultKind::kReorderEvents: return request.verb == "watch";
    case FaultKind::kStaleRead: return is_cached_list(request, http);
    case FaultKind::kMetricsMissing:
    case FaultKind::kMetricsStale:
    case FaultKind::kMetricsNan: return is_metrics_group(request.group) && !request.resource.empty();
    case FaultKind::kDiscoveryUnavailable:
      return request.resource.empty() && (request.path == "/apis" || request.group == rule.group);
    case FaultKind::kCertificateExpired:
    case FaultKind::kRestart:
    case FaultKind::kShrinkHistory: return false;
    default: return true;
  }
}

}  // namespace

FaultInjector::FaultInjector(http::Handler& inner, base::Clock& clock, base::Clock& wire_clock, base::Random random,
                             const base::Log& log, base::Metrics& metrics, FaultTargets targets)
    : inner_(inner),
      clock_(clock),
      wire_clock_(wire_clock),
      random_(random),
      log_(log),
      metrics_(metrics),
      targets_(std::move(targets)) {}

FaultInjector::~FaultInjector() { clear(); }

void FaultInjector::add(std::vector<FaultRule> rules) {
  const auto is_taken = [this](const std::string& name) {
    return std::any_of(rules_.begin(), rules_.end(), [&](const auto& r) { return r->rule.name == name; });
  };
  for (FaultRule& rule : rules) {
    for (std::size_t number = 1; !rule.named && is_taken(rule.name); ++number) {
      rule.name = "rule-" + std::to_string(number);
    }
    remove(rule.name);
    const auto armed = std::make_shared<Armed>(Armed{rule, random_.fork(rule.name)});
    rules_.push_back(armed);
    if (is_illegal(rule.kind)) {
      log_.warning("fault that no real server shows", {{"rule", rule.name}, {"fault", fault_name(rule)}});
    }
    if (is_action(rule.kind)) schedule(armed);
  }
}

bool FaultInjector::remove(const std::string& name) {
  const auto found = std::find_if(rules_.begin(), rules_.end(), [&](const auto& r) { return r->rule.name == name; });
  if (found == rules_.end()) return false;
  clock_.cancel((*found)->timer);
  if ((*found)->rule.kind == FaultKind::kMetricsStale) frozen_.clear();
  rules_.erase(found);
  return true;
}

void FaultInjector::clear() {
  while (!rules_.empty()) remove(rules_.back()->rule.name);
}

void FaultInjector::schedule(const std::shared_ptr<Armed>& armed) {
  armed->timer = clock_.call_at(armed->rule.from.value_or(clock_.now()), [this, armed] { act(*armed); });
}

void FaultInjector::act(Armed& armed) {
  count(armed);
  if (armed.rule.kind == FaultKind::kShrinkHistory) {
    targets_.shrink_history(armed.rule.keep);
    return;
  }
  ++restarts_;
  down_until_ = wire_clock_.now() + armed.rule.lasts.value_or(base::Duration::zero());
  targets_.end_watches();
}

void FaultInjector::count(Armed& armed) {
  ++armed.struck;
  metrics_.increment("fakeapi_faults_total", "Faults that struck, by kind and rule",
                     {{"fault", fault_name(armed.rule)}, {"rule", armed.rule.name}});
}

bool FaultInjector::strikes(Armed& armed) {
  const FaultRule& rule = armed.rule;
  if (!rule.is_due(clock_.now()) || (rule.count && armed.struck >= *rule.count)) return false;
  ++armed.matched;
  if (armed.matched <= rule.skip) return false;
  if (rule.probability < 1 && armed.dice.uniform() >= rule.probability) return false;
  count(armed);
  return true;
}

void FaultInjector::add_to_stream(const std::shared_ptr<Armed>& armed, Verdict& verdict) {
  const FaultRule& rule = armed->rule;
  StreamFaults& stream = verdict.stream;
  verdict.on_stream = true;
  const auto per_event = [this, armed] { return strikes(*armed); };
  switch (rule.kind) {
    case FaultKind::kWatchDrop: stream.end = StreamFaults::End{rule.after_events, rule.after, rule.mid_line, ""}; break;
    case FaultKind::kWatchExpired: {
      const StatusError error =
          expired("too old resource version: " + std::to_string(1) + " (" + std::to_string(targets_.revision()) + ")");
      stream.end = StreamFaults::End{rule.after_events, rule.after, false, render_error_event(to_json(error))};
      break;
    }
    case FaultKind::kWatchStall: stream.stall = StreamFaults::Stall{rule.after_events, rule.after, rule.lasts}; break;
    case FaultKind::kSlowWatch: stream.bytes_per_second = rule.bytes_per_second; break;
    case FaultKind::kLoseEvents: stream.loses = per_event; break;
    case FaultKind::kDuplicateEvents: stream.doubles = per_event; break;
    case FaultKind::kReorderEvents: stream.swaps = per_event; break;
    default: break;
  }
}

FaultInjector::Verdict FaultInjector::judge(const http::Request& request, const RequestInfo& info) {
  Verdict verdict;
  std::string user;
  const bool asks_user =
      std::any_of(rules_.begin(), rules_.end(), [](const auto& armed) { return !armed->rule.user.empty(); });
  if (targets_.user_name && asks_user) user = targets_.user_name(request);
  for (const auto& armed : rules_) {
    const FaultRule& rule = armed->rule;
    if (!concerns(rule, info, request) || !rule.fits(info, user)) continue;
    // The cluster's own part is spared by rules that mean clients.
    if (info.client == kHpaClient && rule.client.empty() && !is_metrics_group(info.group)) continue;
    if (is_per_event(rule.kind)) {
      add_to_stream(armed, verdict);
      continue;
    }
    if (verdict.instead && rule.kind != FaultKind::kLatency) continue;
    if (!strikes(*armed)) continue;
    switch (rule.kind) {
      case FaultKind::kLatency: verdict.latency += rule.latency.draw(armed->dice); break;
      case FaultKind::kStaleRead: verdict.stale_read = armed; break;
      case FaultKind::kMetricsMissing:
      case FaultKind::kMetricsStale:
      case FaultKind::kMetricsNan: verdict.metrics = armed; break;
      case FaultKind::kDiscoveryUnavailable: verdict.discovery = armed; break;
      case FaultKind::kError:
      case FaultKind::kReset:
      case FaultKind::kHalfClose:
      case FaultKind::kLostResponse: verdict.instead = armed; break;
      default: add_to_stream(armed, verdict); break;
    }
  }
  return verdict;
}

asio::awaitable<http::Reply> FaultInjector::handle(http::Request request) {
  http::Reply broken;
  broken.abort = http::Abort::kReset;
  if (wire_clock_.now() < down_until_) co_return broken;
  if (rules_.empty()) {
    http::Reply reply = co_await inner_.handle(std::move(request));
    if (reply.stream) reply.stream = std::make_unique<Watched>(std::move(reply.stream), restarts_);
    co_return reply;
  }
  thaw();
  const RequestInfo info = request_info(request);
  const Verdict verdict = judge(request, info);
  if (verdict.latency > base::Duration::zero()) co_await wire_clock_.sleep_for(verdict.latency);
  if (!verdict.instead) {
    http::Reply reply = co_await carry_out(std::move(request), info, verdict);
    co_return reply;
  }
  const FaultRule& rule = verdict.instead->rule;
  if (rule.kind == FaultKind::kError) {
    http::Reply refused = error_answer(rule, info);
    co_return refused;
  }
  if (rule.kind == FaultKind::kHalfClose) broken.abort = http::Abort::kHalfClose;
  if (rule.kind == FaultKind::kLostResponse) {
    const http::Reply lost = co_await inner_.handle(std::move(request));
  }
  co_return broken;
}

asio::awaitable<http::Reply> FaultInjector::carry_out(http::Request request, const RequestInfo& info,
                                                      const Verdict& verdict) {
  const std::string target = request.target;
  if (verdict.stale_read) {
    const auto behind = static_cast<std::uint64_t>(verdict.stale_read->rule.behind);
    const std::uint64_t present = targets_.revision();
    http::Request older = at_revision(request, present > behind ? present - behind : 1);
    http::Reply reply = co_await inner_.handle(std::move(older));
    // What history no longer knows cannot be shown.
    if (reply.response.status == 200) co_return reply;
  }
  if (verdict.discovery) request = unconditional(std::move(request));
  http::Reply reply = co_await inner_.handle(std::move(request));
  spoil(reply, info, target, verdict);
  if (reply.stream && verdict.on_stream) {
    reply.stream = make_faulty_stream(std::move(reply.stream), verdict.stream, wire_clock_);
  }
  if (reply.stream) reply.stream = std::make_unique<Watched>(std::move(reply.stream), restarts_);
  co_return reply;
}

void FaultInjector::spoil(http::Reply& reply, const RequestInfo& info, const std::string& target,
                          const Verdict& verdict) {
  if (verdict.discovery) hide_group(reply, info, verdict.discovery->rule.group);
  if (!verdict.metrics || reply.response.status != 200) return;
  switch (verdict.metrics->rule.kind) {
    case FaultKind::kMetricsMissing: hide_metrics(reply, info); break;
    case FaultKind::kMetricsNan: spoil_metrics(reply); break;
    default: freeze(target, reply.response.body); break;
  }
}

void FaultInjector::freeze(const std::string& target, std::string& body) {
  auto known = frozen_.find(target);
  if (known == frozen_.end() && frozen_.size() < kMostFrozen) known = frozen_.emplace(target, body).first;
  if (known != frozen_.end()) body = known->second;
}

// Nobody takes back a rule whose time is over.
void FaultInjector::thaw() {
  const auto freezes = [&](const auto& armed) {
    return armed->rule.kind == FaultKind::kMetricsStale && armed->rule.is_due(clock_.now());
  };
  if (!frozen_.empty() && std::none_of(rules_.begin(), rules_.end(), freezes)) frozen_.clear();
}

nlohmann::json FaultInjector::describe() const {
  Json faults = Json::array();
  for (const auto& armed : rules_) {
    const FaultRule& rule = armed->rule;
    const bool spent = rule.count && armed->struck >= *rule.count;
    const bool done = is_action(rule.kind) ? armed->struck > 0 : spent;
    Json one = {{"name", rule.name},
                {"fault", fault_name(rule)},
                {"matched", armed->matched},
                {"struck", armed->struck},
                {"active", !done && rule.is_due(clock_.now())}};
    if (is_illegal(rule.kind)) one["illegal"] = true;
    if (rule.from) one["from"] = base::format_rfc3339_nano(*rule.from);
    if (rule.until) one["until"] = base::format_rfc3339_nano(*rule.until);
    faults.push_back(one);
  }
  return {{"faults", faults}};
}

bool FaultInjector::serves_expired_certificate() const {
  return std::any_of(rules_.begin(), rules_.end(), [&](const auto& armed) {
    return armed->rule.kind == FaultKind::kCertificateExpired && armed->rule.is_due(clock_.now());
  });
}

}  // namespace fakeapi
