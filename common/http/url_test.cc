#include "common/http/url.h"

#include <gtest/gtest.h>

#include <string>

namespace http {
namespace {

using Query = std::vector<std::pair<std::string, std::string>>;

TEST(PercentTest, EncodesAllButTheUnreserved) {
  EXPECT_EQ(percent_encode("AZaz09-._~"), "AZaz09-._~");
  EXPECT_EQ(percent_encode("a b/c=d&e%+"), "a%20b%2Fc%3Dd%26e%25%2B");
  EXPECT_EQ(percent_encode("\xC3\xBC"), "%C3%BC");
}

TEST(PercentTest, DecodesWhatItEncoded) {
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
  EXPECT_EQ(percent_decode(percent_encode(all)), all);
  EXPECT_EQ(percent_decode("%c3%Bc"), "\xC3\xBC");
}

TEST(PercentTest, ReadsPlusAsSpaceOnlyWhereAsked) {
  EXPECT_EQ(percent_decode("a+b"), "a+b");
  EXPECT_EQ(percent_decode("a+b%2B", true), "a b+");
}

TEST(PercentTest, RefusesBrokenEscapes) {
  for (const char* text : {"%", "%4", "a%4", "%zz", "%4g", "%%41"}) EXPECT_EQ(percent_decode(text), std::nullopt);
}

TEST(TargetTest, SplitsPathAndQuery) {
  const auto target = parse_target("/api/v1/pods?labelSelector=app%3Dweb%2Ctier%20in+x&watch=1&watch=2&flag&=odd");

  ASSERT_TRUE(target.has_value());
  EXPECT_EQ(target->path, "/api/v1/pods");
  EXPECT_EQ(target->segments, (std::vector<std::string>{"api", "v1", "pods"}));
  EXPECT_EQ(target->query,
            (Query{{"labelSelector", "app=web,tier in x"}, {"watch", "1"}, {"watch", "2"}, {"flag", ""}, {"", "odd"}}));
  EXPECT_EQ(target->get("watch"), "1");
  EXPECT_EQ(target->get("flag"), "");
  EXPECT_EQ(target->get("limit"), std::nullopt);
}

TEST(TargetTest, KeepsAnEncodedSlashInsideItsSegment) {
  const auto target = parse_target("/a%2Fb/c");

  ASSERT_TRUE(target.has_value());
  EXPECT_EQ(target->segments, (std::vector<std::string>{"a/b", "c"}));
  EXPECT_EQ(target->path, "/a/b/c");
}

TEST(TargetTest, OverlooksEmptySegmentsAndFragments) {
  const auto target = parse_target("//a///b/?#x?y=1");

  ASSERT_TRUE(target.has_value());
  EXPECT_EQ(target->segments, (std::vector<std::string>{"a", "b"}));
  EXPECT_TRUE(target->query.empty());
}

TEST(TargetTest, RefusesOtherForms) {
  for (const char* text : {"", "a", "*", "http://x/", "?a", "/%", "/a?b=%1", "/a?%=b", " /"}) {
    EXPECT_FALSE(parse_target(text).has_value()) << text;
  }
}

TEST(TargetTest, MakesWhatItReads) {
  const Query query = {{"labelSelector", "app=web&x"}, {"continue", "a+b/c=="}, {"empty", ""}};
  const std::string text = make_target("/api/v1/pods", query);

  EXPECT_EQ(text, "/api/v1/pods?labelSelector=app%3Dweb%26x&continue=a%2Bb%2Fc%3D%3D&empty=");
  EXPECT_EQ(parse_target(text)->query, query);
  EXPECT_EQ(make_target("/x", {}), "/x");
}

TEST(OriginTest, ReadsHostAndPort) {
  struct Case {
    const char* text;
    const char* scheme;
    const char* host;
    int port;
    const char* authority;
  };
  for (const Case& c : {Case{"http://localhost", "http", "localhost", 80, "localhost"},
                        Case{"http://localhost/", "http", "localhost", 80, "localhost"},
                        Case{"http://127.0.0.1:8080", "http", "127.0.0.1", 8080, "127.0.0.1:8080"},
                        Case{"https://api.example.org", "https", "api.example.org", 443, "api.example.org"},
                        Case{"https://api.example.org:80", "https", "api.example.org", 80, "api.example.org:80"},
                        Case{"http://[::1]:8080", "http", "::1", 8080, "[::1]:8080"},
                        Case{"http://[fe80::1]/", "http", "fe80::1", 80, "[fe80::1]"}}) {
    const auto origin = parse_origin(c.text);
    ASSERT_TRUE(origin.has_value()) << c.text;
    EXPECT_EQ(origin->scheme, c.scheme);
    EXPECT_EQ(origin->host, c.host);
    EXPECT_EQ(origin->port, c.port);
    EXPECT_EQ(origin->authority(), c.authority);
  }
}

TEST(OriginTest, RefusesWhatIsMoreOrLess) {
  for (const char* text :
       {"",           "localhost",     "localhost:80", "ftp://x",        "http://",     "http:///",
        "http://:80", "http://x:",     "http://x:0",   "http://x:65536", "http://x:8o", "http://x/path",
        "http://x?y", "http://user@x", "http://::1",   "http://[::1",    "http://[]:1", "http://[::1]x",
        "http://a b", "http://x:80/y"}) {
    EXPECT_FALSE(parse_origin(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace http
