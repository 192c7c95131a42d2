// Pods that do not simply run on: init containers, ends, restarts, images that cannot be had, probes of both eras.
#include <algorithm>
#include <map>

#include "fake-apiserver/controllers/cluster_test_fixture.h"
#include "fake-apiserver/controllers/run_plan.h"

namespace fakeapi {
namespace {

class KubeletLifeTest : public ClusterTest {
 protected:
  static Json container(const std::string& name, const std::string& image = "app:1") {
    return {{"name", name}, {"image", image}};
  }
  void create_pod(const Json& spec, const Json& annotations = Json::object()) {
    Json pod{{"metadata", {{"name", "p"}, {"namespace", "default"}}}, {"spec", spec}};
    if (!annotations.empty()) pod["metadata"]["annotations"] = annotations;
    if (!pod["spec"].contains("containers")) pod["spec"]["containers"] = Json::array({container("app")});
    create(resources::kPods, std::move(pod));
    watch();
  }
  // "phase reason" of each state that the pod goes through, with the seconds since the start of the cluster.
  void watch() {
    store_.subscribe(resources::kPods, [this](const StoreEvent& event) {
      const std::string state = state_of(*event.object, "containerStatuses");
      if (states_.empty() || states_.back().second != state) states_.emplace_back(seconds_now(), state);
    });
  }
  static std::string state_of(const Json& pod, const char* list) {
    const Json* statuses = field_at(pod, {"status", list});
    if (!statuses || statuses->empty()) return text_at(pod, {"status", "phase"});
    const Json& state = statuses->at(0).at("state");
    const std::string kind = state.begin().key();
    return text_at(pod, {"status", "phase"}) + " " + kind + " " + text_at(state.at(kind), {"reason"});
  }
  std::int64_t seconds_now() const {
    return std::chrono::duration_cast<std::chrono::seconds>(clock_.now() - kClusterStart).count();
  }
  Json pod() const { return *store_.get(resources::kPods, {"default", "p"}).value(); }
  Json status(std::size_t i = 0) const { return pod()["status"]["containerStatuses"][i]; }
  Json init_status(std::size_t i) const { return pod()["status"]["initContainerStatuses"][i]; }
  std::string phase() const { return text_at(pod(), {"status", "phase"}); }
  std::string state() const { return state_of(pod(), "containerStatuses"); }

