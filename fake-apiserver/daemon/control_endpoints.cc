#include "fake-apiserver/daemon/control_endpoints.h"

#include <algorithm>
#include <array>

#include "common/base/number_format.h"
#include "common/base/time_format.h"
#include "common/config/fields.h"
#include "fake-apiserver/api/status.h"
#include "fake-apiserver/store/json_access.h"

namespace fakeapi {
namespace asio = boost::asio;

// What POST /gamenight/clock asks for.
struct ControlEndpoints::ClockOrder {
  std::optional<base::Duration> advance;
  std::optional<base::Time> until;
  bool until_idle = false;
  std::optional<double> speed;
  std::optional<bool> pause;
  std::optional<bool> auto_advance;
  base::Duration horizon{};
  base::Duration limit = std::chrono::hours(1);

  bool is_empty() const { return !advance && !until && !until_idle && !speed && !pause && !auto_advance; }
};

namespace {

constexpr double kMostSpeed = 1e6;
// They compare times of objects with their own clock: the ages of pods, of conditions, of metrics.
constexpr std::array<std::string_view, 7> kJudgesByOwnClock = {
    "kube-controller-manager", "keda", "cluster-autoscaler", "karpenter", "descheduler", "vpa-", "kube-scheduler"};
constexpr const char* kOwnClock =
    "times of this server are not those of your clock; decisions that compare the two are wrong";
constexpr std::size_t kMostWarned = 1000;

http::Reply json_reply(const Json& document) { return http::json_response(200, to_text(document) + "\n"); }

http::Reply refuse(int code, const std::string& message) {
  StatusError error{code, code == 400 ? "BadRequest" : "Invalid", message, Json::object(), ""};
  return to_response(error);
}

bool judges_by_own_clock(std::string_view client) {
  return std::any_of(kJudgesByOwnClock.begin(), kJudgesByOwnClock.end(),
                     [&](std::string_view name) { return client.starts_with(name); });
}

// While it lives, a client waits for its answer.
class InProgress {
 public:
  InProgress(AutoAdvance& watcher, const http::Request& request) : watcher_(watcher) {
    watcher_.request_began(request);
  }
  ~InProgress() { watcher_.request_ended(); }
  InProgress(const InProgress&) = delete;
  InProgress& operator=(const InProgress&) = delete;

 private:
  AutoAdvance& watcher_;
};

// A watch of a client; those of the cluster itself wait for nothing.
class Counted final : public http::BodyStream {
 public:
  Counted(std::unique_ptr<http::BodyStream> inner, AutoAdvance& watcher) : inner_(std::move(inner)), watcher_(watcher) {
    watcher_.watch_began();
  }
  ~Counted() override { watcher_.watch_ended(); }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;

  asio::awaitable<std::optional<std::string>> next_chunk() override { return inner_->next_chunk(); }

