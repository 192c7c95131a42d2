#include "scaler/policy/vectors/kpa_vectors.h"

#include <gtest/gtest.h>

namespace scaler::vectors {
namespace {

Json spec_with(double target) {
  return {{"targetValue", target},      {"totalValue", 20},       {"targetBurstCapacity", 100}, {"panicThreshold", 2},
          {"maxScaleUpRate", 10},       {"maxScaleDownRate", 10}, {"stableWindowSeconds", 60},  {"reachable", true},
          {"scaleDownDelaySeconds", 0}, {"activationScale", 0}};
}

Json step(double at, int ready, const Json& stable, const Json& panic, const Json& expect) {
  return {{"atSeconds", at}, {"readyPods", ready}, {"stable", stable}, {"panic", panic}, {"expect", expect}};
}

Outcome run(const Json& steps, const Json& initial = {{"readyPodsAtCreation", 1}}) {
  return run_kpa_scale({{"initial", initial}, {"spec", spec_with(10)}, {"steps", steps}},
                       {{"perStep", true}, {"excessBurstCapacityTolerance", 1}});
}

TEST(KpaVectorsTest, ComparesEachStep) {
  const Json good = {{"desired", 5}, {"excessBurstCapacity", -90}};
  EXPECT_TRUE(run(Json::array({step(0, 1, 50, 10, good)})).passed);
  const Outcome bad = run(Json::array({step(0, 1, 50, 10, good), step(2, 1, 60, 10, good)}));
  EXPECT_FALSE(bad.passed);
  EXPECT_EQ(bad.detail, "step 2: desired: expected 5 got 6");
}

TEST(KpaVectorsTest, BurstCapacityMayBeOffByTheTolerance) {
  EXPECT_TRUE(run(Json::array({step(0, 1, 50, 10, {{"excessBurstCapacity", -91}})})).passed);
  const Outcome bad = run(Json::array({step(0, 1, 50, 10, {{"excessBurstCapacity", -92}})}));
  EXPECT_EQ(bad.detail, "step 1: excessBurstCapacity: expected -92 got -90");
}

TEST(KpaVectorsTest, ANewSpecHoldsFromItsStepOn) {
  Json second = step(2, 1, 50, 10, {{"desired", 10}});
  second["newSpec"] = spec_with(5);
  EXPECT_EQ(run(Json::array({step(0, 1, 50, 10, {{"desired", 5}}), second})).detail, "");
}

TEST(KpaVectorsTest, APanicOfBeforeGoesOn) {
  const Json initial = {{"readyPodsAtCreation", 1}, {"panicAgeSeconds", 5}, {"maxPanicPods", 8}};
  EXPECT_EQ(
      run(Json::array({step(0, 5, 10, 10, {{"desired", 8}}), step(56, 5, 10, 10, {{"desired", 1}})}), initial).detail,
      "");
}

TEST(KpaVectorsTest, AStepWithoutDataChangesNothing) {
  EXPECT_EQ(run(Json::array({step(0, 1, nullptr, nullptr, {{"desired", -1}}), step(2, 1, 50, 10, {{"desired", 5}}),
                             step(4, 1, nullptr, nullptr, {{"desired", 5}})}))
                .detail,
            "");
}

}  // namespace
}  // namespace scaler::vectors
