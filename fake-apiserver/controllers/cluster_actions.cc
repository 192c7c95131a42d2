#include "fake-apiserver/controllers/cluster_actions.h"

#include "fake-apiserver/controllers/kubelet.h"
#include "fake-apiserver/controllers/node_lifecycle.h"
#include "fake-apiserver/controllers/node_pools.h"

namespace fakeapi {

int ClusterActions::fail_zone(const std::string& zone, base::Duration duration) {
  return node_pools_.fail_zone(zone, duration);
}

int ClusterActions::lose_nodes(const std::string& pool, int count, base::Duration notice) {
  return node_pools_.lose_nodes(pool, count, notice);
}

bool ClusterActions::shortage(const std::string& pool, base::Duration duration) {
  return node_pools_.begin_shortage(pool, duration);
}

bool ClusterActions::restart_container(const std::string& ns, const std::string& pod, const std::string& reason) {
  return kubelet_.restart(ObjectName{ns, pod}, reason);
}

bool ClusterActions::silence_node(const std::string& node, base::Duration duration) {
  return node_lifecycle_ && node_lifecycle_->silence(node, duration);
}

}  // namespace fakeapi
