#include "fake-apiserver/apply/ownership.h"

#include <gtest/gtest.h>

#include "common/base/random.h"
#include "fake-apiserver/apply/compare.h"
#include "fake-apiserver/apply/test_types.h"

namespace fakeapi {
namespace {

constexpr const char* kLater = "2026-01-01T00:01:00Z";

Json applied(const Json& live, const Json& stated, const FieldWriter& who, bool force = false) {
  auto result = apply_configuration(live, stated, who, force, deployment_types());
  EXPECT_TRUE(result) << (result ? "" : result.error().message);
  return result ? *result : Json();
}

StatusError refused(const Json& live, const Json& stated, const FieldWriter& who) {
  const auto result = apply_configuration(live, stated, who, false, deployment_types());
  EXPECT_FALSE(result);
  return result ? StatusError() : result.error();
}

Json updated(const Json& before, Json after, const FieldWriter& who) {
  track_update(before, after, who, deployment_types());
  return after;
}

TEST(TrackUpdateTest, TheManagerIsNamedOrTheBeginningOfTheUserAgent) {
  EXPECT_EQ(manager_of("kubectl-scale", "kubectl/v1.32"), "kubectl-scale");
  EXPECT_EQ(manager_of("", "kubectl/v1.32 (linux/amd64)"), "kubectl");
  EXPECT_EQ(manager_of("", "gamenight-scaler"), "gamenight-scaler");
  EXPECT_EQ(manager_of("", ""), "unknown");
}

TEST(TrackUpdateTest, ACreationIsItsWritersButForWhatTheServerSays) {
  const Json created = updated(Json(), json(R"({"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web",
                                        "labels":{"a":"1"}},"spec":{"replicas":2,"strategy":{"type":"Recreate"}},
                                        "status":{"replicas":1}})"),
                               writer("kubectl-create"));
  EXPECT_EQ(owners(created), R"(kubectl-create: {"f:metadata":{"f:labels":{".":{},"f:a":{}}},)"
                             R"("f:spec":{"f:replicas":{},"f:strategy":{"f:type":{}}}})");
  const Json& entry = created["metadata"]["managedFields"][0];
  EXPECT_EQ(entry["operation"], "Update");
  EXPECT_EQ(entry["apiVersion"], "apps/v1");
  EXPECT_EQ(entry["fieldsType"], "FieldsV1");
  EXPECT_EQ(entry["time"], "2026-01-01T00:00:00Z");
}

TEST(TrackUpdateTest, TheScaleMovesFromWriterToWriter) {
  const Json start = json(R"({"metadata":{},"spec":{"replicas":2,"paused":false}})");
  Json next = start;
  next["spec"] = json(R"({"replicas":3,"paused":true})");
  next = updated(start, next, writer("kubectl"));
  EXPECT_EQ(owners(next), R"(kubectl: {"f:spec":{"f:paused":{},"f:replicas":{}}})");
  Json scaled = next;
  scaled["spec"]["replicas"] = 5;
  scaled = updated(next, scaled, writer("gamenight-scaler", "scale"));
  EXPECT_EQ(owners(scaled),
            R"(gamenight-scaler/scale: {"f:spec":{"f:replicas":{}}}; kubectl: {"f:spec":{"f:paused":{}}})");
  EXPECT_EQ(updated(scaled, scaled, writer("kubectl", "", kLater)), scaled) << "changes nothing, owns nothing";
}

