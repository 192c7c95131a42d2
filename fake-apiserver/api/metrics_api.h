// metrics.k8s.io, custom.metrics.k8s.io and external.metrics.k8s.io, served from a MetricsSource. Single-threaded;
// owned by the router.
#pragma once

#include <string>
#include <vector>

#include "common/http/handler.h"
#include "common/http/url.h"
#include "fake-apiserver/api/discovery.h"
#include "fake-apiserver/api/metrics_source.h"
#include "fake-apiserver/api/selector.h"

namespace fakeapi {

class MetricsApi {
 public:
  MetricsApi(ObjectStore& store, const ResourceRegistry& registry) : store_(store), registry_(registry) {}

  // Null takes the groups away.
  void set_source(MetricsSource* source) { source_ = source; }

  // What discovery lists.
  std::vector<VirtualResource> resources() const;

  bool serves(const std::string& group, const std::string& version) const;

  // A GET below /apis/<group>/<version>; `rest` is what follows. REQUIRES: serves(group, version).
  ApiResult<Json> get(const std::string& group, const std::string& version, const std::vector<std::string>& rest,
                      const http::Target& target) const;

 private:
  ApiResult<Json> resource_metrics(const std::vector<std::string>& rest, const LabelSelector& selector) const;
  ApiResult<Json> pod_metrics(const std::string& ns, const std::string& name, const LabelSelector& selector) const;
  ApiResult<Json> node_metrics(const std::string& name, const LabelSelector& selector) const;
  ApiResult<Json> custom_metrics(const std::string& version, const std::vector<std::string>& rest,
                                 const LabelSelector& selector, const std::string& metric_selector) const;
  // The items of a MetricValueList.
  ApiResult<Json> pod_values(const std::string& version, const std::vector<std::string>& rest,
                             const LabelSelector& selector) const;
  ApiResult<Json> external_metrics(const std::vector<std::string>& rest, const LabelSelector& selector,
                                   const std::string& selector_text) const;
  Json describe(const Resource& resource, const std::string& ns, const std::string& name) const;

  ObjectStore& store_;
  const ResourceRegistry& registry_;
  MetricsSource* source_ = nullptr;
};

}  // namespace fakeapi
