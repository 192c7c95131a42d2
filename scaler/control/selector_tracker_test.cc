#include "scaler/control/selector_tracker.h"

#include <gtest/gtest.h>

namespace scaler {
namespace {

using Names = std::set<std::string>;
using Labels = SelectorTracker::Labels;

struct SelectorTrackerTest : ::testing::Test {
  void put(const std::string& ns, const std::string& name, const std::string& selector) {
    tracker.add(ObjectKey{ns, name});
    tracker.record(ObjectKey{ns, name}, std::make_shared<const LabelSelector>(LabelSelector::parse(selector).value()));
  }
  Names of(const std::string& ns, const Labels& labels) const {
    Names names;
    tracker.find(ns, labels, names);
    return names;
  }

  SelectorTracker tracker;
};

TEST_F(SelectorTrackerTest, NamesAllThatMatchAPodOfTheirNamespace) {
  put("default", "a", "app=web");
  put("default", "b", "app=web,tier=front");
  put("default", "c", "app in (web,db)");
  put("default", "d", "app=db");
  put("other", "e", "app=web");

  EXPECT_EQ(of("default", {{"app", "web"}}), (Names{"a", "c"}));
  EXPECT_EQ(of("default", {{"app", "web"}, {"tier", "front"}}), (Names{"a", "b", "c"}));
  EXPECT_EQ(of("default", {{"app", "db"}}), (Names{"c", "d"}));
  EXPECT_EQ(of("other", {{"app", "web"}}), Names{"e"});
  EXPECT_EQ(of("default", {}), Names{});
}

TEST_F(SelectorTrackerTest, AnHpaThatWasNotLookedAtMatchesNothing) {
  tracker.add(ObjectKey{"default", "a"});
  EXPECT_EQ(of("default", {{"app", "web"}}), Names{});
}

TEST_F(SelectorTrackerTest, AddingAgainKeepsTheSelectorAndRemovingForgetsIt) {
  put("default", "a", "app=web");
  tracker.add(ObjectKey{"default", "a"});
  EXPECT_EQ(of("default", {{"app", "web"}}), Names{"a"});

  tracker.remove(ObjectKey{"default", "a"});
  EXPECT_EQ(of("default", {{"app", "web"}}), Names{});
  EXPECT_EQ(tracker.size(), 0u);
  tracker.remove(ObjectKey{"default", "a"});
}

TEST_F(SelectorTrackerTest, ASelectorIsReplacedByTheNext) {
  put("default", "a", "app=web");
  put("default", "a", "app=db");
  EXPECT_EQ(of("default", {{"app", "web"}}), Names{});
  EXPECT_EQ(of("default", {{"app", "db"}}), Names{"a"});
}

TEST_F(SelectorTrackerTest, WhatWasRemovedIsNotRecorded) {
  tracker.record(ObjectKey{"default", "a"}, std::make_shared<const LabelSelector>(LabelSelector()));
  EXPECT_EQ(of("default", {{"app", "web"}}), Names{});
  EXPECT_EQ(tracker.size(), 0u);
}

}  // namespace
}  // namespace scaler
