#include "fake-apiserver/store/object_store.h"

#include <gtest/gtest.h>

#include <set>
#include <stdexcept>
#include <utility>

#include "common/base/virtual_time.h"

namespace fakeapi {
namespace {

using namespace std::chrono_literals;
using base::ErrorCode;

const base::Time kStart = std::chrono::sys_days(std::chrono::year(2026) / 1 / 1);
const Resource kPods{"", "pods"};
const Resource kDeployments{"apps", "deployments"};
const Resource kConfigMaps{"", "configmaps"};

Json object(const std::string& name, const std::string& ns = "default") {
  return {{"metadata", {{"name", name}, {"namespace", ns}}}, {"spec", {{"replicas", 1}}}};
}

std::string version_of(const ObjectPtr& o) { return o->at("metadata").at("resourceVersion").get<std::string>(); }

ObjectStore::Mutation set(const std::string& pointer, Json value) {
  return [=](Json& o) -> base::Result<> {
    o[Json::json_pointer(pointer)] = value;
    return {};
  };
}

class ObjectStoreTest : public testing::Test {
 protected:
  ObjectPtr create(const Resource& resource, Json o) { return store_.create(resource, std::move(o)).value(); }
  ObjectPtr update(const std::string& name, const std::string& pointer, Json value, Part part = Part::kAll) {
    return store_.update(kPods, {"default", name}, part, set(pointer, std::move(value))).value();
  }
  static std::vector<std::string> names(const std::vector<ObjectPtr>& objects) {
    std::vector<std::string> result;
    for (const ObjectPtr& o : objects) result.push_back(name_of(*o).name);
    return result;
  }

