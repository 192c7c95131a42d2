#include "common/http/faulty_transport.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "common/base/task_group.h"
#include "common/base/virtual_time.h"
#include "common/http/in_process_transport.h"

namespace http {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

constexpr base::Time kStart = std::chrono::sys_days(std::chrono::year(2026) / 1 / 1);

class CountingHandler final : public Handler {
 public:
  asio::awaitable<Reply> handle(Request) override {
    ++calls;
    co_return Reply(text_response(200, "one\ntwo\nthree\n"));
  }
  int calls = 0;
};

class FaultyTransportTest : public testing::Test {
 protected:
  FaultyTransport faulty(std::vector<FaultRule> rules, std::uint64_t seed = 1) {
    return FaultyTransport(inner_, time_, base::Random(seed), std::move(rules));
  }

  // What a call gave: a status, or 0 for a broken connection.
  int call(Transport& transport, std::string method = "GET", std::string target = "/") {
    Request request;
    request.method = std::move(method);
    request.target = std::move(target);
    int status = -1;
    tasks_.spawn(call_into(transport, std::move(request), status));
    time_.run_ready();
    return status;
  }

  asio::awaitable<void> call_into(Transport& transport, Request request, int& status) {
    auto answer = co_await transport.round_trip(std::move(request));
    status = answer ? answer->status : 0;
    if (answer) last_ = *answer;
    if (!answer) last_error_ = answer.error();
  }

  asio::awaitable<void> stream_into(Transport& transport, std::string& log) {
    auto answer = co_await transport.open_stream(Request());
    if (!answer) {
      log = base::to_string(answer.error().code);
      co_return;
    }
    log = std::to_string(answer->response.status);
    while (answer->stream) {
      auto line = co_await answer->stream->next_line();
      if (!line) log += " " + std::string(base::to_string(line.error().code));
      if (!line || !*line) break;
      log += " " + **line;
    }
  }

  std::string stream(Transport& transport) {
    std::string log;
    tasks_.spawn(stream_into(transport, log));
    time_.run_ready();
    return log;
  }

