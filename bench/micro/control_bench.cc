// Events of the control plane per second of CPU time on one core: timers, sleeping coroutines, and changes that travel
// from the store through a watch (JSON and framing included) to a reader in process.
#include <benchmark/benchmark.h>

#include <nlohmann/json.hpp>

#include "common/base/metrics.h"
#include "common/base/task_group.h"
#include "common/base/virtual_time.h"
#include "common/http/in_process_transport.h"
#include "fake-apiserver/fake_apiserver.h"

namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;

void BM_TimerCallbacks(benchmark::State& state) {
  base::VirtualTime time{base::Time{}};
  const int timers = static_cast<int>(state.range(0));
  std::vector<std::function<void()>> again(static_cast<std::size_t>(timers));
  for (int i = 0; i < timers; ++i) {
    auto& fn = again[static_cast<std::size_t>(i)];
    fn = [&time, &fn] { time.call_after(15s, fn); };
    time.call_after(std::chrono::milliseconds(i), fn);
  }
  for (auto _ : state) time.run_for(15s);
  state.SetItemsProcessed(static_cast<std::int64_t>(time.fired()));
}
BENCHMARK(BM_TimerCallbacks)->Arg(100)->Arg(10'000);

asio::awaitable<void> tick(base::Clock& clock) {
  for (;;) co_await clock.sleep_for(15s);
}

void BM_SleepingCoroutines(benchmark::State& state) {
  base::VirtualTime time{base::Time{}};
  base::TaskGroup tasks(time.executor());
  for (std::int64_t i = 0; i < state.range(0); ++i) tasks.spawn(tick(time));
  time.run_ready();
  for (auto _ : state) time.run_for(15s);
  state.SetItemsProcessed(static_cast<std::int64_t>(time.fired()));
  tasks.cancel();
  time.run_ready();
}
BENCHMARK(BM_SleepingCoroutines)->Arg(100)->Arg(10'000);

asio::awaitable<void> read_lines(http::Transport& transport, std::int64_t& lines) {
  http::Request request;
  request.target = "/api/v1/namespaces/default/pods?watch=true";
  auto answer = co_await transport.open_stream(std::move(request));
  if (!answer || !answer->stream) co_return;
  for (;;) {
    const auto line = co_await answer->stream->next_line();
    if (!line || !*line) co_return;
    ++lines;
  }
}

// A pod's status changes and every watcher reads the event.
void BM_StoreToWatcher(benchmark::State& state) {
  base::VirtualTime time{base::Time{}};
  base::Metrics metrics;
  fakeapi::FakeApiServer api(time, base::Random(1), {}, metrics);
  http::InProcessTransport transport(api);
  const fakeapi::Resource pods{"", "pods"};
  fakeapi::Json pod = {{"apiVersion", "v1"}, {"kind", "Pod"}};
  pod["metadata"] = {{"name", "p"}, {"namespace", "default"}, {"labels", {{"app", "web"}}}};
  pod["spec"]["containers"] = fakeapi::Json::array({{{"name", "c"}, {"image", "web:1"}}});
  if (!api.store().create(pods, pod)) state.SkipWithError("cannot create the pod");

  std::int64_t lines = 0;
  {
    base::TaskGroup tasks(time.executor());
    for (std::int64_t i = 0; i < state.range(0); ++i) tasks.spawn(read_lines(transport, lines));
    time.run_ready();
    lines = 0;
    int n = 0;
    for (auto _ : state) {
      const auto updated =
          api.store().update(pods, {"default", "p"}, fakeapi::Part::kAll, [&](fakeapi::Json& p) -> base::Result<> {
            p["status"]["observed"] = ++n;
            return {};
          });
      if (!updated) state.SkipWithError("cannot update the pod");
      time.run_ready();
    }
    tasks.cancel();
    time.run_ready();
  }
  if (lines != static_cast<std::int64_t>(state.iterations()) * state.range(0)) state.SkipWithError("events were lost");
  state.SetItemsProcessed(lines);
}
BENCHMARK(BM_StoreToWatcher)->Arg(1)->Arg(10);

}  // namespace

BENCHMARK_MAIN();
