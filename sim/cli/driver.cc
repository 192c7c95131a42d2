#include "sim/cli/driver.h"

#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <cstdio>
#include <optional>
#include <thread>

#include "common/base/real_clock.h"

namespace sim {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

class Progress {
 public:
  Progress(const ProgressLine& line, base::Clock& clock)
      : line_(line), clock_(clock), started_(clock.monotonic_now()), terminal_(::isatty(STDERR_FILENO) == 1) {}

  double elapsed() const { return base::seconds(clock_.monotonic_now() - started_); }

  void show() {
    const base::MonoTime now = clock_.monotonic_now();
    if (!terminal_ && shown_ && now - *shown_ < 10s) return;
    shown_ = now;
    std::fprintf(stderr, terminal_ ? "\r%s\033[K" : "%s\n", line_(elapsed()).c_str());
    std::fflush(stderr);
  }

  void clear() const {
    if (terminal_) std::fputs("\r\033[K", stderr);
  }

 private:
  const ProgressLine& line_;
  base::Clock& clock_;
  const base::MonoTime started_;
  const bool terminal_;
  std::optional<base::MonoTime> shown_;
};

}  // namespace

double drive(const std::function<void()>& work, const ProgressLine& line, RunControl& control) {
  asio::io_context context(1);
  base::RealClock clock(context.get_executor());
  Progress progress(line, clock);

  asio::signal_set signals(context, SIGINT, SIGTERM);
  signals.async_wait([&](const boost::system::error_code& error, int) {
    if (!error) control.stop = true;
  });
  std::function<void()> tick = [&] {
    progress.show();
    clock.call_after(200ms, tick);
  };
  if (line) tick();

  std::jthread worker([&] {
    work();
    asio::post(context, [&] { context.stop(); });
  });
  auto guard = asio::make_work_guard(context);
  context.run();
  worker.join();
  if (line) progress.clear();
  return progress.elapsed();
}

int threads_or_all(int jobs) {
  return jobs > 0 ? jobs : static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
}

}  // namespace sim
