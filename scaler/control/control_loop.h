// Keeps one TargetController running for each policy object that there is: starts, replaces and ends them as objects
// come, change and go. A new spec of the same object (uid) takes over the memory of the old, once that has finished
// what it was at.
//
// Single-threaded; owned by ScalerApp.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/base/task_group.h"
#include "scaler/control/target_controller.h"

namespace scaler {

class ControlLoop {
 public:
  // `from_files` are policies that no API object stands for. With `run_hpas`, the HPAs of the API are acted upon as
  // kube-controller-manager would, and the objects of KEDA, Knative and DataDog as their controllers would.
  ControlLoop(ControlParts parts, base::TaskGroup& tasks, std::vector<PolicySpec> from_files, bool run_hpas);

  // Waits for the caches, starts the controllers and returns; from then on they follow the caches.
  boost::asio::awaitable<void> start();

  // The largest minimum that the policies which advise the HPA have in mind; nullopt if none has an opinion.
  std::optional<int> advised_min(const ObjectKey& hpa, base::Time now) const;

 private:
  // What waits for its predecessor.
  struct Pending {
    PolicySpec spec;
    bool writes_status = false;
    bool goes_on = false;  // the predecessor's spec was valid
  };
  struct Running {
    std::string uid;
    std::int64_t generation = 0;
    std::string fingerprint;  // of all that a policy is built from; empty for one from a file
    bool rejected = false;    // by this fingerprint: said once, looked at again when it changes
    std::optional<Pending> pending;
    // Retired if `rejected` or `pending`, kept for its memory; null if there never was one.
    std::shared_ptr<TargetController> controller;
  };

  std::vector<Informer<PolicyObject>*> followed() const;
  void follow(Informer<PolicyObject>& informer);
  bool is_from_file(const PolicyId& id) const;
  void put(const PolicyObject& object);
  void remove(const PolicyId& id);
  void wake_if_edited(Running& entry, const PolicyObject& object);
  // When the controller that is about to start in `entry` is due.
  base::Time first_round(const PolicyId& id, const Running& entry) const;
  // Makes a controller of what is pending, which inherits from the one that was there and is not busy.
  void start_pending(const PolicyId& id, Running& entry);
  boost::asio::awaitable<void> succeed(PolicyId id, std::shared_ptr<TargetController> before);
  void export_counts();
  // Starts a controller in `entry`, now or when the one that was there is finished, or rejects.
  void run(const PolicyId& id, base::Result<PolicySpec> spec, Running& entry, bool writes_status);

  const ControlParts parts_;
  base::TaskGroup& tasks_;
  const std::vector<PolicySpec> from_files_;
  const bool run_hpas_;
  bool started_ = false;
  std::map<PolicyId, Running> running_;
};

// The kind of the object that a spec was read from.
std::string kind_of(const PolicySpec& spec);

}  // namespace scaler
