#include "fake-apiserver/api/pod_logs.h"

#include <gtest/gtest.h>

#include "fake-apiserver/api/testing.h"

namespace fakeapi {
namespace {

using namespace std::chrono_literals;

class Lines final : public PodLogSource {
 public:
  std::vector<PodLogLine> lines(const Json&, const PodLogOptions& options) override {
    asked = options;
    return {{kTestStart - 3min, "one"}, {kTestStart - 2min, "two"}, {kTestStart - 1min, "three"}};
  }
  std::unique_ptr<http::BodyStream> follow(const Json&, const PodLogOptions&) override { return nullptr; }

  PodLogOptions asked;
};

class PodLogsTest : public ApiTest {
 protected:
  PodLogsTest() {
    server_.hooks().pod_logs = &source_;
    Json pod = test_pod("p");
    pod["spec"]["nodeName"] = "n1";
    create(kPodsUrl, pod);
    patch(kPodsUrl + "/p/status",
          {{"status",
            {{"containerStatuses", Json::array({{{"name", "main"}, {"state", {{"running", Json::object()}}}}})}}}});
  }
  std::string log(const std::string& query = "") {
    const http::Response response = call({.target = kPodsUrl + "/p/log" + query});
    EXPECT_EQ(response.status, 200) << response.body;
    EXPECT_TRUE(std::string(response.headers.get("Content-Type").value_or("")).starts_with("text/plain"));
    return response.body;
  }
  std::string refused(const std::string& query, int status = 400) {
    return expect(status, {.target = kPodsUrl + "/p/log" + query}).at("message").get<std::string>();
  }

  Lines source_;
};

TEST_F(PodLogsTest, OptionsSelectLines) {
  EXPECT_EQ(log(), "one\ntwo\nthree\n");
  EXPECT_EQ(source_.asked.container, "main");
  EXPECT_EQ(log("?tailLines=2"), "two\nthree\n");
  EXPECT_EQ(log("?tailLines=0"), "");
  EXPECT_EQ(log("?sinceSeconds=150"), "two\nthree\n");
  EXPECT_EQ(log("?sinceTime=2025-12-31T23:58:30Z"), "three\n");
  EXPECT_EQ(log("?limitBytes=5"), "one\nt");
  EXPECT_EQ(log("?tailLines=1&timestamps=true"), "2025-12-31T23:59:00Z three\n");
  EXPECT_EQ(log("?follow=true"), "one\ntwo\nthree\n");
}

TEST_F(PodLogsTest, WhatCannotBeReadIsSaid) {
  EXPECT_EQ(refused("?container=x"), "container x is not valid for pod p");
  EXPECT_EQ(refused("?previous=true"), "previous terminated container \"main\" in pod \"p\" not found");
  EXPECT_EQ(refused("?tailLines=-1", 422),
            "PodLogOptions \"p\" is invalid: tailLines: Invalid value: -1: must be greater than or equal to 0");
  EXPECT_EQ(expect(404, {.target = kPodsUrl + "/q/log"}).at("message"), "pods \"q\" not found");
  EXPECT_EQ(call({.method = "POST", .target = kPodsUrl + "/p/log", .body = "{}"}).status, 405);
  patch(kPodsUrl + "/p/status",
        {{"status",
          {{"containerStatuses",
            Json::array({{{"name", "main"}, {"state", {{"waiting", {{"reason", "ContainerCreating"}}}}}}})}}}});
  EXPECT_EQ(refused(""), "container \"main\" in pod \"p\" is waiting to start: ContainerCreating");
}

TEST_F(PodLogsTest, WithoutANodeThereIsNothingYet) {
  create(kPodsUrl, test_pod("q"));
  EXPECT_EQ(call({.target = kPodsUrl + "/q/log"}).body, "");
}

TEST_F(PodLogsTest, ExecAndItsLikeAreNotImplemented) {
  for (const char* part : {"exec", "attach", "portforward"}) {
    const Json status = expect(501, {.method = "POST", .target = kPodsUrl + "/p/" + part});
    EXPECT_EQ(status.at("kind"), "Status") << part;
  }
  EXPECT_EQ(call({.target = kPodsUrl + "/p/proxy/some/path"}).status, 501);
}

}  // namespace
}  // namespace fakeapi
