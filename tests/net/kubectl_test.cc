// The real kubectl against the real program, over a socket.
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>

#include "common/base/temporary_folder.h"
#include "tests/net/child_process.h"

namespace net_test {
namespace {

using namespace std::chrono_literals;

constexpr auto kPatience = 60s;

std::string program() {
  const char* folder = ::getenv("GAMENIGHT_BIN");
  return std::string(folder ? folder : "build/bin") + "/fake-apiserver";
}

bool on_path(const std::string& name) {
  const char* path = ::getenv("PATH");
  std::istringstream folders(path ? path : "");
  for (std::string folder; std::getline(folders, folder, ':');) {
    if (::access((folder + "/" + name).c_str(), X_OK) == 0) return true;
  }
  return false;
}

struct Output {
  int exit_code = 0;
  std::string text;
};

constexpr const char* kDeployment = R"(
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels: {app: web}
spec:
  replicas: 2
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
      - name: main
        image: app:1
        env: [{name: MODE, value: night}]
        resources:
          requests: {cpu: 500m, memory: 256Mi}
)";

class KubectlTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!on_path("kubectl")) GTEST_SKIP() << "there is no kubectl on PATH";
    server_ = std::make_unique<ChildProcess>(
        std::vector<std::string>{program(), "--port", "0", "--print-port", "--log-level", "off", "--container-delay",
                                 "100ms", "--nodes", "3", "--node-cpu", "4"},
        ChildProcess::Options());
    const auto port = server_->read_line(kPatience);
    ASSERT_TRUE(port) << "the server did not start";
    url_ = "http://127.0.0.1:" + *port;
  }

  void TearDown() override {
    if (server_) {
      server_->signal(SIGTERM);
      EXPECT_EQ(server_->wait(), 0);
    }
  }

  std::unique_ptr<ChildProcess> start(std::vector<std::string> arguments, const std::string& input = "") {
    std::vector<std::string> command{"kubectl", "--server", url_, "--cache-dir", home_ + "/cache"};
    command.insert(command.end(), arguments.begin(), arguments.end());
    ChildProcess::Options options;
    options.environment = {{"HOME", home_}, {"KUBECONFIG", home_ + "/none"}, {"EDITOR", "true"}};
    options.input = input;
    return std::make_unique<ChildProcess>(std::move(command), std::move(options));
  }

  Output kubectl(std::vector<std::string> arguments, const std::string& input = "") {
    const auto process = start(std::move(arguments), input);
    Output output;
    output.text = process->read_all(kPatience);
    output.exit_code = process->wait();
    return output;
  }

  std::string ok(std::vector<std::string> arguments, const std::string& input = "") {
    const std::string what = testing::PrintToString(arguments);
    const Output output = kubectl(std::move(arguments), input);
    EXPECT_EQ(output.exit_code, 0) << what << "\n" << output.text;
    return output.text;
  }

  void deploy() {
    EXPECT_EQ(ok({"create", "-f", "-"}, kDeployment), "deployment.apps/web created\n");
    ok({"rollout", "status", "deployment/web", "--timeout=60s"});
  }

  const base::TemporaryFolder own_{"kubectl-test"};
  const std::string home_ = own_.path().string();
  std::string url_;
  std::unique_ptr<ChildProcess> server_;
};

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

