#include "fake-apiserver/controllers/cron_job_controller.h"

#include "fake-apiserver/controllers/cluster_test_fixture.h"
#include "fake-apiserver/controllers/cron_schedule.h"

namespace fakeapi {
namespace {

// kClusterStart is Saturday 26 September 2026, 09:00 UTC.
std::string next(const char* schedule, base::Time after = kClusterStart) {
  const auto at = CronSchedule::parse(schedule).value().next_after(after);
  return at ? base::format_rfc3339(*at) : "never";
}

TEST(CronScheduleTest, FindsTheNextTime) {
  EXPECT_EQ(next("* * * * *"), "2026-09-26T09:01:00Z");
  EXPECT_EQ(next("*/15 * * * *"), "2026-09-26T09:15:00Z");
  EXPECT_EQ(next("0 9 * * *"), "2026-09-27T09:00:00Z");  // after, not at
  EXPECT_EQ(next("30 8-10 * * *"), "2026-09-26T09:30:00Z");
  EXPECT_EQ(next("0 0 * * mon"), "2026-09-28T00:00:00Z");
  EXPECT_EQ(next("0 0 * * 7"), "2026-09-27T00:00:00Z");
  EXPECT_EQ(next("0 0 1 JAN *"), "2027-01-01T00:00:00Z");
  EXPECT_EQ(next("0 0 29 2 *"), "2028-02-29T00:00:00Z");
  EXPECT_EQ(next("0 12 1 * sun"), "2026-09-27T12:00:00Z");  // either day will do
  EXPECT_EQ(next("@hourly"), "2026-09-26T10:00:00Z");
  EXPECT_EQ(next("5/20 * * * *"), "2026-09-26T09:05:00Z");
  EXPECT_EQ(next("0 0 30 2 *"), "never");
}

TEST(CronScheduleTest, RefusesWhatItCannotRead) {
  for (const char* text : {"", "* * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *", "* * * * 8",
                           "a * * * *", "*/0 * * * *", "5-1 * * * *", "1,, * * * *", "@often"}) {
    EXPECT_FALSE(CronSchedule::parse(text)) << text;
  }
}

class CronJobControllerTest : public ClusterTest {
 protected:
  // Every minute; its pods run for as long as told.
  void create_cron_job(const Json& spec, const char* runs_for = "5s") {
    start(simple_options());
    Json whole{{"schedule", "* * * * *"}};
    whole["jobTemplate"]["spec"]["template"] = {
        {"metadata", {{"annotations", {{"gamenight/runs-for", runs_for}}}}},
        {"spec", {{"restartPolicy", "Never"}, {"containers", Json::array({{{"name", "c"}, {"image", "work:1"}}})}}}};
    whole.update(spec);
    create(resources::kCronJobs, {{"apiVersion", "batch/v1"},
                                  {"kind", "CronJob"},
                                  {"metadata", {{"name", "c"}, {"namespace", "default"}}},
                                  {"spec", std::move(whole)}});
  }
  std::vector<ObjectPtr> jobs() const { return store_.list(resources::kJobs); }
  Json cron_job() const { return *store_.get(resources::kCronJobs, {"default", "c"}).value(); }
};

TEST_F(CronJobControllerTest, MakesAJobAtEachTimeAndKeepsTheLastThree) {
  create_cron_job(Json::object());
  clock_.run_for(61s);
  ASSERT_EQ(jobs().size(), 1u);
  const auto minutes = std::chrono::floor<std::chrono::minutes>(kClusterStart + 1min).time_since_epoch().count();
  EXPECT_EQ(name_of(*jobs()[0]).name, "c-" + std::to_string(minutes));
  EXPECT_EQ(text_at(cron_job(), {"status", "lastScheduleTime"}), "2026-09-26T09:01:00Z");
  EXPECT_EQ(cron_job()["status"]["active"].size(), 1u);
  clock_.run_for(30s);
  EXPECT_FALSE(cron_job()["status"].contains("active"));
  EXPECT_FALSE(text_at(cron_job(), {"status", "lastSuccessfulTime"}).empty());
  clock_.run_for(10min);
  EXPECT_EQ(jobs().size(), 3u);
}

TEST_F(CronJobControllerTest, ForbidLeavesTheRunningOneAlone) {
  create_cron_job({{"concurrencyPolicy", "Forbid"}}, "150s");
  clock_.run_for(3min);
  EXPECT_EQ(jobs().size(), 1u);
}

TEST_F(CronJobControllerTest, ReplaceEndsTheRunningOne) {
  create_cron_job({{"concurrencyPolicy", "Replace"}}, "150s");
  clock_.run_for(2min + 1s);
  ASSERT_EQ(jobs().size(), 1u);
  EXPECT_EQ(text_at(cron_job(), {"status", "lastScheduleTime"}), "2026-09-26T09:02:00Z");
}

TEST_F(CronJobControllerTest, AllowRunsThemSideBySide) {
  create_cron_job(Json::object(), "150s");
  clock_.run_for(2min + 1s);
  EXPECT_EQ(jobs().size(), 2u);
}

TEST_F(CronJobControllerTest, SuspendedItMakesNone) {
  create_cron_job({{"suspend", true}});
  clock_.run_for(5min);
  EXPECT_TRUE(jobs().empty());
}

TEST_F(CronJobControllerTest, ItsJobsGoWithIt) {
  create_cron_job(Json::object());
  clock_.run_for(90s);
  ASSERT_TRUE(store_.remove(resources::kCronJobs, {"default", "c"}, {}));
  clock_.run_for(1min);
  EXPECT_TRUE(jobs().empty());
  EXPECT_TRUE(pods().empty());
}

}  // namespace
}  // namespace fakeapi
