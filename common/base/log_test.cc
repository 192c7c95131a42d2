#include "common/base/log.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>

#include "common/base/virtual_time.h"

namespace base {
namespace {

using namespace std::chrono_literals;

constexpr Time kStart = std::chrono::sys_days(std::chrono::year(2026) / 9 / 26) + 9h + 30min + 15s;

template <class Write>
std::string captured(Write write) {
  testing::internal::CaptureStderr();
  write();
  return testing::internal::GetCapturedStderr();
}

TEST(LogTest, WritesOneLineStampedByTheClock) {
  VirtualTime time(kStart);
  const Log log(time, {});

  const std::string text = captured([&] {
    log.info("scaled", {{"target", "default/api"}, {"from", 3}, {"ratio", 1.5}, {"dry_run", false}});
    time.run_for(250ms);
    log.warning("late");
  });

  EXPECT_EQ(text,
            "2026-09-26T09:30:15Z info scaled target=default/api from=3 ratio=1.5 dry_run=false\n"
            "2026-09-26T09:30:15.25Z warning late\n");
}

TEST(LogTest, QuotesWhatWouldBreakALine) {
  VirtualTime time(kStart);
  const Log log(time, {});

  const std::string text = captured([&] {
    log.error("failed", {{"a", "two words"}, {"b", "line\nbreak"}, {"c", ""}, {"d", "say \"x\""}, {"e", "k=v"}});
    log.error("failed", {{"plain", "Zürich"}, {"broken", "\xff end"}});
  });

  EXPECT_EQ(
      text,
      "2026-09-26T09:30:15Z error failed a=\"two words\" b=\"line\\nbreak\" c=\"\" d=\"say \\\"x\\\"\" e=\"k=v\"\n"
      "2026-09-26T09:30:15Z error failed plain=Zürich broken=\"\xEF\xBF\xBD end\"\n");
}

TEST(LogTest, WritesNothingBelowItsLevel) {
  VirtualTime time(kStart);

  EXPECT_EQ(captured([&] {
              const Log log(time, {.level = LogLevel::kWarning});
              log.debug("a");
              log.info("b");
              log.warning("c");
              log.error("d");
            }),
            "2026-09-26T09:30:15Z warning c\n2026-09-26T09:30:15Z error d\n");
}

TEST(LogTest, WritesNothingWhenSilent) {
  VirtualTime time(kStart);

  EXPECT_EQ(captured([&] { Log::silent(time).error("lost"); }), "");
}

TEST(LogTest, AsJsonIsOneObjectALine) {
  VirtualTime time(kStart);
  const Log log(time, {.format = LogFormat::kJson});

  const std::string text = captured([&] {
    log.info("scaled", {{"target", "a \"b\"\n"}, {"n", 3}, {"big", std::uint64_t{1} << 63}, {"on", true}, {"x", 0.1}});
  });

  ASSERT_EQ(text.find('\n'), text.size() - 1);
  const auto parsed = nlohmann::json::parse(text);
  EXPECT_EQ(parsed.at("t"), "2026-09-26T09:30:15Z");
  EXPECT_EQ(parsed.at("level"), "info");
  EXPECT_EQ(parsed.at("event"), "scaled");
  EXPECT_EQ(parsed.at("target"), "a \"b\"\n");
  EXPECT_EQ(parsed.at("n"), 3);
  EXPECT_EQ(parsed.at("big"), std::uint64_t{1} << 63);
  EXPECT_EQ(parsed.at("on"), true);
  EXPECT_EQ(parsed.at("x"), 0.1);
}

TEST(LogTest, AsJsonSurvivesNumbersThatJsonDoesNotKnow) {
  VirtualTime time(kStart);
  const Log log(time, {.format = LogFormat::kJson});

  const std::string text = captured([&] {
    log.info("odd", {{"nan", std::nan("")}, {"inf", std::numeric_limits<double>::infinity()}});
  });

  ASSERT_TRUE(nlohmann::json::accept(text));
  EXPECT_EQ(nlohmann::json::parse(text).at("inf"), "inf");
}

}  // namespace
}  // namespace base
