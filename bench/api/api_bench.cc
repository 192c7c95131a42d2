// fake-apiserver over loopback beside the figures of a real kube-apiserver: start, memory, writes, reads, watches.
//
//   api-bench SERVER [--full | PART]   SERVER: build/bin/fake-apiserver; --full: also 100,000 pods on 5,000 nodes;
//                                      PART: start, creates, controllers, gets, latency, watchers or memory alone
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <mutex>
#include <string>

#include "bench/api/load_client.h"

namespace bench {
namespace {

const std::string kPods = "/api/v1/namespaces/default/pods";

std::string pod(std::uint64_t n, const std::string& prefix = "p") {
  return fmt::format(
      R"({{"apiVersion":"v1","kind":"Pod","metadata":{{"name":"{}{}","labels":{{"app":"web","tier":"front"}}}},)"
      R"("spec":{{"containers":[{{"name":"main","image":"app:1","ports":[{{"containerPort":8080}}],)"
      R"("resources":{{"requests":{{"cpu":"100m","memory":"128Mi"}}}}}}]}}}})",
      prefix, n);
}

MakeRequest creating(const std::string& prefix) {
  return [prefix](std::uint64_t n) { return http_request("POST", kPods, pod(n, prefix)); };
}

void row(const std::string& what, const std::string& ours, const std::string& reference, const std::string& goal) {
  fmt::print("{:<52} {:>20} {:>22} {:>12}\n", what, ours, reference, goal);
}

// The rate, and what a request costs the server: the latter says more on a busy machine.
void rate_row(const ServerProcess& server, const std::string& what, int connections, std::uint64_t count,
              const MakeRequest& make, const char* reference, const char* goal) {
  const double before = server.cpu_seconds();
  const LoadResult load = run_load(server.port(), connections, count, make);
  const double cpu = (server.cpu_seconds() - before) * 1e6 / static_cast<double>(count);
  row(fmt::format("{}, {} connection{}", what, connections, connections > 1 ? "s" : ""),
      load.failures > 0 ? fmt::format("{} refused!", load.failures)
                        : fmt::format("{:.0f} ({:.0f} us)", load.rate(), cpu),
      reference, goal);
}

void start_and_memory(const std::string& program) {
  double best = 1e9;
  double resident = 0;
  for (int i = 0; i < 5; ++i) {
    const ServerProcess server(program, {});
    best = std::min(best, server.ready_ms());
    resident = server.resident_mb();
  }
  row("exec to ready, with controllers, best of 5", fmt::format("{:.1f} ms", best), "5,050-5,330 ms", "50 ms");
  row("resident when empty", fmt::format("{:.1f} MB", resident), "385 MB with etcd", "20 MB");
}

void writes(const std::string& program, bool controllers) {
  const std::vector<std::string> flags =
      controllers ? std::vector<std::string>{"--nodes", "100"} : std::vector<std::string>{"--no-controllers"};
  const std::string what = controllers ? "pod creates/s, all controllers at work" : "pod creates/s";
  const ServerProcess one(program, flags);
  rate_row(one, what, 1, 5'000, creating("a"), "284", "");
  const ServerProcess sixteen(program, flags);
  rate_row(sixteen, what, 16, controllers ? 10'000 : 30'000, creating("b"), "626-971", controllers ? "" : "15,000");
}

void reads(const std::string& program) {
  const ServerProcess server(program, {"--no-controllers"});
  run_load(server.port(), 16, 3'000, creating("p"));
  const MakeRequest get = [](std::uint64_t n) { return http_request("GET", kPods + "/p" + std::to_string(n % 3'000)); };
  rate_row(server, "pod GETs/s", 1, 20'000, get, "668", "");
  rate_row(server, "pod GETs/s", 16, 100'000, get, "1,460-2,450", "40,000");
  const LoadResult list = run_load(server.port(), 1, 20, [](std::uint64_t) { return http_request("GET", kPods); });
  row("list of 3,000 pods, median", fmt::format("{:.1f} ms", list.percentile_ms(0.5)), "119-146 ms", "100 ms");
}

// From the sending of a create to the event at a watcher.
void create_to_watch(const std::string& program, int writers, const char* reference, const char* goal) {
  const ServerProcess server(program, {"--no-controllers"});
  std::mutex mutex;
  std::map<std::uint64_t, Clock::time_point> arrived;
  LoadResult load;
  {
    Watchers watchers(server.port(), 1, kPods + "?watch=true", [&](std::string_view line, Clock::time_point at) {
      const std::size_t name = line.find("\"name\":\"w");
      if (name == std::string_view::npos) return;
      const std::lock_guard lock(mutex);
      arrived[std::strtoull(line.data() + name + 9, nullptr, 10)] = at;
    });
    constexpr std::uint64_t kCount = 20'000;
    load = run_load(server.port(), writers, kCount, creating("w"));
    watchers.wait_for(kCount, std::chrono::seconds(10));
  }
  std::vector<double> latency;
  for (const auto& [n, at] : arrived) {
    latency.push_back(std::chrono::duration<double, std::milli>(at - load.sent[n]).count());
  }
  std::sort(latency.begin(), latency.end());
  const auto at = [&](double p) {
    return latency[static_cast<std::size_t>(p * static_cast<double>(latency.size() - 1))];
  };
  row(fmt::format("create to watch, {} writers, p50 / p99", writers),
      latency.size() == load.answers ? fmt::format("{:.2f} / {:.2f} ms", at(0.5), at(0.99)) : "events are missing!",
      reference, goal);
}

void many_watchers(const std::string& program) {
  const ServerProcess server(program, {"--no-controllers"});
  constexpr int kWatchers = 1'000;
  constexpr std::uint64_t kChanges = 5'000;
  const std::string maps = "/api/v1/namespaces/default/configmaps";
  Watchers watchers(server.port(), kWatchers, maps + "?watch=true&fieldSelector=metadata.name!=kube-root-ca.crt", {});
  const double cpu = server.cpu_seconds();
  const LoadResult load = run_load(
      server.port(), 16, kChanges,
      [&](std::uint64_t n) {
        return http_request("POST", maps, fmt::format(R"({{"metadata":{{"name":"m{}"}},"data":{{"k":"v"}}}})", n));
      },
      1'000);
  const bool all = watchers.wait_for(kChanges * kWatchers, std::chrono::seconds(60));
  row("1,000 watchers at 1,000 changes/s: changes/s taken",
      fmt::format("{:.0f}{}", load.rate(),
                  watchers.lost() > 0 ? " (cut off!)"
                  : all               ? ""
                                      : " (events missing!)"),
      "one watcher: 500", "1,000");
  row("  write latency then, p50 / p99",
      fmt::format("{:.1f} / {:.1f} ms", load.percentile_ms(0.5), load.percentile_ms(0.99)), "", "");
  row("  server's CPU an event delivered",
      fmt::format("{:.2f} us", (server.cpu_seconds() - cpu) * 1e6 / static_cast<double>(kChanges * kWatchers)), "", "");
}

void stored_pods(const std::string& program, std::uint64_t pods, std::uint64_t nodes, const char* goal) {
  const ServerProcess server(program, {"--no-controllers"});
  const double empty = server.resident_mb();
  for (const auto& [count, make] : std::map<std::uint64_t, MakeRequest>{
           {nodes,
            [](std::uint64_t n) {
              return http_request("POST", "/api/v1/nodes", fmt::format(R"({{"metadata":{{"name":"n{}"}}}})", n));
            }},
           {pods, creating("p")}}) {
    run_load(server.port(), 16, count, make);
  }
  const double used = server.resident_mb();
  const std::string one = ask(server.port(), "GET", kPods + "/p0");
  row(fmt::format("resident with {} pods, {} nodes", pods, nodes), fmt::format("{:.0f} MB", used),
      "1,230 MB (9,000 pods)", goal);
  row("  a pod beyond its JSON",
      fmt::format("{:.0f} bytes",
                  (used - empty) * 1024 * 1024 / static_cast<double>(pods) - static_cast<double>(one.size())),
      "", "3,072");
  row("  its JSON", fmt::format("{} bytes", one.size()), "1,580", "");
}

int run(int argc, char** argv) {
  if (argc < 2) {
    fmt::print(stderr, "usage: api-bench SERVER [--full | PART]\n");
    return 2;
  }
  const std::string program = argv[1];
  const std::string_view part = argc > 2 ? argv[2] : "";
  const bool full = part == "--full";
  const auto wants = [&](std::string_view name) { return part.empty() || full || part == name; };
  row("(in brackets: the server's CPU time a request)", "fake-apiserver", "kube-apiserver 1.20", "goal");
  if (wants("start")) start_and_memory(program);
  if (wants("creates")) writes(program, false);
  if (wants("controllers")) writes(program, true);
  if (wants("gets")) reads(program);
  if (wants("latency")) {
    create_to_watch(program, 1, "3.3 / 11 ms", "");
    create_to_watch(program, 16, "17-24 / 54-169 ms", "");
    create_to_watch(program, 64, "192 / 1,160 ms", "p99 5 ms");
  }
  if (wants("watchers")) many_watchers(program);
  if (wants("memory")) stored_pods(program, 9'000, 100, "");
  if (full) stored_pods(program, 100'000, 5'000, "600 MB");
  return 0;
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) { return bench::run(argc, argv); }
