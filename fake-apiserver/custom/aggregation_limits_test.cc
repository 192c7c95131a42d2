// What another server, and whoever is sent on to it, cannot do.
#include <gtest/gtest.h>

#include <functional>

#include "fake-apiserver/custom/testing.h"

namespace fakeapi {
namespace asio = boost::asio;
namespace {

const std::string kServicesUrl = "/apis/apiregistration.k8s.io/v1/apiservices";

std::string group_of(const std::string& name) { return name + ".example.org"; }

// A server behind an APIService: says that it is there, keeps silent, or breaks its watches off.
class Other final : public http::Handler {
 public:
  explicit Other(base::Clock*& clock) : clock_(clock) {}

  asio::awaitable<http::Reply> handle(http::Request request) override {
    requests.push_back(request);
    if (silent) co_await clock_->sleep_for(std::chrono::hours(1));
    http::Reply reply(http::json_response(200, R"({"kind":"APIResourceList","resources":[]})"));
    reply.response.headers.set("Connection", "close, X-Hop");
    reply.response.headers.set("X-Hop", "1");
    reply.response.headers.set("Proxy-Authenticate", "Basic");
    reply.response.headers.set("X-End", "2");
    if (request.target.find("watch=") != std::string::npos) {
      reply = http::Reply(http::Response(), std::make_unique<OneLine>(breaks));
    }
    co_return reply;
  }

  bool silent = false;
  bool breaks = false;
  std::vector<http::Request> requests;

 private:
  class OneLine final : public http::BodyStream {
   public:
    explicit OneLine(bool breaks) : breaks_(breaks) {}
    asio::awaitable<std::optional<std::string>> next_chunk() override {
      if (!std::exchange(sent_, true)) co_return std::optional<std::string>("{\"line\":1}\n");
      if (breaks_) throw http::StreamBroken();
      co_return std::nullopt;
    }

   private:
    const bool breaks_;
    bool sent_ = false;
  };

  base::Clock*& clock_;
};

struct Others {
  base::Clock* clock = nullptr;
  Other first{clock};
  Other second{clock};

  FakeApiServerOptions options() {
    FakeApiServerOptions options;
    options.aggregation.backends = {{"v1.first.example.org", "1"}, {"v1.second.example.org", "2"}};
    options.aggregation.connect = [this](const std::string& where) -> base::Result<std::unique_ptr<http::Transport>> {
      http::Handler& handler = where == "1" ? first : second;
      return std::unique_ptr<http::Transport>(std::make_unique<http::InProcessTransport>(handler));
    };
    return options;
  }
};

class AggregationLimitsTest : private Others, public CustomTest {
 protected:
  AggregationLimitsTest() : CustomTest(Others::options()) { clock = &clock_; }

  using Others::first;
  using Others::second;

