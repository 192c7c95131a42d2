// What almost every test of the scaler stands on: virtual time, a TinyApi, and a transport to it that can fail.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>
#include <string>
#include <utility>

#include "common/base/check.h"
#include "common/base/log.h"
#include "common/base/metrics.h"
#include "common/base/task_group.h"
#include "common/base/virtual_time.h"
#include "common/http/in_process_transport.h"
#include "scaler/testing/flaky_transport.h"
#include "scaler/testing/tiny_api.h"

namespace scaler::testing {

// 2026-01-01T00:00:00Z
constexpr base::Time kStart = base::Time(std::chrono::seconds(1'767'225'600));

struct Rig {
  base::VirtualTime clock{kStart};
  base::Log log = base::Log::silent(clock);
  base::Metrics metrics;
  TinyApi api{clock};
  http::InProcessTransport wire{api};
  FlakyTransport transport{wire, clock};
  base::TaskGroup tasks{clock.executor()};

  Rig() = default;
  ~Rig() {
    tasks.cancel();
    clock.run_ready();
    CHECK(tasks.empty(), "a cancelled task goes on");
  }

  // Runs the operation, moving time as far as it needs.
  template <class T>
  T run(boost::asio::awaitable<T> operation) {
    std::optional<T> result;
    base::TaskGroup group(clock.executor());
    group.spawn(keep(std::move(operation), result));
    clock.run_ready();
    while (!result) {
      const auto due = clock.next_due();
      CHECK(due, "an operation waits for nothing");
      clock.run_until(*due);
    }
    clock.run_ready();
    return std::move(*result);
  }

 private:
  template <class T>
  static boost::asio::awaitable<void> keep(boost::asio::awaitable<T> operation, std::optional<T>& result) {
    result.emplace(co_await std::move(operation));
  }
};

}  // namespace scaler::testing
