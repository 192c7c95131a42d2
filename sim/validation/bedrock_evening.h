// A real HPA on a television evening, and our HPA on the metric that it saw.
//
// The evening: Bedrock Streaming 2022 ("Tonight's football time, let's prescale Kubernetes to avoid a crash!"), a Pods
// metric of PHP-FPM's busy processes with a target of 40 %, read off two pictures to a pod and a sample of 15 s
// (testdata/). Times are seconds since 20:52:30 Paris. Pure functions.
#pragma once

#include <span>
#include <vector>

namespace sim::bedrock {

struct Sample {
  int at = 0;
  int active_percent = 0;
  int available = 0;    // pods
  int unavailable = 0;  // asked for, not available yet
};
std::span<const Sample> evening();

struct Step {
  int at = 0;
  int replicas = 0;
};

// As published: the HPA looks every 30 s, the adapter collects the metric once a minute.
inline constexpr int kLoop = 30;
inline constexpr int kCollection = 60;

// Replicas that our HPA (scaler/policy) asks for, beginning with those at 0; one entry a change. It gets what theirs
// could get: the metric as last collected, available as long after the collection as a scrape and the adapter take, for
// the pods that were available then; a pod that is not has no value. Its own answers are its next current count. The
// phases of the two loops are not published; they are the ones that fit best.
std::vector<Step> replay();

}  // namespace sim::bedrock
