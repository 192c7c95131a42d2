#include "sim/bridge/prometheus.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "common/base/virtual_time.h"
#include "sim/run/engines.h"

namespace sim {
namespace {

using namespace std::chrono_literals;
using fakeapi::Json;
using fakeapi::Part;

const fakeapi::Resource kPods{"", "pods"};

// 100 requests/s of exactly 10 ms, with 4 ms of CPU each.
Scenario night() {
  Scenario s;
  s.name = "test";
  s.start = base::Time(std::chrono::sys_days(std::chrono::year(2026) / 1 / 1));
  s.duration = 10min;
  s.system.entries.push_back({"api", {}, {Route{}}, {}, 1.0});
  s.system.sources.push_back({{"all", RateProfile::constant(100)}, 0});
  s.system.arrivals.process = ArrivalOptions::Process::kDeterministic;
  s.system.duration = 600 * kSecond;
  ServiceOptions& service = s.system.services.emplace_back();
  service.name = "api";
  service.workers = 4;
  service.service = {ServiceTime::Distribution::kDeterministic, 10 * kMillisecond, 0};
  service.cpu.per_request = 4 * kMillisecond;
  s.workloads.emplace_back().name = "api";
  return s;
}

struct Fixture {
  Scenario scenario = night();
  base::VirtualTime time{scenario.start - 1min};
  fakeapi::ObjectStore store{time, base::Random(1), fakeapi::StoreOptions{}};
  std::unique_ptr<RequestEngine> engine = std::move(*make_engine(scenario, scenario.system, {}, base::Random(1)));
  SystemBridge system{scenario, store, *engine};
  Prometheus prometheus{system, time, 5s};

  void create_pod(const std::string& name) {
    Json pod = {{"apiVersion", "v1"}, {"kind", "Pod"}};
    pod["metadata"] = {{"name", name}, {"namespace", "default"}, {"labels", {{"app", "api"}}}};
    ASSERT_TRUE(store.create(kPods, pod));
    ASSERT_TRUE(store.update(kPods, {"default", name}, Part::kAll, [&](Json& object) -> base::Result<> {
      object["status"]["phase"] = "Running";
      object["status"]["conditions"] = Json::array({{{"type", "Ready"}, {"status", "True"}}});
      return {};
    }));
  }
  void begin() {
    time.run_until(scenario.start);
    system.begin();
  }
  std::optional<double> value(const std::string& text) {
    const auto query = PromQuery::parse(text);
    if (!query) return std::nullopt;
    const PromValue all = prometheus.answer(*query);
    return all.elements.size() == 1 ? std::optional(all.elements.front().value) : std::nullopt;
  }
  void watch(const std::string& text) { prometheus.watch(*PromQuery::parse(text)); }
};

TEST(PrometheusTest, RatesAreThoseOfTheTraffic) {
  Fixture f;
  f.create_pod("a");
  f.create_pod("b");
  f.watch("http_requests_total + http_requests_in_flight + container_cpu_usage_seconds_total");
  f.begin();
  f.time.run_for(2min);

  EXPECT_NEAR(*f.value("sum(rate(http_requests_total[1m]))"), 100, 0.2);
  EXPECT_NEAR(*f.value("sum(rate(container_cpu_usage_seconds_total{pod=\"a\"}[1m]))"), 0.2, 0.002);
  EXPECT_NEAR(*f.value("sum(http_requests_in_flight{deployment=\"api\",namespace=\"default\"})"), 1, 1);
  EXPECT_EQ(f.value("count(http_requests_total{app='api',container=~'a.i',job='api'})"), 2);
  EXPECT_FALSE(f.value("sum(http_requests_total{deployment='web'})"));
}

TEST(PrometheusTest, OnlyWhatIsWatchedIsScraped) {
  Fixture f;
  f.create_pod("a");
  f.watch("http_requests_in_flight");
  f.begin();
  f.time.run_for(1min);

  EXPECT_TRUE(f.value("sum(http_requests_in_flight)"));
  EXPECT_FALSE(f.value("sum(http_requests_total)"));
}

TEST(PrometheusTest, AnAnswerIsAsOldAsTheLastScrape) {
  Fixture f;
  f.create_pod("a");
  f.watch("http_requests_total");
  f.begin();
  f.time.run_until(f.scenario.start + 49s);

  // Scraped at 5, 20, 35 and 50 s after every minute.
  EXPECT_NEAR(*f.value("sum(http_requests_total)"), 3500, 1);
  f.time.run_for(2s);
  EXPECT_NEAR(*f.value("sum(http_requests_total)"), 5000, 1);
}

TEST(PrometheusTest, APodThatIsGoneIsNoLongerCounted) {
  Fixture f;
  f.create_pod("a");
  f.create_pod("b");
  f.watch("http_requests_total");
  f.begin();
  f.time.run_for(1min);
  ASSERT_TRUE(f.store.remove(kPods, {"default", "a"}, {}, 0s));
  EXPECT_EQ(f.value("count(http_requests_total)"), 2) << "until the next scrape";
  f.time.run_for(20s);

  EXPECT_EQ(f.value("count(http_requests_total)"), 1);
  EXPECT_EQ(f.value("count(rate(http_requests_total[1m]))"), 2) << "its past is still in the window";
}

}  // namespace
}  // namespace sim
