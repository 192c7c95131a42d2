// Documents of any shape, sent to every resource in every way: the server answers, and keeps answering.
#include "fake-apiserver/api/testing.h"

namespace fakeapi {
namespace {

class FuzzTest : public ApiTest {
 protected:
  // A document of keys that the server looks at, with values that it may not expect.
  Json document(int depth) {
    static constexpr const char* kKeys[] = {
        "metadata",        "spec",       "status",     "labels",     "annotations", "name",
        "namespace",       "finalizers", "replicas",   "template",   "containers",  "selector",
        "matchLabels",     "ports",      "conditions", "type",       "env",         "metrics",
        "resource",        "target",     "data",       "stringData", "resources",   "limits",
        "requests",        "image",      "subsets",    "addresses",  "clusterIP",   "strategy",
        "readinessProbe",  "httpGet",    "taints",     "uid",        "maxReplicas", "$patch",
        "matchExpressions"};
    static constexpr const char* kTexts[] = {"", "x", "1", "delete", "Resource", "cpu", "RollingUpdate", "In"};
    switch (random_.below(depth > 5 ? 5 : 8)) {
      case 0: return nullptr;
      case 1: return static_cast<std::int64_t>(random_.below(5)) - 2;
      case 2: return 1.5;
      case 3: return random_.below(2) == 0;
      case 4: return kTexts[random_.below(std::size(kTexts))];
      case 5: {
        Json list = Json::array();
        for (std::uint64_t n = random_.below(3); n > 0; --n) list.push_back(document(depth + 1));
        return list;
      }
      default: {
        Json map = Json::object();
        for (std::uint64_t n = random_.below(6); n > 0; --n) {
          map[kKeys[random_.below(std::size(kKeys))]] = document(depth + 1);
        }
        return map;
      }
    }
  }

  void send(const char* method, const std::string& target, const Json& body, const char* content_type = "") {
    const http::Response response =
        call({.method = method, .target = target, .body = body.dump(), .content_type = content_type});
    EXPECT_GE(response.status, 200) << method << " " << target << " " << body;
    EXPECT_LT(response.status, 500) << method << " " << target << " " << body << "\n" << response.body;
  }

  base::Random random_{5};
};

TEST_F(FuzzTest, NoDocumentBreaksTheServer) {
  const ResourceRegistry registry = ResourceRegistry::builtin();
  for (int round = 0; round < 12; ++round) {
    for (const ResourceInfo& info : registry.all()) {
      const std::string& version = info.versions[random_.below(info.versions.size())];
      const std::string group = info.served_group().empty() ? "/api/" : "/apis/" + info.served_group() + "/";
      const std::string collection =
          group + version + (info.namespaced ? "/namespaces/default/" : "/") + info.resource.plural;
      const std::string object = collection + "/x";
      Json first = document(0);
      if (first.is_object()) first["metadata"] = {{"name", "x"}};
      send("POST", collection, first);
      send("POST", collection, {{"metadata", {{"name", "x"}}}, {"spec", {{"a", 1}}}, {"data", document(1)}});
      send("PATCH", object, document(0), "application/merge-patch+json");
      send("PATCH", object, document(0), "application/strategic-merge-patch+json");
      send("PATCH", object + "/status", {{"status", document(1)}}, "application/merge-patch+json");
      send("PATCH", object + "/scale", {{"spec", document(1)}}, "application/merge-patch+json");
      send("PUT", object, document(0));
      for (const std::string& other : info.versions) {
        const std::string list = group + other + "/" + info.resource.plural;
        if (info.transient) continue;
        EXPECT_EQ(call({.target = list}).status, 200);
        EXPECT_EQ(call({.target = list, .accept = kTableAccept}).status, 200);
      }
      call({.method = "DELETE", .target = object, .body = document(2).dump()});
    }
  }
}

TEST_F(FuzzTest, NoTargetBreaksTheServer) {
  static constexpr const char* kParts[] = {"/",
                                           "api",
                                           "apis",
                                           "v1",
                                           "apps",
                                           "namespaces",
                                           "default",
                                           "pods",
                                           "deployments",
                                           "scale",
                                           "?",
                                           "watch=1",
                                           "&",
                                           "limit=",
                                           "%2F",
                                           "%zz",
                                           "*",
                                           "=",
                                           "status",
                                           "resourceVersion=-1",
                                           "labelSelector=a in (",
                                           "continue=AAAA",
                                           "fieldSelector=x",
                                           "timeoutSeconds=1"};
  for (int i = 0; i < 3'000; ++i) {
    std::string target = "/";
    for (std::uint64_t n = random_.below(9); n > 0; --n) {
      target += kParts[random_.below(std::size(kParts))];
      if (random_.below(2) == 0) target += "/";
    }
    static constexpr const char* kMethods[] = {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"};
    const http::Response response = call({.method = kMethods[random_.below(6)], .target = target});
    EXPECT_GE(response.status, 200) << target;
    EXPECT_NE(response.status, 500) << target;
  }
  get(kPodsUrl);
}

}  // namespace
}  // namespace fakeapi
