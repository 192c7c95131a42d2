#include "fake-apiserver/store/json_access.h"

#include <gtest/gtest.h>

namespace fakeapi {
namespace {

using nlohmann::json;

std::string by_library(const json& value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); }

TEST(JsonAccessTest, TextIsAsTheLibraryWritesIt) {
  json all = {{"empty", json::object()},
              {"none", json::array()},
              {"null", nullptr},
              {"flags", {true, false}},
              {"numbers", {0, -1, 9'007'199'254'740'993, 18'446'744'073'709'551'615U, 0.1, -2.5e30, 1.0}},
              {"quoted", "a \"b\" \\ c/d"},
              {"controls", "\b\f\n\r\t\x01\x1f\x7f"},
              {"accents", "\u00e9\u2028\U0001f600"},
              {"k\"\n\u00e9", {{"nested", {{{"deep", "yes"}}, 1}}}}};
  all["numbers"].push_back(std::numeric_limits<std::int64_t>::min());
  all["not a number"] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(to_text(all), by_library(all));
  EXPECT_EQ(to_text(json()), "null");
  EXPECT_EQ(to_text(json("plain")), "\"plain\"");
}

TEST(JsonAccessTest, EveryByteOfEveryPlaceIsAsTheLibraryWritesIt) {
  for (std::size_t length = 1; length <= 18; ++length) {
    for (std::size_t at = 0; at < length; ++at) {
      for (int byte = 0; byte < 128; ++byte) {
        std::string value(length, '~');
        value[at] = static_cast<char>(byte);
        if (length > 8) value[(at + 3) % length] = ' ';
        ASSERT_EQ(to_text(json(value)), by_library(json(value))) << length << " " << at << " " << byte;
      }
    }
  }
}

TEST(JsonAccessTest, BrokenUtf8IsReplaced) {
  const json broken = {{"a\xff", "b\xc3("}};
  EXPECT_EQ(to_text(broken), by_library(broken));
  EXPECT_TRUE(json::accept(to_text(broken)));
}

}  // namespace
}  // namespace fakeapi
