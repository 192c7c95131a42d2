#include "fake-apiserver/api/testing.h"

namespace fakeapi {
namespace asio = boost::asio;
namespace {

http::Request request_of(Call call) {
  http::Request request;
  request.method = std::move(call.method);
  request.target = std::move(call.target);
  request.body = std::move(call.body);
  if (!call.content_type.empty()) request.headers.set("Content-Type", call.content_type);
  if (!call.accept.empty()) request.headers.set("Accept", call.accept);
  return request;
}

asio::awaitable<void> round_trip(http::Transport& transport, http::Request request, http::Response& out) {
  auto response = co_await transport.round_trip(std::move(request));
  if (response) out = std::move(*response);
}

}  // namespace

TestWatch::TestWatch(base::VirtualTime& clock, http::Transport& transport, Call call)
    : clock_(clock), transport_(transport), tasks_(clock.executor()) {
  tasks_.spawn(read(request_of(std::move(call))));
  clock_.run_ready();
}

TestWatch::~TestWatch() {
  tasks_.cancel();
  clock_.run_ready();
}

asio::awaitable<void> TestWatch::read(http::Request request) {
  auto opened = co_await transport_.open_stream(std::move(request));
  if (!opened) co_return;
  status_ = opened->response.status;
  raw_ = opened->response.body;
  while (opened->stream) {
    auto line = co_await opened->stream->next_line();
    if (!line || !*line) break;
    raw_ += **line + "\n";
    events_.push_back(Json::parse(**line));
  }
  ended_ = true;
}

std::vector<Json> TestWatch::take() {
  clock_.run_ready();
  return std::exchange(events_, {});
}

std::vector<std::string> TestWatch::take_names() {
  std::vector<std::string> names;
  for (const Json& event : take()) {
    names.push_back(text_at(event, {"type"}) + " " + text_at(event, {"object", "metadata", "name"}));
  }
  return names;
}

ApiTest::ApiTest(FakeApiServerOptions options) : server_(clock_, base::Random(1), std::move(options), metrics_) {}

http::Response ApiTest::call(Call call) {
  http::Response response;
  response.status = 0;
  base::TaskGroup tasks(clock_.executor());
  tasks.spawn(round_trip(transport_, request_of(std::move(call)), response));
  clock_.run_ready();
  while (!tasks.empty() && clock_.next_due()) clock_.run_until(*clock_.next_due());
  return response;
}

Json ApiTest::expect(int status, Call request) {
  const std::string what = request.method + " " + request.target;
  const http::Response response = call(std::move(request));
  EXPECT_EQ(response.status, status) << what << "\n" << response.body;
  EXPECT_TRUE(Json::accept(response.body)) << what << "\n" << response.body;
  return Json::parse(response.body, nullptr, false);
}

Json ApiTest::create(const std::string& collection, const Json& object) {
  return expect(201, {.method = "POST", .target = collection, .body = object.dump()});
}

Json ApiTest::patch(const std::string& target, const Json& document, const std::string& type) {
  return expect(
      200,
      {.method = "PATCH", .target = target, .body = document.dump(), .content_type = "application/" + type + "+json"});
}

std::unique_ptr<TestWatch> ApiTest::watch(const std::string& target, const std::string& accept) {
  Call call;
  call.target = target;
  call.accept = accept;
  return std::make_unique<TestWatch>(clock_, transport_, std::move(call));
}

Json test_pod(const std::string& name, const Json& labels) {
  return {{"metadata", {{"name", name}, {"labels", labels}}},
          {"spec", {{"containers", Json::array({{{"name", "main"}, {"image", "app:1"}}})}}}};
}

Json test_deployment(const std::string& name, int replicas) {
  const Json labels = {{"app", name}};
  Json deployment = {{"metadata", {{"name", name}}}, {"spec", {{"replicas", replicas}}}};
  deployment["spec"]["selector"]["matchLabels"] = labels;
  deployment["spec"]["template"]["metadata"]["labels"] = labels;
  deployment["spec"]["template"]["spec"]["containers"] = Json::array({{{"name", "main"}, {"image", "app:1"}}});
  return deployment;
}

std::string version_of(const Json& object) { return text_at(object, {"metadata", "resourceVersion"}); }

std::vector<std::string> names_of(const Json& list) {
  std::vector<std::string> names;
  for (const Json& item : list.at("items")) names.push_back(text_at(item, {"metadata", "name"}));
  return names;
}

}  // namespace fakeapi
