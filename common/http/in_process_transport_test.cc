#include "common/http/in_process_transport.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "common/base/task_group.h"
#include "common/base/virtual_time.h"

namespace http {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

constexpr base::Time kStart = std::chrono::sys_days(std::chrono::year(2026) / 1 / 1);

// Gives its pieces one second apart.
class TimedStream final : public BodyStream {
 public:
  TimedStream(base::Clock& clock, std::vector<std::string> pieces, int& alive)
      : clock_(clock), pieces_(std::move(pieces)), alive_(alive) {
    ++alive_;
  }
  ~TimedStream() override { --alive_; }

  asio::awaitable<std::optional<std::string>> next_chunk() override {
    co_await clock_.sleep_for(1s);
    if (next_ == pieces_.size()) co_return std::nullopt;
    co_return pieces_[next_++];
  }

 private:
  base::Clock& clock_;
  std::vector<std::string> pieces_;
  std::size_t next_ = 0;
  int& alive_;
};

class TestHandler final : public Handler {
 public:
  explicit TestHandler(base::Clock& clock) : clock_(clock) {}

  asio::awaitable<Reply> handle(Request request) override {
    last = request;
    Reply reply(text_response(status, body));
    if (streams) reply.stream = std::make_unique<TimedStream>(clock_, pieces, alive);
    co_return reply;
  }

  Request last;
  int status = 200;
  std::string body;
  bool streams = false;
  std::vector<std::string> pieces;
  int alive = 0;

 private:
  base::Clock& clock_;
};

class InProcessTransportTest : public testing::Test {
 protected:
  asio::awaitable<void> call(Request request, Response& out) {
    auto answer = co_await transport_.round_trip(std::move(request));
    if (answer) out = *answer;
  }

  asio::awaitable<void> read_lines(Request request) {
    auto answer = co_await transport_.open_stream(std::move(request));
    if (!answer) co_return;
    status_ = answer->response.status;
    error_body_ = answer->response.body;
    if (!answer->stream) co_return;
    while (auto line = (co_await answer->stream->next_line()).value()) {
      lines_.push_back(*line + "@" + std::to_string((time_.now() - kStart) / 1s));
    }
    ended_ = true;
  }

  base::VirtualTime time_{kStart};
  base::TaskGroup tasks_{time_.executor()};
  TestHandler handler_{time_};
  InProcessTransport transport_{handler_};
  int status_ = 0;
  std::string error_body_;
  std::vector<std::string> lines_;
  bool ended_ = false;
};

using Lines = std::vector<std::string>;

TEST_F(InProcessTransportTest, HandsOverTheRequestAndTheResponse) {
  handler_.status = 409;
  handler_.body = "conflict";
  Request request;
  request.method = "PUT";
  request.target = "/x";
  request.body = "abc";
  Response response;
  tasks_.spawn(call(request, response));
  time_.run_ready();

  EXPECT_EQ(handler_.last.method, "PUT");
  EXPECT_EQ(handler_.last.target, "/x");
  EXPECT_EQ(handler_.last.body, "abc");
  EXPECT_EQ(response.status, 409);
  EXPECT_EQ(response.body, "conflict");
}

TEST_F(InProcessTransportTest, RoundTripCollectsAStream) {
  handler_.streams = true;
  handler_.pieces = {"a\nb", "c\n"};
  Response response;
  tasks_.spawn(call(Request(), response));
  time_.run_for(3s);

  EXPECT_EQ(response.body, "a\nbc\n");
  EXPECT_EQ(handler_.alive, 0);
}

TEST_F(InProcessTransportTest, AnswersToHeadHaveNoBody) {
  handler_.body = "abc";
  Request request;
  request.method = "HEAD";
  Response response;
  tasks_.spawn(call(request, response));
  time_.run_ready();

  EXPECT_EQ(response.body, "");
}

TEST_F(InProcessTransportTest, GivesLinesThatAreSplitAcrossPiecesWhenTheyAreWhole) {
  handler_.streams = true;
  handler_.pieces = {"on", "e\ntwo\nth", "ree", "\n"};
  tasks_.spawn(read_lines(Request()));
  time_.run_for(10s);

  EXPECT_EQ(lines_, (Lines{"one@2", "two@2", "three@4"}));
  EXPECT_TRUE(ended_);
  EXPECT_EQ(handler_.alive, 0);
}

TEST_F(InProcessTransportTest, GivesALastLineWithoutItsEnd) {
  handler_.streams = true;
  handler_.pieces = {"one\ntwo"};
  tasks_.spawn(read_lines(Request()));
  time_.run_for(10s);

  EXPECT_EQ(lines_, (Lines{"one@1", "two@2"}));
}

TEST_F(InProcessTransportTest, StreamsAPlainBodyToo) {
  handler_.body = "one\ntwo\n";
  tasks_.spawn(read_lines(Request()));
  time_.run_ready();

  EXPECT_EQ(lines_, (Lines{"one@0", "two@0"}));
  EXPECT_EQ(error_body_, "");
  EXPECT_TRUE(ended_);
}

TEST_F(InProcessTransportTest, AnErrorHasABodyAndNoStream) {
  handler_.status = 410;
  handler_.body = "gone";
  tasks_.spawn(read_lines(Request()));
  time_.run_ready();
  EXPECT_EQ(status_, 410);
  EXPECT_EQ(error_body_, "gone");
  EXPECT_FALSE(ended_);

  handler_.streams = true;
  handler_.pieces = {"very", " gone"};
  tasks_.spawn(read_lines(Request()));
  time_.run_for(5s);
  EXPECT_EQ(error_body_, "very gone");
  EXPECT_FALSE(ended_);
}

TEST_F(InProcessTransportTest, CancellationEndsTheWaitAndTheStream) {
  handler_.streams = true;
  handler_.pieces = {"one\n", "two\n"};
  tasks_.spawn(read_lines(Request()));
  time_.run_for(1s);
  EXPECT_EQ(handler_.alive, 1);

  tasks_.cancel();
  time_.run_ready();

  EXPECT_EQ(lines_, Lines{"one@1"});
  EXPECT_EQ(handler_.alive, 0);
  EXPECT_TRUE(tasks_.empty());
  EXPECT_EQ(time_.next_due(), std::nullopt);
}

}  // namespace
}  // namespace http
