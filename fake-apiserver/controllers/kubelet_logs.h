// What the containers of the simulated pods say: how they start and end, and what an annotation has them repeat.
//
// Made from the pod's object and the time alone: the same question has the same answer. Single-threaded; owned by the
// Cluster.
#pragma once

#include <memory>
#include <vector>

#include "common/base/clock.h"
#include "fake-apiserver/api/pod_log_source.h"

namespace fakeapi {

// On the pod: a line that its containers write every so often ("5s"; without the second every ten seconds).
inline constexpr const char* kLogLineAnnotation = "gamenight/log-line";
inline constexpr const char* kLogEveryAnnotation = "gamenight/log-every";

class KubeletLogs final : public PodLogSource {
 public:
  KubeletLogs(ObjectStore& store, base::Clock& clock) : store_(store), clock_(clock) {}

  std::vector<PodLogLine> lines(const Json& pod, const PodLogOptions& options) override;
  std::unique_ptr<http::BodyStream> follow(const Json& pod, const PodLogOptions& options) override;

 private:
  ObjectStore& store_;
  base::Clock& clock_;
};

// All that `container` has said until `now`, oldest first: of the run that the options mean. What is repeated begins
// with `since`.
std::vector<PodLogLine> container_log(const Json& pod, const PodLogOptions& options, base::Time now,
                                      base::Time since = base::Time{});

}  // namespace fakeapi