TEST(TrackUpdateTest, AFieldThatWasRemovedHasNoOwnerAndAManagerWithoutFieldsGoes) {
  const Json start = json(R"({"metadata":{},"spec":{}})");
  const Json first = updated(start, json(R"({"metadata":{"labels":{"a":"1"}},"spec":{}})"), writer("kubectl"));
  const Json second = updated(first, json(R"({"metadata":{"labels":{"a":"1","b":"1"}},"spec":{}})"), writer("helm"));
  EXPECT_EQ(owners(second),
            R"(helm: {"f:metadata":{"f:labels":{"f:b":{}}}}; kubectl: {"f:metadata":{"f:labels":{".":{},"f:a":{}}}})");
  EXPECT_EQ(owners(updated(second, json(R"({"metadata":{"labels":{"b":"1"}},"spec":{}})"), writer("helm"))),
            R"(helm: {"f:metadata":{"f:labels":{"f:b":{}}}}; kubectl: {"f:metadata":{"f:labels":{}}})");
  EXPECT_EQ(owners(updated(second, json(R"({"metadata":{},"spec":{}})"), writer("helm"))), "");
}

TEST(TrackUpdateTest, AStatusIsTrackedWithItsSubresource) {
  const Json start = json(R"({"metadata":{},"spec":{"replicas":2},"status":{}})");
  Json next = start;
  next["status"]["replicas"] = 2;
  next["spec"]["replicas"] = 9;
  EXPECT_EQ(owners(updated(start, next, writer("manager", "status"))),
            R"(manager/status: {"f:status":{"f:replicas":{}}})");
}

TEST(TrackUpdateTest, AWriterMayReplaceOrResetTheEntries) {
  const Json start = json(R"({"metadata":{},"spec":{}})");
  Json before = updated(start, json(R"({"metadata":{},"spec":{"replicas":3}})"), writer("kubectl"));
  for (const char* reset : {"[]", "[{}]"}) {
    Json after = before;
    after["metadata"]["managedFields"] = json(reset);
    EXPECT_FALSE(updated(before, after, writer("kubectl"))["metadata"].contains("managedFields")) << reset;
  }
  Json after = before;
  after["metadata"]["managedFields"][0]["manager"] = "helm";
  EXPECT_EQ(owners(updated(before, after, writer("kubectl"))), R"(helm: {"f:spec":{"f:replicas":{}}})");
  for (const char* broken :
       {R"([{"manager":"x"}])", R"("x")", R"([5])",
        R"([{"manager":"x","operation":"Steal","apiVersion":"apps/v1","fieldsType":"FieldsV1","fieldsV1":{}}])",
        R"([{"manager":"x","operation":"Apply","apiVersion":"apps/v1","fieldsType":"FieldsV1","fieldsV1":{"q":1}}])"}) {
    after["metadata"]["managedFields"] = json(broken);
    EXPECT_EQ(updated(before, after, writer("kubectl")), before) << broken << " is as if it were not there";
  }
  after = before;
  after["metadata"].erase("managedFields");
  EXPECT_EQ(updated(before, after, writer("kubectl")), before);
}

TEST(TrackUpdateTest, MoreThanTenUpdatersBecomeAncient) {
  Json object = json(R"({"metadata":{},"spec":{}})");
  for (int i = 0; i < 13; ++i) {
    Json next = object;
    next["metadata"]["labels"]["l" + std::to_string(i)] = "1";
    const std::string second = std::to_string(10 + i);
    object = updated(object, next, writer("m" + std::to_string(i), "", "2026-01-01T00:00:" + second + "Z"));
  }
  const Json& entries = object["metadata"]["managedFields"];
  ASSERT_EQ(entries.size(), 10u);
  EXPECT_EQ(entries[0]["manager"], "ancient-changes");
  EXPECT_EQ(entries[0]["fieldsV1"],
            json(R"({"f:metadata":{"f:labels":{".":{},"f:l0":{},"f:l1":{},"f:l2":{},"f:l3":{}}}})"));
  EXPECT_EQ(entries[9]["manager"], "m12");
}

TEST(ApplyTest, TheFirstApplyOwnsWhatItStatesAndASecondChangesNothing) {
  const Json stated = configuration({{"replicas", 3}}, {{"labels", {{"a", "1"}}}});
  const Json first = applied(Json(), stated, writer("kubectl"));
  EXPECT_EQ(owners(first), R"(kubectl (applies): {"f:metadata":{"f:labels":{"f:a":{}}},"f:spec":{"f:replicas":{}}})");
  EXPECT_EQ(applied(first, stated, writer("kubectl", "", kLater)), first);
}