  void register_service(const std::string& name) {
    create(kServicesUrl, {{"metadata", {{"name", "v1." + group_of(name)}}},
                          {"spec",
                           {{"group", group_of(name)},
                            {"version", "v1"},
                            {"groupPriorityMinimum", 100},
                            {"versionPriority", 100},
                            {"service", {{"namespace", "default"}, {"name", name}}}}}});
  }
  std::string available(const std::string& name) {
    const ObjectPtr service = store().find(kServiceResource, {"", "v1." + group_of(name)});
    return text_at(at_path(*service, {"status", "conditions"}).at(0), {"status"});
  }
  // How long the answer to a GET takes; it is asked for through the clock.
  base::Duration time_of(const std::string& target) {
    const base::Time begin = clock_.now();
    bool done = false;
    const auto ask = [&]() -> asio::awaitable<void> {
      http::Request request;
      request.target = target;
      auto answer = co_await transport_.round_trip(std::move(request));
      EXPECT_TRUE(answer && answer->status == 200);
      done = true;
    };
    base::TaskGroup tasks(clock_.executor());
    tasks.spawn(ask());
    clock_.run_ready();
    while (!done && clock_.next_due()) clock_.run_until(*clock_.next_due());
    return clock_.now() - begin;
  }
};

TEST_F(AggregationLimitsTest, APathThatAnotherServerCouldReadOtherwiseIsRefused) {
  register_service("first");
  first.requests.clear();
  const std::string url = "/apis/first.example.org/v1/";
  for (const char* path : {"../../../api/v1/secrets", "things/..", "./things", "%2e%2e/secrets", "%2E/things",
                           "things%2Fsecret", "things%2f..", "a%5Cb", "a//b", "a%00b", "a#b"}) {
    EXPECT_EQ(expect(400, {.target = url + path}).at("kind"), "Status") << path;
  }
  EXPECT_TRUE(first.requests.empty());
  for (const char* path : {"things", "things/", "things/a.b..c?x=..%2F", "things/%61"}) get(url + path);
  EXPECT_EQ(first.requests.size(), 4u);
}

TEST_F(AggregationLimitsTest, FieldsOfTheConnectionStayOnIt) {
  register_service("first");
  first.requests.clear();
  http::Request request;
  request.target = "/apis/first.example.org/v1/things";
  request.headers.add("Connection", "keep-alive,X-Own");
  request.headers.add("connection", "X-Too");
  request.headers.set("X-Own", "1");
  request.headers.set("X-Too", "1");
  request.headers.set("Proxy-Authorization", "Basic eA==");
  request.headers.set("X-Other", "1");
  http::Reply reply;
  base::TaskGroup tasks(clock_.executor());
  const auto forward = [&]() -> asio::awaitable<void> {
    reply = co_await server_.aggregator().forward(request, User());
  };
  tasks.spawn(forward());
  clock_.run_ready();
  ASSERT_EQ(first.requests.size(), 1u);
  const http::Headers& seen = first.requests[0].headers;
  for (const char* name : {"Connection", "X-Own", "X-Too", "Proxy-Authorization"}) EXPECT_FALSE(seen.get(name)) << name;
  EXPECT_EQ(seen.get("X-Other").value_or(""), "1");
  for (const char* name : {"X-Hop", "Proxy-Authenticate"}) EXPECT_FALSE(reply.response.headers.get(name)) << name;
  EXPECT_EQ(reply.response.headers.get("X-End").value_or(""), "2");
}

TEST_F(AggregationLimitsTest, ABrokenWatchDoesNotLookLikeACleanEnd) {
  register_service("first");
  const auto outcome = [&](bool breaks) {
    first.breaks = breaks;
    std::string lines;
    const auto read = [&]() -> asio::awaitable<void> {
      http::Request request;
      request.target = "/apis/first.example.org/v1/things?watch=1";
      auto opened = co_await transport_.open_stream(std::move(request));
      while (opened && opened->stream) {
        auto line = co_await opened->stream->next_line();
        lines += line ? (*line ? **line : "end") : "broken";
        if (!line || !*line) break;
      }
    };
    base::TaskGroup tasks(clock_.executor());
    tasks.spawn(read());
    clock_.run_ready();
    return lines;
  };
  EXPECT_EQ(outcome(false), "{\"line\":1}end");
  EXPECT_EQ(outcome(true), "{\"line\":1}broken");
}

TEST_F(AggregationLimitsTest, ServersThatKeepSilentHoldDiscoveryUpOnceAndShortly) {
  register_service("first");
  register_service("second");
  first.silent = second.silent = true;
  clock_.run_for(std::chrono::seconds(6));
  EXPECT_EQ(time_of("/apis"), std::chrono::seconds(2)) << "both at the same time";
  EXPECT_EQ(available("first"), "False");
  EXPECT_EQ(available("second"), "False");
  clock_.run_for(std::chrono::seconds(6));
  EXPECT_EQ(time_of("/apis"), base::Duration::zero()) << "they were silent a moment ago";
  first.silent = second.silent = false;
  clock_.run_for(std::chrono::seconds(30));
  EXPECT_EQ(time_of("/apis"), base::Duration::zero());
  EXPECT_EQ(available("first"), "True");
  EXPECT_EQ(available("second"), "True");
}

TEST_F(AggregationLimitsTest, TheServiceOfADefinitionComesBackWhenItIsDeleted) {
  server_.publish_services("PEM");
  define(cron_tab_definition());
  const std::string url = kServicesUrl + "/v1.stable.example.com";
  const std::string uid = text_at(get(url), {"metadata", "uid"});
  expect(200, {.method = "DELETE", .target = url});
  EXPECT_NE(text_at(get(url), {"metadata", "uid"}), uid);
  EXPECT_EQ(get(kCronTabsUrl).at("kind"), "CronTabList");
  // Those of built-in groups are made at the start alone.
  expect(200, {.method = "DELETE", .target = kServicesUrl + "/v1.apps"});
  expect(404, {.target = kServicesUrl + "/v1.apps"});
  expect(200, {.method = "DELETE", .target = kDefinitionsUrl + "/crontabs.stable.example.com"});
  expect(404, {.target = url});
}

TEST_F(AggregationLimitsTest, AnotherAuthorityIsPublishedInItsPlace) {
  server_.publish_services("OLD");
  const std::string url = "/api/v1/namespaces/kube-system/configmaps/extension-apiserver-authentication";
  renew_authentication(store(), "NEW");
  const Json data = get(url).at("data");
  EXPECT_EQ(data.at("client-ca-file"), "NEW");
  EXPECT_EQ(data.at("requestheader-client-ca-file"), "NEW");
  EXPECT_EQ(data.at("requestheader-group-headers"), "[\"X-Remote-Group\"]");
  const auto revision = store().revision();
  renew_authentication(store(), "NEW");
  EXPECT_EQ(store().revision(), revision);
}

}  // namespace
}  // namespace fakeapi
