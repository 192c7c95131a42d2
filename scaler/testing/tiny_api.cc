#include "scaler/testing/tiny_api.h"

#include <deque>

#include "common/base/check.h"
#include "common/base/notify.h"
#include "common/base/number_format.h"
#include "common/base/time_format.h"

namespace scaler::testing {
namespace asio = boost::asio;

struct TinyApi::Watcher {
  explicit Watcher(asio::any_io_executor executor) : changed(std::move(executor)) {}
  std::deque<std::string> lines;
  bool ended = false;
  base::Notify changed;
};

class TinyApi::Feed final : public http::BodyStream {
 public:
  Feed(std::shared_ptr<Watcher> watcher, base::Clock& clock, base::Duration limit)
      : watcher_(std::move(watcher)), clock_(clock) {
    timer_ = clock_.call_after(limit, [watcher = watcher_] {
      watcher->ended = true;
      watcher->changed.notify_all();
    });
  }
  ~Feed() override {
    clock_.cancel(timer_);
    watcher_->ended = true;
  }

  asio::awaitable<std::optional<std::string>> next_chunk() override {
    while (watcher_->lines.empty() && !watcher_->ended) co_await watcher_->changed.wait();
    if (watcher_->lines.empty()) co_return std::nullopt;
    std::string line = std::move(watcher_->lines.front());
    watcher_->lines.pop_front();
    co_return std::move(line);
  }

