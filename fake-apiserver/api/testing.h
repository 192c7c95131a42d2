// What the tests of the API share: a server in virtual time, called in process as the simulator calls it.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "common/base/task_group.h"
#include "common/base/virtual_time.h"
#include "common/http/in_process_transport.h"
#include "fake-apiserver/fake_apiserver.h"
#include "fake-apiserver/store/json_access.h"

namespace fakeapi {

inline const base::Time kTestStart = std::chrono::sys_days(std::chrono::year(2026) / 1 / 1);

struct Call {
  std::string method = "GET";
  std::string target;
  std::string body = "";
  std::string content_type = "";
  std::string accept = "";
};

// An open watch and what has come through it.
class TestWatch {
 public:
  TestWatch(base::VirtualTime& clock, http::Transport& transport, Call call);
  ~TestWatch();

  int status() const { return status_; }
  bool ended() const { return ended_; }
  // What came since the last call.
  std::vector<Json> take();
  // The same, as "ADDED a", "MODIFIED a", ...
  std::vector<std::string> take_names();
  const std::string& raw() const { return raw_; }

 private:
  boost::asio::awaitable<void> read(http::Request request);

  base::VirtualTime& clock_;
  http::Transport& transport_;
  base::TaskGroup tasks_;
  std::vector<Json> events_;
  std::string raw_;
  int status_ = 0;
  bool ended_ = false;
};

class ApiTest : public testing::Test {
 protected:
  explicit ApiTest(FakeApiServerOptions options = {});

  http::Response call(Call call);
  // Calls and parses; expects the status.
  Json expect(int status, Call call);
  Json get(const std::string& target) { return expect(200, {.target = target}); }
  Json create(const std::string& collection, const Json& object);
  Json patch(const std::string& target, const Json& patch, const std::string& type = "merge-patch");
  std::unique_ptr<TestWatch> watch(const std::string& target, const std::string& accept = "");

  ObjectStore& store() { return server_.store(); }

  base::VirtualTime clock_{kTestStart};
  base::Metrics metrics_;
  FakeApiServer server_;
  http::InProcessTransport transport_{server_};
};

Json test_pod(const std::string& name, const Json& labels = Json::object());
Json test_deployment(const std::string& name, int replicas = 3);
std::string version_of(const Json& object);
std::vector<std::string> names_of(const Json& list);

inline const std::string kPodsUrl = "/api/v1/namespaces/default/pods";
inline const std::string kConfigMapsUrl = "/api/v1/namespaces/default/configmaps";
inline const std::string kDeploymentsUrl = "/apis/apps/v1/namespaces/default/deployments";
inline const std::string kTableAccept =
    "application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json";

}  // namespace fakeapi
