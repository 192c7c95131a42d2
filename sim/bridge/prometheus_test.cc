#include "sim/bridge/prometheus.h"

#include <gtest/gtest.h>

#include "sim/bridge/bridge_test_support.h"
#include "sim/run/engines.h"

namespace sim {
namespace {

using namespace std::chrono_literals;
using testing::kPods;

// 100 requests/s of exactly 10 ms, with 4 ms of CPU each.
Scenario small_night() {
  Scenario s = testing::even_night(10min);
  testing::add_service(s, "api", 100, 4, 10 * kMillisecond).cpu.per_request = 4 * kMillisecond;
  return s;
}

std::unique_ptr<RequestEngine> engine_of(const Scenario& night) {
  return std::move(*make_engine(night, night.system, {}, base::Random(1)));
}

struct Fixture : testing::BridgeWorld {
  Fixture() : BridgeWorld(small_night(), engine_of) {}
  Prometheus prometheus{system, time, 5s};

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
  f.create_ready_pod("a");
  f.create_ready_pod("b");
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
  f.create_ready_pod("a");
  f.watch("http_requests_in_flight");
  f.begin();
  f.time.run_for(1min);

  EXPECT_TRUE(f.value("sum(http_requests_in_flight)"));
  EXPECT_FALSE(f.value("sum(http_requests_total)"));
}

TEST(PrometheusTest, AnAnswerIsAsOldAsTheLastScrape) {
  Fixture f;
  f.create_ready_pod("a");
  f.watch("http_requests_total");
  f.begin();
  f.time.run_until(f.night.start + 49s);

  // Scraped at 5, 20, 35 and 50 s after every minute.
  EXPECT_NEAR(*f.value("sum(http_requests_total)"), 3500, 1);
  f.time.run_for(2s);
  EXPECT_NEAR(*f.value("sum(http_requests_total)"), 5000, 1);
}

TEST(PrometheusTest, APodThatIsGoneIsNoLongerCounted) {
  Fixture f;
  f.create_ready_pod("a");
  f.create_ready_pod("b");
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
