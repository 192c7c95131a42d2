#include "fake-apiserver/controllers/endpoints_controller.h"

#include <set>

#include "fake-apiserver/controllers/cluster_test_fixture.h"

namespace fakeapi {
namespace {

const Resource kServices{"", "services"};
const Resource kEndpoints{"", "endpoints"};
const Resource kSlices{"discovery.k8s.io", "endpointslices"};

class EndpointsControllerTest : public ClusterTest {
 protected:
  void create_service(const Json& extra = Json::object()) {
    Json spec{{"clusterIP", "10.96.0.10"},
              {"selector", {{"app", "web"}}},
              {"ports", Json::array({{{"name", "http"}, {"port", 80}, {"targetPort", 8080}, {"protocol", "TCP"}}})}};
    spec.update(extra);
    create(kServices, {{"metadata", {{"name", "web"}, {"namespace", "default"}, {"labels", {{"team", "night"}}}}},
                       {"spec", std::move(spec)}});
  }
  Json endpoints() const { return *store_.get(kEndpoints, {"default", "web"}).value(); }
  std::vector<ObjectPtr> slices() const { return store_.list(kSlices); }
  // Ready and unready addresses.
  std::pair<std::size_t, std::size_t> counts() const {
    const Json object = endpoints();
    const Json* subsets = field_at(object, {"subsets"});
    if (!subsets) return {0, 0};
    std::pair<std::size_t, std::size_t> sum{0, 0};
    for (const Json& subset : *subsets) {
      if (const Json* ready = field_at(subset, {"addresses"})) sum.first += ready->size();
      if (const Json* rest = field_at(subset, {"notReadyAddresses"})) sum.second += rest->size();
    }
    return sum;
  }
  std::size_t endpoints_in_slices() const {
    std::size_t sum = 0;
    for (const ObjectPtr& slice : slices()) sum += slice->at("endpoints").size();
    return sum;
  }
};

using Counts = std::pair<std::size_t, std::size_t>;

TEST_F(EndpointsControllerTest, AServiceHasEmptyOnesFirstThenThePodsAsTheyBecomeReady) {
  ClusterOptions options = simple_options();
  options.pod_start.boot = Delay::fixed(10s);
  start(options);
  create_service();
  clock_.run_for(20ms);
  EXPECT_FALSE(endpoints().contains("subsets"));
  ASSERT_EQ(slices().size(), 1u);
  EXPECT_TRUE(slices()[0]->at("endpoints").empty());
  create_deployment("web", {.replicas = 3});
  clock_.run_for(5s);  // running, not ready
  EXPECT_EQ(counts(), (Counts{0, 3}));
  EXPECT_FALSE(bool_at(*slices()[0], {"endpoints", "0", "conditions", "ready"}));
  clock_.run_for(10s);
  EXPECT_EQ(counts(), (Counts{3, 0}));
  ASSERT_EQ(slices().size(), 1u);
  const Json slice = *slices()[0];
  EXPECT_EQ(text_at(slice, {"addressType"}), "IPv4");
  EXPECT_EQ(text_at(slice, {"metadata", "labels", "kubernetes.io/service-name"}), "web");
  EXPECT_EQ(text_at(slice, {"metadata", "labels", "endpointslice.kubernetes.io/managed-by"}),
            "endpointslice-controller.k8s.io");
  EXPECT_EQ(text_at(slice, {"metadata", "labels", "team"}), "night");
  EXPECT_EQ(name_of(slice).name.substr(0, 4), "web-");
  EXPECT_EQ(name_of(slice).name.size(), 9u);
  EXPECT_EQ(slice["ports"], Json::array({{{"name", "http"}, {"port", 8080}, {"protocol", "TCP"}}}));
  const Json conditions = slice["endpoints"][0]["conditions"];
  EXPECT_EQ(conditions, (Json{{"ready", true}, {"serving", true}, {"terminating", false}}));
  EXPECT_EQ(text_at(slice["endpoints"][0], {"targetRef", "kind"}), "Pod");
}

TEST_F(EndpointsControllerTest, APodThatEndsLeavesEndpointsAtOnceAndIsTerminatingInItsSlice) {
  ClusterOptions options = simple_options();
  options.pod_start.termination_delay = 20s;
  start(options);
  create_service();
  create_deployment("web", {.replicas = 2});
  clock_.run_for(10s);
  ASSERT_EQ(counts(), (Counts{2, 0}));
  scale("web", 1);
  clock_.run_for(50ms);
  EXPECT_EQ(counts(), (Counts{1, 0}));
  ASSERT_EQ(endpoints_in_slices(), 2u);
  int terminating = 0;
  for (const Json& endpoint : slices()[0]->at("endpoints")) {
    if (!bool_at(endpoint, {"conditions", "terminating"})) continue;
    ++terminating;
    EXPECT_FALSE(bool_at(endpoint, {"conditions", "ready"}));
    EXPECT_TRUE(bool_at(endpoint, {"conditions", "serving"}));
  }
  EXPECT_EQ(terminating, 1);
  clock_.run_for(21s);
  EXPECT_EQ(endpoints_in_slices(), 1u);
}

TEST_F(EndpointsControllerTest, SlicesHoldAHundredAndEndpointsAThousand) {
  ClusterOptions options = simple_options();
  options.node_pools[0].max_pods = 5000;
  options.events = false;
  start(options);
  create_service();
  create_deployment("web", {.replicas = 1050, .cpu = "1m", .memory = "1Mi"});
  clock_.run_for(1min);
  EXPECT_EQ(counts(), (Counts{1000, 0}));
  EXPECT_EQ(text_at(endpoints(), {"metadata", "annotations", "endpoints.kubernetes.io/over-capacity"}), "truncated");
  EXPECT_EQ(endpoints_in_slices(), 1050u);
  EXPECT_GE(slices().size(), 11u);
  for (const ObjectPtr& slice : slices()) EXPECT_LE(slice->at("endpoints").size(), 100u);
  scale("web", 10);
  clock_.run_for(1min);
  EXPECT_EQ(counts(), (Counts{10, 0}));
  EXPECT_EQ(endpoints_in_slices(), 10u);
}

TEST_F(EndpointsControllerTest, NamedPortsAreThoseOfThePod) {
  start(simple_options());
  create_service({{"ports", Json::array({{{"name", "main"}, {"port", 80}, {"targetPort", "web"}}})}});
  const Json ports = Json::array({{{"name", "web"}, {"containerPort", 9000}}});
  create_deployment("web", {.pod_spec_extra = {{"containers", Json::array({{{"name", "app"}, {"ports", ports}}})}}});
  clock_.run_for(10s);
  EXPECT_EQ(int_at(endpoints()["subsets"][0]["ports"][0], {"port"}), 9000);
  EXPECT_EQ(text_at(slices()[0]->at("ports")[0], {"name"}), "main");
}

TEST_F(EndpointsControllerTest, NotReadyAddressesArePublishedOnDemand) {
  ClusterOptions options = simple_options();
  options.pod_start.boot = Delay::fixed(1h);
  start(options);
  create_service({{"publishNotReadyAddresses", true}, {"clusterIP", "None"}});
  create_deployment("web");
  clock_.run_for(10s);
  EXPECT_EQ(counts(), (Counts{1, 0}));
  EXPECT_EQ(text_at(*slices()[0], {"metadata", "labels", "service.kubernetes.io/headless"}), "");
  EXPECT_TRUE(slices()[0]->at("metadata").at("labels").contains("service.kubernetes.io/headless"));
}

TEST_F(EndpointsControllerTest, WithoutASelectorOrAsAnExternalNameThereAreNone) {
  start(simple_options());
  create_service({{"selector", nullptr}});
  create_deployment("web");
  clock_.run_for(10s);
  EXPECT_TRUE(slices().empty());
  EXPECT_TRUE(store_.list(kEndpoints).empty());
}

TEST_F(EndpointsControllerTest, TheyGoWithTheService) {
  start(simple_options());
  create_service();
  create_deployment("web");
  clock_.run_for(10s);
  ASSERT_EQ(slices().size(), 1u);
  ASSERT_TRUE(store_.remove(kServices, {"default", "web"}, {}));
  clock_.run_for(1s);
  EXPECT_TRUE(slices().empty());
  EXPECT_TRUE(store_.list(kEndpoints).empty());
}

TEST_F(EndpointsControllerTest, WhatOthersDeleteComesBack) {
  start(simple_options());
  create_service();
  create_deployment("web", {.replicas = 2});
  clock_.run_for(10s);
  ASSERT_TRUE(store_.remove(kEndpoints, {"default", "web"}, {}));
  ASSERT_TRUE(store_.remove(kSlices, name_of(*slices().at(0)), {}));
  ASSERT_TRUE(slices().empty());
  clock_.run_for(20ms);
  ASSERT_TRUE(store_.find(kEndpoints, {"default", "web"}));
  EXPECT_EQ(counts(), (Counts{2, 0}));
  EXPECT_EQ(endpoints_in_slices(), 2u);
}

TEST_F(EndpointsControllerTest, WhatOthersMakeOfASliceIsPutRight) {
  start(simple_options());
  create_service();
  create_deployment("web", {.replicas = 2});
  clock_.run_for(10s);
  const ObjectName slice = name_of(*slices().at(0));
  change(kSlices, slice, [](Json& object) { object["endpoints"].erase(0); });
  clock_.run_for(20ms);
  EXPECT_EQ(endpoints_in_slices(), 2u);
  // One that is taken out of its keeper's hands stays as it is beside a new one.
  change(
      kSlices, slice,
      [](Json& object) { object["metadata"]["labels"]["endpointslice.kubernetes.io/managed-by"] = "me"; }, Part::kAll);
  clock_.run_for(20ms);
  EXPECT_EQ(slices().size(), 2u);
  EXPECT_EQ(endpoints_in_slices(), 4u);
  const Revision before = store_.revision();
  ASSERT_TRUE(store_.remove(kSlices, slice, {}));
  clock_.run_for(20ms);
  EXPECT_EQ(slices().size(), 1u);
  EXPECT_EQ(store_.revision(), before + 1);
}

TEST_F(EndpointsControllerTest, EndpointsOfAServiceWithoutASelectorMayBeDeleted) {
  start(simple_options());
  create_service({{"selector", nullptr}});
  create(kEndpoints, {{"metadata", {{"name", "web"}, {"namespace", "default"}}}});
  clock_.run_for(1s);
  ASSERT_TRUE(store_.remove(kEndpoints, {"default", "web"}, {}));
  clock_.run_for(1s);
  EXPECT_TRUE(store_.list(kEndpoints).empty());
}

TEST_F(EndpointsControllerTest, APodThatChangesItsLabelsLeaves) {
  start(simple_options());
  create_service();
  create_deployment("web");
  clock_.run_for(10s);
  change(resources::kPods, name_of(*pods()[0]), [](Json& pod) { pod["metadata"]["labels"]["app"] = "other"; });
  clock_.run_for(20ms);
  EXPECT_EQ(counts(), (Counts{0, 0}));
}

TEST_F(EndpointsControllerTest, AnotherSelectorChoosesAnew) {
  start(simple_options());
  create_service();
  create_deployment("web", {.replicas = 2});
  create_deployment("db", {.replicas = 3});
  clock_.run_for(10s);
  EXPECT_EQ(counts(), (Counts{2, 0}));
  change(kServices, {"default", "web"}, [](Json& service) { service["spec"]["selector"]["app"] = "db"; });
  clock_.run_for(20ms);
  EXPECT_EQ(counts(), (Counts{3, 0}));
  scale("db", 4);
  scale("web", 5);
  clock_.run_for(10s);
  EXPECT_EQ(counts(), (Counts{4, 0}));
}

TEST_F(EndpointsControllerTest, OfManySlicesAPodThatChangesChangesOne) {
  ClusterOptions options = simple_options();
  options.node_pools[0].max_pods = 500;
  start(options);
  create_service();
  create_deployment("web", {.replicas = 250, .cpu = "1m", .memory = "1Mi"});
  clock_.run_for(1min);
  ASSERT_EQ(slices().size(), 3u);
  std::set<std::string> written;
  store_.subscribe(kSlices, [&](const StoreEvent& event) { written.insert(name_of(*event.object).name); });
  change(resources::kPods, name_of(*pods()[0]), [](Json& pod) { pod["metadata"]["labels"]["app"] = "other"; });
  clock_.run_for(20ms);
  EXPECT_EQ(written.size(), 1u);
  EXPECT_EQ(endpoints_in_slices(), 249u);
}

}  // namespace
}  // namespace fakeapi
