#include "common/http/wire.h"

#include <gtest/gtest.h>

#include <cstring>

#include "common/base/random.h"

namespace http {
namespace {

using namespace std::chrono_literals;

void append(ReadBuffer& buffer, std::string_view text) {
  std::memcpy(buffer.prepare(text.size()), text.data(), text.size());
  buffer.commit(text.size());
}

// Parses to the end; the error's status, or 0.
template <class Parser>
int parse_all(Parser& parser, ReadBuffer& buffer) {
  for (int steps = 0; steps < 3; ++steps) {
    if (const auto error = parser.parse(buffer)) return error->status;
  }
  return 0;
}

int status_of(std::string_view text, WireLimits limits = {}) {
  RequestParser parser(limits);
  ReadBuffer buffer;
  append(buffer, text);
  return parse_all(parser, buffer);
}

constexpr std::string_view kPost =
    "POST /a?b=c HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 4\r\n\r\nbody";
constexpr std::string_view kChunked =
    "PUT /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    "2;ext=1\r\nbo\r\n2\r\ndy\r\n0\r\nX-Trailer: late\r\n\r\n";

TEST(RequestParserTest, ReadsAMessageHoweverThePiecesFall) {
  for (const std::string_view text : {kPost, kChunked}) {
    for (std::size_t piece = 1; piece <= text.size(); ++piece) {
      RequestParser parser({});
      ReadBuffer buffer;
      for (std::size_t at = 0; at < text.size(); at += piece) {
        ASSERT_FALSE(parser.done());
        append(buffer, text.substr(at, piece));
        ASSERT_EQ(parse_all(parser, buffer), 0) << piece;
      }
      ASSERT_TRUE(parser.done()) << piece;
      EXPECT_TRUE(buffer.empty());
      EXPECT_TRUE(parser.keep_alive());
      const Request request = parser.take();
      EXPECT_EQ(request.body, "body");
      EXPECT_EQ(request.headers.get("host"), "x");
      EXPECT_EQ(request.headers.get("X-Trailer"), std::nullopt);
    }
  }
}

TEST(RequestParserTest, StopsAtTheHeaderAndLeavesTheNextRequestAlone) {
  RequestParser parser({});
  ReadBuffer buffer;
  append(buffer, std::string(kPost) + "GET /next HTTP/1.1\r\n");

  ASSERT_FALSE(parser.parse(buffer).has_value());
  EXPECT_TRUE(parser.has_header());
  EXPECT_FALSE(parser.done());
  EXPECT_EQ(parser.request().method, "POST");
  EXPECT_EQ(parser.request().target, "/a?b=c");
  ASSERT_FALSE(parser.parse(buffer).has_value());
  EXPECT_TRUE(parser.done());
  EXPECT_EQ(buffer.bytes(), "GET /next HTTP/1.1\r\n");
}

TEST(RequestParserTest, OverlooksEmptyLinesBeforeARequest) {
  EXPECT_EQ(status_of("\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n"), 0);
}

TEST(RequestParserTest, KnowsWhenTheConnectionMayStay) {
  const auto keeps = [](std::string_view text) {
    RequestParser parser({});
    ReadBuffer buffer;
    append(buffer, text);
    EXPECT_EQ(parse_all(parser, buffer), 0);
    return parser.keep_alive();
  };
  EXPECT_TRUE(keeps("GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
  EXPECT_FALSE(keeps("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
  EXPECT_FALSE(keeps("GET / HTTP/1.0\r\n\r\n"));
  EXPECT_TRUE(keeps("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n"));
}

TEST(RequestParserTest, TurnsAnAbsoluteTargetIntoAPath) {
  const auto target = [](std::string_view text) {
    RequestParser parser({});
    ReadBuffer buffer;
    append(buffer, std::string(text) + " HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_EQ(parse_all(parser, buffer), 0);
    return parser.take().target;
  };
  EXPECT_EQ(target("GET http://x:80/a?b"), "/a?b");
  EXPECT_EQ(target("GET http://x"), "/");
  EXPECT_EQ(target("GET http://x?q=1"), "/?q=1");
  EXPECT_EQ(target("OPTIONS *"), "*");
}

TEST(RequestParserTest, TellsWhatIsWrong) {
  struct Case {
    const char* text;
    int status;
  };
  for (const Case& c : {
           Case{"garbage\r\n\r\n", 400},
           Case{"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400},  // a TLS hello
           Case{"GET / HTTP/1.1\r\n\r\n", 400},                        // no Host
           Case{"GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", 400},
           Case{"GET / HTTP/1.1\r\nHost: x\r\nno colon\r\n\r\n", 400},
           Case{"GET / HTTP/1.1\r\nHost : x\r\n\r\n", 400},
           Case{"GET a HTTP/1.1\r\nHost: x\r\n\r\n", 400},
           Case{"GET  / HTTP/1.1\r\nHost: x\r\n\r\n", 400},
           Case{"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", 400},
           Case{"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400},
           Case{"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
           Case{"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n", 400},
           Case{"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", 400},
           Case{"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
           Case{"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n", 501},
           Case{"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501},
           Case{"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\nContent-Length: 1\r\n\r\n", 501},
           Case{"CONNECT x:443 HTTP/1.1\r\nHost: x\r\n\r\n", 501},
           Case{"GET / HTTP/1.1\r\nHost: x\r\nExpect: miracles\r\n\r\n", 417},
           Case{"GET / HTTP/2.0\r\nHost: x\r\n\r\n", 505},
           Case{"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
       }) {
    EXPECT_EQ(status_of(c.text), c.status) << c.text;
  }
}

TEST(RequestParserTest, LimitsTheHeaderInOneLineAndInSum) {
  const WireLimits limits{.header_bytes = 200, .body_bytes = 100};
  const std::string start = "GET / HTTP/1.1\r\nHost: x\r\n";
  std::string many = start;
  for (int i = 0; i < 40; ++i) many += "A: b\r\n";

  EXPECT_EQ(status_of(start + "X: " + std::string(160, 'x') + "\r\n\r\n", limits), 0);
  EXPECT_EQ(status_of(start + "X: " + std::string(200, 'x') + "\r\n\r\n", limits), 431);
  EXPECT_EQ(status_of(start + "X: " + std::string(300, 'x'), limits), 431);
  EXPECT_EQ(status_of("GET /" + std::string(300, 'x'), limits), 431);
  EXPECT_EQ(status_of(many + "\r\n", limits), 431);

  RequestParser parser(limits);  // drop by drop, each line for itself is short
  ReadBuffer buffer;
  int status = 0;
  for (std::size_t i = 0; i < many.size() && status == 0; ++i) {
    append(buffer, many.substr(i, 1));
    status = parse_all(parser, buffer);
  }
  EXPECT_EQ(status, 431);
}

TEST(RequestParserTest, LimitsTheBodyByItsLengthAndByItsChunks) {
  const WireLimits limits{.header_bytes = 200, .body_bytes = 100};
  const std::string start = "POST / HTTP/1.1\r\nHost: x\r\n";
  const std::string chunk = "32\r\n" + std::string(50, 'x') + "\r\n";

  EXPECT_EQ(status_of(start + "Content-Length: 100\r\n\r\n", limits), 0);
  EXPECT_EQ(status_of(start + "Content-Length: 101\r\n\r\n", limits), 413);
  EXPECT_EQ(status_of(start + "Transfer-Encoding: chunked\r\n\r\n" + chunk + chunk + "0\r\n\r\n", limits), 0);
  EXPECT_EQ(status_of(start + "Transfer-Encoding: chunked\r\n\r\n" + chunk + chunk + "1\r\nx\r\n", limits), 413);
  EXPECT_EQ(status_of(start + "Transfer-Encoding: chunked\r\n\r\n1;" + std::string(300, 'x'), limits), 400);
  EXPECT_EQ(status_of(start + "Transfer-Encoding: chunked\r\n\r\n0\r\nT: " + std::string(300, 'x'), limits), 400);
}

TEST(RequestParserTest, SurvivesWhateverComes) {
  base::Random random(1);
  for (int round = 0; round < 3000; ++round) {
    std::string text(round % 2 == 0 ? kPost : kChunked);
    for (std::uint64_t edits = random.below(4) + 1; edits > 0; --edits) {
      text[random.below(text.size())] = static_cast<char>(random.below(256));
    }
    RequestParser parser({.header_bytes = 256, .body_bytes = 64});
    ReadBuffer buffer;
    const std::size_t cut = random.below(text.size());
    append(buffer, text.substr(0, cut));
    if (parse_all(parser, buffer) != 0) continue;
    append(buffer, text.substr(cut));
    const int status = parse_all(parser, buffer);
    EXPECT_TRUE(status == 0 || (status >= 400 && status < 600));
  }
}

TEST(ResponseParserTest, ReadsBodiesInPieces) {
  ResponseParser parser({}, false);
  ReadBuffer buffer;
  append(buffer, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
  EXPECT_EQ(parse_all(parser, buffer), 0);
  EXPECT_TRUE(parser.has_header());
  EXPECT_EQ(parser.take_body(), "abc");
  append(buffer, "2\r\nd");
  EXPECT_EQ(parse_all(parser, buffer), 0);
  EXPECT_EQ(parser.take_body(), "d");
  EXPECT_FALSE(parser.done());
  append(buffer, "e\r\n0\r\n\r\n");
  EXPECT_EQ(parse_all(parser, buffer), 0);
  EXPECT_EQ(parser.take_body(), "e");
  EXPECT_TRUE(parser.done());
  EXPECT_TRUE(parser.keep_alive());
}

TEST(ResponseParserTest, KnowsWhichEndsAreClean) {
  const auto clean = [](std::string_view text) {
    ResponseParser parser({}, false);
    ReadBuffer buffer;
    append(buffer, text);
    EXPECT_EQ(parse_all(parser, buffer), 0);
    return parser.parse_eof();
  };
  EXPECT_FALSE(clean(""));
  EXPECT_FALSE(clean("HTTP/1.1 200 OK\r\n"));
  EXPECT_TRUE(clean("HTTP/1.1 200 OK\r\n\r\n"));
  EXPECT_TRUE(clean("HTTP/1.1 200 OK\r\n\r\nabc"));
  EXPECT_FALSE(clean("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabc"));
  EXPECT_TRUE(clean("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc"));
  EXPECT_FALSE(clean("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"));
}

TEST(ResponseParserTest, AnAnswerToHeadHasNoBody) {
  ResponseParser parser({}, true);
  ReadBuffer buffer;
  append(buffer, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n");
  EXPECT_EQ(parse_all(parser, buffer), 0);
  EXPECT_TRUE(parser.done());
  EXPECT_EQ(parser.response().headers.get("Content-Length"), "10");
}

TEST(ResponseParserTest, LimitsTheBodyUnlessItIsAStream) {
  const std::string text = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n" + std::string(255, 'x');
  ResponseParser limited({.body_bytes = 100}, false);
  ReadBuffer buffer;
  append(buffer, text);
  EXPECT_NE(parse_all(limited, buffer), 0);

  ResponseParser stream({.body_bytes = 100}, false);
  ReadBuffer again;
  append(again, text);
  EXPECT_FALSE(stream.parse(again).has_value());
  stream.lift_body_limit();
  EXPECT_EQ(parse_all(stream, again), 0);
  EXPECT_EQ(stream.take_body().size(), 255U);
}

constexpr base::Time kThen = std::chrono::sys_days(std::chrono::year(1994) / 11 / 6) + 8h + 49min + 37s;

TEST(ResponseHeadTest, OwnsTheFraming) {
  Response response = text_response(200, "abc");
  response.headers.add("content-length", "99");
  response.headers.add("Connection", "upgrade");
  response.headers.add("X-A", "b");

  EXPECT_EQ(response_head(response, {.length = 3, .date = kThen}),
            "HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Type: text/plain; charset=utf-8\r\n"
            "X-A: b\r\nContent-Length: 3\r\n\r\n");
}

TEST(ResponseHeadTest, SaysHowTheBodyEnds) {
  Response response;
  response.headers.set("Date", "today");
  EXPECT_EQ(response_head(response, {.framing = Framing::kChunked}),
            "HTTP/1.1 200 OK\r\nDate: today\r\nTransfer-Encoding: chunked\r\n\r\n");
  EXPECT_EQ(response_head(response, {.framing = Framing::kUntilClose, .keep_alive = false}),
            "HTTP/1.1 200 OK\r\nDate: today\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(response_head(response, {.to_http_1_0 = true}),
            "HTTP/1.1 200 OK\r\nDate: today\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n");
  response.status = 204;
  EXPECT_EQ(response_head(response, {}), "HTTP/1.1 204 No Content\r\nDate: today\r\n\r\n");
}

TEST(ResponseHeadTest, NoValueCanAddAField) {
  Response response;
  response.headers.set("Date", "today");
  response.headers.add("X", "a\r\nSet-Cookie: b");
  response.headers.add("Bad Name", "c");
  response.headers.add("", "d");

  EXPECT_EQ(response_head(response, {}),
            "HTTP/1.1 200 OK\r\nDate: today\r\nX: a  Set-Cookie: b\r\nContent-Length: 0\r\n\r\n");
}

TEST(ResponseHeadTest, DatesTheEdgesOfTheYear) {
  EXPECT_EQ(http_date(base::Time{}), "Thu, 01 Jan 1970 00:00:00 GMT");
  EXPECT_EQ(http_date(std::chrono::sys_days(std::chrono::year(2024) / 12 / 31) + 24h - 1ns),
            "Tue, 31 Dec 2024 23:59:59 GMT");
}

TEST(RequestHeadTest, AddsHostAndLength) {
  Request request;
  request.target = "/a";
  request.headers.add("Accept", "x");
  EXPECT_EQ(request_head(request, "h:1", true), "GET /a HTTP/1.1\r\nHost: h:1\r\nAccept: x\r\n\r\n");
  request.method = "POST";
  EXPECT_EQ(request_head(request, "h:1", false),
            "POST /a HTTP/1.1\r\nHost: h:1\r\nAccept: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
}

TEST(RequestHeadTest, RefusesWhatWouldBreakTheMessage) {
  Request request;
  EXPECT_TRUE(is_sendable(request));
  for (const char* target : {"", "a", "/a b", "/a\r\nX: y", "/\x7f", "http://x/"}) {
    request.target = target;
    EXPECT_FALSE(is_sendable(request)) << target;
  }
  request = Request();
  request.method = "GE T";
  EXPECT_FALSE(is_sendable(request));
  request = Request();
  request.headers.add("X", "a\nb");
  EXPECT_FALSE(is_sendable(request));
}

TEST(ReadBufferTest, ReusesItsRoom) {
  ReadBuffer buffer;
  append(buffer, "abcdef");
  buffer.consume(4);
  append(buffer, "gh");
  EXPECT_EQ(buffer.bytes(), "efgh");
  buffer.consume(4);
  EXPECT_TRUE(buffer.empty());
  append(buffer, std::string(100, 'x'));
  EXPECT_EQ(buffer.bytes(), std::string(100, 'x'));
}

}  // namespace
}  // namespace http
