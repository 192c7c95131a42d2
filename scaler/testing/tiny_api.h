// A very small Kubernetes API for the scaler's own tests: collections of JSON documents with list, watch, get, PUT of
// the scale and merge patch, and a hook in front of everything for failures.
//
// Single-threaded; owned by a test.
#pragma once

#include <functional>
#include <list>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/http/handler.h"
#include "common/http/url.h"

namespace scaler::testing {

using Json = nlohmann::json;

constexpr char kDeployments[] = "/apis/apps/v1/deployments";
constexpr char kPods[] = "/api/v1/pods";
constexpr char kHpas[] = "/apis/autoscaling/v2/horizontalpodautoscalers";
constexpr char kTuners[] = "/apis/webapp.streamotion.com.au/v1/hpatuners";
constexpr char kScalingPolicies[] = "/apis/gamenight/v1/scalingpolicies";

http::Response status_response(int code, const std::string& reason, const std::string& message);

class TinyApi final : public http::Handler {
 public:
  // With the five collections that the scaler follows.
  explicit TinyApi(base::Clock& clock);

  void put(const std::string& collection, Json object);
  void remove(const std::string& collection, const std::string& ns, const std::string& name);
  Json& object(const std::string& collection, const std::string& ns, const std::string& name);
  void drop_collection(const std::string& collection) { collections_.erase(collection); }
  void add_collection(const std::string& collection) { collections_[collection]; }

  // Watches can no longer start before now.
  void forget_history() { history_start_ = revision_; }
  void end_watches(const std::string& collection);
  void send_raw(const std::string& collection, const std::string& line);
  std::size_t open_watches(const std::string& collection) const;

  // Asked before anything else; an answer stands in for the API's own.
  std::function<std::optional<http::Response>(const http::Request&)> hook;
  // GET of other paths (metrics), by path.
  std::map<std::string, Json> documents;
  bool ends_watches_in_time = true;  // as timeoutSeconds asks
  std::size_t page_size = 0;         // 0: whole lists

  // "METHOD target" of each request, in order.
  std::vector<std::string> requests;
  std::size_t count(const std::string& prefix) const;
  std::int64_t revision() const { return revision_; }

  boost::asio::awaitable<http::Reply> handle(http::Request request) override;

 private:
  struct Watcher;
  class Feed;
  struct Event {
    std::int64_t revision;
    std::string line;
  };
  struct Collection {
    std::map<std::string, Json> objects;  // by "ns/name"
    std::vector<Event> history;
    std::list<std::shared_ptr<Watcher>> watchers;
  };

  void publish(Collection& collection, const std::string& type, const Json& object);
  http::Reply watch(Collection& collection, const http::Target& target);
  http::Response list(const std::string& path, const Collection& collection, const http::Target& target) const;
  http::Response on_object(const http::Request& request, const http::Target& target);
  http::Response on_scale(const http::Request& request, Collection& collection, Json& object);
  http::Response patch(const http::Request& request, Collection& collection, Json& object);

  base::Clock& clock_;
  std::map<std::string, Collection> collections_;
  std::int64_t revision_ = 100;
  std::int64_t history_start_ = 0;
};

// Builders of the objects that tests need.
Json deployment(const std::string& name, int replicas);
Json pod(const std::string& name, base::Time ready_since, const std::string& cpu_request = "500m");
Json hpa(const std::string& name, const std::string& target, int min_replicas, int max_replicas);
Json pod_metrics(const std::vector<std::pair<std::string, std::string>>& cpu_by_pod, base::Time at);

}  // namespace scaler::testing
