#include "scaler/control/tuner_status.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace scaler {
namespace {

using Json = nlohmann::json;

constexpr base::Time kUp{std::chrono::seconds(1'767'225'600)};  // 2026-01-01T00:00:00Z

PolicyObject tuner_with(const char* status) {
  Json document;
  document["kind"] = "HpaTuner";
  if (status != nullptr) document["status"] = Json::parse(status);
  PolicyObject object;
  object.document = std::make_shared<const Json>(std::move(document));
  return object;
}

TEST(TunerStatusTest, ReadsWhatItWrites) {
  TunerStatus status;
  EXPECT_EQ(encode_tuner_status(status), R"({"status":{}})");
  status.last_up_scale_time = kUp;
  status.last_down_scale_time = kUp + std::chrono::minutes(1);
  const Json patch = Json::parse(encode_tuner_status(status));
  EXPECT_EQ(patch["status"]["lastUpScaleTime"], "2026-01-01T00:00:00Z");
  EXPECT_EQ(patch["status"]["lastDownScaleTime"], "2026-01-01T00:01:00Z");
  EXPECT_EQ(decode_tuner_status(tuner_with(patch["status"].dump().c_str())), status);
}

TEST(TunerStatusTest, WhatIsNoTimeIsNotThere) {
  for (const char* status : {static_cast<const char*>(nullptr), "null", "[]", "{}", R"({"lastUpScaleTime":null})",
                             R"({"lastUpScaleTime":5,"lastDownScaleTime":"yesterday"})"}) {
    EXPECT_EQ(decode_tuner_status(tuner_with(status)), TunerStatus{});
  }
}

}  // namespace
}  // namespace scaler
