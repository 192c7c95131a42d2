#include "fake-apiserver/daemon/fault_rules.h"

#include <gtest/gtest.h>

namespace fakeapi {
namespace {

using namespace std::chrono_literals;

const base::Time kStart = std::chrono::sys_days(std::chrono::year(2026) / 1 / 1);

base::Result<std::vector<FaultRule>> read(const std::string& yaml) {
  const auto documents = config::parse_yaml(yaml, "faults.yaml");
  if (!documents) return documents.error();
  return read_fault_rules(documents->at(0), kStart);
}

std::string complaint(const std::string& yaml) {
  const auto rules = read(yaml);
  return rules ? "none" : rules.error().message;
}

http::Request request(const std::string& method, const std::string& target, const std::string& client = "") {
  http::Request made;
  made.method = method;
  made.target = target;
  if (!client.empty()) made.headers.set("User-Agent", client);
  return made;
}

TEST(RequestInfoTest, NamesVerbAndResource) {
  struct Case {
    const char* method;
    const char* target;
    const char* expected;
  };
  for (const Case& c :
       {Case{"GET", "/api/v1/pods?limit=5", "list pods  "}, Case{"GET", "/api/v1/namespaces/x/pods/a", "get pods x a"},
        Case{"GET", "/api/v1/namespaces/x/pods?watch=True", "watch pods x "},
        Case{"GET", "/api/v1/namespaces/x", "get namespaces  x"},
        Case{"PUT", "/api/v1/namespaces/x/status", "update namespaces/status  x"},
        Case{"PATCH", "/apis/apps/v1/namespaces/x/deployments/d/scale", "patch deployments.apps/scale x d"},
        Case{"DELETE", "/apis/apps/v1/namespaces/x/deployments", "deletecollection deployments.apps x "},
        Case{"GET", "/apis/apps/v1", "get   "}, Case{"GET", "/version", "get   "},
        Case{"GET", "not a path", "get   "}}) {
    const RequestInfo info = request_info(request(c.method, c.target));
    const std::string sub = info.subresource.empty() ? "" : "/" + info.subresource;
    EXPECT_EQ(info.verb + " " + info.display() + sub + " " + info.ns + " " + info.name, c.expected) << c.target;
  }
}

TEST(RequestInfoTest, AStarStandsForAnyText) {
  EXPECT_TRUE(matches_glob("kubectl*", "kubectl/v1.33.1"));
  EXPECT_TRUE(matches_glob("*", ""));
  EXPECT_TRUE(matches_glob("a*c*e", "abcde"));
  EXPECT_FALSE(matches_glob("a*c*e", "abcd"));
  EXPECT_FALSE(matches_glob("pods", "podsx"));
  EXPECT_FALSE(matches_glob("", "x"));
}

TEST(FaultRulesTest, ReadsARuleOfEachKind) {
  const auto rules = read(R"(
faults:
- {name: slow, fault: latency, distribution: lognormal, median: 20ms, sigma: 0.5, verbs: [list], probability: 0.25}
- {fault: error, code: 429, resources: [pods, deployments.apps], count: 3, skip: 1}
- {fault: error, code: 503, retryAfter: 2s, from: 30s, until: "2026-01-01T00:01:00Z"}
- {fault: reset, client: "kubectl*"}
- {fault: halfClose, user: alice}
- {fault: lostResponse, verbs: [create], namespace: shop, object: "web-*"}
- {fault: watchDrop, afterEvents: 2, midLine: true}
- {fault: watchStall, after: 5s, for: 10s}
- {fault: watchExpired}
- {fault: slowWatch, bytesPerSecond: 100}
- {fault: duplicateEvents}
- {fault: loseEvents, probability: 0.5}
- {fault: reorderEvents}
- {fault: staleRead, behind: 3}
- {fault: metricsMissing}
- {fault: metricsStale}
- {fault: metricsNaN}
- {fault: discoveryUnavailable, group: metrics.k8s.io}
- {fault: certificateExpired, from: 1m}
- {fault: restart, at: 90s, downFor: 2s}
- {fault: shrinkHistory, keep: 5}
)");
  ASSERT_TRUE(rules) << rules.error().message;
  ASSERT_EQ(rules->size(), 21u);
  EXPECT_EQ((*rules)[0].name, "slow");
  EXPECT_EQ((*rules)[0].latency.shape, LatencyDistribution::Shape::kLognormal);
  EXPECT_EQ((*rules)[1].name, "rule-2");
  EXPECT_EQ((*rules)[1].retry_after, base::Duration(1s)) << "429 always tells when to come again";
  EXPECT_EQ((*rules)[2].from, kStart + 30s);
  EXPECT_EQ((*rules)[2].until, kStart + 60s);
  EXPECT_EQ(fault_name((*rules)[2]), "503");
  EXPECT_EQ((*rules)[19].from, kStart + 90s);
  EXPECT_TRUE(is_illegal((*rules)[11].kind));
  EXPECT_FALSE(is_illegal((*rules)[6].kind));
}

TEST(FaultRulesTest, ComplaintsSayWhereAndWhatIsAllowed) {
  EXPECT_EQ(complaint("faults:\n- fault: eror\n  code: 500\n").substr(0, 17), "faults.yaml:2:10:");
  EXPECT_NE(complaint("faults:\n- fault: eror\n").find("did you mean \"error\""), std::string::npos);
  EXPECT_EQ(complaint("faults:\n- fault: error\n  code: 418\n"),
            "faults.yaml:3:9: code must be one of 401, 403, 409, 410, 429, 500, 503, 504");
  EXPECT_NE(complaint("faults:\n- fault: reset\n  verbs: [lst]\n").find("did you mean list"), std::string::npos);
  EXPECT_NE(complaint("faults:\n- fault: reset\n  probabilty: 1\n").find("did you mean \"probability\""),
            std::string::npos);
  EXPECT_NE(complaint("faults:\n- fault: reset\n  probability: 1.5\n"), "none");
  EXPECT_NE(complaint("faults:\n- {fault: reset, from: 2m, until: 1m}\n"), "none");
  EXPECT_NE(complaint("faults:\n- {fault: reset, at: later}\n"), "none");
  EXPECT_NE(complaint("faults:\n- {name: a, fault: reset}\n- {name: a, fault: reset}\n"), "none");
  EXPECT_NE(complaint("faults: 5\n"), "none");
  EXPECT_NE(complaint("- 1\n"), "none");
  EXPECT_NE(complaint("faults:\n- {fault: restart, verbs: [get]}\n"), "none") << "a restart befalls everybody";
}

TEST(FaultRulesTest, AMisspeltKeyIsNamedBeforeWhatItLeavesMissing) {
  EXPECT_EQ(complaint("faults:\n- {fault: error, coed: 429}\n"),
            "faults.yaml:2:18: unknown key \"coed\"; did you mean \"code\"?");
  EXPECT_EQ(complaint("faults:\n- {fualt: reset}\n"),
            "faults.yaml:2:4: unknown key \"fualt\"; did you mean \"fault\"?");
  EXPECT_EQ(complaint("fualts:\n- {fault: reset}\n"),
            "faults.yaml:1:1: unknown key \"fualts\"; did you mean \"faults\"?");
  EXPECT_EQ(complaint("falt: reset\n"), "faults.yaml:1:1: unknown key \"falt\"; did you mean \"fault\"?");
  EXPECT_EQ(complaint("fault: latency\ndistribution: lognormal\nmedain: 1ms\nsigma: 1\n"),
            "faults.yaml:3:1: unknown key \"medain\"; did you mean \"median\"?");
  EXPECT_EQ(complaint("fault: slowWatch\nbytesPerSec: 1\n"),
            "faults.yaml:2:1: unknown key \"bytesPerSec\"; did you mean \"bytesPerSecond\"?");
  EXPECT_EQ(complaint("fault: error\n"), "faults.yaml:1:1: \"code\" is missing");
  EXPECT_EQ(complaint("fault: reset\ncode: 429\n").substr(0, 35), "faults.yaml:2:1: unknown key \"code\"")
      << "known, but of another kind";
}

TEST(FaultRulesTest, EveryKindTakesJustTheKeysThatItReads) {
  for (const char* rule :
       {"fault: latency\nvalue: 1ms", "fault: error\ncode: 500\nretryAfter: 1s\nmessage: no",
        "fault: watchDrop\nafterEvents: 1\nafter: 1s\nmidLine: true",
        "fault: watchStall\nafterEvents: 1\nafter: 1s\nfor: 1s", "fault: watchExpired\nafterEvents: 1\nafter: 1s",
        "fault: slowWatch\nbytesPerSecond: 1", "fault: staleRead\nbehind: 1",
        "fault: discoveryUnavailable\ngroup: apps", "fault: latency\ndistribution: uniform\nmin: 1ms\nmax: 1ms",
        "fault: latency\ndistribution: normal\nmean: 1ms\nstddev: 1ms",
        "fault: latency\ndistribution: exponential\nmean: 1ms"}) {
    const std::string choice =
        "\nname: x\nverbs: [get]\nresources: [pods]\nsubresource: status\nnamespace: a\nobject: b\nclient: c\nuser: d\n"
        "probability: 0.5\nskip: 1\ncount: 1\nfrom: 1s\nuntil: 2s\n";
    EXPECT_EQ(complaint(rule + choice), "none") << rule;
    EXPECT_NE(complaint(rule + choice + "behnd: 1\n"), "none") << rule;
  }
  EXPECT_EQ(complaint("name: x\nfault: restart\nat: 1s\ndownFor: 1s\n"), "none");
  EXPECT_EQ(complaint("name: x\nfault: shrinkHistory\nat: 1s\nkeep: 1\n"), "none");
}

TEST(FaultRulesTest, ARuleFitsByEverythingThatItNames) {
  FaultRule rule;
  rule.verbs = {"list", "watch"};
  rule.resources = {"pods", "*.apps"};
  rule.ns = "shop";
  rule.client = "kubectl*";
  rule.user = "alice";
  const auto fits = [&](const std::string& target, const std::string& client, const std::string& user) {
    return rule.fits(request_info(request("GET", target, client)), user);
  };
  EXPECT_TRUE(fits("/api/v1/namespaces/shop/pods", "kubectl/v1", "alice"));
  EXPECT_TRUE(fits("/apis/apps/v1/namespaces/shop/deployments?watch=1", "kubectl/v1", "alice"));
  EXPECT_FALSE(fits("/api/v1/namespaces/shop/pods/a", "kubectl/v1", "alice")) << "get";
  EXPECT_FALSE(fits("/api/v1/namespaces/shop/services", "kubectl/v1", "alice"));
  EXPECT_FALSE(fits("/api/v1/namespaces/other/pods", "kubectl/v1", "alice"));
  EXPECT_FALSE(fits("/api/v1/namespaces/shop/pods", "helm", "alice"));
  EXPECT_FALSE(fits("/api/v1/namespaces/shop/pods", "kubectl/v1", "bob"));
}

TEST(FaultRulesTest, LatencyIsDrawnFromItsDistribution) {
  base::Random random(1);
  const auto draw = [&](const std::string& fields) {
    const auto rules = read("fault: latency\n" + fields);
    EXPECT_TRUE(rules) << rules.error().message;
    double sum = 0;
    for (int i = 0; i < 4000; ++i) sum += base::seconds(rules->at(0).latency.draw(random));
    return sum / 4000 * 1000;  // milliseconds
  };
  EXPECT_NEAR(draw("value: 5ms\n"), 5, 1e-9);
  EXPECT_NEAR(draw("distribution: uniform\nmin: 10ms\nmax: 20ms\n"), 15, 0.5);
  EXPECT_NEAR(draw("distribution: normal\nmean: 50ms\nstddev: 5ms\n"), 50, 0.5);
  EXPECT_NEAR(draw("distribution: exponential\nmean: 30ms\n"), 30, 2);
  // The mean of a log-normal is median * exp(sigma^2 / 2).
  EXPECT_NEAR(draw("distribution: lognormal\nmedian: 20ms\nsigma: 0.5\n"), 20 * 1.1331, 1);
}

}  // namespace
}  // namespace fakeapi
