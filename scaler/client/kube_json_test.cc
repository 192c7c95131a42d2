#include "scaler/client/kube_json.h"

#include <gtest/gtest.h>

#include <functional>
#include <nlohmann/json.hpp>

#include "scaler/client/metrics_json.h"

namespace scaler {
namespace {

using namespace std::chrono_literals;

constexpr char kPodList[] =
    R"({"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"1630","continue":"abc"},
"items":[{"metadata":{"name":"web-7d4","namespace":"default","uid":"u1","resourceVersion":"1600","labels":{"app":"web"},
"deletionTimestamp":"2026-01-01T00:01:00Z"},
"spec":{"initContainers":[{"name":"setup","resources":{"requests":{"cpu":"1"}}},
{"name":"mesh","restartPolicy":"Always","resources":{"requests":{"cpu":"100m"}}}],
"containers":[{"name":"app","resources":{"requests":{"cpu":"500m","memory":"64Mi"}}},{"name":"bare","resources":{}}]},
"status":{"phase":"Running","startTime":"2026-01-01T00:00:00Z",
"conditions":[{"type":"PodScheduled","status":"True"},
{"type":"Ready","status":"False","lastTransitionTime":"2026-01-01T00:00:30Z"}]}}]})";

TEST(KubeJsonTest, DecodesAPodForThePolicies) {
  const auto list = decode_list<PodObject>(kPodList);

  ASSERT_TRUE(list);
  EXPECT_EQ(list->resource_version, "1630");
  EXPECT_EQ(list->continue_token, "abc");
  ASSERT_EQ(list->items.size(), 1u);
  const PodObject& pod = *list->items[0];
  EXPECT_EQ(pod.meta.key.text(), "default/web-7d4");
  EXPECT_EQ(pod.labels.at("app"), "web");
  const PodObservation& observed = pod.observation;
  EXPECT_EQ(observed.phase, PodPhase::kRunning);
  EXPECT_TRUE(observed.deleting);
  EXPECT_EQ(observed.ready, ConditionStatus::kFalse);
  EXPECT_EQ(observed.ready_transition - *observed.start_time, 30s);
  ASSERT_EQ(observed.containers.size(), 3u);
  EXPECT_EQ(observed.containers[0].cpu_request_milli, 500);
  EXPECT_EQ(observed.containers[0].memory_request_milli, (std::int64_t{64} << 20) * 1000);
  EXPECT_EQ(observed.containers[1].cpu_request_milli, std::nullopt);
  EXPECT_EQ(observed.containers[2].name, "mesh");  // a sidecar counts, an ordinary init container does not
  EXPECT_TRUE(observed.containers[2].sidecar);
}

TEST(KubeJsonTest, PodWithoutStatusIsUnknownAndWithoutReadiness) {
  const auto event = decode_event<PodObject>(R"({"type":"ADDED","object":{"metadata":{"name":"p","namespace":"n"}}})");

  ASSERT_TRUE(event);
  EXPECT_EQ(event->object->observation.phase, PodPhase::kUnknown);
  EXPECT_EQ(event->object->observation.ready, std::nullopt);
  EXPECT_EQ(event->object->observation.start_time, std::nullopt);
  EXPECT_TRUE(event->object->observation.containers.empty());
}

TEST(KubeJsonTest, ItemsOfAListGetTheKindOfTheList) {
  const auto list = decode_list<PolicyObject>(
      R"({"kind":"HorizontalPodAutoscalerList","apiVersion":"autoscaling/v2","metadata":{"resourceVersion":"5"},
          "items":[{"metadata":{"name":"a","namespace":"n","generation":3},
                    "spec":{"scaleTargetRef":{"kind":"Deployment","name":"web"}}}]})");

  ASSERT_TRUE(list);
  const PolicyObject& hpa = *list->items.at(0);
  EXPECT_EQ(hpa.kind, "HorizontalPodAutoscaler");
  EXPECT_EQ(hpa.target_kind, "Deployment");
  EXPECT_EQ(hpa.target_name, "web");
  EXPECT_EQ(hpa.meta.generation, 3);
  EXPECT_EQ((*hpa.document)["apiVersion"], "autoscaling/v2");
}

TEST(KubeJsonTest, ErrorEventCarriesTheStatus) {
  const auto event = decode_event<PodObject>(
      R"({"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired","message":"too old resource version"}})");

  ASSERT_TRUE(event);
  EXPECT_EQ(event->type, WatchEventType::kError);
  EXPECT_EQ(event->error.code, base::ErrorCode::kExpired);
}

