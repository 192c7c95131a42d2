#include "tests/fuzz/world.h"

#include <cstdio>

#include "common/base/task_group.h"
#include "common/http/wire.h"
#include "tests/fuzz/fuzz_target.h"

namespace fuzz {
namespace {

namespace asio = boost::asio;
using fakeapi::Json;

constexpr base::Duration kPatience = std::chrono::seconds(5);
constexpr int kPieces = 4;
const base::Time kStart = std::chrono::sys_days(std::chrono::year(2026) / 1 / 1);

const char* const kDeployment = R"({"metadata":{"name":"web","labels":{"app":"web"}},"spec":{"replicas":2,
  "selector":{"matchLabels":{"app":"web"}},"template":{"metadata":{"labels":{"app":"web"}},"spec":{"containers":[
  {"name":"main","image":"app:1","env":[{"name":"A","value":"1"}],"ports":[{"containerPort":80}]}]}}}})";
const char* const kConfigMap = R"({"metadata":{"name":"settings"},"data":{"a":"1","b":"2"}})";

}  // namespace

World::World() : clock_(kStart), server_(clock_, base::Random(1), fakeapi::FakeApiServerOptions(), metrics_) {
  CHECK(call("POST", "/apis/apps/v1/namespaces/default/deployments", kDeployment).status == 201, "a deployment");
  CHECK(call("POST", "/api/v1/namespaces/default/configmaps", kConfigMap).status == 201, "a config map");
}

asio::awaitable<void> World::exchange(http::Request request, http::Response& out) {
  http::Reply reply = co_await server_.handle(std::move(request));
  out = std::move(reply.response);
  for (int i = 0; reply.stream && i < kPieces; ++i) {
    auto piece = co_await reply.stream->next_chunk();
    if (!piece) break;
    out.body += *piece;
  }
  if (reply.stream) out.headers.set("Content-Type", "stream");
}

http::Response World::call(http::Request request) {
  http::Response response;
  response.status = 0;
  base::TaskGroup tasks(clock_.executor());
  tasks.spawn(exchange(std::move(request), response));
  clock_.run_ready();
  const base::Time end = clock_.now() + kPatience;
  while (!tasks.empty() && clock_.next_due() && *clock_.next_due() <= end) clock_.run_until(*clock_.next_due());
  const bool answered = tasks.empty() || response.status != 0;
  tasks.cancel();
  clock_.run_ready();
  CHECK(answered, "every request is answered");
  return response;
}

http::Response World::call(const std::string& method, const std::string& target, const std::string& body,
                           const std::string& content_type) {
  http::Request request;
  request.method = method;
  request.target = target;
  request.body = body;
  if (!content_type.empty()) request.headers.set("Content-Type", content_type);
  return call(std::move(request));
}

void check_answer(const http::Response& response) {
  const std::string& body = response.body;
  const bool json = response.headers.get("Content-Type").value_or("").starts_with("application/json");
  if (json && !body.empty()) CHECK(Json::accept(body), body);
  CHECK(response.status >= 200 && response.status < 600, body);
  // What nobody foresaw is told as an internal error.
  const bool foreseen = body.find("impersonat") != std::string::npos;
  CHECK(response.status != 500 || body.find("InternalError") == std::string::npos || foreseen, body);
  const std::string head = http::response_head(response, http::ResponseFraming());
  CHECK(head.find("\r\n\r\n") == head.size() - 4, "the header ends once");
}

}  // namespace fuzz
