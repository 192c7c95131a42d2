#include "scaler/control/ownership.h"

#include <gtest/gtest.h>

namespace scaler {
namespace {

const ObjectKey kApi{"default", "api"};
const ObjectKey kWeb{"default", "web"};
const WrittenField kReplicas{WrittenField::Kind::kReplicas, kApi};
const WrittenField kMinimum{WrittenField::Kind::kMinReplicas, kWeb};

PolicyId id(const std::string& kind, const std::string& name) { return {kind, ObjectKey{"default", name}}; }

void put(Ownership::Objects& objects, const std::string& kind, const std::string& name, const std::string& target,
         const std::string& target_kind = "Deployment", const std::string& ns = "default") {
  auto object = std::make_shared<PolicyObject>();
  object->meta.key = {ns, name};
  object->meta.uid = name;
  object->meta.resource_version = target;
  object->meta.resource_version = target;  // another state, another version
  object->kind = kind;
  object->target_kind = target_kind;
  object->target_name = target;
  objects.put(std::move(object));
}

struct OwnershipTest : ::testing::Test {
  Ownership::Objects hpas;
  Ownership::Objects scaled_objects;
};

TEST_F(OwnershipTest, TheFirstPolicyByKindAndNameOwnsTheReplicas) {
  Ownership ownership(hpas, false);
  ownership.claim(kReplicas, id(kScalingPolicyKind, "b"));
  ownership.claim(kReplicas, id(kScalingPolicyKind, "a"));

  EXPECT_EQ(ownership.conflict(kReplicas, id(kScalingPolicyKind, "a")), "");
  EXPECT_EQ(ownership.conflict(kReplicas, id(kScalingPolicyKind, "b")),
            "Deployment default/api is scaled by ScalingPolicy default/a");

  ownership.release(kReplicas, id(kScalingPolicyKind, "a"));
  EXPECT_EQ(ownership.conflict(kReplicas, id(kScalingPolicyKind, "b")), "");
}

TEST_F(OwnershipTest, AnHpaComesFirstAndOthersOfItsKindDoNot) {
  put(hpas, kHpaKind, "web", "api");
  put(hpas, kHpaKind, "same-name-elsewhere", "api", "Deployment", "other");
  Ownership ownership(hpas, false);
  ownership.claim(kReplicas, id(kScalingPolicyKind, "a"));

  EXPECT_EQ(ownership.conflict(kReplicas, id(kScalingPolicyKind, "a")),
            "Deployment default/api is scaled by HorizontalPodAutoscaler default/web");
  EXPECT_EQ(ownership.conflict(kReplicas, id(kHpaKind, "web")), "");

  put(hpas, kHpaKind, "web-2", "api");
  EXPECT_NE(ownership.conflict(kReplicas, id(kHpaKind, "web")), "");  // two HPAs exclude each other
  EXPECT_NE(ownership.conflict(kReplicas, id(kHpaKind, "web-2")), "");
  hpas.remove({"default", "web-2"});

  hpas.remove(kWeb);
  EXPECT_EQ(ownership.conflict(kReplicas, id(kScalingPolicyKind, "a")), "");
}

TEST_F(OwnershipTest, ObjectsOfOtherAutoscalersOwnTheirTargetsWhateverTheirKind) {
  for (const char* kind : {kKedaKind, kKpaKind, kWpaKind}) {
    Ownership::Objects objects;
    put(objects, kind, "theirs", "api", "");  // no kind means a Deployment
    Ownership ownership(hpas, false);
    ownership.add_writers(objects);

    EXPECT_EQ(ownership.conflict(kReplicas, id(kScalingPolicyKind, "a")),
              "Deployment default/api is scaled by " + std::string(kind) + " default/theirs");
    ownership.claim(kReplicas, id(kScalingPolicyKind, "a"));
    EXPECT_EQ(ownership.conflict(kReplicas, id(kind, "theirs")), "");  // a claim does not come before an object
    put(objects, kind, "theirs", "another");
    EXPECT_EQ(ownership.conflict(kReplicas, id(kScalingPolicyKind, "a")), "");
  }
}

TEST_F(OwnershipTest, TheMinimumOfAnHpaHasOneOwnerToo) {
  put(hpas, kHpaKind, "web", "api");
  Ownership ownership(hpas, false);
  ownership.claim(kMinimum, id(kTunerKind, "b"));
  ownership.claim(kMinimum, id(kTunerKind, "a"));

  EXPECT_EQ(ownership.conflict(kMinimum, id(kTunerKind, "a")), "");
  EXPECT_EQ(ownership.conflict(kMinimum, id(kTunerKind, "b")),
            "minReplicas of HorizontalPodAutoscaler default/web is set by HpaTuner default/a");
}

TEST_F(OwnershipTest, ForcedEverybodyMayWrite) {
  put(hpas, kHpaKind, "web", "api");
  Ownership ownership(hpas, true);
  ownership.claim(kMinimum, id(kTunerKind, "a"));

  EXPECT_EQ(ownership.conflict(kReplicas, id(kScalingPolicyKind, "a")), "");
  EXPECT_EQ(ownership.conflict(kMinimum, id(kTunerKind, "b")), "");
}

TEST_F(OwnershipTest, OwnersAreAllThatChangeTheReplicasInTheEnd) {
  put(hpas, kHpaKind, "web", "api");
  put(scaled_objects, kKedaKind, "queue", "api", "");
  put(scaled_objects, kKedaKind, "other", "worker", "");
  Ownership ownership(hpas, false);
  ownership.add_writers(scaled_objects);
  ownership.claim(kReplicas, id(kScalingPolicyKind, "a"));
  ownership.claim(kMinimum, id(kTunerKind, "t"));

  const std::vector<PolicyId> owners = ownership.owners(kApi);
  const std::vector<PolicyId> wanted{id(kHpaKind, "web"), id(kTunerKind, "t"), id(kKedaKind, "queue"),
                                     id(kScalingPolicyKind, "a")};
  EXPECT_EQ(owners, wanted);
}

TEST_F(OwnershipTest, AStopRemembersTheFirstCountUntilTheStart) {
  Ownership ownership(hpas, false);
  EXPECT_FALSE(ownership.is_stopped(kApi));
  EXPECT_EQ(ownership.start(kApi), std::nullopt);

  ownership.stop(kApi, 5);
  ownership.stop(kApi, 0);
  EXPECT_TRUE(ownership.is_stopped(kApi));
  EXPECT_FALSE(ownership.is_stopped(kWeb));
  EXPECT_EQ(ownership.start(kApi), 5);
  EXPECT_FALSE(ownership.is_stopped(kApi));
}

TEST_F(OwnershipTest, AStopThatFailsLiftsNoOther) {
  Ownership ownership(hpas, false);
  const auto first = ownership.stop(kApi, 5);
  const auto second = ownership.stop(kApi, 5);
  ownership.settle_stop(kApi, first, false);
  EXPECT_TRUE(ownership.is_stopped(kApi));
  ownership.settle_stop(kApi, second, true);
  const auto third = ownership.stop(kApi, 0);
  ownership.settle_stop(kApi, third, false);
  EXPECT_EQ(ownership.start(kApi), 5);

  const auto alone = ownership.stop(kApi, 5);
  ownership.settle_stop(kApi, alone, false);
  EXPECT_FALSE(ownership.is_stopped(kApi));
}

TEST_F(OwnershipTest, AStopThatAStartOvertookSettlesNothing) {
  Ownership ownership(hpas, false);
  const auto overtaken = ownership.stop(kApi, 5);
  ownership.start(kApi);
  const auto later = ownership.stop(kApi, 4);
  ownership.settle_stop(kApi, overtaken, true);
  ownership.settle_stop(kApi, later, false);
  EXPECT_FALSE(ownership.is_stopped(kApi));
}

TEST_F(OwnershipTest, AStartThatCameToNothingLeavesTheFirstCount) {
  Ownership ownership(hpas, false);
  ownership.stop(kApi, 5);
  ownership.undo_start(kApi, ownership.start(kApi).value_or(0));
  EXPECT_EQ(ownership.start(kApi), 5);

  ownership.stop(kApi, 0);  // finds it empty, as the start has not been written yet
  ownership.undo_start(kApi, 5);
  EXPECT_EQ(ownership.start(kApi), 5);
}

}  // namespace
}  // namespace scaler
