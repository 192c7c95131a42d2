#include "sim/promql/query.h"

#include <gtest/gtest.h>

#include <optional>

namespace sim {
namespace {

using namespace std::chrono_literals;

const base::Time kNow = base::Time(std::chrono::sys_days(std::chrono::year(2026) / 9 / 26));

PromQuery query(const std::string& text) {
  auto parsed = PromQuery::parse(text);
  if (!parsed) {
    ADD_FAILURE() << text << ": " << parsed.error().message;
    return {};
  }
  return *parsed;
}

std::string complaint(const std::string& text) {
  const auto parsed = PromQuery::parse(text);
  return parsed ? "" : parsed.error().message;
}

// Two pods, scraped every 15 s for five minutes, the last time now: "a" counts 10 a second, "b" 30.
PromStore store() {
  PromStore store;
  for (const auto& [name, rate] : {std::pair("a", 10.0), std::pair("b", 30.0)}) {
    for (const char* metric : {"http_requests_total", "http_requests_in_flight"}) {
      PromSeries& series = store.series(metric, name);
      series.labels = {{"namespace", "default"}, {"pod", name}, {"deployment", "api"}};
      for (int i = 0; i <= 20; ++i) {
        const bool counts = std::string(metric) == "http_requests_total";
        series.samples.push_back({kNow - (20 - i) * 15s, counts ? 1000 + rate * 15 * i : rate});
      }
    }
  }
  return store;
}

// Of a query that finds exactly one element.
std::optional<double> value(const std::string& text, const PromStore& store, base::Time at = kNow) {
  const PromValue all = query(text).evaluate(store, at);
  if (all.elements.size() != 1) return std::nullopt;
  return all.elements.front().value;
}

TEST(PromQueryTest, RatesAreThoseOfTheCounters) {
  const PromStore s = store();
  EXPECT_DOUBLE_EQ(*value("sum(rate(http_requests_total[1m]))", s), 40);
  EXPECT_DOUBLE_EQ(*value("sum(irate(http_requests_total[1m]))", s), 40);
  EXPECT_DOUBLE_EQ(*value("sum(increase(http_requests_total[2m]))", s), 4800);
  EXPECT_DOUBLE_EQ(*value("max(rate(http_requests_total[1m]))", s), 30);
  EXPECT_DOUBLE_EQ(*value("min(rate(http_requests_total[90s]))", s), 10);
  EXPECT_DOUBLE_EQ(*value("avg(rate(http_requests_total[1m30s]))", s), 20);
  EXPECT_DOUBLE_EQ(*value("count(http_requests_total)", s), 2);
  EXPECT_DOUBLE_EQ(*value("sum(http_requests_in_flight)", s), 40);
}

TEST(PromQueryTest, MatchersChooseSeries) {
  const PromStore s = store();
  EXPECT_DOUBLE_EQ(*value(R"(http_requests_in_flight{pod="a"})", s), 10);
  EXPECT_DOUBLE_EQ(*value(R"(http_requests_in_flight{pod!="a"})", s), 30);
  EXPECT_DOUBLE_EQ(*value(R"(http_requests_in_flight{pod=~"b|c",namespace='default'})", s), 30);
  EXPECT_DOUBLE_EQ(*value(R"(sum(rate(http_requests_total{pod!~"b.*"}[1m])))", s), 10);
  EXPECT_DOUBLE_EQ(*value(R"(sum(http_requests_in_flight{missing=""}))", s), 40);
  EXPECT_FALSE(value(R"(sum(http_requests_in_flight{pod=~"x"}))", s));
  EXPECT_FALSE(value("http_requests_in_flight", s)) << "there are two";
}

TEST(PromQueryTest, ArithmeticBindsAsUsual) {
  const PromStore s = store();
  EXPECT_DOUBLE_EQ(*value("1 + 2 * 3 - 4 / 2", s), 5);
  EXPECT_DOUBLE_EQ(*value("-(1 + 2) * 1.5e1", s), -45);
  EXPECT_DOUBLE_EQ(*value("sum(http_requests_in_flight) / count(http_requests_in_flight)", s), 20);
  EXPECT_DOUBLE_EQ(*value("100 * sum(http_requests_in_flight)", s), 4000);
  EXPECT_DOUBLE_EQ(*value("sum(rate(http_requests_total[1m]) / http_requests_in_flight)", s), 2);
  EXPECT_TRUE(query("2 * 3").evaluate(s, kNow).scalar);
  EXPECT_FALSE(query("2 * sum(http_requests_in_flight)").evaluate(s, kNow).scalar);
}

TEST(PromQueryTest, WhatNobodyScrapedIsNoData) {
  const PromStore s = store();
  EXPECT_TRUE(query("sum(rate(nothing[1m]))").evaluate(s, kNow).elements.empty());
  EXPECT_TRUE(query("nothing + 1").evaluate(s, kNow).elements.empty());
  EXPECT_FALSE(value("sum(rate(http_requests_total[10s]))", s)) << "one sample is no rate";
  EXPECT_FALSE(value("sum(http_requests_in_flight)", s, kNow + 5min)) << "all are old";
  EXPECT_TRUE(value("sum(http_requests_in_flight)", s, kNow + 4min));
}

TEST(PromQueryTest, ASeriesWhoseTargetIsGoneHasAPastButNoPresent) {
  PromStore s = store();
  s.series("http_requests_total", "b").stale = s.series("http_requests_in_flight", "b").stale = true;

  EXPECT_DOUBLE_EQ(*value("sum(http_requests_in_flight)", s), 10);
  EXPECT_DOUBLE_EQ(*value("sum(rate(http_requests_total[1m]))", s), 40);
}

TEST(PromQueryTest, ACounterThatBeginsAnewGainsWhatItShows) {
  PromStore s;
  PromSeries& series = s.series("http_requests_total", "a");
  for (const auto& [before, count] : {std::pair(60s, 900.0), {45s, 1050.0}, {30s, 100.0}, {15s, 250.0}, {0s, 400.0}}) {
    series.samples.push_back({kNow - before, count});
  }

  // 150, then 100 after the restart, then twice 150, over a minute: the window is open at its beginning.
  EXPECT_DOUBLE_EQ(*value("increase(http_requests_total[61s])", s), 550 * 61.0 / 60);
  EXPECT_DOUBLE_EQ(*value("irate(http_requests_total[20s])", s), 10);
}

TEST(PromQueryTest, RatesAreNotExtrapolatedBeyondAGapNorToBeforeZero) {
  PromStore s;
  PromSeries& series = s.series("http_requests_total", "a");
  for (const auto& [before, count] : {std::pair(30s, 30.0), {15s, 180.0}, {0s, 330.0}}) {
    series.samples.push_back({kNow - before, count});
  }

  // A gap of 90 s before the first sample is bridged by 3 s: at 10 a second it was zero then.
  EXPECT_DOUBLE_EQ(*value("increase(http_requests_total[2m])", s), 330);
  series.samples.front().value = 29'730;
  series.samples[1].value = 29'880;
  series.samples[2].value = 30'030;
  // Here by half the distance of the samples.
  EXPECT_DOUBLE_EQ(*value("increase(http_requests_total[2m])", s), 375);
}

TEST(PromQueryTest, ComplaintsSayWhereAndWhat) {
  EXPECT_EQ(complaint(""), "at character 1: expected a metric, a function or a number, the query ends");
  EXPECT_EQ(complaint("sum(rate(x[1m])"), "at character 16: expected \")\"");
  EXPECT_EQ(complaint("summ(x)"),
            "at character 1: no function \"summ\"; there are sum, avg, max, min, count, rate, irate, increase");
  EXPECT_EQ(complaint("sum by (pod) (x)"), "at character 5: expected \"(\": grouping by labels is not supported");
  EXPECT_EQ(complaint("sum(x) by (pod)"), "at character 8: grouping by labels is not supported");
  EXPECT_EQ(complaint("rate(x)"),
            "at character 6: rate takes a metric with a range, such as rate(http_requests_total[1m])");
  EXPECT_EQ(complaint("x[1m]"), "at character 1: a range such as [1m] must stand inside rate, irate or increase");
  EXPECT_EQ(complaint("rate(x[1 minute])"), "at character 8: expected a duration such as 1m, of a year at the most");
  EXPECT_EQ(complaint("rate(x[])"), "at character 8: expected a duration such as 1m");
  EXPECT_EQ(complaint("x{pod}"), "at character 6: expected =, !=, =~ or !~");
  EXPECT_EQ(complaint("x{pod=a}"), "at character 7: expected a text in quotation marks");
  EXPECT_EQ(complaint("x{pod=\"a}"), "at character 10: the text does not end");
  EXPECT_EQ(complaint("x{pod=~\"(\"}"), "at character 8: expected a regular expression");
  EXPECT_EQ(complaint("x y"), "at character 3: expected an operator or the end");
  EXPECT_EQ(complaint("1 +"), "at character 4: expected a metric, a function or a number, the query ends");
  EXPECT_EQ(complaint("1.2.3"), "at character 1: expected a number");
  EXPECT_EQ(complaint(std::string(100, '(')), "at character 65: nested too deeply");
  EXPECT_EQ(complaint("x > 1"), "at character 3: expected an operator or the end");
}

TEST(PromQueryTest, TellsWhatItNeeds) {
  const PromQuery q = query("sum(rate(http_requests_total[10m])) / count(up)");
  EXPECT_EQ(q.metrics(), (std::set<std::string>{"http_requests_total", "up"}));
  EXPECT_EQ(q.reach(), 10min);
  EXPECT_EQ(query("up").reach(), kPromLookback);
}

}  // namespace
}  // namespace sim
