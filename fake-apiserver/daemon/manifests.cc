#include "fake-apiserver/daemon/manifests.h"

#include <algorithm>
#include <map>

#include "common/http/url.h"
#include "fake-apiserver/custom/custom_definition.h"
#include "fake-apiserver/daemon/manifest_complaints.h"
#include "fake-apiserver/store/json_access.h"

namespace fakeapi {
namespace asio = boost::asio;
namespace {

using config::Document;
using Json = nlohmann::json;
namespace fs = std::filesystem;

constexpr base::Duration kDefinitionPoll = std::chrono::milliseconds(50);
constexpr int kDefinitionTries = 40;
// A file that somebody wrote is meant as it stands.
constexpr const char* kStrictly = "?fieldManager=fake-apiserver&fieldValidation=Strict";

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

class Applier {
 public:
  Applier(FakeApiServer& server, base::Clock& clock, std::string token)
      : server_(server), clock_(clock), token_(std::move(token)) {}

  void expect_definitions() { defined_ = true; }

  asio::awaitable<base::Result<>> apply(Document document) {
    auto place = co_await find_place(document);
    if (!place) co_return place.error();
    const std::string url = *place;
    http::Response created = co_await call("POST", url + kStrictly, to_text(document.value));
    if (created.status == 409) {
      const std::string name = text_at(document.value, {"metadata", "name"});
      created = co_await call("PATCH", url + "/" + http::percent_encode(name) + kStrictly, to_text(document.value));
    }
    if (created.status >= 300) co_return refused(document, created, type_of(document));
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
    co_return no_resource(document);
  }

  // What is there with that name in another version, or with a similar name.
  base::Error no_resource(const Document& document) const {
    const std::string version = text_at(document.value, {"apiVersion"});
    const std::string kind = text_at(document.value, {"kind"});
    std::vector<std::string> kinds;
    std::vector<std::string> versions;
    for (const ResourceInfo& info : server_.registry().all()) {
      for (const std::string& served : info.versions) {
        if (info.kind == kind) versions.push_back(info.api_version(served));
        if (info.api_version(served) == version) kinds.push_back(info.kind);
      }
    }
    const std::string what = "no resource of kind " + kind + " in " + version;
    if (versions.empty()) return wrong(document, "/kind", what + or_rather(kind, kinds));
    const std::string near = config::did_you_mean(version, versions);
    return wrong(document, "/apiVersion",
                 what + "; did you mean \"" + (near.empty() ? versions.front() : near) + "\"?");
  }

  const SchemaType* type_of(const Document& document) const {
    const std::string version = text_at(document.value, {"apiVersion"});
    const std::string kind = text_at(document.value, {"kind"});
    for (const ResourceInfo& info : server_.registry().all()) {
      for (const std::string& served : info.versions) {
        if (info.kind == kind && info.api_version(served) == version) return fakeapi::type_of(info, served);
      }
    }
    return nullptr;
  }

  FakeApiServer& server_;
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
  if (manifests.empty()) {
    const bool folder = fs::is_directory(path, error);
    const std::string what = folder ? ": no objects in its *.yaml, *.yml and *.json files" : ": no objects in it";
    return base::Error{base::ErrorCode::kInvalid, path.string() + what};
  }
  return manifests;
}

void sort_manifests(std::vector<Document>& manifests) {
  std::stable_sort(manifests.begin(), manifests.end(),
                   [](const Document& a, const Document& b) { return rank(a) < rank(b); });
}

asio::awaitable<base::Result<>> apply_manifests(std::vector<Document> manifests, FakeApiServer& server,
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
