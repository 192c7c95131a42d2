#include "common/http/message.h"

#include <gtest/gtest.h>

namespace http {
namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;

TEST(HeadersTest, FindsNamesWithoutCase) {
  Headers headers;
  headers.add("Content-Type", "a");

  EXPECT_EQ(headers.get("content-TYPE"), "a");
  EXPECT_EQ(headers.get("Content"), std::nullopt);
  EXPECT_EQ(headers.get(""), std::nullopt);
}

TEST(HeadersTest, GivesTheFirstOfSeveralAndKeepsOrder) {
  Headers headers;
  headers.add("Accept", "a");
  headers.add("X", "x");
  headers.add("accept", "b");

  EXPECT_EQ(headers.get("ACCEPT"), "a");
  EXPECT_EQ(headers.all(), (Fields{{"Accept", "a"}, {"X", "x"}, {"accept", "b"}}));
}

TEST(HeadersTest, SetReplacesAll) {
  Headers headers;
  headers.add("Accept", "a");
  headers.add("accept", "b");
  headers.set("ACCEPT", "c");

  EXPECT_EQ(headers.all(), (Fields{{"ACCEPT", "c"}}));
}

TEST(ResponseTest, SaysWhatItsBodyIs) {
  const Response text = text_response(404, "nothing here");
  EXPECT_EQ(text.status, 404);
  EXPECT_EQ(text.body, "nothing here");
  EXPECT_EQ(text.headers.get("Content-Type"), "text/plain; charset=utf-8");

  const Response json = json_response(200, "{}");
  EXPECT_EQ(json.body, "{}");
  EXPECT_EQ(json.headers.get("Content-Type"), "application/json");
}

TEST(JsonErrorTest, IsAJsonObjectWhateverItsText) {
  const Response response = json_error(413, "a \"quoted\" \xff byte");

  EXPECT_EQ(response.status, 413);
  EXPECT_EQ(response.headers.get("Content-Type"), "application/json");
  EXPECT_EQ(response.body, "{\"message\":\"a \\\"quoted\\\" \xEF\xBF\xBD byte\",\"code\":413}\n");
}

}  // namespace
}  // namespace http
