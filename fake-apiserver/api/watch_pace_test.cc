#include "fake-apiserver/api/testing.h"

namespace fakeapi {
namespace {

using namespace std::chrono_literals;
using Names = std::vector<std::string>;

class WatchPaceTest : public ApiTest {
 protected:
  WatchPaceTest() : ApiTest({.watch = {.pace = 1ms}}) {}

  std::vector<std::unique_ptr<TestWatch>> crowd(std::size_t size) {
    std::vector<std::unique_ptr<TestWatch>> watches;
    const std::string target = kPodsUrl + "?watch=true&resourceVersion=" + std::to_string(store().revision());
    while (watches.size() < size) watches.push_back(watch(target));
    return watches;
  }
};

TEST_F(WatchPaceTest, ACrowdIsToldOfManyChangesAtOnceAndOfAllInOrder) {
  auto watches = crowd(120);
  create(kPodsUrl, test_pod("a"));
  create(kPodsUrl, test_pod("b"));
  EXPECT_TRUE(watches[0]->take().empty()) << "told before its time";
  clock_.run_for(119ms);
  EXPECT_TRUE(watches[0]->take().empty()) << "told before its time";
  clock_.run_for(1ms);
  for (auto& watch : watches) EXPECT_EQ(watch->take_names(), (Names{"ADDED a", "ADDED b"}));
  create(kPodsUrl, test_pod("c"));
  clock_.run_for(120ms);
  for (auto& watch : watches) EXPECT_EQ(watch->take_names(), (Names{"ADDED c"}));
}

TEST_F(WatchPaceTest, AFewAreToldAtOnce) {
  auto watches = crowd(3);
  create(kPodsUrl, test_pod("a"));
  for (auto& watch : watches) EXPECT_EQ(watch->take_names(), (Names{"ADDED a"}));
}

TEST_F(WatchPaceTest, WhatWaitsForItsTimeIsForgottenWithTheWatches) {
  {
    auto watches = crowd(120);
    create(kPodsUrl, test_pod("a"));
  }
  clock_.run_for(1s);
  EXPECT_EQ(server_.watch_hub().watchers(), 0u);
}

}  // namespace
}  // namespace fakeapi
