#include "scaler/policy/vectors/hpa_vectors.h"

#include <gtest/gtest.h>

#include <iostream>
#include <map>
#include <set>

#include "common/base/file.h"

namespace scaler {
namespace {

struct Count {
  int passed = 0;
  int failed = 0;
  int left_out = 0;
  std::set<std::string> reasons;
};

struct Expected {
  const char* group;
  int passed;
  int left_out;
};

constexpr Expected kExpected[] = {
    {"calc.resource_utilization", 32, 0},
    {"calc.pods_average", 5, 0},
    {"calc.object_value", 4, 0},
    {"calc.object_average", 4, 0},
    {"calc.external_value", 5, 0},
    {"calc.external_average", 7, 0},
    {"calc.group_pods", 9, 0},
    {"calc.pod_requests", 6, 0},
    {"calc.per_pod_usage", 2, 0},
    {"calc.utilization_ratio", 2, 0},
    {"calc.usage_ratio", 1, 0},
    {"norm.legacy_limits", 3, 0},
    {"norm.rate_limit", 2, 0},
    {"norm.behavior_rate", 34, 0},
    {"norm.stabilize_legacy", 4, 0},
    {"norm.stabilize_behavior", 10, 0},
    {"norm.store_event", 10, 0},
    {"defaulting", 5, 0},
    {"reconcile", 40, 27},
    {"validation", 64, 0},
    {"status.quantity", 0, 4},
    {"queue.enqueue", 0, 4},
    {"validation.scale", 2, 0},
    {"kpa.scale", 0, 16},
};

std::map<std::string, Count> run_file() {
  const auto text = base::read_file("scaler/policy/testdata/hpa-vectors.json");
  EXPECT_TRUE(text) << text.error().message;
  const auto results = run_hpa_vectors(*text);
  EXPECT_TRUE(results) << results.error().message;
  std::map<std::string, Count> groups;
  for (const VectorResult& result : *results) {
    Count& count = groups[result.group];
    switch (result.status) {
      case VectorResult::Status::kPassed: ++count.passed; break;
      case VectorResult::Status::kFailed:
        ++count.failed;
        ADD_FAILURE() << result.id << ": " << result.detail;
        break;
      case VectorResult::Status::kOutOfSlice:
        ++count.left_out;
        count.reasons.insert(result.detail);
        break;
    }
  }
  return groups;
}

TEST(HpaVectorsTest, OurHpaAnswersAsKubernetesOwnTestsExpect) {
  std::map<std::string, Count> groups = run_file();

  for (const auto& [group, count] : groups) {
    std::cout << group << ": " << count.passed << " passed, " << count.failed << " failed, " << count.left_out
              << " left out\n";
    for (const std::string& reason : count.reasons) std::cout << "    left out: " << reason << "\n";
  }
  for (const Expected& expected : kExpected) {
    EXPECT_EQ(groups[expected.group].passed, expected.passed) << expected.group;
    EXPECT_EQ(groups[expected.group].left_out, expected.left_out) << expected.group;
    groups.erase(expected.group);
  }
  EXPECT_TRUE(groups.empty()) << "a group that nobody counts: " << groups.begin()->first;
}

TEST(HpaVectorsTest, WhatIsNoVectorFileIsAnError) {
  EXPECT_FALSE(run_hpa_vectors("{"));
  EXPECT_FALSE(run_hpa_vectors("{}"));
}

}  // namespace
}  // namespace scaler