TEST(KubeJsonTest, BookmarkHasAVersionAndNoObject) {
  const auto event = decode_event<PodObject>(
      R"({"type":"BOOKMARK","object":{"kind":"Pod","metadata":{"resourceVersion":"77","creationTimestamp":null}}})");

  ASSERT_TRUE(event);
  EXPECT_EQ(event->type, WatchEventType::kBookmark);
  EXPECT_EQ(event->resource_version, "77");
  EXPECT_EQ(event->object, nullptr);
}

TEST(KubeJsonTest, GarbageIsAnError) {
  for (const char* text :
       {"", "null", "7", "[]", "{\"items\":3,\"metadata\":{}}", "{\"items\":[]}", "{\"metadata\":{"}) {
    EXPECT_FALSE(decode_list<PodObject>(text)) << text;
  }
  for (const char* text : {"", "null", "{}", "{\"type\":\"ADDED\"}", "{\"type\":\"ADDED\",\"object\":{}}"}) {
    EXPECT_FALSE(decode_event<PodObject>(text)) << text;
  }
}

TEST(KubeJsonTest, ListOfWhatIsNoObjectIsGarbage) {
  for (const char* items : {"[3]", "[null]", "[[]]", "[\"a\"]", "[{},true]"}) {
    const std::string body =
        std::string(R"({"kind":"XList","metadata":{"resourceVersion":"1"},"items":)") + items + "}";
    EXPECT_FALSE(decode_list<PodObject>(body)) << body;
    EXPECT_FALSE(decode_list<DeploymentObject>(body)) << body;
    EXPECT_FALSE(decode_list<PolicyObject>(body)) << body;
  }
}

// The document with each of its values in turn replaced by something of every type.
std::vector<std::string> variants(const std::string& text) {
  using Json = nlohmann::json;
  const Json original = Json::parse(text);
  std::vector<Json::json_pointer> pointers;
  const std::function<void(const Json&, const Json::json_pointer&)> walk = [&](const Json& value,
                                                                               const Json::json_pointer& at) {
    pointers.push_back(at);
    if (!value.is_structured()) return;
    for (const auto& [key, child] : value.items()) {
      walk(child, value.is_array() ? at / static_cast<std::size_t>(std::stoul(key)) : at / key);
    }
  };
  walk(original, Json::json_pointer());
  std::vector<std::string> made;
  for (const auto& pointer : pointers) {
    for (const char* value : {"null", "true", "3", "-9223372036854775808", "1e300", R"("x")", "[]", "[7]", "{}",
                              R"({"a":[{}]})", R"("-9999999999999999999E99")"}) {
      Json changed = original;
      changed[pointer] = Json::parse(value);
      made.push_back(changed.dump());
    }
  }
  return made;
}

constexpr char kHpaList[] =
    R"({"kind":"HpaList","apiVersion":"autoscaling/v2","metadata":{"resourceVersion":"5","continue":""},
"items":[{"metadata":{"name":"a","namespace":"n","generation":3},"spec":{"minReplicas":1,"scaleTargetRef":
{"kind":"Deployment","name":"web"},"metrics":[{"resource":{"name":"cpu","target":{"averageUtilization":70}}}]},
"status":{"desiredReplicas":6,"currentMetrics":[{"resource":{"name":"cpu","current":{"averageUtilization":81}}}]}}]})";
constexpr char kUsages[] =
    R"({"items":[{"metadata":{"name":"p"},"timestamp":"2026-01-01T00:00:00Z","window":"15s","windowSeconds":60,
"containers":[{"name":"app","usage":{"cpu":"1","memory":"1Mi"}}],"describedObject":{"name":"p"},"value":"7"}]})";
constexpr char kDiscovery[] =
    R"({"versions":[{"version":"v1"}],"preferredVersion":{"version":"v1"},
"resources":[{"name":"rollouts","kind":"Rollout"}]})";
constexpr char kFailure[] =
    R"({"kind":"Status","code":504,"reason":"Timeout","message":"m","details":{"causes":[{"reason":"R"}]},
"spec":{"replicas":3},"status":{"replicas":3,"selector":"a=b"},"metadata":{"name":"a"},"decision":{"minCount":3}})";

