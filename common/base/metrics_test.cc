#include "common/base/metrics.h"

#include <gtest/gtest.h>

#include <string>

namespace base {
namespace {

TEST(MetricsTest, AddsUpCountersAndKeepsTheLastGauge) {
  Metrics metrics;
  metrics.increment("requests_total", "Requests.", {{"code", "200"}});
  metrics.increment("requests_total", "Requests.", {{"code", "200"}}, 2);
  metrics.increment("requests_total", "Requests.", {{"code", "500"}}, 0);
  metrics.set("replicas", "Replicas.", 3);
  metrics.set("replicas", "Replicas.", 2);

  EXPECT_EQ(metrics.value("requests_total", {{"code", "200"}}), 3);
  EXPECT_EQ(metrics.value("requests_total", {{"code", "500"}}), 0);
  EXPECT_EQ(metrics.value("replicas"), 2);
  EXPECT_EQ(metrics.value("unknown"), 0);
}

TEST(MetricsTest, WritesFamiliesAndSeriesInAFixedOrder) {
  Metrics metrics;
  metrics.set("b_gauge", "Second.", 1.5);
  metrics.increment("a_total", "First.", {{"code", "500"}});
  metrics.increment("a_total", "First.", {{"code", "200"}}, 41);

  EXPECT_EQ(metrics.text(),
            "# HELP a_total First.\n"
            "# TYPE a_total counter\n"
            "a_total{code=\"200\"} 41\n"
            "a_total{code=\"500\"} 1\n"
            "# HELP b_gauge Second.\n"
            "# TYPE b_gauge gauge\n"
            "b_gauge 1.5\n");
}

TEST(MetricsTest, WritesHistogramsCumulatively) {
  Metrics metrics;
  for (const double seconds : {0.05, 0.1, 0.7, 3.0}) {
    metrics.observe("latency_seconds", "Latency.", seconds, {0.1, 1});
  }

  EXPECT_EQ(metrics.text(),
            "# HELP latency_seconds Latency.\n"
            "# TYPE latency_seconds histogram\n"
            "latency_seconds_count 4\n"
            "latency_seconds_sum 3.85\n"
            "latency_seconds_bucket{le=\"0.1\"} 2\n"
            "latency_seconds_bucket{le=\"1\"} 3\n"
            "latency_seconds_bucket{le=\"+Inf\"} 4\n");
}

TEST(MetricsTest, EscapesLabelValues) {
  Metrics metrics;
  metrics.increment("x_total", "X.", {{"path", "a\"b\\c\nd"}});

  EXPECT_NE(metrics.text().find("x_total{path=\"a\\\"b\\\\c\\nd\"} 1\n"), std::string::npos);
}

TEST(MetricsTest, BelongsToItsOwner) {
  Metrics one;
  Metrics other;
  one.increment("x_total", "X.");

  EXPECT_EQ(other.value("x_total"), 0);
  EXPECT_EQ(other.text(), "");
}

TEST(MetricsTest, RemoveForgetsAllSeriesWithTheseLabels) {
  Metrics metrics;
  for (const char* policy : {"p", "q"}) {
    metrics.increment("x_total", "X.", {{"policy", policy}, {"outcome", "changed"}});
    metrics.set("x_gauge", "G.", 5, {{"policy", policy}});
    metrics.observe("x_seconds", "S.", 0.5, {1}, {{"policy", policy}});
  }
  metrics.increment("y_total", "Y.");

  metrics.remove({{"policy", "p"}});

  EXPECT_EQ(metrics.text().find("\"p\""), std::string::npos) << metrics.text();
  EXPECT_EQ(metrics.value("x_total", {{"policy", "q"}, {"outcome", "changed"}}), 1);
  EXPECT_EQ(metrics.value("x_gauge", {{"policy", "q"}}), 5);
  EXPECT_EQ(metrics.value("y_total"), 1);
  metrics.remove({{"policy", "q"}});
  EXPECT_EQ(metrics.text(), "# HELP y_total Y.\n# TYPE y_total counter\ny_total 1\n");

  metrics.increment("x_total", "X.", {{"policy", "p"}, {"outcome", "changed"}});
  EXPECT_EQ(metrics.value("x_total", {{"policy", "p"}, {"outcome", "changed"}}), 1);  // anew
}

}  // namespace
}  // namespace base