TEST(ApplyTest, AnotherValueConflictsWithItsOwner) {
  const Json first = applied(Json(), configuration({{"replicas", 3}}), writer("one"));
  const StatusError one = refused(first, configuration({{"replicas", 4}}), writer("two"));
  EXPECT_EQ(one.code, 409);
  EXPECT_EQ(one.reason, "Conflict");
  EXPECT_EQ(one.message, R"(Apply failed with 1 conflict: conflict with "one": .spec.replicas)");
  EXPECT_EQ(one.details, json(R"({"causes":[{"reason":"FieldManagerConflict","message":"conflict with \"one\"",
                                              "field":".spec.replicas"}]})"));
}

TEST(ApplyTest, ConflictsAreListedByManager) {
  const Json start = json(R"({"apiVersion":"apps/v1","kind":"Deployment","metadata":{},"spec":{}})");
  Json live = start;
  live["spec"] = json(R"({"replicas":3,"minReadySeconds":1})");
  live = updated(start, live, writer("kubectl-client-side-apply"));
  Json scaled = live;
  scaled["spec"]["replicas"] = 4;
  scaled = updated(live, scaled, writer("scaler", "scale"));
  const StatusError error = refused(scaled, configuration({{"replicas", 1}, {"minReadySeconds", 2}}), writer("two"));
  EXPECT_EQ(error.message,
            "Apply failed with 2 conflicts: conflicts with \"kubectl-client-side-apply\" using apps/v1:\n"
            "- .spec.minReadySeconds\n"
            "conflicts with \"scaler\" with subresource \"scale\" using apps/v1:\n"
            "- .spec.replicas");
  const StatusError single = refused(live, configuration({{"replicas", 1}}), writer("two"));
  EXPECT_EQ(single.message,
            R"(Apply failed with 1 conflict: conflict with "kubectl-client-side-apply" using apps/v1: .spec.replicas)");
}

TEST(ApplyTest, ForceTakesTheFieldAndItsLastOwnerGoes) {
  const Json first = applied(Json(), configuration({{"replicas", 3}}), writer("one"));
  const Json forced = applied(first, configuration({{"replicas", 4}}), writer("two"), true);
  EXPECT_EQ(forced["spec"]["replicas"], 4);
  EXPECT_EQ(owners(forced), R"(two (applies): {"f:spec":{"f:replicas":{}}})");
}

TEST(ApplyTest, TheSameValueIsShared) {
  const Json first = applied(Json(), configuration({{"replicas", 3}}), writer("one"));
  const Json shared = applied(first, configuration({{"replicas", 3}}), writer("two"));
  EXPECT_EQ(owners(shared),
            R"(one (applies): {"f:spec":{"f:replicas":{}}}; two (applies): {"f:spec":{"f:replicas":{}}})");
  const Json left = applied(shared, configuration(Json::object()), writer("one"));
  EXPECT_EQ(left["spec"]["replicas"], 3) << "the other one still owns it";
  EXPECT_EQ(owners(left), R"(one (applies): {"f:spec":{}}; two (applies): {"f:spec":{"f:replicas":{}}})");
  EXPECT_FALSE(applied(left, configuration(Json::object()), writer("two"))["spec"].contains("replicas"));
}

TEST(ApplyTest, AnObjectThatNobodyTrackedIsOfBeforeTheFirstApply) {
  const Json live = configuration({{"replicas", 3}});
  EXPECT_EQ(refused(live, configuration({{"replicas", 4}}), writer("one")).message,
            R"(Apply failed with 1 conflict: conflict with "before-first-apply" using apps/v1: .spec.replicas)");
  const Json shared = applied(live, configuration({{"replicas", 3}}), writer("one"));
  EXPECT_EQ(owners(shared),
            R"(one (applies): {"f:spec":{"f:replicas":{}}}; before-first-apply: {"f:spec":{"f:replicas":{}}})");
}

