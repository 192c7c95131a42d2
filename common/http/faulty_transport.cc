#include "common/http/faulty_transport.h"

#include <cmath>
#include <utility>

#include "common/base/number_format.h"

namespace http {
namespace asio = boost::asio;
using base::Error;
using base::ErrorCode;
using base::Result;
namespace {

constexpr std::array<std::string_view, kFaultKinds> kNames = {
    "latency", "reset", "rate_limited", "internal", "unavailable", "conflict", "lost_answer", "dropped_stream"};

double probability(const FaultRule& rule, Fault fault) {
  switch (fault) {
    case Fault::kLatency: return rule.latency > base::Duration() || rule.latency_spread > base::Duration() ? 1 : 0;
    case Fault::kReset: return rule.reset_probability;
    case Fault::kRateLimited: return rule.rate_limited_probability;
    case Fault::kInternal: return rule.internal_probability;
    case Fault::kUnavailable: return rule.unavailable_probability;
    case Fault::kConflict: return rule.conflict_probability;
    case Fault::kLostAnswer: return rule.lost_answer_probability;
    case Fault::kDroppedStream: return rule.dropped_stream_probability;
  }
  return 0;
}

bool fits(const FaultRule& rule, const Request& request, base::Time now) {
  return (rule.method.empty() || rule.method == request.method) && request.target.starts_with(rule.path_prefix) &&
         (!rule.from || now >= *rule.from) && (!rule.until || now < *rule.until);
}

Error reset_error() { return Error{ErrorCode::kUnavailable, "connection reset by peer"}; }

Response error_response(int status, std::string_view message) {
  return json_response(status, "{\"code\":" + base::format_number(std::int64_t{status}) + ",\"message\":\"" +
                                   std::string(message) + "\"}");
}

Response rate_limited(base::Duration retry_after) {
  Response response = error_response(429, "too many requests");
  const auto whole = std::chrono::ceil<std::chrono::seconds>(retry_after).count();
  response.headers.set("Retry-After", base::format_number(std::int64_t{whole}));
  return response;
}

// Breaks off after a number of lines.
class DroppedStream final : public LineStream {
 public:
  DroppedStream(std::unique_ptr<LineStream> inner, std::uint64_t lines) : inner_(std::move(inner)), left_(lines) {}

  asio::awaitable<Result<std::optional<std::string>>> next_line() override {
    if (left_ == 0) {
      inner_.reset();
      co_return reset_error();
    }
    --left_;
    co_return co_await inner_->next_line();
  }

 private:
  std::unique_ptr<LineStream> inner_;  // none after the break
  std::uint64_t left_;
};

}  // namespace

FaultyTransport::FaultyTransport(Transport& inner, base::Clock& clock, base::Random random,
                                 std::vector<FaultRule> rules)
    : inner_(inner), clock_(clock) {
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const base::Random own = random.fork(i);
    const auto stream = [&](std::size_t kind) { return own.fork(kNames[kind]); };
    dice_.push_back(Dice{std::move(rules[i]),
                         {stream(0), stream(1), stream(2), stream(3), stream(4), stream(5), stream(6), stream(7)}});
  }
}

void FaultyTransport::strike(const Dice& dice, Fault fault, Verdict& verdict) {
  ++injected_[static_cast<std::size_t>(fault)];
  verdict.fault = fault;
  verdict.retry_after = dice.rule.retry_after;
  verdict.lines_before_drop = dice.rule.lines_before_drop;
}

FaultyTransport::Verdict FaultyTransport::judge(const Request& request, bool streaming) {
  Verdict verdict;
  const base::Time now = clock_.now();
  for (Dice& dice : dice_) {
    if (!fits(dice.rule, request, now)) continue;
    for (std::size_t kind = 0; kind < kFaultKinds; ++kind) {
      const auto fault = static_cast<Fault>(kind);
      // Drawn whether it is needed or not: the next call must not depend on what struck this one.
      const double chance = dice.streams[kind].uniform();
      if (fault == Fault::kDroppedStream && !streaming) continue;
      if (chance >= probability(dice.rule, fault)) continue;
      if (fault == Fault::kLatency) {
        const double spread = static_cast<double>(dice.rule.latency_spread.count());
        verdict.latency += dice.rule.latency + base::Duration(std::llround(chance * spread));
        ++injected_[kind];
      } else if (!verdict.fault) {
        strike(dice, fault, verdict);
      }
    }
  }
  return verdict;
}

std::optional<Result<Response>> FaultyTransport::instead_of_call(const Verdict& verdict) const {
  if (!verdict.fault) return std::nullopt;
  switch (*verdict.fault) {
    case Fault::kReset: return reset_error();
    case Fault::kRateLimited: return rate_limited(verdict.retry_after);
    case Fault::kInternal: return error_response(500, "internal error");
    case Fault::kUnavailable: return error_response(503, "unavailable");
    case Fault::kConflict: return error_response(409, "the object has been modified");
    case Fault::kLatency:
    case Fault::kLostAnswer:
    case Fault::kDroppedStream: return std::nullopt;
  }
  return std::nullopt;
}

asio::awaitable<Result<Response>> FaultyTransport::round_trip(Request request) {
  const Verdict verdict = judge(request, false);
  if (verdict.latency > base::Duration()) co_await clock_.sleep_for(verdict.latency);
  if (auto instead = instead_of_call(verdict)) co_return std::move(*instead);
  auto answer = co_await inner_.round_trip(std::move(request));
  if (verdict.fault == Fault::kLostAnswer) co_return reset_error();
  co_return answer;
}

asio::awaitable<Result<StreamResponse>> FaultyTransport::open_stream(Request request) {
  const Verdict verdict = judge(request, true);
  if (verdict.latency > base::Duration()) co_await clock_.sleep_for(verdict.latency);
  if (auto instead = instead_of_call(verdict)) {
    if (!*instead) co_return instead->error();
    StreamResponse refused;
    refused.response = std::move(**instead);
    co_return refused;
  }
  auto answer = co_await inner_.open_stream(std::move(request));
  if (verdict.fault == Fault::kLostAnswer) co_return reset_error();
  if (verdict.fault == Fault::kDroppedStream && answer && answer->stream) {
    answer->stream = std::make_unique<DroppedStream>(std::move(answer->stream), verdict.lines_before_drop);
  }
  co_return answer;
}

}  // namespace http
