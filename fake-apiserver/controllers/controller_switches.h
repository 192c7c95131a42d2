// Which controllers of a simulated cluster act. A plain value; all act unless told otherwise.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"

namespace fakeapi {

class ControllerSwitches {
 public:
  // The names that parse() knows, as the flag of kube-controller-manager has them, and those of the other programs of
  // a cluster: scheduler, kubelet, clusterautoscaler, metrics-server.
  static const std::vector<std::string>& known();

  // The syntax of kube-controller-manager's --controllers: "*" for all, "foo" for one, "-foo" for all but it, joined by
  // commas; without "*" only those named act. Names as "deployment-controller" are understood too. kInvalid.
  static base::Result<ControllerSwitches> parse(std::string_view list);
  static ControllerSwitches none();

  // REQUIRES: `name` is one of known().
  bool acts(std::string_view name) const;
  void set(std::string_view name, bool acts);

 private:
  std::set<std::string, std::less<>> off_;
};

}  // namespace fakeapi
