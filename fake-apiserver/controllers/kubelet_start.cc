#include <algorithm>
#include <utility>

#include "fake-apiserver/controllers/kubelet.h"
#include "fake-apiserver/controllers/object_fields.h"

// From a bound pod to its running containers.
namespace fakeapi {
namespace {

constexpr const char* kName = "kubelet";
// The kubelet's back-off of image pulls, and of containers that end.
constexpr base::Duration kFirstBackOff = std::chrono::seconds(10);
constexpr base::Duration kLongestBackOff = std::chrono::minutes(5);
// From a failed pull until the status says that the next one is put off: the relisting period of the kubelet.
constexpr base::Duration kRelist = std::chrono::seconds(1);

base::Duration pull_back_off(int failures) {
  constexpr int kDoublings = 5;  // 320 s are more than the longest
  return std::min(kLongestBackOff, kFirstBackOff * (1 << std::min(failures - 1, kDoublings)));
}

}  // namespace

void Kubelet::acknowledge(Life& life) {
  const Pod* pod = pods_.find(life.name);
  if (!pod) return;
  const Node* node = nodes_.find(pod->node);
  if (!node) return evict_from(pod->node);
  const std::string host_ip = node->address;
  const auto acknowledged = [this, host_ip](Json& object, Json& status) {
    pod_status::acknowledge(object, status, host_ip, clock_.now());
  };
  if (life.plan.deadline) plan(life, *life.plan.deadline, &Kubelet::exceed_deadline, kDeadline);
  const std::vector<ContainerSpec> containers = containers_of(*pod->object, "containers");
  const bool simple = containers_of(*pod->object, "initContainers").empty() && !broken_image(containers);
  const base::Duration delay = life.container_delay + (simple ? pull_images(*pod, containers) : base::Duration::zero());
  // What takes no time is told at once.
  if (simple && delay <= base::Duration::zero()) return run_application(life, acknowledged);
  if (write_status(life, acknowledged)) plan(life, delay, simple ? &Kubelet::start_containers : &Kubelet::prepare);
}

// The next init container, or those of the application.
std::vector<ContainerSpec> Kubelet::next_containers(const Life& life, const Json& pod) const {
  std::vector<ContainerSpec> inits = containers_of(pod, "initContainers");
  if (life.inits < inits.size()) return {inits[life.inits]};
  return containers_of(pod, "containers");
}

std::optional<std::string> Kubelet::broken_image(const std::vector<ContainerSpec>& containers) const {
  for (const ContainerSpec& container : containers) {
    const auto& broken = options_.broken_images;
    if (is_of_no_registry(container.image) ||
        std::find(broken.begin(), broken.end(), container.image) != broken.end()) {
      return container.image;
    }
  }
  return std::nullopt;
}

void Kubelet::prepare(Life& life) {
  const Pod* pod = pods_.find(life.name);
  if (!pod) return;
  const bool init = life.inits < containers_of(*pod->object, "initContainers").size();
  const std::vector<ContainerSpec> containers = next_containers(life, *pod->object);
  if (const auto image = broken_image(containers)) return fail_pull(life, *pod, *image);
  life.failed_pulls = 0;
  plan(life, pull_images(*pod, containers), init ? &Kubelet::start_init : &Kubelet::start_containers);
}

void Kubelet::fail_pull(Life& life, const Pod& pod, const std::string& image) {
  ++life.failed_pulls;
  metrics_.increment("fakeapi_kubelet_failed_pulls_total", "Images that no registry had.");
  const std::vector<ContainerSpec> containers = next_containers(life, *pod.object);
  const bool init = life.inits < containers_of(*pod.object, "initContainers").size();
  const std::string why = "failed to resolve reference \"" + image + "\": not found";
  const auto changed = [&](Json&, Json& status) {
    const auto group = init ? pod_status::Group::kInit : pod_status::Group::kMain;
    for (std::size_t i = 0; i < containers.size(); ++i) {
      if (!broken_image({containers[i]})) continue;
      pod_status::wait(status, group, init ? life.inits : i, "ErrImagePull", why);
    }
  };
  plan(life, kRelist, &Kubelet::back_off_pull);
  if (!write_status(life, changed)) return;
  tell(life, "Pulling", {{"", image}}, [&](const auto&) { return "Pulling image \"" + image + "\""; });
  tell(
      life, "Failed", {{"", image}}, [&](const auto&) { return "Failed to pull image \"" + image + "\": " + why; },
      true);
  tell(
      life, "Failed", {{"", image}}, [](const auto&) { return std::string("Error: ErrImagePull"); }, true);
}

void Kubelet::back_off_pull(Life& life) {
  const Pod* pod = pods_.find(life.name);
  if (!pod) return;
  const bool init = life.inits < containers_of(*pod->object, "initContainers").size();
  const std::vector<ContainerSpec> containers = next_containers(life, *pod->object);
  const std::string image = broken_image(containers).value_or("");
  const std::string message = "Back-off pulling image \"" + image + "\"";
  const auto changed = [&](Json&, Json& status) {
    const auto group = init ? pod_status::Group::kInit : pod_status::Group::kMain;
    for (std::size_t i = 0; i < containers.size(); ++i) {
      if (!broken_image({containers[i]})) continue;
      pod_status::wait(status, group, init ? life.inits : i, "ImagePullBackOff", message);
    }
  };
  plan(life, pull_back_off(life.failed_pulls) - kRelist, &Kubelet::prepare);
  if (image.empty() || !write_status(life, changed)) return;
  tell(life, "BackOff", {{"", image}}, [&](const auto&) { return message; });
  tell(
      life, "Failed", {{"", image}}, [](const auto&) { return std::string("Error: ImagePullBackOff"); }, true);
}

// How long the pod waits for these images.
base::Duration Kubelet::pull_images(const Pod& pod, const std::vector<ContainerSpec>& containers) {
  if (!pulls_) return base::Duration::zero();
  const base::Time now = clock_.now();
  base::Time done = now;
  const ObjectPtr object = pod.object;
  const std::string node = pod.node;
  for (const ContainerSpec& container : containers) {
    const ImagePulls::Pull pull = pulls_->request(node, container.image, now);
    done = std::max(done, pull.done);
    if (!pull.started) continue;
    metrics_.increment("fakeapi_kubelet_image_pulls_total", "Images pulled by nodes.");
    if (!events_.enabled()) continue;
    events_.normal(reference_to(*object, "v1", "Pod"), kName, "Pulling", "Pulling image \"" + container.image + "\"",
                   node);
  }
  return done - now;
}

void Kubelet::start_init(Life& life) {
  const Pod* pod = pods_.find(life.name);
  if (!pod) return;
  const std::vector<ContainerSpec> inits = containers_of(*pod->object, "initContainers");
  if (life.inits >= inits.size()) return plan(life, base::Duration::zero(), &Kubelet::start_containers);
  const ContainerSpec container = inits[life.inits];
  const std::size_t index = life.inits;
  const auto restarts = static_cast<std::int64_t>(life.restarts);
  life.started = clock_.now();
  const bool last = index + 1 == inits.size();
  if (container.sidecar) ++life.inits;
  plan(life, container.sidecar ? base::Duration::zero() : life.plan.init_runs_for,
       container.sidecar ? &Kubelet::prepare : &Kubelet::end_init);
  const bool written = write_status(life, [&](Json& object, Json& status) {
    pod_status::run_init(object, status, index, restarts, clock_.now());
    if (!container.sidecar) return;
    pod_status::sidecar_ready(status, index);
    if (last) pod_status::initialize(status, clock_.now());
  });
  if (written) tell_start(life, {container});
}

void Kubelet::end_init(Life& life) {
  const Pod* pod = pods_.find(life.name);
  if (!pod) return;
  const int code = life.plan.init_exit_code;
  const bool last = life.inits + 1 == containers_of(*pod->object, "initContainers").size();
  const bool final_failure = code != 0 && !starts_again(life.plan.restart, code);
  pod_status::InitEnd end{.index = life.inits, .exit_code = code};
  if (code == 0) {
    ++life.inits;
    life.restarts = 0;
    life.back_off = base::Duration::zero();
    plan(life, base::Duration::zero(), &Kubelet::prepare);
  } else if (!final_failure) {
    ++life.restarts;
    end.back_off = life.back_off = std::min(kLongestBackOff, std::max(kFirstBackOff, 2 * life.back_off));
    plan(life, end.back_off, &Kubelet::start_init);
  }
  (void)write_status(life, [&](Json& object, Json& status) {
    pod_status::end_init(object, status, end, clock_.now());
    if (code == 0 && last) pod_status::initialize(status, clock_.now());
    if (final_failure) status["phase"] = "Failed";
  });
}

void Kubelet::start_containers(Life& life) { run_application(life, nullptr); }

// `first` is written with the start, if there is such a change.
void Kubelet::run_application(Life& life, const StatusChange& first) {
  const Pod* pod = pods_.find(life.name);
  if (!pod) return;
  const std::vector<ContainerSpec> containers = containers_of(*pod->object, "containers");
  const Node* node = nodes_.find(pod->node);
  const std::string address = pod_address(*pod->object, node ? node->address : "");
  life.started = clock_.now();
  life.restarts = 0;
  life.running = true;
  const auto startup = probe_in_spec(life, "startupProbe");
  const auto readiness = probe_of(life, ProbeKind::kReadiness);
  life.answers = life.started + life.boot;
  const bool ready = !startup && !(readiness && readiness->does_work) && until_ready(life) <= base::Duration::zero();
  const bool written = write_status(life, [&](Json& object, Json& status) {
    if (first) first(object, status);
    pod_status::run(object, status, address, clock_.now());
    if (startup) pod_status::set_started(status, false);
    if (ready) pod_status::become_ready(status, clock_.now());
  });
  if (!written) return;
  metrics_.increment("fakeapi_kubelet_started_pods_total", "Pods whose containers were started.");
  tell_start(life, containers);
  watch_containers(life, ready);
}

void Kubelet::tell_start(const Life& life, const std::vector<ContainerSpec>& containers) {
  for (const ContainerSpec& container : containers) {
    tell(life, "Pulled", {container},
         [](const auto& c) { return "Container image \"" + c.image + "\" already present on machine"; });
    tell(life, "Created", {container}, [](const auto& c) { return "Created container " + c.name; });
    tell(life, "Started", {container}, [](const auto& c) { return "Started container " + c.name; });
  }
}

// That of the node for a pod of its network, else 10.128.0.1 and on; unique for eight million pods.
std::string Kubelet::pod_address(const Json& pod, const std::string& host_ip) {
  if (bool_at(pod, {"spec", "hostNetwork"}) && !host_ip.empty()) return host_ip;
  for (;;) {
    const std::uint32_t n = ++addresses_;
    std::string address = "10." + std::to_string(128 + (n >> 16) % 128) + "." + std::to_string((n >> 8) % 256) + "." +
                          std::to_string(n % 256);
    if (!inherited_addresses_.contains(address)) return address;
  }
}

}  // namespace fakeapi
