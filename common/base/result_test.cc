#include "common/base/result.h"

#include <gtest/gtest.h>

#include <string>

#include "common/base/check.h"

namespace base {
namespace {

Result<int> half(int x) {
  if (x % 2 != 0) return Error{ErrorCode::kInvalid, "odd"};
  return x / 2;
}

Result<> must_be_even(int x) {
  const auto result = half(x);
  if (!result) return annotate(result.error(), "halve " + std::to_string(x));
  return {};
}

TEST(ResultTest, HoldsAValueOrAnError) {
  EXPECT_EQ(half(4).value(), 2);
  ASSERT_FALSE(half(3).has_value());
  EXPECT_EQ(half(3).error(), (Error{ErrorCode::kInvalid, "odd"}));
}

TEST(ResultTest, EachLevelAddsWhatItWasDoingAndKeepsTheCode) {
  EXPECT_TRUE(must_be_even(2).has_value());
  EXPECT_EQ(must_be_even(3).error(), (Error{ErrorCode::kInvalid, "halve 3: odd"}));
}

TEST(ResultDeathTest, AsksForTheValueOfAFailureOnlyByMistake) {
  EXPECT_DEATH(static_cast<void>(half(3).value()), "has_value.*odd");
}

TEST(CheckDeathTest, TellsPlaceConditionAndReason) {
  CHECK(1 + 1 == 2, "not shown");
  EXPECT_DEATH(CHECK(1 + 1 == 3, "sums are hard"), "result_test.cc:[0-9]+: CHECK.1 [+] 1 == 3. failed: sums are hard");
}

TEST(ErrorTest, NamesEveryCode) {
  EXPECT_EQ(to_string(ErrorCode::kInvalid), "invalid");
  EXPECT_EQ(to_string(ErrorCode::kNotFound), "not_found");
  EXPECT_EQ(to_string(ErrorCode::kExists), "exists");
  EXPECT_EQ(to_string(ErrorCode::kConflict), "conflict");
  EXPECT_EQ(to_string(ErrorCode::kExpired), "expired");
  EXPECT_EQ(to_string(ErrorCode::kRateLimited), "rate_limited");
  EXPECT_EQ(to_string(ErrorCode::kUnavailable), "unavailable");
  EXPECT_EQ(to_string(ErrorCode::kTimeout), "timeout");
  EXPECT_EQ(to_string(ErrorCode::kCancelled), "cancelled");
  EXPECT_EQ(to_string(ErrorCode::kUnauthorized), "unauthorized");
  EXPECT_EQ(to_string(ErrorCode::kInternal), "internal");
}

}  // namespace
}  // namespace base
