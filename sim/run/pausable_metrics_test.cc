#include "sim/run/pausable_metrics.h"

#include <gtest/gtest.h>

namespace sim {
namespace {

using Mode = PausableMetrics::Mode;

// Counts up each time that it is asked.
class Counting final : public fakeapi::MetricsSource {
 public:
  std::vector<fakeapi::PodMetrics> pod_metrics(const std::string&) override { return {}; }
  std::vector<fakeapi::NodeMetrics> node_metrics() override { return {}; }
  std::vector<fakeapi::PodMetricValue> pod_values(const std::string&, const std::string&) override { return {}; }
  std::vector<std::string> pod_value_names() override { return {}; }
  std::optional<fakeapi::ObjectMetricValue> object_value(const std::string&, const fakeapi::DescribedResource& object,
                                                         const std::string&, const std::string&) override {
    if (object.name != "api") return std::nullopt;
    return fakeapi::ObjectMetricValue{{}, {}, now};
  }
  std::optional<std::vector<fakeapi::ExternalMetricValue>> external_values(const std::string&,
                                                                           const std::string& metric,
                                                                           const std::string&) override {
    if (metric != "concurrency") return std::nullopt;
    return std::vector<fakeapi::ExternalMetricValue>{{{}, {}, {}, now}};
  }
  double now = 1;
};

struct Fixture {
  Counting inner;
  PausableMetrics metrics{inner};

  std::optional<double> object(const std::string& name = "api") {
    const auto value = metrics.object_value("default", {"", "services", name}, "concurrency", "");
    return value ? std::optional(value->value) : std::nullopt;
  }
  std::optional<double> external(const std::string& name = "concurrency") {
    const auto values = metrics.external_values("default", name, "");
    return values ? std::optional(values->front().value) : std::nullopt;
  }
};

TEST(PausableMetricsTest, ALiveSourceIsPassedThrough) {
  Fixture f;
  EXPECT_EQ(f.object(), 1);
  f.inner.now = 2;
  EXPECT_EQ(f.object(), 2);
  EXPECT_EQ(f.external(), 2);
  EXPECT_FALSE(f.external("nothing"));
}

TEST(PausableMetricsTest, AnOutageHasNothing) {
  Fixture f;
  EXPECT_EQ(f.external(), 1);
  f.metrics.set_mode(Mode::kMissing);
  EXPECT_FALSE(f.object());
  EXPECT_FALSE(f.external());
  f.metrics.set_mode(Mode::kLive);
  EXPECT_EQ(f.object(), 1);
}

TEST(PausableMetricsTest, AStaleSourceGoesOnAsItWasWhenItStoppedForThoseWhoAskedBefore) {
  Fixture f;
  EXPECT_EQ(f.object(), 1);
  EXPECT_EQ(f.external(), 1);
  f.inner.now = 2;
  f.metrics.set_mode(Mode::kStale);
  f.inner.now = 3;

  EXPECT_EQ(f.object(), 2);
  EXPECT_EQ(f.external(), 2);
  EXPECT_FALSE(f.object("web"));
  f.metrics.set_mode(Mode::kLive);
  EXPECT_EQ(f.external(), 3);
}

}  // namespace
}  // namespace sim
