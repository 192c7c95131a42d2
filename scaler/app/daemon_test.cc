#include "scaler/app/daemon.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace scaler {
namespace {

TEST(DaemonTest, APersonIsNotFollowed) {
  const auto path = std::filesystem::temp_directory_path() / "gamenight-daemon-test-human.yaml";
  std::ofstream(path) << "apiVersion: gamenight/v1\nkind: HumanOperator\nmetadata: {name: human}\nspec:\n"
                         "  scaleTargetRef: {kind: HorizontalPodAutoscaler, name: api}\n"
                         "  shifts: [{name: a, cron: \"0 0 * * *\", duration: 1h, minReplicas: 4}]\n";
  DaemonFlags flags;
  flags.policies.push_back(path.string());

  ::testing::internal::CaptureStderr();
  const int code = run_daemon(flags);
  const std::string said = ::testing::internal::GetCapturedStderr();
  std::filesystem::remove(path);

  EXPECT_EQ(code, kExitInvalid);
  EXPECT_NE(said.find("human.yaml:5:"), std::string::npos) << said;
  EXPECT_NE(said.find("a baseline for simulations"), std::string::npos) << said;
  EXPECT_EQ(said.find('\n'), said.size() - 1) << said;
}

}  // namespace
}  // namespace scaler