TEST(KubeJsonTest, NoWrongTypeInAnAnswerThrows) {
  for (const std::string& text : variants(kPodList)) {
    EXPECT_NO_THROW(static_cast<void>(decode_list<PodObject>(text))) << text;
    EXPECT_NO_THROW(static_cast<void>(decode_list<DeploymentObject>(text))) << text;
    EXPECT_NO_THROW(static_cast<void>(decode_event<PodObject>(R"({"type":"ADDED","object":)" + text + "}"))) << text;
  }
  const auto look_at_hpas = [](const std::string& text) {
    const auto list = decode_list<PolicyObject>(text);
    if (!list) return;
    for (const auto& hpa : list->items) static_cast<void>(observe_hpa(*hpa));
  };
  for (const std::string& text : variants(kHpaList)) EXPECT_NO_THROW(look_at_hpas(text)) << text;
  for (const std::string& text : variants(kUsages)) {
    EXPECT_NO_THROW(static_cast<void>(decode_pod_metrics(text))) << text;
    EXPECT_NO_THROW(static_cast<void>(decode_metric_values(text))) << text;
    EXPECT_NO_THROW(static_cast<void>(decode_object_metric(text))) << text;
    EXPECT_NO_THROW(static_cast<void>(decode_external_metric(text))) << text;
  }
  for (const std::string& text : variants(kDiscovery)) {
    EXPECT_NO_THROW(static_cast<void>(decode_group_versions(text))) << text;
    EXPECT_NO_THROW(static_cast<void>(decode_plural(text, "Rollout"))) << text;
  }
  for (const std::string& text : variants(kFailure)) {
    EXPECT_NO_THROW(static_cast<void>(decode_status(text))) << text;
    EXPECT_NO_THROW(static_cast<void>(decode_scale(text))) << text;
    EXPECT_NO_THROW(static_cast<void>(decode_policy(text))) << text;
    EXPECT_NO_THROW(static_cast<void>(decode_min_count(text))) << text;
  }
}

TEST(KubeJsonTest, PodLevelRequestsAreThoseOfItsSpec) {
  const auto event = decode_event<PodObject>(
      R"({"type":"ADDED","object":{"metadata":{"name":"a"},"spec":{"resources":{"requests":{"cpu":"1500m"}}}}})");

  ASSERT_TRUE(event);
  EXPECT_EQ(event->object->observation.pod_cpu_request_milli, 1500);
  EXPECT_EQ(event->object->observation.pod_memory_request_milli, std::nullopt);
}

TEST(KubeJsonTest, ListsWithNullItemsAreEmpty) {
  const auto list = decode_list<PodObject>(R"({"metadata":{"resourceVersion":"9"},"items":null})");

  ASSERT_TRUE(list);
  EXPECT_TRUE(list->items.empty());
}

TEST(KubeJsonTest, HpaObservationReadsSpecAndStatus) {
  const auto hpa = decode_policy(
      R"({"metadata":{"name":"a"},"spec":{"minReplicas":4,"maxReplicas":9,"metrics":[{"type":"Resource","resource":
          {"name":"cpu","target":{"type":"Utilization","averageUtilization":70}}}]},
          "status":{"desiredReplicas":6,"currentMetrics":[{"type":"Resource","resource":
          {"name":"cpu","current":{"averageUtilization":81}}}]}})");

  ASSERT_TRUE(hpa);
  const HpaObservation observed = observe_hpa(*hpa);
  EXPECT_EQ(observed.min_replicas, 4);
  EXPECT_EQ(observed.max_replicas, 9);
  EXPECT_EQ(observed.desired_replicas, 6);
  EXPECT_EQ(observed.cpu_utilization, 81);
  EXPECT_EQ(observed.cpu_target, 70);
}

TEST(KubeJsonTest, DecisionServiceGarbageIsNoOpinionAndNeverZero) {
  EXPECT_EQ(decode_min_count(R"({"decision":{"minCount":99}})"), 99);
  EXPECT_EQ(decode_min_count(R"({"decision":{"minCount":0}})"), 0);
  for (const char* text : {"", "oops", "{}", R"({"decision":{}})", R"({"decision":{"minCount":"9"}})",
                           R"({"decision":{"minCount":-1}})", R"({"decision":{"minCount":99999999999}})"}) {
    EXPECT_EQ(decode_min_count(text), std::nullopt) << text;
  }
}

TEST(KubeJsonTest, EncodedScaleCarriesTheVersionThatWasRead) {
  Scale read;
  read.meta.key = ObjectKey{"default", "api"};
  read.meta.uid = "u";
  read.meta.resource_version = "12";

  const auto json = nlohmann::json::parse(encode_scale(read, 7));

  EXPECT_EQ(json["kind"], "Scale");
  EXPECT_EQ(json["metadata"]["resourceVersion"], "12");
  EXPECT_EQ(json["metadata"]["uid"], "u");
  EXPECT_EQ(json["spec"]["replicas"], 7);
}

}  // namespace
}  // namespace scaler