TEST(ApplyTest, WhatIsNoConfigurationOfTheObjectIsRefused) {
  Json stated = configuration({{"replicas", 3}});
  stated["apiVersion"] = "apps/v2";
  EXPECT_EQ(refused(Json(), stated, writer("one")).message,
            "Incorrect version specified in apply patch. Specified patch version: apps/v2, expected: apps/v1");
  stated = configuration({{"replicas", 3}}, {{"managedFields", Json::array()}});
  EXPECT_EQ(refused(Json(), stated, writer("one")).message, "metadata.managedFields must be nil");
  const StatusError unknown = refused(Json(), configuration({{"foo", 3}}), writer("one"));
  EXPECT_EQ(unknown.code, 500);
  EXPECT_EQ(unknown.message,
            "failed to create typed patch object (/web; apps/v1, Kind=Deployment): .spec.foo: field not declared in "
            "schema");
  EXPECT_EQ(refused(Json(), configuration({{"foo", 3}, {"bar", 1}}), writer("one")).message,
            "failed to create typed patch object (/web; apps/v1, Kind=Deployment): errors:\n"
            "  .spec.bar: field not declared in schema\n  .spec.foo: field not declared in schema");
}

TEST(ApplyTest, AStatusIsAppliedThroughItsSubresourceAlone) {
  Json stated = configuration({{"replicas", 3}});
  stated["status"] = {{"replicas", 2}};
  const Json main = applied(Json(), stated, writer("one"));
  EXPECT_FALSE(main.contains("status"));
  const Json status = applied(main, stated, writer("one", "status"));
  EXPECT_EQ(status["status"]["replicas"], 2);
  EXPECT_EQ(owners(status),
            R"(one (applies): {"f:spec":{"f:replicas":{}}}; one/status (applies): {"f:status":{"f:replicas":{}}})");
}

TEST(ApplyTest, WhatKubectlAppliedFromTheClientIsNoConflict) {
  const Json start = json(R"({"apiVersion":"apps/v1","kind":"Deployment","metadata":{},"spec":{}})");
  Json live = configuration({{"replicas", 3}, {"minReadySeconds", 1}});
  const std::string annotation = "kubectl.kubernetes.io/last-applied-configuration";
  live["metadata"]["annotations"][annotation] = to_text(configuration({{"replicas", 3}}));
  live = updated(start, live, writer("kubectl-client-side-apply"));

  const Json next = applied(live, configuration({{"replicas", 4}}), writer("kubectl"));
  EXPECT_EQ(next["spec"]["replicas"], 4);
  EXPECT_EQ(text_at(next, {"metadata", "annotations", annotation}), to_text(configuration({{"replicas", 4}})) + "\n")
      << "the annotation keeps up";
  EXPECT_EQ(refused(live, configuration({{"replicas", 4}}), writer("other")).code, 409);
  EXPECT_EQ(refused(live, configuration({{"minReadySeconds", 4}}), writer("kubectl")).code, 409)
      << "was not applied, but written in some other way";
}

// Of random members, of which no two managers have the same.
Json random_configuration(base::Random& random, const std::string& prefix) {
  Json spec = {{"minReadySeconds", 5}};  // which all of them share
  Json metadata = Json::object();
  for (const char* key : {"x", "y", "z"}) {
    if (random.below(2) == 0) metadata["labels"][prefix + key] = std::to_string(random.below(3));
    if (random.below(2) == 0) metadata["annotations"][prefix + key] = std::to_string(random.below(3));
    if (random.below(2) == 0) {
      Json container = {{"name", prefix + key}, {"image", "i:" + std::to_string(random.below(3))}};
      for (const char* name : {"A", "B"}) {
        if (random.below(2) == 0) container["env"].push_back({{"name", name}, {"value", "v"}});
      }
      if (random.below(2) == 0) container["args"] = {std::to_string(random.below(3))};
      spec["template"]["spec"]["containers"].push_back(std::move(container));
    }
    if (random.below(2) == 0) metadata["finalizers"].push_back(prefix + "/" + key);
  }
  return configuration(spec, metadata);
}