  base::VirtualTime clock_{kStart};
  ObjectStore store_{clock_, base::Random(1),
                     StoreOptions{.history_limit = 10, .history_age = 5min, .open_documents = 1}};
};

TEST_F(ObjectStoreTest, CreateFillsInWhatTheServerOwns) {
  const Json metadata = create(kPods, object("a"))->at("metadata");

  EXPECT_EQ(metadata.at("uid").get<std::string>().size(), 36u);
  EXPECT_EQ(metadata.at("uid").get<std::string>()[14], '4');
  EXPECT_EQ(metadata.at("creationTimestamp"), "2026-01-01T00:00:00Z");
  EXPECT_EQ(metadata.at("generation"), 1);
  EXPECT_EQ(metadata.at("resourceVersion"), std::to_string(store_.revision()));
  EXPECT_FALSE(create(kConfigMaps, {{"metadata", {{"name", "c"}}}})->at("metadata").contains("generation"));
}

TEST_F(ObjectStoreTest, ANameIsTakenOnlyOncePerNamespace) {
  create(kPods, object("a"));

  EXPECT_EQ(store_.create(kPods, object("a")).error().code, ErrorCode::kExists);
  EXPECT_TRUE(store_.create(kPods, object("a", "other")));
  EXPECT_TRUE(store_.create(kConfigMaps, object("a")));
}

TEST_F(ObjectStoreTest, RejectsWhatHasNoName) {
  EXPECT_EQ(store_.create(kPods, Json::object()).error().code, ErrorCode::kInvalid);
  EXPECT_EQ(store_.create(kPods, Json::array()).error().code, ErrorCode::kInvalid);
  EXPECT_EQ(store_.create(kPods, {{"metadata", 5}}).error().code, ErrorCode::kInvalid);
  EXPECT_EQ(store_.create(kPods, {{"metadata", {{"name", 5}}}}).error().code, ErrorCode::kInvalid);
  EXPECT_TRUE(store_.list(kPods).empty());
}

TEST_F(ObjectStoreTest, GeneratedNamesAreUniqueShortAndFromTheAlphabet) {
  std::set<std::string> seen;
  for (int i = 0; i < 10'000; ++i) {
    const Json o = {{"metadata", {{"generateName", std::string(70, 'x')}, {"namespace", "n"}}}};
    const std::string name = name_of(*create(kPods, o)).name;
    EXPECT_EQ(name.size(), 63u);
    EXPECT_EQ(name.substr(58).find_first_not_of("bcdfghjklmnpqrstvwxz2456789"), std::string::npos);
    seen.insert(name);
  }
  EXPECT_EQ(seen.size(), 10'000u);
}

TEST_F(ObjectStoreTest, ListsByNamespaceThenName) {
  for (const char* ns : {"b", "a", "ab"}) {
    create(kPods, object("y", ns));
    create(kPods, object("x", ns));
  }

  std::vector<ObjectName> all;
  for (const ObjectPtr& o : store_.list(kPods)) all.push_back(name_of(*o));
  EXPECT_EQ(all, (std::vector<ObjectName>{{"a", "x"}, {"a", "y"}, {"ab", "x"}, {"ab", "y"}, {"b", "x"}, {"b", "y"}}));
  EXPECT_EQ(names(store_.list(kPods, "a")), (std::vector<std::string>{"x", "y"}));
  EXPECT_TRUE(store_.list(kPods, "none").empty());
}

TEST_F(ObjectStoreTest, AStaleVersionLosesAndChangesNothing) {
  const ObjectPtr first = create(kPods, object("a"));
  update("a", "/spec/replicas", 2);

  const auto lost = store_.update(kPods, {"default", "a"}, Part::kAll, [&](Json& o) -> base::Result<> {
    o = *first;
    o["spec"]["replicas"] = 9;
    return {};
  });
  EXPECT_EQ(lost.error().code, ErrorCode::kConflict);
  EXPECT_EQ(store_.find(kPods, {"default", "a"})->at("spec").at("replicas"), 2);
}

TEST_F(ObjectStoreTest, AWriteWithoutVersionWins) {
  create(kPods, object("a"));
  const auto written = store_.update(kPods, {"default", "a"}, Part::kAll, [&](Json& o) -> base::Result<> {
    o = object("a");
    o["spec"]["replicas"] = 9;
    return {};
  });
  EXPECT_EQ(written.value()->at("spec").at("replicas"), 9);
  EXPECT_TRUE(written.value()->at("metadata").contains("uid"));
}

TEST_F(ObjectStoreTest, AnotherUidIsAConflict) {
  create(kPods, object("a"));
  const auto lost = store_.update(kPods, {"default", "a"}, Part::kAll, set("/metadata/uid", "other"));
  EXPECT_EQ(lost.error().code, ErrorCode::kConflict);
}

TEST_F(ObjectStoreTest, AnUnchangedObjectKeepsItsRevisionAndCausesNoEvent) {
  const ObjectPtr first = create(kPods, object("a"));
  int events = 0;
  store_.subscribe(kPods, [&](const StoreEvent&) { ++events; });

  EXPECT_EQ(version_of(update("a", "/spec/replicas", 1)), version_of(first));
  EXPECT_EQ(events, 0);
}

TEST_F(ObjectStoreTest, AMutationMayRefuse) {
  create(kPods, object("a"));
  const Revision before = store_.revision();
  const auto refused = store_.update(kPods, {"default", "a"}, Part::kAll, [](Json& o) -> base::Result<> {
    o["spec"] = 1;
    return base::Error{ErrorCode::kInvalid, "no"};
  });
  EXPECT_EQ(refused.error(), (base::Error{ErrorCode::kInvalid, "no"}));
  EXPECT_EQ(store_.revision(), before);
}

TEST_F(ObjectStoreTest, SpecAndStatusAreWrittenApart) {
  Json o = object("a");
  o["status"] = {{"phase", "Pending"}};
  create(kPods, o);
  const auto both = [](Json& x) -> base::Result<> {
    x["spec"]["replicas"] = 5;
    x["status"]["phase"] = "Running";
    x["metadata"]["labels"]["l"] = "1";
    return {};
  };

  const Json spec = *store_.update(kPods, {"default", "a"}, Part::kSpec, both).value();
  EXPECT_EQ(spec.at("spec").at("replicas"), 5);
  EXPECT_EQ(spec.at("status").at("phase"), "Pending");

  update("a", "/metadata/labels/l", "0");
  const Json status = *store_.update(kPods, {"default", "a"}, Part::kStatus, both).value();
  EXPECT_EQ(status.at("status").at("phase"), "Running");
  EXPECT_EQ(status.at("metadata").at("labels").at("l"), "0");
}

TEST_F(ObjectStoreTest, OnlySpecChangesRaiseGeneration) {
  create(kPods, object("a"));
  const auto generation = [](const ObjectPtr& o) { return o->at("metadata").at("generation").get<int>(); };

  EXPECT_EQ(generation(update("a", "/metadata/labels/x", "1")), 1);
  EXPECT_EQ(generation(update("a", "/metadata/annotations/x", "1")), 1);
  EXPECT_EQ(generation(update("a", "/status/phase", "Running")), 1);
  EXPECT_EQ(generation(update("a", "/spec/replicas", 3)), 2);
  EXPECT_EQ(generation(update("a", "/metadata/generation", 77)), 2);
}

TEST_F(ObjectStoreTest, AnAnnotationRaisesADeploymentsGeneration) {
  create(kDeployments, object("web"));
  const ObjectName web{"default", "web"};

  const auto annotated = store_.update(kDeployments, web, Part::kAll, set("/metadata/annotations/x", "1"));
  EXPECT_EQ(annotated.value()->at("metadata").at("generation"), 2);
  const auto labelled = store_.update(kDeployments, web, Part::kAll, set("/metadata/labels/x", "1"));
  EXPECT_EQ(labelled.value()->at("metadata").at("generation"), 2);
}

TEST_F(ObjectStoreTest, RemoveTakesAwayAtOnce) {
  const ObjectPtr created = create(kPods, object("a"));
  std::vector<StoreEvent> events;
  store_.subscribe(kPods, [&](const StoreEvent& e) { events.push_back(e); });

  const ObjectPtr last = store_.remove(kPods, {"default", "a"}, {}).value();
  EXPECT_EQ(store_.get(kPods, {"default", "a"}).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(store_.remove(kPods, {"default", "a"}, {}).error().code, ErrorCode::kNotFound);
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].type, EventType::kDeleted);
  EXPECT_EQ(version_of(events[0].object), std::to_string(store_.revision()));
  EXPECT_EQ(events[0].previous, created);
  EXPECT_EQ(last, events[0].object);
}

TEST_F(ObjectStoreTest, GraceStampsFirstAndZeroGraceRemoves) {
  create(kPods, object("a"));
  const ObjectName a{"default", "a"};

  const Json dying = store_.remove(kPods, a, {}, 30s).value()->at("metadata");
  EXPECT_EQ(dying.at("deletionTimestamp"), "2026-01-01T00:00:30Z");
  EXPECT_EQ(dying.at("deletionGracePeriodSeconds"), 30);
  EXPECT_EQ(dying.at("generation"), 2);

  const Revision before = store_.revision();
  EXPECT_TRUE(store_.remove(kPods, a, {}, 60s));
  EXPECT_EQ(store_.revision(), before) << "a longer grace changes nothing";
  EXPECT_EQ(store_.remove(kPods, a, {}, 10s).value()->at("metadata").at("deletionTimestamp"), "2026-01-01T00:00:10Z");

  EXPECT_TRUE(store_.remove(kPods, a, {}, 0s));
  EXPECT_FALSE(store_.find(kPods, a));
}

TEST_F(ObjectStoreTest, TheLastFinalizerTakesTheObjectWithIt) {
  Json o = object("a");
  o["metadata"]["finalizers"] = {"x/one", "x/two"};
  create(kPods, o);
  const ObjectName a{"default", "a"};
  EXPECT_TRUE(store_.remove(kPods, a, {}).value()->at("metadata").contains("deletionTimestamp"));

  EXPECT_EQ(store_.update(kPods, a, Part::kAll, set("/metadata/finalizers", {"x/one", "x/three"})).error().code,
            ErrorCode::kInvalid);
  update("a", "/metadata/finalizers", {"x/one"});
  EXPECT_TRUE(store_.find(kPods, a));
  const ObjectPtr last = update("a", "/metadata/finalizers", Json::array());
  EXPECT_TRUE(last->at("metadata").contains("deletionTimestamp"));
  EXPECT_FALSE(store_.find(kPods, a));
}

TEST_F(ObjectStoreTest, AFinalizerLeavingDoesNotCutTheGraceShort) {
  Json o = object("a");
  o["metadata"]["finalizers"] = {"x/one"};
  create(kPods, o);
  ASSERT_TRUE(store_.remove(kPods, {"default", "a"}, {}, 30s));

  update("a", "/metadata/finalizers", Json::array());
  EXPECT_TRUE(store_.find(kPods, {"default", "a"}));
  ASSERT_TRUE(store_.remove(kPods, {"default", "a"}, {}, 0s));
  EXPECT_FALSE(store_.find(kPods, {"default", "a"}));
}

TEST_F(ObjectStoreTest, PreconditionsGuardRemoval) {
  const ObjectPtr o = create(kPods, object("a"));
  const ObjectName a{"default", "a"};

  EXPECT_EQ(store_.remove(kPods, a, {.uid = "other", .resource_version = {}}).error().code, ErrorCode::kConflict);
  EXPECT_EQ(store_.remove(kPods, a, {.uid = {}, .resource_version = "1"}).error().code, ErrorCode::kConflict);
  EXPECT_TRUE(store_.remove(kPods, a, {.uid = {}, .resource_version = version_of(o)}));
}

TEST_F(ObjectStoreTest, ARehearsalLeavesNoTrace) {
  create(kPods, object("a"));
  const Revision before = store_.revision();
  int events = 0;
  store_.subscribe_all([&](const StoreEvent&) { ++events; });
  const Json unnamed = {{"metadata", {{"generateName", "p-"}}}};

  const auto created = store_.rehearse([&] { return store_.create(kPods, unnamed); });
  EXPECT_EQ(name_of(*created.value()).name.size(), 7u);
  EXPECT_FALSE(created.value()->at("metadata").contains("resourceVersion"));
  EXPECT_TRUE(store_.rehearse([&] { return store_.remove(kPods, {"default", "a"}, {}); }));
  EXPECT_TRUE(store_.find(kPods, {"default", "a"}));
  EXPECT_EQ(store_.revision(), before);
  EXPECT_EQ(events, 0);
  EXPECT_EQ(name_of(*create(kPods, unnamed)).name, name_of(*created.value()).name);
}

TEST_F(ObjectStoreTest, SubscribersHearOnlyTheirResourceFromNowOn) {
  create(kPods, object("before"));
  std::vector<std::string> pods;
  std::vector<std::string> all;
  const auto id = store_.subscribe(kPods, [&](const StoreEvent& e) { pods.push_back(name_of(*e.object).name); });
  store_.subscribe_all([&](const StoreEvent& e) { all.push_back(name_of(*e.object).name); });

  create(kPods, object("a"));
  create(kConfigMaps, object("c"));
  store_.unsubscribe(id);
  create(kPods, object("b"));
  EXPECT_EQ(pods, (std::vector<std::string>{"a"}));
  EXPECT_EQ(all, (std::vector<std::string>{"a", "c", "b"}));
}

TEST_F(ObjectStoreTest, WhatASubscriberCausesComesAfterTheEventHasReachedEverybody) {
  std::vector<std::string> heard;
  store_.subscribe(kPods, [&](const StoreEvent& e) {
    heard.push_back("first:" + name_of(*e.object).name);
    if (name_of(*e.object).name == "a") create(kPods, object("b"));
  });
  store_.subscribe(kPods, [&](const StoreEvent& e) { heard.push_back("second:" + name_of(*e.object).name); });

  create(kPods, object("a"));
  EXPECT_EQ(heard, (std::vector<std::string>{"first:a", "second:a", "first:b", "second:b"}));
}

TEST_F(ObjectStoreTest, SubscribersMayComeAndGoDuringDelivery) {
  std::vector<std::string> late;
  ObjectStore::SubscriptionId self = 0;
  int calls = 0;
  self = store_.subscribe(kPods, [&](const StoreEvent&) {
    ++calls;
    create(kPods, object("b"));
    store_.subscribe(kPods, [&](const StoreEvent& e) { late.push_back(name_of(*e.object).name); });
    store_.unsubscribe(self);
  });

  create(kPods, object("a"));
  create(kPods, object("c"));
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(late, (std::vector<std::string>{"c"})) << "b was there already when the late one subscribed";
}

TEST_F(ObjectStoreTest, HistoryGivesTheChangesOfOneResourceInOrder) {
  create(kPods, object("a"));
  const Revision since = store_.revision();
  update("a", "/spec/replicas", 2);
  create(kConfigMaps, object("c"));
  ASSERT_TRUE(store_.remove(kPods, {"default", "a"}, {}));

  const auto events = store_.events_since(kPods, since).value();
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[0].type, EventType::kModified);
  EXPECT_EQ(events[1].type, EventType::kDeleted);
  EXPECT_LT(events[0].revision, events[1].revision);
  EXPECT_TRUE(store_.events_since(kPods, store_.revision()).value().empty());
}

TEST_F(ObjectStoreTest, HistoryForgetsByCount) {
  const Revision start = store_.revision();
  for (int i = 0; i < 10; ++i) create(kPods, object("p" + std::to_string(i)));
  EXPECT_EQ(store_.events_since(kPods, start).value().size(), 10u);

  create(kPods, object("one-more"));
  EXPECT_EQ(store_.events_since(kPods, start).error().code, ErrorCode::kExpired);
  EXPECT_EQ(store_.events_since(kPods, start + 1).value().size(), 10u);
}

TEST_F(ObjectStoreTest, HistoryForgetsByAgeOnTheExactEdge) {
  const Revision start = store_.revision();
  create(kPods, object("a"));

  clock_.run_for(5min);
  EXPECT_TRUE(store_.events_since(kPods, start));
  clock_.run_for(1ns);
  EXPECT_EQ(store_.events_since(kPods, start).error().code, ErrorCode::kExpired);
  EXPECT_TRUE(store_.events_since(kPods, store_.revision())) << "whoever has seen everything misses nothing";
  create(kPods, object("b"));
  EXPECT_EQ(store_.events_since(kPods, start).error().code, ErrorCode::kExpired);
}

TEST_F(ObjectStoreTest, ListAtRewindsToAnEarlierRevision) {
  create(kPods, object("a"));
  create(kPods, object("b"));
  create(kPods, object("x", "other"));
  const Revision then = store_.revision();
  update("a", "/spec/replicas", 7);
  ASSERT_TRUE(store_.remove(kPods, {"default", "b"}, {}));
  create(kPods, object("c"));
  create(kPods, object("y", "other"));

  const auto past = store_.list_at(kPods, "default", then).value();
  EXPECT_EQ(names(past), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(past[0]->at("spec").at("replicas"), 1);
  EXPECT_EQ(names(store_.list_at(kPods, "", then).value()), (std::vector<std::string>{"a", "b", "x"}));
  EXPECT_EQ(names(store_.list_at(kPods, "default", store_.revision()).value()), (std::vector<std::string>{"a", "c"}));
  for (int i = 0; i < 10; ++i) create(kPods, object("p" + std::to_string(i)));
  EXPECT_EQ(store_.list_at(kPods, "", then).error().code, ErrorCode::kExpired);
}

TEST_F(ObjectStoreTest, TheSameSeedGivesTheSameBytes) {
  const auto run = [] {
    base::VirtualTime clock{kStart};
    ObjectStore store{clock, base::Random(7), {}};
    std::string all;
    for (int i = 0; i < 20; ++i) all += store.create(kPods, {{"metadata", {{"generateName", "p-"}}}}).value()->dump();
    return all;
  };
  EXPECT_EQ(run(), run());
}

TEST_F(ObjectStoreTest, ASubscriberMayRemoveWhatItHearsIsAtItsEnd) {
  create(kPods, object("a"));
  ASSERT_TRUE(store_.remove(kPods, {"default", "a"}, {}, 30s));
  std::vector<EventType> seen;
  store_.subscribe(kPods, [&](const StoreEvent& event) {
    seen.push_back(event.type);
    if (event.type == EventType::kModified) {
      EXPECT_TRUE(store_.remove(kPods, {"default", "a"}, {}, 0s));
    }
  });
  ASSERT_TRUE(store_.remove(kPods, {"default", "a"}, {}, 0s));
  EXPECT_EQ(store_.find(kPods, {"default", "a"}), nullptr);
  EXPECT_EQ(seen, (std::vector{EventType::kModified, EventType::kDeleted}));
}

TEST_F(ObjectStoreTest, WhatASubscriberPutsInThePlaceOfTheRemovedStays) {
  create(kPods, object("a"));
  ASSERT_TRUE(store_.remove(kPods, {"default", "a"}, {}, 30s));
  store_.subscribe(kPods, [&](const StoreEvent& event) {
    if (event.type != EventType::kModified) return;
    (void)store_.remove(kPods, {"default", "a"}, {}, 0s);
    (void)store_.create(kPods, object("a"));
  });
  ASSERT_TRUE(store_.remove(kPods, {"default", "a"}, {}, 0s));
  const ObjectPtr successor = store_.find(kPods, {"default", "a"});
  ASSERT_NE(successor, nullptr);
  EXPECT_FALSE(successor->at("metadata").contains("deletionTimestamp"));
}

TEST_F(ObjectStoreTest, AnExceptionInARehearsalDoesNotMakeTheStoreRehearseForEver) {
  EXPECT_THROW((void)store_.rehearse([]() -> base::Result<ObjectPtr> { throw std::runtime_error("x"); }),
               std::runtime_error);
  create(kPods, object("a"));
  EXPECT_NE(store_.find(kPods, {"default", "a"}), nullptr);
}

TEST_F(ObjectStoreTest, AnExceptionInASubscriberDoesNotSilenceTheOthers) {
  int heard = 0;
  bool broken = true;
  store_.subscribe(kPods, [&](const StoreEvent&) {
    if (std::exchange(broken, false)) throw std::runtime_error("x");
    ++heard;
  });
  EXPECT_THROW(create(kPods, object("a")), std::runtime_error);
  create(kPods, object("b"));
  EXPECT_EQ(heard, 1);
}

}  // namespace
}  // namespace fakeapi
