#include "fake-apiserver/daemon/manifests.h"

#include <algorithm>
#include <map>

#include "common/http/url.h"
#include "fake-apiserver/store/json_access.h"

namespace fakeapi {
namespace asio = boost::asio;
namespace {

using config::Document;
using Json = nlohmann::json;
namespace fs = std::filesystem;

constexpr base::Duration kDefinitionPoll = std::chrono::milliseconds(50);
constexpr int kDefinitionTries = 40;

int rank(const Document& document) {
  static const std::map<std::string, int> ranks = {{"Namespace", 0},
                                                   {"CustomResourceDefinition", 1},
                                                   {"PriorityClass", 2},
                                                   {"StorageClass", 2},
                                                   {"ServiceAccount", 3},
                                                   {"Secret", 3},
                                                   {"ConfigMap", 3},
                                                   {"ClusterRole", 4},
                                                   {"Role", 4},
                                                   {"ClusterRoleBinding", 5},
                                                   {"RoleBinding", 5},
                                                   {"Node", 5},
                                                   {"Service", 6},
                                                   {"PodDisruptionBudget", 6},
                                                   {"Pod", 7},
                                                   {"ReplicaSet", 7},
                                                   {"Deployment", 7},
                                                   {"StatefulSet", 7},
                                                   {"DaemonSet", 7},
                                                   {"Job", 7},
                                                   {"CronJob", 7},
                                                   {"HorizontalPodAutoscaler", 8}};
  const auto found = ranks.find(text_at(document.value, {"kind"}));
  return found == ranks.end() ? 9 : found->second;
}

base::Error wrong(const Document& document, const std::string& pointer, const std::string& what) {
  return base::Error{base::ErrorCode::kInvalid, document.locate(pointer) + ": " + what};
}

base::Result<void> add(const Document& document, std::vector<Document>& out) {
  if (!document.value.is_object()) return wrong(document, "", "an object is expected");
  if (text_at(document.value, {"apiVersion"}).empty()) return wrong(document, "", "apiVersion is missing");
  const std::string kind = text_at(document.value, {"kind"});
  if (kind.empty()) return wrong(document, "", "kind is missing");
  const Json& items = member(document.value, "items");
  if (!kind.ends_with("List") || !items.is_array()) {
    const Json& metadata = member(document.value, "metadata");
    if (text_at(metadata, {"name"}).empty() && text_at(metadata, {"generateName"}).empty()) {
      return wrong(document, "/metadata", "metadata.name is missing");
    }
    out.push_back(document);
    return {};
  }
  for (std::size_t i = 0; i < items.size(); ++i) {
    auto added = add(config::part_of(document, "/items/" + std::to_string(i)), out);
    if (!added) return added.error();
  }
  return {};
}

std::vector<fs::path> files_of(const fs::path& path, std::error_code& error) {
  if (!fs::is_directory(path, error)) return {path};
  std::vector<fs::path> files;
  for (auto at = fs::recursive_directory_iterator(path, error); !error && at != fs::recursive_directory_iterator();
       at.increment(error)) {
    const std::string extension = at->path().extension().string();
    if (extension == ".yaml" || extension == ".yml" || extension == ".json") files.push_back(at->path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

// "spec.template.spec.containers[0].name" as a JSON pointer.
std::string pointer_of(const std::string& field) {
  std::string pointer = "/";
  for (const char c : field) {
    if (c == '.' || c == '[') {
      if (pointer.back() != '/') pointer += '/';
    } else if (c != ']') {
      pointer += c;
    }
  }
  return pointer;
}

base::Error refused(const Document& document, const http::Response& response) {
  const Json status = Json::parse(response.body, nullptr, false);
  std::string message = status.is_object() ? text_at(status, {"message"}) : response.body;
  if (message.empty()) message = "HTTP " + std::to_string(response.status);
  const Json& causes = at_path(status, {"details", "causes"});
  const std::string field = causes.is_array() && !causes.empty() ? text_at(causes[0], {"field"}) : "";
  return wrong(document, field.empty() ? "" : pointer_of(field), message);
}

class Applier {
 public:
  Applier(http::Handler& server, base::Clock& clock, std::string token)
      : server_(server), clock_(clock), token_(std::move(token)) {}

  void expect_definitions() { defined_ = true; }

  asio::awaitable<base::Result<>> apply(Document document) {
    auto place = co_await find_place(document);
    if (!place) co_return place.error();
    const std::string url = *place;
    http::Response created = co_await call("POST", url + "?fieldManager=fake-apiserver", to_text(document.value));
    if (created.status == 409) {
      const std::string name = text_at(document.value, {"metadata", "name"});
      const std::string object = url + "/" + http::percent_encode(name) + "?fieldManager=fake-apiserver";
      created = co_await call("PATCH", object, to_text(document.value));
    }
    if (created.status >= 300) co_return refused(document, created);
    co_return base::Result<>();
  }

 private:
  asio::awaitable<http::Response> call(std::string method, std::string target, std::string body) {
    http::Request request;
    request.headers.set("User-Agent", "fake-apiserver");
    request.headers.set("Accept", "application/json");
    if (!token_.empty()) request.headers.set("Authorization", "Bearer " + token_);
    if (method == "PATCH") request.headers.set("Content-Type", "application/merge-patch+json");
    if (method == "POST") request.headers.set("Content-Type", "application/json");
    request.method = std::move(method);
    request.target = std::move(target);
    request.body = std::move(body);
    http::Reply reply = co_await server_.handle(std::move(request));
    co_return std::move(reply.response);
  }

  // Where objects of this kind live.
  asio::awaitable<base::Result<std::string>> find_place(const Document& document) {
    const std::string version = text_at(document.value, {"apiVersion"});
    const std::string kind = text_at(document.value, {"kind"});
    const std::string root = version.find('/') == std::string::npos ? "/api/" + version : "/apis/" + version;
    for (int i = 0; i < kDefinitionTries; ++i) {
      const http::Response list = co_await call("GET", root, "");
      const Json found = Json::parse(list.body, nullptr, false);
      const Json& resources = member(found, "resources");
      for (std::size_t r = 0; resources.is_array() && r < resources.size(); ++r) {
        const std::string name = text_at(resources[r], {"name"});
        if (text_at(resources[r], {"kind"}) != kind || name.find('/') != std::string::npos) continue;
        if (!member(resources[r], "namespaced").get<bool>()) co_return root + "/" + name;
        std::string ns = text_at(document.value, {"metadata", "namespace"});
        if (ns.empty()) ns = "default";
        co_return root + "/namespaces/" + http::percent_encode(ns) + "/" + name;
      }
      if (!defined_) break;
      co_await clock_.sleep_for(kDefinitionPoll);
    }
    co_return wrong(document, "/kind", "no resource of kind " + kind + " in " + version);
  }

  http::Handler& server_;
  base::Clock& clock_;
  const std::string token_;
  bool defined_ = false;  // a definition came before, whose resource may not be there yet
};

}  // namespace

base::Result<std::vector<Document>> load_manifests(const fs::path& path) {
  std::error_code error;
  if (!fs::exists(path, error)) return base::Error{base::ErrorCode::kInvalid, path.string() + ": no such file"};
  const std::vector<fs::path> files = files_of(path, error);
  if (error) return base::Error{base::ErrorCode::kInvalid, path.string() + ": " + error.message()};
  std::vector<Document> manifests;
  for (const fs::path& file : files) {
    const auto documents = config::load_yaml(file);
    if (!documents) return documents.error();
    for (const Document& document : *documents) {
      if (auto added = add(document, manifests); !added) return added.error();
    }
  }
  return manifests;
}

void sort_manifests(std::vector<Document>& manifests) {
  std::stable_sort(manifests.begin(), manifests.end(),
                   [](const Document& a, const Document& b) { return rank(a) < rank(b); });
}

asio::awaitable<base::Result<>> apply_manifests(std::vector<Document> manifests, http::Handler& server,
                                                base::Clock& clock, std::string token) {
  Applier applier(server, clock, std::move(token));
  for (Document& manifest : manifests) {
    const bool defines = text_at(manifest.value, {"kind"}) == "CustomResourceDefinition";
    auto applied = co_await applier.apply(std::move(manifest));
    if (!applied) co_return applied.error();
    if (defines) applier.expect_definitions();
  }
  co_return base::Result<>();
}

}  // namespace fakeapi