 private:
  std::shared_ptr<Watcher> watcher_;
  base::Clock& clock_;
  base::Clock::TimerId timer_;
};

namespace {

std::string key_of(const Json& object) {
  const Json& metadata = object.at("metadata");
  return metadata.at("namespace").get<std::string>() + "/" + metadata.at("name").get<std::string>();
}

std::string event_line(const std::string& type, const Json& object) {
  Json event;
  event["type"] = type;
  event["object"] = object;
  return event.dump() + "\n";
}

Json scale_of(const Json& object) {
  Json scale;
  scale["kind"] = "Scale";
  scale["apiVersion"] = "autoscaling/v1";
  scale["metadata"] = object.at("metadata");
  scale["spec"]["replicas"] = object.at("spec").at("replicas");
  scale["status"] = {{"replicas", object.at("spec").at("replicas")}, {"selector", "app=api"}};
  return scale;
}

http::Response conflict() {
  return status_response(409, "Conflict",
                         "the object has been modified; please apply your changes to the latest version");
}

}  // namespace

http::Response status_response(int code, const std::string& reason, const std::string& message) {
  Json status;
  status["kind"] = "Status";
  status["status"] = "Failure";
  status["reason"] = reason;
  status["message"] = message;
  status["code"] = code;
  return http::json_response(code, status.dump());
}

TinyApi::TinyApi(base::Clock& clock) : clock_(clock) {
  for (const char* collection : {kDeployments, kPods, kHpas, kTuners, kScalingPolicies}) add_collection(collection);
  documents["/version"]["gitVersion"] = "v1.30.0";
}

void TinyApi::publish(Collection& collection, const std::string& type, const Json& object) {
  const std::string line = event_line(type, object);
  collection.history.push_back({revision_, line});
  for (const auto& watcher : collection.watchers) {
    watcher->lines.push_back(line);
    watcher->changed.notify_all();
  }
}

void TinyApi::put(const std::string& path, Json object) {
  Collection& collection = collections_.at(path);
  const std::string key = key_of(object);
  const bool known = collection.objects.contains(key);
  object["metadata"]["resourceVersion"] = std::to_string(++revision_);
  if (!object["metadata"].contains("uid")) object["metadata"]["uid"] = "uid-" + key;
  collection.objects[key] = object;
  publish(collection, known ? "MODIFIED" : "ADDED", object);
}

void TinyApi::remove(const std::string& path, const std::string& ns, const std::string& name) {
  Collection& collection = collections_.at(path);
  auto node = collection.objects.extract(ns + "/" + name);
  CHECK(!node.empty(), "no such object to remove");
  node.mapped()["metadata"]["resourceVersion"] = std::to_string(++revision_);
  publish(collection, "DELETED", node.mapped());
}

Json& TinyApi::object(const std::string& path, const std::string& ns, const std::string& name) {
  return collections_.at(path).objects.at(ns + "/" + name);
}

void TinyApi::end_watches(const std::string& path) {
  for (const auto& watcher : collections_.at(path).watchers) {
    watcher->ended = true;
    watcher->changed.notify_all();
  }
}

void TinyApi::send_raw(const std::string& path, const std::string& line) {
  for (const auto& watcher : collections_.at(path).watchers) {
    watcher->lines.push_back(line + "\n");
    watcher->changed.notify_all();
  }
}

std::size_t TinyApi::open_watches(const std::string& path) const {
  std::size_t open = 0;
  for (const auto& watcher : collections_.at(path).watchers) open += watcher->ended ? 0u : 1u;
  return open;
}

std::size_t TinyApi::count(const std::string& prefix) const {
  std::size_t matching = 0;
  for (const std::string& request : requests) matching += request.starts_with(prefix) ? 1u : 0u;
  return matching;
}

asio::awaitable<http::Reply> TinyApi::handle(http::Request request) {
  requests.push_back(request.method + " " + request.target);
  if (hook) {
    auto answer = hook(request);
    if (answer) co_return std::move(*answer);
  }
  const auto target = http::parse_target(request.target);
  CHECK(target, "the client sends well-formed targets");
  const auto document = documents.find(target->path);
  if (document != documents.end()) co_return http::json_response(200, document->second.dump());
  const auto collection = collections_.find(target->path);
  if (collection == collections_.end()) co_return on_object(request, *target);
  if (target->get("watch") == "true") co_return watch(collection->second, *target);
  co_return list(target->path, collection->second, *target);
}

http::Reply TinyApi::watch(Collection& collection, const http::Target& target) {
  const std::int64_t since = base::parse_int64(target.get("resourceVersion").value_or("")).value_or(0);
  const std::int64_t asked = base::parse_int64(target.get("timeoutSeconds").value_or("")).value_or(3600);
  const base::Duration limit = ends_watches_in_time ? std::chrono::seconds(asked) : std::chrono::hours(24);
  auto watcher = std::make_shared<Watcher>(clock_.executor());
  std::erase_if(collection.watchers, [](const auto& w) { return w->ended; });
  if (since < history_start_) {
    watcher->lines.push_back(
        R"({"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired","message":"too old"}})"
        "\n");
    watcher->ended = true;
  } else {
    collection.watchers.push_back(watcher);
    for (const Event& event : collection.history) {
      if (event.revision > since) watcher->lines.push_back(event.line);
    }
  }
  return {http::json_response(200, ""), std::make_unique<Feed>(watcher, clock_, limit)};
}

http::Response TinyApi::list(const std::string& path, const Collection& collection, const http::Target& target) const {
  Json body;
  body["kind"] = path == kHpas              ? "HorizontalPodAutoscalerList"
                 : path == kTuners          ? "HpaTunerList"
                 : path == kScalingPolicies ? "ScalingPolicyList"
                                            : "List";
  body["apiVersion"] = path.substr(6, path.rfind('/') - 6);
  body["metadata"]["resourceVersion"] = std::to_string(revision_);
  body["items"] = Json::array();
  const std::string start = target.get("continue").value_or("");
  for (const auto& [key, object] : collection.objects) {
    if (key <= start) continue;
    if (page_size != 0 && body["items"].size() == page_size) {
      body["metadata"]["continue"] = key_of(body["items"].back());
      break;
    }
    body["items"].push_back(object);
    body["items"].back().erase("kind");
    body["items"].back().erase("apiVersion");
  }
  return http::json_response(200, body.dump());
}

http::Response TinyApi::on_object(const http::Request& request, const http::Target& target) {
  // .../namespaces/NS/PLURAL/NAME[/SUBRESOURCE]
  const std::size_t marker = target.path.find("/namespaces/");
  const std::size_t depth = target.segments.size();
  if (marker == std::string::npos)
    return status_response(404, "NotFound", "the server could not find the requested resource");
  const std::size_t at = target.segments[0] == "api" ? 3 : 4;  // of NS
  if (depth < at + 3) return status_response(404, "NotFound", "the server could not find the requested resource");
  const auto collection = collections_.find(target.path.substr(0, marker) + "/" + target.segments[at + 1]);
  const std::string key = target.segments[at] + "/" + target.segments[at + 2];
  if (collection == collections_.end() || !collection->second.objects.contains(key)) {
    return status_response(404, "NotFound", target.segments[at + 1] + " \"" + target.segments[at + 2] + "\" not found");
  }
  Json& object = collection->second.objects[key];
  const std::string subresource = depth > at + 3 ? target.segments[at + 3] : "";
  if (subresource == "scale") return on_scale(request, collection->second, object);
  if (request.method == "GET") return http::json_response(200, object.dump());
  if (request.method == "PATCH") return patch(request, collection->second, object);
  return status_response(405, "MethodNotAllowed", "not allowed");
}

http::Response TinyApi::on_scale(const http::Request& request, Collection& collection, Json& object) {
  if (request.method == "PUT") {
    const Json scale = Json::parse(request.body);
    const Json& metadata = scale.at("metadata");
    const bool stale =
        metadata.contains("resourceVersion") && metadata["resourceVersion"] != object["metadata"]["resourceVersion"];
    if (stale) return conflict();
    object["spec"]["replicas"] = scale.at("spec").at("replicas");
    object["metadata"]["resourceVersion"] = std::to_string(++revision_);
    publish(collection, "MODIFIED", object);
  } else if (request.method == "PATCH") {
    return patch(request, collection, object);
  }
  return http::json_response(200, scale_of(object).dump());
}

http::Response TinyApi::patch(const http::Request& request, Collection& collection, Json& object) {
  const Json change = Json::parse(request.body);
  const bool guarded = change.contains("metadata") && change["metadata"].contains("resourceVersion");
  if (guarded && change["metadata"]["resourceVersion"] != object["metadata"]["resourceVersion"]) return conflict();
  object.merge_patch(change);
  object["metadata"]["resourceVersion"] = std::to_string(++revision_);
  publish(collection, "MODIFIED", object);
  const bool is_scale = request.target.ends_with("/scale");
  return http::json_response(200, is_scale ? scale_of(object).dump() : object.dump());
}

Json deployment(const std::string& name, int replicas) {
  Json object;
  object["apiVersion"] = "apps/v1";
  object["kind"] = "Deployment";
  object["metadata"] = {{"namespace", "default"}, {"name", name}};
  object["spec"]["replicas"] = replicas;
  object["status"] = {{"readyReplicas", replicas}, {"replicas", replicas}};
  return object;
}

Json pod(const std::string& name, base::Time ready_since, const std::string& cpu_request) {
  Json container;
  container["name"] = "app";
  container["resources"]["requests"]["cpu"] = cpu_request;
  Json ready;
  ready["type"] = "Ready";
  ready["status"] = "True";
  ready["lastTransitionTime"] = base::format_rfc3339(ready_since);
  Json object;
  object["apiVersion"] = "v1";
  object["kind"] = "Pod";
  object["metadata"] = {{"namespace", "default"}, {"name", name}, {"labels", {{"app", "api"}}}};
  object["spec"]["containers"].push_back(container);
  object["status"]["phase"] = "Running";
  object["status"]["startTime"] = base::format_rfc3339(ready_since - std::chrono::seconds(5));
  object["status"]["conditions"].push_back(ready);
  return object;
}

Json hpa(const std::string& name, const std::string& target, int min_replicas, int max_replicas) {
  Json metric;
  metric["type"] = "Resource";
  metric["resource"]["name"] = "cpu";
  metric["resource"]["target"] = {{"type", "Utilization"}, {"averageUtilization", 50}};
  Json object;
  object["apiVersion"] = "autoscaling/v2";
  object["kind"] = "HorizontalPodAutoscaler";
  object["metadata"] = {{"namespace", "default"}, {"name", name}, {"generation", 1}};
  object["spec"] = {{"minReplicas", min_replicas}, {"maxReplicas", max_replicas}};
  object["spec"]["scaleTargetRef"] = {{"apiVersion", "apps/v1"}, {"kind", "Deployment"}, {"name", target}};
  object["spec"]["metrics"].push_back(metric);
  return object;
}

Json pod_metrics(const std::vector<std::pair<std::string, std::string>>& cpu_by_pod, base::Time at) {
  Json list;
  list["kind"] = "PodMetricsList";
  list["items"] = Json::array();
  for (const auto& [name, cpu] : cpu_by_pod) {
    Json container;
    container["name"] = "app";
    container["usage"] = {{"cpu", cpu}, {"memory", "64Mi"}};
    Json item;
    item["metadata"] = {{"namespace", "default"}, {"name", name}};
    item["timestamp"] = base::format_rfc3339(at);
    item["window"] = "15s";
    item["containers"].push_back(container);
    list["items"].push_back(item);
  }
  return list;
}

}  // namespace scaler::testing
