#include "fake-apiserver/controllers/headroom.h"

#include "fake-apiserver/controllers/image_pulls.h"

namespace fakeapi {

Json headroom_deployment(const HeadroomOptions& options) {
  const Json labels{{"app", kHeadroomName.name}};
  const Json container{{"name", "pause"},
                       {"image", kPauseImage},
                       {"resources", {{"requests", {{"cpu", options.cpu}, {"memory", options.memory}}}}}};
  Json spec{
      {"priority", options.priority}, {"terminationGracePeriodSeconds", 0}, {"containers", Json::array({container})}};
  Json object{{"apiVersion", "apps/v1"},
              {"kind", "Deployment"},
              {"metadata", {{"name", kHeadroomName.name}, {"namespace", kHeadroomName.ns}, {"labels", labels}}}};
  object["spec"] = {{"replicas", options.replicas},
                    {"selector", {{"matchLabels", labels}}},
                    {"template", {{"metadata", {{"labels", labels}}}, {"spec", std::move(spec)}}}};
  return object;
}

PodStartOptions headroom_pod_start() {
  PodStartOptions start;
  start.container_delay = Delay::fixed(std::chrono::seconds(1));
  return start;
}

}  // namespace fakeapi