std::vector<std::string> words_of(const std::string& line) {
  std::vector<std::string> words;
  std::istringstream in(line);
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

TEST_F(KubectlTest, GetsTablesOfAllKinds) {
  deploy();
  const auto lines = lines_of(ok({"get", "deployments,pods,nodes", "-A"}));

  std::vector<std::vector<std::string>> deployments;
  int pods = 0;
  int nodes = 0;
  for (const std::string& line : lines) {
    const auto words = words_of(line);
    if (words.size() < 2) continue;
    if (words[1] == "deployment.apps/web") deployments.push_back(words);
    if (words[1].starts_with("pod/web-")) {
      ++pods;
      EXPECT_EQ(words[2], "1/1") << line;
      EXPECT_EQ(words[3], "Running") << line;
    }
    if (words[1].starts_with("node/") || words[0].starts_with("node/")) ++nodes;
  }
  ASSERT_EQ(deployments.size(), 1u) << testing::PrintToString(lines);
  EXPECT_EQ(deployments[0][0], "default");
  EXPECT_EQ(deployments[0][2], "2/2");
  EXPECT_EQ(pods, 2);
  EXPECT_EQ(nodes, 3);

  const auto headings = words_of(lines_of(ok({"get", "pods", "-o", "wide"})).at(0));
  EXPECT_EQ(headings, (std::vector<std::string>{"NAME", "READY", "STATUS", "RESTARTS", "AGE", "IP", "NODE", "NOMINATED",
                                                "NODE", "READINESS", "GATES"}));
}

TEST_F(KubectlTest, WatchesPodsComeWithAScale) {
  deploy();
  auto watch = start({"get", "pods", "-w"});
  ASSERT_TRUE(watch->read_line(kPatience));
  EXPECT_EQ(ok({"scale", "deployment/web", "--replicas=5"}), "deployment.apps/web scaled\n");

  std::map<std::string, std::string> status;
  const auto running = [&] {
    return std::count_if(status.begin(), status.end(), [](const auto& pod) { return pod.second == "1/1 Running"; });
  };
  while (running() < 5) {
    const auto line = watch->read_line(kPatience);
    ASSERT_TRUE(line) << "pods seen so far: " << testing::PrintToString(status);
    const auto words = words_of(*line);
    ASSERT_GE(words.size(), 5u) << *line;
    status[words[0]] = words[1] + " " + words[2];
  }
  EXPECT_EQ(status.size(), 5u);
  ok({"rollout", "status", "deployment/web", "--timeout=60s"});
  EXPECT_EQ(words_of(lines_of(ok({"get", "deployment", "web"})).at(1))[1], "5/5");
}

TEST_F(KubectlTest, AppliesEditsAndDeletes) {
  EXPECT_EQ(ok({"apply", "-f", "-"}, kDeployment), "deployment.apps/web created\n");
  EXPECT_EQ(ok({"apply", "-f", "-"}, kDeployment), "deployment.apps/web unchanged\n");
  std::string changed = kDeployment;
  changed.replace(changed.find("app:1"), 5, "app:2");
  changed.replace(changed.find("[{name: MODE, value: night}]"), 28, "[]");
  EXPECT_EQ(ok({"apply", "-f", "-"}, changed), "deployment.apps/web configured\n");
  ok({"rollout", "status", "deployment/web", "--timeout=60s"});

  const auto live = nlohmann::json::parse(ok({"get", "deployment", "web", "-o", "json"}));
  const auto& container = live.at("spec").at("template").at("spec").at("containers").at(0);
  EXPECT_EQ(container.at("image"), "app:2");
  EXPECT_TRUE(!container.contains("env") || container.at("env").empty()) << container;
  EXPECT_NE(ok({"get", "deployment", "web", "-o", "yaml"}).find("kind: Deployment"), std::string::npos);
  EXPECT_NE(ok({"describe", "deployment", "web"}).find("RollingUpdateStrategy:"), std::string::npos);

  ok({"label", "deployment", "web", "tier=front"});
  EXPECT_NE(ok({"get", "deployments", "-l", "tier=front", "-o", "name"}).find("deployment.apps/web"),
            std::string::npos);
  ok({"set", "image", "deployment/web", "main=app:3"});
  EXPECT_EQ(ok({"delete", "deployment", "web"}), "deployment.apps \"web\" deleted\n");
  const Output gone = kubectl({"get", "deployment", "web"});
  EXPECT_NE(gone.exit_code, 0);
  EXPECT_NE(gone.text.find("deployments.apps \"web\" not found"), std::string::npos) << gone.text;
}

TEST_F(KubectlTest, KnowsTheProjectsOwnResources) {
  const std::string policy = "apiVersion: gamenight/v1\nkind: ScalingPolicy\nmetadata: {name: night}\nspec: {x: 1}\n";
  EXPECT_EQ(ok({"apply", "-f", "-"}, policy), "scalingpolicy.gamenight/night created\n");
  EXPECT_EQ(ok({"apply", "-f", "-"}, policy), "scalingpolicy.gamenight/night unchanged\n");
  EXPECT_NE(ok({"api-resources"}).find("hpatuners"), std::string::npos);
  EXPECT_EQ(words_of(lines_of(ok({"get", "scalingpolicies"})).at(1))[0], "night");
}

TEST(FakeApiServerProgramTest, ABusyPortIsOneLineAndExit2) {
  ChildProcess first({program(), "--port", "0", "--print-port", "--log-level", "off"}, {});
  const auto port = first.read_line(kPatience);
  ASSERT_TRUE(port);
  ChildProcess second({program(), "--port", *port}, {});
  const std::string output = second.read_all(kPatience);
  EXPECT_EQ(second.wait(), 2);
  EXPECT_EQ(lines_of(output).size(), 1u) << output;
  EXPECT_NE(output.find(*port), std::string::npos) << output;
  first.signal(SIGINT);
  EXPECT_EQ(first.wait(), 0);
}

TEST(FakeApiServerProgramTest, AWrongFlagIsOneLineAndExit2) {
  ChildProcess process({program(), "--prot", "1"}, {});
  const std::string output = process.read_all(kPatience);
  EXPECT_EQ(process.wait(), 2);
  EXPECT_EQ(lines_of(output).size(), 1u) << output;
}

}  // namespace
}  // namespace net_test