 private:
  const std::unique_ptr<http::BodyStream> inner_;
  AutoAdvance& watcher_;
};

}  // namespace

asio::awaitable<http::Reply> ControlEndpoints::handle(http::Request request) {
  if (request.target.starts_with("/gamenight/")) {
    auto target = http::parse_target(request.target);
    if (!target) co_return http::Reply(http::text_response(404, "404 page not found\n"));
    if (targets_.refusal) {
      auto refused = targets_.refusal(request);
      if (refused) co_return http::Reply(std::move(*refused));
    }
    http::Reply reply = co_await control(std::move(request), std::move(*target));
    co_return reply;
  }
  const std::string client(request.headers.get("User-Agent").value_or(""));
  const bool warns = clock_.speed() != 1 && judges_by_own_clock(client);
  const InProgress in_progress(auto_advance_, request);
  http::Reply reply = co_await inner_.handle(std::move(request));
  if (reply.stream) reply.stream = std::make_unique<Counted>(std::move(reply.stream), auto_advance_);
  if (warns) warn_of_own_clock(client, reply);
  co_return reply;
}

void ControlEndpoints::warn_of_own_clock(const std::string& client, http::Reply& reply) {
  reply.response.headers.add("Warning", "299 - \"" + std::string(kOwnClock) + "\"");
  const std::string name = client.substr(0, client.find_first_of("/ "));
  if (warned_.size() < kMostWarned && warned_.insert(name).second) {
    log_.warning("client goes by its own clock", {{"client", client}, {"speed", clock_.speed()}});
  }
}

asio::awaitable<http::Reply> ControlEndpoints::control(http::Request request, http::Target target) {
  const std::string what = target.segments.size() > 1 ? target.segments[1] : "";
  const std::size_t most = what == "faults" ? 3 : 2;
  if (target.segments.size() <= most && what == "clock") {
    if (request.method == "GET") co_return json_reply(clock_document());
    if (request.method == "POST") {
      http::Reply set = co_await set_clock(std::move(request.body));
      co_return set;
    }
    co_return http::Reply(to_response(method_not_allowed()));
  }
  if (target.segments.size() <= most && what == "faults") co_return faults(request, target);
  if (target.segments.size() <= most && what == "snapshot") co_return snapshot(request);
  co_return http::Reply(http::text_response(404, "404 page not found\n"));
}

nlohmann::json ControlEndpoints::clock_document() const {
  const double speed = clock_.speed();
  Json document = {{"now", base::format_rfc3339_nano(clock_.now())},
                   {"mode", speed > 0 ? "running" : (auto_advance_.enabled() ? "stepped" : "paused")},
                   {"speed", speed},
                   {"autoAdvance", auto_advance_.enabled()},
                   {"moving", clock_.is_moving()},
                   {"pendingTimers", clock_.pending()},
                   {"firedTimers", clock_.fired()}};
  if (const auto due = clock_.next_due()) document["nextDue"] = base::format_rfc3339_nano(*due);
  if (const auto event = clock_.next_event()) document["nextEvent"] = base::format_rfc3339_nano(*event);
  return document;
}

asio::awaitable<http::Reply> ControlEndpoints::set_clock(std::string body) {
  Json parsed = Json::parse(body, nullptr, false);
  if (parsed.is_discarded()) co_return refuse(400, "the body is no JSON");
  const config::Document document = config::from_json(std::move(parsed));
  const auto order = config::read(document, [&](config::Fields& fields) {
    ClockOrder o;
    if (fields.has("advance")) o.advance = fields.duration("advance");
    if (fields.has("until")) {
      o.until_idle = fields.text("until") == "idle";
      if (!o.until_idle) o.until = fields.time("until");
      if (o.advance) fields.fail("until", "cannot go with advance");
    }
    if (o.until && *o.until < clock_.now()) fields.fail("until", "is in the past of this clock");
    if (fields.has("speed")) o.speed = fields.number("speed", 0, kMostSpeed);
    if (fields.has("pause")) o.pause = fields.boolean_or("pause", false);
    if (fields.has("autoAdvance")) o.auto_advance = fields.boolean_or("autoAdvance", true);
    o.horizon = fields.duration_or("horizon", auto_advance_.horizon());
    o.limit = fields.duration_or("limit", o.limit);
    const base::Duration left = base::Time::max() - clock_.now();
    const auto check_reach = [&](const char* key, base::Duration length) {
      if (length > left) fields.fail(key, "leads beyond what a clock can show");
    };
    check_reach("advance", o.advance.value_or(base::Duration::zero()));
    check_reach("horizon", o.horizon);
    check_reach("limit", o.limit);
    return o;
  });
  if (!order) co_return refuse(422, order.error().message);
  // After unknown fields, so that a misspelt order is told as such.
  if (order->is_empty()) {
    co_return refuse(422, "one of advance, until, speed, pause, autoAdvance is wanted");
  }
  auto_advance_.renew();
  if (order->auto_advance) auto_advance_.set_enabled(*order->auto_advance);
  if (order->speed) clock_.set_speed(*order->speed);
  if (order->pause) {
    // What is paused stays so; what goes on does so at the speed of the machine unless told otherwise.
    if (*order->pause) clock_.set_speed(0);
    if (!*order->pause && !order->speed) clock_.set_speed(1);
    if (!order->auto_advance) auto_advance_.set_enabled(!*order->pause);
  }
  bool idle = false;
  if (order->advance) co_await clock_.move_to(clock_.now() + *order->advance);
  if (order->until) co_await clock_.move_to(*order->until);
  if (order->until_idle) idle = co_await run_until_idle(order->horizon, clock_.now() + order->limit);
  Json answer = clock_document();
  if (order->until_idle) answer["idle"] = idle;
  co_return json_reply(answer);
}

asio::awaitable<bool> ControlEndpoints::run_until_idle(base::Duration horizon, base::Time limit) {
  for (;;) {
    const auto event = clock_.next_event();
    if (!event || *event > clock_.now() + horizon) co_return true;
    if (*event > limit) co_return false;
    const base::Time next = std::max(*event, clock_.now() + base::Duration(1));
    co_await clock_.move_to(next);
    if (clock_.now() < next) co_return false;  // stopped by somebody
  }
}

http::Reply ControlEndpoints::faults(const http::Request& request, const http::Target& target) {
  const std::string name = target.segments.size() > 2 ? target.segments[2] : "";
  if (request.method == "GET" && name.empty()) return json_reply(faults_.describe());
  if (request.method == "DELETE") {
    if (name.empty()) faults_.clear();
    if (!name.empty() && !faults_.remove(name)) return refuse(404, "there is no fault \"" + name + "\"");
    return json_reply(faults_.describe());
  }
  if (request.method != "POST" || !name.empty()) return to_response(method_not_allowed());
  auto documents = config::parse_yaml(request.body, "request");
  if (!documents) return refuse(400, documents.error().message);
  if (documents->size() != 1) return refuse(400, "one document is wanted");
  auto rules = read_fault_rules(documents->front(), start_);
  if (!rules) return refuse(422, rules.error().message);
  faults_.add(std::move(*rules));
  return json_reply(faults_.describe());
}

http::Reply ControlEndpoints::snapshot(const http::Request& request) const {
  if (request.method == "GET") return http::json_response(200, targets_.snapshot());
  if (request.method != "POST") return to_response(method_not_allowed());
  if (!targets_.save_snapshot) return refuse(422, "the server was started without --snapshot; GET gives the document");
  if (const auto saved = targets_.save_snapshot(); !saved) {
    return to_response(internal_error(saved.error().message));
  }
  return json_reply({{"saved", true}});
}

}  // namespace fakeapi
