#include "fake-apiserver/daemon/faulty_stream.h"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/system/system_error.hpp>

#include "common/base/task_group.h"
#include "common/base/virtual_time.h"

namespace fakeapi {
namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;

// Says nothing for ever.
class Silence final : public http::BodyStream {
 public:
  explicit Silence(base::Clock& clock) : clock_(clock) {}
  asio::awaitable<std::optional<std::string>> next_chunk() override {
    co_await clock_.sleep_for(24h * 365);
    co_return std::nullopt;
  }

 private:
  base::Clock& clock_;
};

// Breaks off after a second.
class Breaks final : public http::BodyStream {
 public:
  explicit Breaks(base::Clock& clock) : clock_(clock) {}
  asio::awaitable<std::optional<std::string>> next_chunk() override {
    co_await clock_.sleep_for(1s);
    throw http::StreamBroken();
  }

 private:
  base::Clock& clock_;
};

TEST(FaultyStreamTest, AStreamThatBreaksOffDoesSoAtOnceHoweverLateItsSetEndIs) {
  base::VirtualTime time(base::Time(std::chrono::hours(1)));
  StreamFaults faults;
  faults.end = StreamFaults::End();
  faults.end->after = 10min;
  auto stream = make_faulty_stream(std::make_unique<Breaks>(time), std::move(faults), time);
  std::string ended = "not";
  const auto read = [&]() -> asio::awaitable<void> {
    try {
      static_cast<void>(co_await stream->next_chunk());
      ended = "by itself";
    } catch (const http::StreamBroken&) {
      ended = "broken";
    }
  };
  base::TaskGroup tasks(time.executor());
  tasks.spawn(read());
  time.run_for(2s);
  EXPECT_EQ(ended, "broken");
}

TEST(FaultyStreamTest, TheSetEndOfASilentStreamIsNoError) {
  base::VirtualTime time(base::Time(std::chrono::hours(1)));
  StreamFaults faults;
  faults.end = StreamFaults::End();
  faults.end->after = 10min;
  faults.end->last_line = "bye\n";
  auto stream = make_faulty_stream(std::make_unique<Silence>(time), std::move(faults), time);
  std::optional<std::string> last;
  const auto read = [&]() -> asio::awaitable<void> { last = co_await stream->next_chunk(); };
  base::TaskGroup tasks(time.executor());
  tasks.spawn(read());
  time.run_for(11min);
  EXPECT_EQ(last, "bye\n");
}

TEST(FaultyStreamTest, CancellationOfTheReaderIsThatAndNothingElse) {
  base::VirtualTime time(base::Time(std::chrono::hours(1)));
  StreamFaults faults;
  faults.end = StreamFaults::End();
  faults.end->after = 10min;
  auto stream = make_faulty_stream(std::make_unique<Silence>(time), std::move(faults), time);
  std::string ended = "not";
  const auto read = [&]() -> asio::awaitable<void> {
    try {
      static_cast<void>(co_await stream->next_chunk());
      ended = "by itself";
    } catch (const boost::system::system_error& error) {
      ended = error.code() == asio::error::operation_aborted ? "cancelled" : error.what();
    } catch (const std::exception& error) {
      ended = error.what();
    }
  };
  base::TaskGroup tasks(time.executor());
  tasks.spawn(read());
  time.run_for(1min);
  EXPECT_EQ(ended, "not");

  tasks.cancel();
  time.run_ready();

  EXPECT_EQ(ended, "cancelled");
}

}  // namespace
}  // namespace fakeapi
