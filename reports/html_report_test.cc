#include "reports/html_report.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "common/base/random.h"
#include "reports/testing/sample_run.h"
#include "reports/web_bundle.h"

namespace report {
namespace {

using nlohmann::json;
using testing::ndjson;
using testing::sample_decision;
using testing::sample_policy;
using testing::sample_run;

json spike() {
  std::vector<double> demand(120, 100);
  for (std::size_t i = 30; i < 120; ++i) demand[i] = 500;
  std::vector<double> late(120, 200);
  for (std::size_t i = 70; i < 120; ++i) late[i] = 600;
  json slow = sample_policy("hpa", demand, late);
  for (std::size_t i = 32; i < 72; ++i) slow["series"]["p95Ms"][i] = 3'600'000;
  slow["summary"]["degradationSeconds"] = 40;
  slow["summary"]["failed"] = 100;
  slow["summary"]["worstP99Ms"] = 3'600'000;
  json good = sample_policy("scheduled", demand, std::vector<double>(120, 600));
  good["summary"]["cost"] = 4;
  return sample_run({slow, good});
}

std::string page_of(const json& run, const std::string& decisions = "", const std::string& command = "") {
  const auto page = render_html(run.dump(), decisions, command);
  EXPECT_TRUE(page) << page.error().message;
  return page ? *page : std::string();
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

void expect_contains(const std::string& page, const std::string& part) {
  EXPECT_NE(page.find(part), std::string::npos) << part;
}

TEST(HtmlReportTest, AnswersFirstInWords) {
  const std::string page = page_of(spike());

  expect_contains(
      page, "<strong>scheduled</strong> kept p95 within 2 s throughout; <strong>hpa</strong> missed it for 40 s.");
  expect_contains(page, "<strong>hpa</strong> was over 2 s (p95) for 40 s from 19:20:32 to 19:21:12.");
  expect_contains(page, "Demand passed its capacity at 19:20:30");
  expect_contains(page, "had capacity above demand again after 40 s.");
  expect_contains(page, "100 requests failed (10.0 %).");
  expect_contains(page, "<span class=\"verdict missed\">✗ missed</span>");
  expect_contains(page, "<span class=\"verdict held\">✓ held</span>");
}

TEST(HtmlReportTest, TheLowestNumberSaysSoUnlessAllAreEqual) {
  const std::string page = page_of(spike());

  expect_contains(page, "<td class=\"num best\">2.50 <span class=\"tag\">lowest</span></td>");
  expect_contains(page, "<td class=\"num best\">never short <span class=\"tag\">best</span></td>");
  expect_contains(page, "<td class=\"num\">3</td>");  // scale events, the same for both
}

TEST(HtmlReportTest, EqualInputGivesEqualBytes) {
  const std::string decisions = ndjson({sample_decision("hpa", 15, 2, 4), sample_decision("scheduled", 15, 6, 6)});

  EXPECT_EQ(page_of(spike(), decisions, "gamenight run"), page_of(spike(), decisions, "gamenight run"));
}

TEST(HtmlReportTest, WallFieldsChangeNoByte) {
  json other = spike();
  other["wallSeconds"] = 98765.4321;
  other["wallHost"] = "build-17";
  other["policies"][0]["wallNanos"] = 1;
  other["policies"][0]["summary"]["wallShare"] = 0.5;
  json decision = sample_decision("hpa", 15, 2, 4);
  const std::string plain = ndjson({decision});
  decision["wallNanos"] = 17;
  decision["applied"]["wallLatencyMs"] = 0.25;

  const std::string page = page_of(other, ndjson({decision}));

  EXPECT_EQ(page, page_of(spike(), plain));
  EXPECT_EQ(page.find("98765"), std::string::npos);
}

TEST(HtmlReportTest, NamesAndTextsCannotEndTheScript) {
  json run = spike();
  const std::string evil = "</script><script>alert(1)</script>";
  run["scenario"] = evil;
  run["scenarioText"] = evil;
  run["policies"][0]["name"] = evil;
  run["policies"][0]["text"] = evil;
  run["slo"]["percentile"] = evil;
  run["events"] = json::array({{{"name", evil}, {"at", 5}}});
  json decision = sample_decision(evil, 15, 2, 4);
  decision["steps"].push_back({{"rule", evil}, {"why", evil}});

  const std::string page = page_of(run, ndjson({decision}), evil);

  EXPECT_EQ(page.find("<script>alert"), std::string::npos);
  EXPECT_EQ(count(page, "</script>"), 2U);  // the data's and the code's own
  EXPECT_EQ(count(page, "<script"), 2U);
}

TEST(HtmlReportTest, FetchesNothing) {
  const std::string page = page_of(spike());

  expect_contains(
      page, "content=\"default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:\"");
  EXPECT_EQ(count(page, "<link"), 1U);
  expect_contains(page, "<link rel=\"icon\" href=\"data:,\">");
  EXPECT_EQ(page.find(" src="), std::string::npos);
  EXPECT_EQ(report_css().find("@import"), std::string_view::npos);
  EXPECT_EQ(report_css().find("url("), std::string_view::npos);
}

TEST(HtmlReportTest, CarriesItsBundleAndTheLicenceOfWhatIsInIt) {
  EXPECT_GT(report_js().size(), 50'000U);
  EXPECT_GT(report_css().size(), 5'000U);
  EXPECT_EQ(report_js().find("</script"), std::string_view::npos);
  EXPECT_EQ(report_css().find("</style"), std::string_view::npos);
  EXPECT_NE(report_js().find("Copyright (c) 2022 Leon Sorokin"), std::string_view::npos);
  EXPECT_NE(report_js().find("THE SOFTWARE IS PROVIDED \"AS IS\""), std::string_view::npos);
}

TEST(HtmlReportTest, TextThatIsNoUtf8DoesNotStopIt) {
  std::string text = spike().dump();
  text.replace(text.find("\"spike\""), 7, "\"sp\xff\"");

  // nlohmann refuses the byte as JSON: an error in words, not an exception.
  const auto page = render_html(text, "");

  ASSERT_FALSE(page);
  EXPECT_EQ(page.error().message, "run.json: not JSON");
}

TEST(HtmlReportTest, SaysWhichFileIsWrong) {
  EXPECT_EQ(render_html("{}", "").error().message, "run.json: schemaVersion must be 1");
  EXPECT_EQ(render_html(spike().dump(), "{}\n").error().message,
            "decisions.ndjson:1: t must be a date and time as in RFC 3339");
}

TEST(HtmlReportTest, TellsHowToRunItAgain) {
  json run = spike();
  run["scenarioText"] = "kind: Scenario\n";
  run["policies"][1]["text"] = "kind: ScalingPolicy\n";

  const std::string page = page_of(run, "", "gamenight run a.yaml --seed 7");

  expect_contains(page, "gamenight run a.yaml --seed 7</code>");
  expect_contains(page, "<summary>Scenario file</summary><pre tabindex=\"0\">kind: Scenario\n</pre>");
  expect_contains(page, "<summary>Policy scheduled</summary>");
}

TEST(HtmlReportTest, ManagesWithTheContractAlone) {
  json run = spike();
  run.erase("slo");
  run.erase("startTime");
  for (json& policy : run["policies"]) policy["summary"] = json::object();

  const std::string page = page_of(run);

  expect_contains(page, "Every policy kept its latency objective throughout.");
  expect_contains(page, "+0:00:30");
}

TEST(HtmlReportTest, ARunWithoutSamplesIsAPageToo) {
  expect_contains(page_of(sample_run({sample_policy("none", {}, {})})), "<strong>none</strong> kept p95 within 2 s");
}

std::vector<double> noise(std::size_t count, base::Random& random) {
  std::vector<double> values;
  for (std::size_t i = 0; i < count; ++i) values.push_back(20 + 400 * random.uniform());
  return values;
}

// Ten hours by the second, four policies, noise in every number and a decision with reasons every 15 s.
TEST(HtmlReportTest, ALongNightStaysUnderTwoMegabytes) {
  constexpr std::size_t kSeconds = 36'000;
  base::Random random(1);
  std::vector<double> demand;
  for (std::size_t i = 0; i < kSeconds; ++i) demand.push_back(std::floor(20'000 + 10'000 * random.uniform()));
  std::vector<json> policies;
  std::vector<json> decisions;
  for (int p = 0; p < 4; ++p) {
    const std::string name = fmt::format("policy-{}", p);
    policies.push_back(sample_policy(name, demand, std::vector<double>(kSeconds, 30'000)));
    json& series = policies.back()["series"];
    for (const char* key : {"p50Ms", "p95Ms", "p99Ms", "failed", "ready"}) series[key] = noise(kSeconds, random);
    for (std::size_t i = 0; i < kSeconds; i += 15) {
      const int current = 100 + static_cast<int>(200 * random.uniform());
      json decision = sample_decision(name, 0, current, current + 1);
      decision["t"] = fmt::format("2026-09-26T{:02}:{:02}:{:02}Z", 10 + i / 3600, i / 60 % 60, i % 60);
      decision["inputs"][0]["value"] = 100 * random.uniform();
      decision["steps"].push_back({{"rule", "behavior.scaleUp.pods"},
                                   {"before", current + 7},
                                   {"after", current + 1},
                                   {"why", "at most 100 % or 4 pods in 15 s: 1 may be added"}});
      decisions.push_back(std::move(decision));
    }
  }
  json run = sample_run(policies);
  run["durationSeconds"] = kSeconds;

  const std::string page = page_of(run, ndjson(decisions));

  EXPECT_LT(page.size(), 2'000'000U);
  RecordProperty("bytes", static_cast<int>(page.size()));
}

}  // namespace
}  // namespace report