  std::vector<std::pair<std::int64_t, std::string>> states_;
};

using States = std::vector<std::pair<std::int64_t, std::string>>;

TEST_F(KubeletLifeTest, APodThatNeverRestartsSucceedsOrFailsByItsExitCode) {
  for (const auto& [code, phase_after, reason] :
       {std::tuple{"0", "Succeeded", "Completed"}, std::tuple{"3", "Failed", "Error"}}) {
    start(simple_options());
    create_pod({{"restartPolicy", "Never"}}, {{kRunsForAnnotation, "90s"}, {kExitCodeAnnotation, code}});
    clock_.run_for(50ms + 2s + 90s - 1ms);
    EXPECT_EQ(phase(), "Running");
    clock_.run_for(1ms);
    EXPECT_EQ(phase(), phase_after);
    const Json ended = status()["state"]["terminated"];
    EXPECT_EQ(text_at(ended, {"reason"}), reason);
    EXPECT_EQ(int_at(ended, {"exitCode"}), code == std::string("0") ? 0 : 3);
    EXPECT_EQ(int_at(status(), {"restartCount"}), 0);
    EXPECT_FALSE(is_ready(pod()));
    EXPECT_EQ(condition_text(pod(), "Ready"),
              phase_after == std::string("Succeeded") ? "False PodCompleted" : "False PodFailed");
    clock_.run_for(1h);
    EXPECT_EQ(phase(), phase_after);
    cluster_.reset();
    ASSERT_TRUE(store_.remove(resources::kPods, {"default", "p"}, {}));
  }
}

TEST_F(KubeletLifeTest, OnFailureStartsAgainWithABackOffUntilItSucceeds) {
  start(simple_options());
  create_pod({{"restartPolicy", "OnFailure"}}, {{kRunsForAnnotation, "5s"}, {kExitCodeAnnotation, "1"}});
  clock_.run_for(50ms + 2s + 5s);
  EXPECT_EQ(state(), "Running terminated Error");
  clock_.run_for(1s + 5s);  // the first restart waits for the restart delay alone
  EXPECT_EQ(state(), "Running waiting CrashLoopBackOff");
  EXPECT_EQ(text_at(status(), {"state", "waiting", "message"}), "back-off 10s restarting failed container=app pod=p");
  EXPECT_EQ(int_at(status(), {"lastState", "terminated", "exitCode"}), 1);
  clock_.run_for(10s);
  EXPECT_EQ(state(), "Running running ");
  EXPECT_EQ(int_at(status(), {"restartCount"}), 2);
}

TEST_F(KubeletLifeTest, AlwaysRestartsWhatSucceededToo) {
  start(simple_options());
  create_pod(Json::object(), {{kRunsForAnnotation, "20s"}});
  clock_.run_for(50ms + 2s + 20s + 1s + 20s);
  EXPECT_EQ(state(), "Running waiting CrashLoopBackOff");
  EXPECT_EQ(text_at(status(), {"lastState", "terminated", "reason"}), "Completed");
}

TEST_F(KubeletLifeTest, ThePodOfAJobSucceedsAfterASecond) {
  start(simple_options());
  const Json owner{{"apiVersion", "batch/v1"}, {"kind", "Job"}, {"name", "j"}, {"uid", "u"}, {"controller", true}};
  ASSERT_TRUE(store_.create({"batch", "jobs"}, {{"metadata", {{"name", "j"}, {"namespace", "default"}}}}));
  const std::string uid = uid_of(*store_.get({"batch", "jobs"}, {"default", "j"}).value());
  Json reference = owner;
  reference["uid"] = uid;
  create(resources::kPods,
         {{"metadata", {{"name", "p"}, {"namespace", "default"}, {"ownerReferences", Json::array({reference})}}},
          {"spec", {{"restartPolicy", "Never"}, {"containers", Json::array({container("app")})}}}});
  clock_.run_for(50ms + 2s);
  EXPECT_EQ(phase(), "Running");
  clock_.run_for(1s);
  EXPECT_EQ(phase(), "Succeeded");
}

TEST_F(KubeletLifeTest, InitContainersRunOneByOneBeforeTheOthers) {
  start(simple_options());
  create_pod({{"initContainers", Json::array({container("first"), container("second")})}},
             {{kInitRunsForAnnotation, "10s"}});
  clock_.run_for(50ms + 1s);
  EXPECT_EQ(state_of(pod(), "initContainerStatuses"), "Pending waiting PodInitializing");
  EXPECT_EQ(condition_text(pod(), "Initialized"), "False ContainersNotInitialized");
  clock_.run_for(1s);  // the sandbox is there
  EXPECT_TRUE(field_at(init_status(0), {"state", "running"}));
  EXPECT_EQ(text_at(init_status(1), {"state", "waiting", "reason"}), "PodInitializing");
  clock_.run_for(10s);
  EXPECT_EQ(text_at(init_status(0), {"state", "terminated", "reason"}), "Completed");
  EXPECT_TRUE(field_at(init_status(1), {"state", "running"}));
  EXPECT_EQ(phase(), "Pending");
  clock_.run_for(10s);
  EXPECT_EQ(condition_text(pod(), "Initialized"), "True ");
  EXPECT_EQ(phase(), "Running");
  EXPECT_TRUE(is_ready(pod()));
}

TEST_F(KubeletLifeTest, AnInitContainerThatFailsIsTriedAgainOrEndsThePod) {
  start(simple_options());
  create_pod({{"initContainers", Json::array({container("first")})}}, {{kInitExitCodeAnnotation, "2"}});
  clock_.run_for(50ms + 2s + 1s);
  EXPECT_EQ(text_at(init_status(0), {"state", "waiting", "reason"}), "CrashLoopBackOff");
  clock_.run_for(10s);
  EXPECT_TRUE(field_at(init_status(0), {"state", "running"}));
  EXPECT_EQ(int_at(init_status(0), {"restartCount"}), 1);
  EXPECT_EQ(phase(), "Pending");
  ASSERT_TRUE(store_.remove(resources::kPods, {"default", "p"}, {}));
  create_pod({{"restartPolicy", "Never"}, {"initContainers", Json::array({container("first")})}},
             {{kInitExitCodeAnnotation, "2"}});
  clock_.run_for(50ms + 2s + 1s);
  EXPECT_EQ(phase(), "Failed");
}

TEST_F(KubeletLifeTest, ASidecarRunsOnBesideTheApplication) {
  start(simple_options());
  Json sidecar = container("mesh");
  sidecar["restartPolicy"] = "Always";
  create_pod({{"initContainers", Json::array({sidecar})}});
  clock_.run_for(50ms + 2s);
  EXPECT_TRUE(field_at(init_status(0), {"state", "running"}));
  EXPECT_TRUE(bool_at(init_status(0), {"ready"}));
  EXPECT_TRUE(is_ready(pod()));
}

TEST_F(KubeletLifeTest, AnImageThatCannotBePulledIsTriedAfter10And20And40UpTo300Seconds) {
  ClusterOptions options = simple_options();
  options.broken_images = {"app:broken"};
  options.pod_start.container_delay = Delay::none();
  options.scheduling_delay = base::Duration::zero();
  start(options);
  create_pod({{"containers", Json::array({container("app", "app:broken")})}});
  clock_.run_for(16min);
  const char* failed = "Pending waiting ErrImagePull";
  const char* waits = "Pending waiting ImagePullBackOff";
  std::vector<std::int64_t> attempts;
  for (const auto& [at, state] : states_) {
    if (state == failed) attempts.push_back(at);
  }
  EXPECT_EQ(attempts, (std::vector<std::int64_t>{0, 10, 30, 70, 150, 310, 610, 910}));
  EXPECT_EQ(state(), waits);
  EXPECT_EQ(text_at(status(), {"state", "waiting", "message"}), "Back-off pulling image \"app:broken\"");
  const auto told = events("p");
  EXPECT_NE(std::find(told.begin(), told.end(), "Failed: Error: ErrImagePull"), told.end());
  EXPECT_NE(std::find(told.begin(), told.end(), "BackOff: Back-off pulling image \"app:broken\""), told.end());

  change(resources::kPods, {"default", "p"},
         [](Json& object) { object["spec"]["containers"][0]["image"] = "app:mended"; });
  clock_.run_for(5min);
  EXPECT_TRUE(is_ready(pod()));
}

TEST_F(KubeletLifeTest, ARegistryOfAnInvalidDomainHasNoImages) {
  EXPECT_TRUE(is_of_no_registry("registry.invalid/app:1"));
  EXPECT_TRUE(is_of_no_registry("registry.invalid:5000/team/app:1"));
  EXPECT_FALSE(is_of_no_registry("app:1"));
  EXPECT_FALSE(is_of_no_registry("registry.example/app.invalid"));
}

TEST_F(KubeletLifeTest, AStartupProbeHoldsReadinessBackAndKillsWhatTakesTooLong) {
  ClusterOptions options = simple_options();
  options.pod_start.boot = Delay::fixed(25s);
  start(options);
  Json app = container("app");
  app["startupProbe"] = {{"periodSeconds", 10}, {"failureThreshold", 4}};
  create_pod({{"containers", Json::array({app})}});
  clock_.run_for(50ms + 2s + 29s);
  EXPECT_FALSE(bool_at(status(), {"started"}, true));
  clock_.run_for(1s);  // the fourth probe
  EXPECT_TRUE(bool_at(status(), {"started"}));
  EXPECT_TRUE(is_ready(pod()));

  ASSERT_TRUE(store_.remove(resources::kPods, {"default", "p"}, {}));
  app["startupProbe"]["failureThreshold"] = 2;
  create_pod({{"containers", Json::array({app})}});
  clock_.run_for(50ms + 2s + 10s);
  EXPECT_EQ(state(), "Running terminated Error");
  const auto told = events("p");
  EXPECT_NE(std::find(told.begin(), told.end(), "Killing: Container app failed startup probe, will be restarted"),
            told.end());
}

TEST_F(KubeletLifeTest, InThe120EraReadinessIsSeenUniformlyWithinTheFirstPeriod) {
  ClusterOptions options = simple_options();
  options.probe_timing = ProbeTiming::kRandomPart;
  options.node_pools[0].max_pods = 1000;
  options.events = false;
  start(options);
  Json app = container("app");
  app["readinessProbe"] = {{"periodSeconds", 10}};
  std::map<std::string, base::Time> running;
  std::vector<double> delays;
  store_.subscribe(resources::kPods, [&](const StoreEvent& event) {
    const std::string name = name_of(*event.object).name;
    if (text_at(*event.object, {"status", "phase"}) == "Running") running.try_emplace(name, event.at);
    if (is_ready(*event.object)) delays.push_back(base::seconds(event.at - running.at(name)));
  });
  create_deployment(
      "web", {.replicas = 400, .cpu = "1m", .memory = "1Mi", .pod_spec_extra = {{"containers", Json::array({app})}}});
  clock_.run_for(1min);
  ASSERT_EQ(delays.size(), 400u);
  double sum = 0;
  std::array<int, 10> buckets{};
  for (const double delay : delays) {
    ASSERT_GE(delay, 0.0);
    ASSERT_LT(delay, 10.0);
    sum += delay;
    ++buckets.at(static_cast<std::size_t>(delay));
  }
  EXPECT_NEAR(sum / 400, 5.0, 0.5);  // a uniform mean has a standard error of 0.14 here
  for (const int count : buckets) EXPECT_NEAR(count, 40, 25);
}

TEST_F(KubeletLifeTest, InTheNewEraReadinessIsTriedAtOnce) {
  start(simple_options());
  Json app = container("app");
  app["readinessProbe"] = {{"periodSeconds", 10}};
  create_pod({{"containers", Json::array({app})}});
  clock_.run_for(50ms + 2s + 1s);
  EXPECT_TRUE(is_ready(pod()));
}

TEST_F(KubeletLifeTest, ThePodFailsAtItsDeadline) {
  start(simple_options());
  create_pod({{"activeDeadlineSeconds", 60}});
  clock_.run_for(50ms + 60s - 1ms);
  EXPECT_EQ(phase(), "Running");
  clock_.run_for(1ms);
  EXPECT_EQ(phase(), "Failed");
  EXPECT_EQ(text_at(pod(), {"status", "reason"}), "DeadlineExceeded");
}

TEST_F(KubeletLifeTest, APreStopHookIsPartOfTheGrace) {
  for (const auto& [grace, gone_after] : {std::pair<base::Duration, base::Duration>{30s, 16s}, {10s, 10s}}) {
    start(simple_options());
    Json app = container("app");
    app["lifecycle"]["preStop"]["exec"]["command"] = Json::array({"sh", "-c", "sleep 15"});
    create_pod({{"containers", Json::array({app})}});
    clock_.run_for(10s);
    ASSERT_TRUE(store_.remove(resources::kPods, {"default", "p"}, {}, grace));
    clock_.run_for(gone_after - 1ms);
    EXPECT_EQ(pods().size(), 1u);
    clock_.run_for(1ms);
    EXPECT_TRUE(pods().empty());
    cluster_.reset();
  }
}

TEST_F(KubeletLifeTest, AFinishedPodThatIsDeletedWithGraceGoesAtOnce) {
  start(simple_options());
  create_pod({{"restartPolicy", "Never"}}, {{kRunsForAnnotation, "1s"}});
  clock_.run_for(10s);
  ASSERT_EQ(phase(), "Succeeded");
  ASSERT_TRUE(store_.remove(resources::kPods, {"default", "p"}, {}, 30s));
  clock_.run_for(1ms);
  EXPECT_TRUE(pods().empty());
}

TEST_F(KubeletLifeTest, AStartThatTakesNoTimeIsToldInOneWrite) {
  ClusterOptions options = simple_options();
  options.pod_start.container_delay = Delay::none();
  start(options);
  create_pod(Json::object());
  clock_.run_for(1s);
  EXPECT_EQ(states_, (States{{0, ""}, {0, "Running running "}}));
  EXPECT_TRUE(is_ready(pod()));
}

TEST_F(KubeletLifeTest, NonsenseInAnnotationsIsLeftAside) {
  Pod pod;
  pod.object = std::make_shared<const Json>(
      Json{{"metadata", {{"annotations", {{kRunsForAnnotation, "-5s"}, {kInitRunsForAnnotation, 7}}}}}});
  const RunPlan plan = run_plan_of(pod);
  EXPECT_EQ(plan.runs_for, std::nullopt);
  EXPECT_EQ(plan.exit_code, 0);
  EXPECT_EQ(plan.init_runs_for, base::Duration(1s));
}

}  // namespace
}  // namespace fakeapi
