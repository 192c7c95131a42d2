#include "fake-apiserver/controllers/job_controller.h"

#include "fake-apiserver/controllers/cluster_test_fixture.h"

namespace fakeapi {
namespace {

class JobControllerTest : public ClusterTest {
 protected:
  // Pods run for ten seconds and end with `exit_code`.
  void create_job(const Json& spec, const char* exit_code = "0") {
    Json whole{{"template",
                {{"metadata", {{"annotations", {{"gamenight/runs-for", "10s"}, {"gamenight/exit-code", exit_code}}}}},
                 {"spec",
                  {{"restartPolicy", "Never"}, {"containers", Json::array({{{"name", "c"}, {"image", "work:1"}}})}}}}}};
    whole.update(spec);
    create(resources::kJobs, {{"apiVersion", "batch/v1"},
                              {"kind", "Job"},
                              {"metadata", {{"name", "j"}, {"namespace", "default"}}},
                              {"spec", std::move(whole)}});
  }
  Json job() const { return *store_.get(resources::kJobs, {"default", "j"}).value(); }
  std::int64_t status(const char* field) const { return int_at(job(), {"status", field}); }
  std::vector<std::string> generate_names() const {
    std::vector<std::string> names;
    for (const ObjectPtr& pod : pods()) names.push_back(text_at(*pod, {"metadata", "generateName"}));
    std::sort(names.begin(), names.end());
    return names;
  }
};

TEST_F(JobControllerTest, RunsSoManyAtATimeUntilSoManyHaveSucceeded) {
  start(simple_options());
  create_job({{"completions", 5}, {"parallelism", 2}});
  clock_.run_for(5s);
  EXPECT_EQ(pods().size(), 2u);
  EXPECT_EQ(status("active"), 2);
  EXPECT_FALSE(text_at(job(), {"status", "startTime"}).empty());
  clock_.run_for(1min);
  EXPECT_EQ(status("succeeded"), 5);
  EXPECT_EQ(status("active"), 0);
  EXPECT_EQ(pods().size(), 5u);
  EXPECT_EQ(condition_text(job(), "Complete"), "True ");
  EXPECT_FALSE(text_at(job(), {"status", "completionTime"}).empty());
  EXPECT_EQ(events("j").back(), "Completed: Job completed");
}

TEST_F(JobControllerTest, AnIndexedJobGivesEachPodItsIndex) {
  start(simple_options());
  create_job({{"completions", 3}, {"parallelism", 3}, {"completionMode", "Indexed"}});
  clock_.run_for(5s);
  EXPECT_EQ(generate_names(), (std::vector<std::string>{"j-0-", "j-1-", "j-2-"}));
  for (const ObjectPtr& pod : pods()) {
    const std::string index = text_at(*pod, {"metadata", "annotations", kCompletionIndexKey});
    EXPECT_EQ(text_at(*pod, {"metadata", "generateName"}), "j-" + index + "-");
    EXPECT_EQ(text_at(*pod, {"spec", "hostname"}), "j-" + index);
    EXPECT_EQ(pod->at("spec").at("containers")[0].at("env")[0].at("name"), "JOB_COMPLETION_INDEX");
    EXPECT_EQ(text_at(*pod, {"metadata", "labels", "job-name"}), "j");
    EXPECT_EQ(text_at(*pod, {"metadata", "labels", "controller-uid"}), uid_of(job()));
  }
  clock_.run_for(1min);
  EXPECT_EQ(text_at(job(), {"status", "completedIndexes"}), "0-2");
  EXPECT_EQ(condition_text(job(), "Complete"), "True ");
}

TEST_F(JobControllerTest, FailuresAreTriedAgainEverLaterUntilTheLimit) {
  start(simple_options());
  create_job({{"backoffLimit", 2}}, "1");
  clock_.run_for(20s);
  EXPECT_EQ(status("failed"), 1);
  EXPECT_EQ(pods().size(), 1u);  // the second waits for ten seconds after the end of the first
  clock_.run_for(5s);
  EXPECT_EQ(pods().size(), 2u);
  clock_.run_for(5min);
  EXPECT_EQ(status("failed"), 3);
  EXPECT_EQ(condition_text(job(), "Failed"), "True BackoffLimitExceeded");
  EXPECT_EQ(pods().size(), 3u);
}

TEST_F(JobControllerTest, ADeadlineEndsItAndItsPods) {
  start(simple_options());
  create_job({{"completions", 9}, {"activeDeadlineSeconds", 15}});
  clock_.run_for(1min);
  EXPECT_EQ(condition_text(job(), "Failed"), "True DeadlineExceeded");
  EXPECT_EQ(status("active"), 0);
  EXPECT_EQ(status("succeeded"), 1);
}

TEST_F(JobControllerTest, SuspendedItHasNoPodsResumedItGoesOn) {
  start(simple_options());
  create_job({{"suspend", true}});
  clock_.run_for(10s);
  EXPECT_TRUE(pods().empty());
  EXPECT_EQ(condition_text(job(), "Suspended"), "True JobSuspended");
  EXPECT_TRUE(text_at(job(), {"status", "startTime"}).empty());
  change(resources::kJobs, {"default", "j"}, [](Json& object) { object["spec"]["suspend"] = false; });
  clock_.run_for(1min);
  EXPECT_EQ(condition_text(job(), "Suspended"), "False JobResumed");
  EXPECT_EQ(condition_text(job(), "Complete"), "True ");
}

TEST_F(JobControllerTest, AFinishedOneGoesAfterItsTimeAndItsPodsWithIt) {
  start(simple_options());
  create_job({{"ttlSecondsAfterFinished", 60}});
  clock_.run_for(60s);
  EXPECT_EQ(condition_text(job(), "Complete"), "True ");
  clock_.run_for(30s);
  EXPECT_FALSE(store_.get(resources::kJobs, {"default", "j"}));
  EXPECT_TRUE(pods().empty());
}

TEST_F(JobControllerTest, WithoutCompletionsOneSuccessEndsIt) {
  start(simple_options());
  create_job({{"parallelism", 3}});
  clock_.run_for(1min);
  EXPECT_EQ(status("succeeded"), 3);
  EXPECT_EQ(condition_text(job(), "Complete"), "True ");
}

TEST(IndexTextTest, RunsAreWrittenAsRanges) {
  EXPECT_EQ(index_text({}), "");
  EXPECT_EQ(index_text({3}), "3");
  EXPECT_EQ(index_text({0, 1, 2, 4, 6, 7}), "0-2,4,6-7");
}

}  // namespace
}  // namespace fakeapi