Json without_managers(Json object) {
  object["metadata"].erase("managedFields");
  return object;
}

// Anything, also of the wrong shape, where a schema expects something.
Json random_value(base::Random& random, int depth) {
  switch (random.below(depth > 0 ? 9 : 5)) {
    case 0: return Json();
    case 1: return "v" + std::to_string(random.below(3));
    case 2: return Json(random.below(3));
    case 3: return Json::object();
    case 4: return Json::array();
    case 5: {
      Json list = Json::array();
      for (std::uint64_t n = random.below(4); n > 0; --n) list.push_back(random_value(random, depth - 1));
      return list;
    }
    default: break;
  }
  Json object = Json::object();
  for (const char* key : {"name", "labels", "template", "metadata", "spec", "containers", "ports", "containerPort",
                          "strategy", "selector", "finalizers", "status", "emptyDir", "volumes"}) {
    if (random.below(3) == 0) object[key] = random_value(random, depth - 1);
  }
  return object;
}

TEST(TrackUpdateTest, ACreatorOwnsWhatTheDifferenceFromNothingAdds) {
  base::Random random(5);
  for (int i = 0; i < 2'000; ++i) {
    const Json object = i < 100 ? random_configuration(random, "a") : random_value(random, 6);
    if (!object.is_object()) continue;
    for (const ValueType type : {deployment_type(), ValueType()}) {
      EXPECT_EQ(fields_created(object, type), compare(Json::object(), object, type).added.to_json()) << object;
    }
  }
}

TEST(TrackUpdateTest, ACreatorOfNothingButWhatTheServerSaysIsNotEntered) {
  const Json created = updated(Json(), json(R"({"apiVersion":"apps/v1","kind":"Deployment","status":{"replicas":1},
                                                "metadata":{"name":"web","namespace":"default"}})"),
                               writer("kubectl-create"));
  EXPECT_FALSE(created["metadata"].contains("managedFields")) << created;
}

TEST(ApplyPropertyTest, AppliesAreIdempotentMergeAndCanBeTakenBack) {
  base::Random random(3);
  for (int i = 0; i < 100; ++i) {
    const Json a = random_configuration(random, "a");
    const Json b = random_configuration(random, "b");
    const Json of_a = applied(Json(), a, writer("a"));
    EXPECT_EQ(applied(of_a, a, writer("a", "", kLater)), of_a) << a;
    const Json both = applied(of_a, b, writer("b"));
    FieldSet union_of_both = fields_of(a, deployment_type());
    union_of_both.unite(fields_of(b, deployment_type()));
    EXPECT_EQ(fields_of(without_managers(both), deployment_type()), union_of_both) << a << b;
    EXPECT_EQ(applied(both, b, writer("b", "", kLater)), both);
    EXPECT_EQ(applied(both, a, writer("a", "", kLater)), both);
    const Json back = applied(both, configuration(Json::object()), writer("b"));
    EXPECT_EQ(owners(applied(back, a, writer("a"))).find("a (applies)"), 0u);
    // Empty collections may stay behind; nothing of b's does.
    EXPECT_EQ(without_managers(back).dump().find("\"b"), std::string::npos) << back;
    const Json again = applied(of_a, random_configuration(random, "a"), writer("a"));
    EXPECT_EQ(applied(again, a, writer("a"))["metadata"].value("labels", Json::object()),
              of_a["metadata"].value("labels", Json::object()));
  }
}

}  // namespace
}  // namespace fakeapi
