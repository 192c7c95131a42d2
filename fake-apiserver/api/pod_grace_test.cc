#include "fake-apiserver/api/pod_grace.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace fakeapi {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

json pod(const char* node, const char* phase) {
  return {{"spec", {{"nodeName", node}}}, {"status", {{"phase", phase}}}};
}

TEST(PodGraceTest, IsThatOfThePodOrThirtySeconds) {
  json running = pod("n1", "Running");
  EXPECT_EQ(pod_grace(running), 30s);
  running["spec"]["terminationGracePeriodSeconds"] = 5;
  EXPECT_EQ(pod_grace(running), 5s);
  running["spec"]["terminationGracePeriodSeconds"] = 0;
  EXPECT_EQ(pod_grace(running), 0s);
}

TEST(PodGraceTest, WhatRunsNowhereOrHasEndedNeedsNone) {
  EXPECT_EQ(pod_grace(pod("", "Pending")), 0s);
  EXPECT_EQ(pod_grace(pod("n1", "Succeeded")), 0s);
  EXPECT_EQ(pod_grace(pod("n1", "Failed")), 0s);
  EXPECT_EQ(pod_grace(json::object()), 0s);
}

TEST(PodGraceTest, WhoeverDeletesItCanAskForAnotherGraceOfWhatRuns) {
  json running = pod("n1", "Running");
  running["spec"]["terminationGracePeriodSeconds"] = 0;
  EXPECT_EQ(pod_grace(running, 7), 7s);
  EXPECT_EQ(pod_grace(pod("", "Pending"), 7), 0s);
}

TEST(PodGraceTest, NoGraceOverflows) {
  json running = pod("n1", "Running");
  running["spec"]["terminationGracePeriodSeconds"] = INT64_MAX;
  EXPECT_EQ(pod_grace(running), std::chrono::hours(100 * 365 * 24));
}

}  // namespace
}  // namespace fakeapi
