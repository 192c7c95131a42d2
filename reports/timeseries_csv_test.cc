#include "reports/timeseries_csv.h"

#include <gtest/gtest.h>

#include "reports/testing/sample_run.h"

namespace report {
namespace {

using nlohmann::json;

TEST(TimeseriesCsvTest, WritesALineAPolicyAndSecond) {
  json run = testing::sample_run(
      {testing::sample_policy("a", {100, 250.5}, {300, 300}), testing::sample_policy("b, \"the\" other", {1}, {100})});
  run["policies"][0]["series"]["p99Ms"][1] = nullptr;

  const auto csv = render_csv(run.dump());

  ASSERT_TRUE(csv) << csv.error().message;
  EXPECT_EQ(*csv,
            "policy,t,arrivals,p50Ms,p95Ms,p99Ms,failed,desired,ready,capacity,nodes\n"
            "a,0,100,20,50,90,0,3,3,300,4\n"
            "a,1,250.5,20,50,,0,3,3,300,4\n"
            "\"b, \"\"the\"\" other\",0,1,20,50,90,0,1,1,100,4\n");
}

TEST(TimeseriesCsvTest, RefusesWhatIsNoRun) {
  EXPECT_EQ(render_csv("[]").error().message, "run.json: schemaVersion must be 1");
}

}  // namespace
}  // namespace report
