#include "fake-apiserver/controllers/run_plan.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "common/base/number_format.h"
#include "common/base/time_format.h"
#include "fake-apiserver/controllers/object_fields.h"

namespace fakeapi {
namespace {

constexpr base::Duration kShortRun = std::chrono::seconds(1);

const Json* annotation(const Json& pod, const char* name) { return field_at(pod, {"metadata", "annotations", name}); }

std::optional<base::Duration> duration_annotation(const Json& pod, const char* name) {
  const Json* text = annotation(pod, name);
  if (!text || !text->is_string()) return std::nullopt;
  const auto duration = base::parse_duration(text->get<std::string>());
  if (!duration || *duration < base::Duration::zero()) return std::nullopt;
  return duration;
}

int code_annotation(const Json& pod, const char* name) {
  const Json* text = annotation(pod, name);
  if (!text || !text->is_string()) return 0;
  const auto code = base::parse_int64(text->get<std::string>());
  return code && *code >= 0 && *code <= 255 ? static_cast<int>(*code) : 0;
}

RestartPolicy policy_of(const Json& pod) {
  const std::string policy = text_or(pod, {"spec", "restartPolicy"}, "Always");
  if (policy == "Never") return RestartPolicy::kNever;
  return policy == "OnFailure" ? RestartPolicy::kOnFailure : RestartPolicy::kAlways;
}

bool comes_to_an_end(const Json& pod) {
  const auto owner = controller_of(pod);
  return (owner && owner->kind == "Job") || annotation(pod, "helm.sh/hook");
}

// "sleep 5" somewhere in the words of a command.
base::Duration sleep_in(const Json& command) {
  std::string words;
  for (const Json& word : command) {
    if (word.is_string()) words += word.get<std::string>() + " ";
  }
  constexpr std::string_view kSleep = "sleep ";
  const std::size_t at = words.find(kSleep);
  if (at == std::string::npos) return base::Duration::zero();
  const std::size_t digits = at + kSleep.size();
  const std::size_t end = words.find_first_not_of("0123456789", digits);
  const auto seconds = base::parse_int64(words.substr(digits, end - digits));
  constexpr std::int64_t kLongest = 86'400;
  return std::chrono::seconds(std::clamp<std::int64_t>(seconds.value_or(0), 0, kLongest));
}

base::Duration pre_stop_of(const Json& pod) {
  base::Duration longest{};
  const Json* containers = field_at(pod, {"spec", "containers"});
  if (!containers || !containers->is_array()) return longest;
  for (const Json& container : *containers) {
    const std::int64_t seconds = int_at(container, {"lifecycle", "preStop", "sleep", "seconds"});
    longest = std::max<base::Duration>(longest, std::chrono::seconds(std::clamp<std::int64_t>(seconds, 0, 86'400)));
    const Json* command = field_at(container, {"lifecycle", "preStop", "exec", "command"});
    if (command && command->is_array()) longest = std::max(longest, sleep_in(*command));
  }
  return longest;
}

}  // namespace

RunPlan run_plan_of(const Pod& pod) {
  const Json& object = *pod.object;
  RunPlan plan;
  plan.restart = policy_of(object);
  plan.runs_for = duration_annotation(object, kRunsForAnnotation);
  plan.exit_code = code_annotation(object, kExitCodeAnnotation);
  if (!plan.runs_for && (comes_to_an_end(object) || annotation(object, kExitCodeAnnotation))) plan.runs_for = kShortRun;
  plan.init_runs_for = duration_annotation(object, kInitRunsForAnnotation).value_or(kShortRun);
  plan.init_exit_code = code_annotation(object, kInitExitCodeAnnotation);
  if (const std::int64_t deadline = int_at(object, {"spec", "activeDeadlineSeconds"}); deadline > 0) {
    constexpr std::int64_t kLongest = 100LL * 365 * 86'400;  // a century bounds the arithmetic of times
    plan.deadline = std::chrono::seconds(std::min(deadline, kLongest));
  }
  plan.pre_stop = pre_stop_of(object);
  return plan;
}

bool starts_again(RestartPolicy policy, int exit_code) {
  return policy == RestartPolicy::kAlways || (policy == RestartPolicy::kOnFailure && exit_code != 0);
}

std::vector<ContainerSpec> containers_of(const Json& pod, const char* list) {
  std::vector<ContainerSpec> containers;
  const Json* specs = field_at(pod, {"spec", list});
  if (!specs || !specs->is_array()) return containers;
  for (const Json& spec : *specs) {
    containers.push_back(
        ContainerSpec{text_at(spec, {"name"}), text_at(spec, {"image"}), text_at(spec, {"restartPolicy"}) == "Always"});
  }
  return containers;
}

bool is_of_no_registry(const std::string& image) {
  std::string host = image.substr(0, image.find('/'));
  if (host.size() == image.size()) return false;
  host = host.substr(0, host.find(':'));
  return host.ends_with(".invalid");
}

}  // namespace fakeapi