  base::VirtualTime time_{kStart};
  base::TaskGroup tasks_{time_.executor()};
  CountingHandler handler_;
  InProcessTransport inner_{handler_};
  Response last_;
  base::Error last_error_;
};

TEST_F(FaultyTransportTest, WithoutRulesChangesNothing) {
  auto transport = faulty({});

  EXPECT_EQ(call(transport), 200);
  EXPECT_EQ(stream(transport), "200 one two three");
}

TEST_F(FaultyTransportTest, EachKindOfFaultShowsAsInLife) {
  struct Case {
    FaultRule rule;
    Fault fault;
    int status;
    int calls;
  };
  for (const Case& c : {Case{{.reset_probability = 1}, Fault::kReset, 0, 0},
                        Case{{.rate_limited_probability = 1}, Fault::kRateLimited, 429, 0},
                        Case{{.internal_probability = 1}, Fault::kInternal, 500, 0},
                        Case{{.unavailable_probability = 1}, Fault::kUnavailable, 503, 0},
                        Case{{.conflict_probability = 1}, Fault::kConflict, 409, 0},
                        Case{{.lost_answer_probability = 1}, Fault::kLostAnswer, 0, 1}}) {
    handler_.calls = 0;
    auto transport = faulty({c.rule});
    EXPECT_EQ(call(transport), c.status);
    EXPECT_EQ(handler_.calls, c.calls);
    EXPECT_EQ(transport.injected(c.fault), 1U);
    EXPECT_EQ(stream(transport), c.status == 0 ? "unavailable" : std::to_string(c.status));
    EXPECT_EQ(transport.injected(c.fault), 2U);
  }
  EXPECT_EQ(last_error_.code, base::ErrorCode::kUnavailable);
}

TEST_F(FaultyTransportTest, TellsWhenToComeBack) {
  auto transport = faulty({{.rate_limited_probability = 1, .retry_after = 1500ms}});

  EXPECT_EQ(call(transport), 429);
  EXPECT_EQ(last_.headers.get("Retry-After"), "2");
  EXPECT_EQ(last_.body, R"({"code":429,"message":"too many requests"})");
}

TEST_F(FaultyTransportTest, BreaksAStreamAfterItsLines) {
  for (const auto& [lines, log] :
       std::vector<std::pair<std::uint64_t, std::string>>{{0, "200 unavailable"}, {2, "200 one two unavailable"}}) {
    auto transport = faulty({{.dropped_stream_probability = 1, .lines_before_drop = lines}});
    EXPECT_EQ(stream(transport), log);
    EXPECT_EQ(transport.injected(Fault::kDroppedStream), 1U);
    EXPECT_EQ(call(transport), 200);  // a round trip has no stream to break
    EXPECT_EQ(transport.injected(Fault::kDroppedStream), 1U);
  }
}

TEST_F(FaultyTransportTest, AStreamThatEndsBeforeItsBreakEndsCleanly) {
  auto transport = faulty({{.dropped_stream_probability = 1, .lines_before_drop = 9}});

  EXPECT_EQ(stream(transport), "200 one two three");
}

TEST_F(FaultyTransportTest, StrikesOnlyWhereTheRuleFits) {
  auto transport = faulty({{.method = "PATCH", .path_prefix = "/apis/apps", .conflict_probability = 1}});

  EXPECT_EQ(call(transport, "PATCH", "/apis/apps/v1/x"), 409);
  EXPECT_EQ(call(transport, "GET", "/apis/apps/v1/x"), 200);
  EXPECT_EQ(call(transport, "PATCH", "/api/v1/x"), 200);
}

TEST_F(FaultyTransportTest, StrikesFromItsFirstInstantToBeforeItsLast) {
  auto transport = faulty({{.from = kStart + 10s, .until = kStart + 20s, .unavailable_probability = 1}});

  std::vector<int> seen;
  for (const base::Time at : {kStart + 10s - 1ns, kStart + 10s, kStart + 20s - 1ns, kStart + 20s}) {
    time_.run_until(at);
    seen.push_back(call(transport));
  }
  EXPECT_EQ(seen, (std::vector<int>{200, 503, 503, 200}));
}

TEST_F(FaultyTransportTest, DelaysCallsByFixedAndDrawnLatency) {
  auto transport = faulty({{.latency = 100ms}, {.latency = 50ms, .latency_spread = 100ms}});
  int status = -1;
  tasks_.spawn(call_into(transport, Request(), status));

  time_.run_until(kStart + 150ms - 1ns);
  EXPECT_EQ(status, -1);
  EXPECT_EQ(handler_.calls, 0);
  time_.run_until(kStart + 250ms);
  EXPECT_EQ(status, 200);
  EXPECT_EQ(transport.injected(Fault::kLatency), 2U);
}

TEST_F(FaultyTransportTest, DelaysFaultsToo) {
  auto transport = faulty({{.latency = 1s, .internal_probability = 1}});
  int status = -1;
  tasks_.spawn(call_into(transport, Request(), status));

  time_.run_until(kStart + 1s - 1ns);
  EXPECT_EQ(status, -1);
  time_.run_until(kStart + 1s);
  EXPECT_EQ(status, 500);
}

TEST_F(FaultyTransportTest, CancellationEndsTheDelay) {
  auto transport = faulty({{.latency = 1h}});
  int status = -1;
  tasks_.spawn(call_into(transport, Request(), status));
  time_.run_ready();

  tasks_.cancel();
  time_.run_ready();

  EXPECT_TRUE(tasks_.empty());
  EXPECT_EQ(status, -1);
}

std::vector<int> statuses(int n, const std::function<int()>& call) {
  std::vector<int> all;
  for (int i = 0; i < n; ++i) all.push_back(call());
  return all;
}

TEST_F(FaultyTransportTest, StrikesAtItsRateAndTheSameWayForTheSameSeed) {
  constexpr int kCalls = 5000;
  auto transport = faulty({{.unavailable_probability = 0.1}});
  auto again = faulty({{.unavailable_probability = 0.1}});
  auto other = faulty({{.unavailable_probability = 0.1}}, 2);

  const auto first = statuses(kCalls, [&] { return call(transport); });
  EXPECT_EQ(first, statuses(kCalls, [&] { return call(again); }));
  EXPECT_NE(first, statuses(kCalls, [&] { return call(other); }));
  // Five standard deviations of the binomial distribution.
  EXPECT_NEAR(static_cast<double>(transport.injected(Fault::kUnavailable)), kCalls * 0.1,
              5 * std::sqrt(kCalls * 0.1 * 0.9));
}

TEST_F(FaultyTransportTest, OneKnobLeavesTheOthersDiceAlone) {
  auto few = faulty({{.conflict_probability = 0.2}});
  auto more = faulty({{.unavailable_probability = 0.3, .conflict_probability = 0.2}});

  const auto alone = statuses(500, [&] { return call(few); });
  const auto together = statuses(500, [&] { return call(more); });
  for (std::size_t i = 0; i < alone.size(); ++i) {
    if (together[i] == 503) continue;
    EXPECT_EQ(together[i], alone[i]);
  }
}

}  // namespace
}  // namespace http
