#include "common/http/wire.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/rfc7230.hpp>
#include <boost/beast/http/status.hpp>
#include <utility>

#include "common/base/check.h"

namespace http {
namespace beast_http = boost::beast::http;
using boost::beast::error_code;
using boost::beast::iequals;
namespace {

std::string to_string(boost::beast::string_view text) { return std::string(text.data(), text.size()); }

WireError wire_error(const error_code& error) {
  if (error == beast_http::error::header_limit) return {431, "the header is too large"};
  if (error == beast_http::error::body_limit) return {413, "the body is too large"};
  if (error == beast_http::error::bad_version) return {505, "only HTTP/1.0 and HTTP/1.1 are spoken here"};
  return {400, "malformed message: " + error.message()};
}

// Fills one of our messages from Beast's callbacks.
template <bool kIsRequest>
class Parser : public beast_http::basic_parser<kIsRequest> {
 public:
  using Message = std::conditional_t<kIsRequest, Request, Response>;

  explicit Parser(WireLimits limits) : limits_(limits) {
    this->header_limit(static_cast<std::uint32_t>(limits.header_bytes));
    this->body_limit(limits.body_bytes);
    this->eager(false);
  }

  std::optional<WireError> parse(ReadBuffer& buffer) {
    const bool had_header = this->is_header_done();
    while (!buffer.empty() && !this->is_done() && this->is_header_done() == had_header) {
      const auto bytes = buffer.bytes();
      error_code error;
      const std::size_t used = this->put(boost::asio::const_buffer(bytes.data(), bytes.size()), error);
      buffer.consume(used);
      if (!had_header) header_bytes_ += used;
      // Beast limits a line and not their sum, and neither chunk extensions nor trailers.
      const bool too_long = (error == beast_http::error::need_more && buffer.size() > limits_.header_bytes);
      if (header_bytes_ > limits_.header_bytes || (too_long && !had_header)) {
        return wire_error(beast_http::error::header_limit);
      }
      if (too_long) return wire_error(beast_http::error::bad_chunk);
      if (error == beast_http::error::need_more) return std::nullopt;
      if (error) return wire_error(error);
    }
    return std::nullopt;
  }

  Message message;
  bool is_http_1_0 = false;

 private:
  void on_request_impl(beast_http::verb, boost::beast::string_view method, boost::beast::string_view target,
                       int version, error_code&) override {
    if constexpr (kIsRequest) {
      message.method = to_string(method);
      message.target = to_string(target);
      is_http_1_0 = version == 10;
    }
  }
  void on_response_impl(int status, boost::beast::string_view, int version, error_code&) override {
    if constexpr (!kIsRequest) {
      message.status = status;
      is_http_1_0 = version == 10;
    }
  }
  void on_field_impl(beast_http::field, boost::beast::string_view name, boost::beast::string_view value,
                     error_code&) override {
    // Trailers are read and dropped: nobody may change a header after it was judged.
    if (!header_ended_) message.headers.add(to_string(name), to_string(value));
  }
  void on_header_impl(error_code&) override { header_ended_ = true; }
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(boost::beast::string_view body, error_code&) override {
    message.body.append(body.data(), body.size());
    return body.size();
  }
  void on_chunk_header_impl(std::uint64_t, boost::beast::string_view, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, boost::beast::string_view body, error_code& error) override {
    return on_body_impl(body, error);
  }
  void on_finish_impl(error_code&) override {}

  const WireLimits limits_;
  std::size_t header_bytes_ = 0;
  bool header_ended_ = false;
};

bool is_named(const std::pair<std::string, std::string>& field, std::string_view name) {
  return iequals(field.first, boost::beast::string_view(name.data(), name.size()));
}

std::size_t count(const Headers& headers, std::string_view name) {
  return static_cast<std::size_t>(
      std::count_if(headers.all().begin(), headers.all().end(), [&](const auto& f) { return is_named(f, name); }));
}

// A transfer coding that we cannot undo would leave the end of the message in doubt (RFC 9112, 6.1).
std::optional<WireError> check_coding(const Headers& headers, bool is_http_1_0) {
  const auto coding = headers.get("Transfer-Encoding");
  if (!coding) return std::nullopt;
  if (is_http_1_0) return WireError{400, "HTTP/1.0 has no transfer codings"};
  if (count(headers, "Transfer-Encoding") == 1 &&
      iequals(boost::beast::string_view(coding->data(), coding->size()), "chunked")) {
    return std::nullopt;
  }
  return WireError{501, "the only transfer coding is chunked"};
}

// Brings the target into origin form: "http://host/path" becomes "/path" (RFC 9112, 3.2.2).
std::optional<WireError> normalize_target(Request& request) {
  std::string& target = request.target;
  if (request.method == "CONNECT") return WireError{501, "CONNECT is not supported"};
  if (target.front() == '/' || (target == "*" && request.method == "OPTIONS")) return std::nullopt;
  constexpr std::string_view kScheme = "http://";
  if (!target.starts_with(kScheme)) return WireError{400, "the request target is not a path"};
  const std::size_t path = target.find_first_of("/?", kScheme.size());
  target = path == std::string::npos ? "/" : (target[path] == '?' ? "/" : "") + target.substr(path);
  return std::nullopt;
}

std::optional<WireError> check_request(Request& request, bool is_http_1_0) {
  if (auto error = check_coding(request.headers, is_http_1_0)) return error;
  const std::size_t hosts = count(request.headers, "Host");
  if (hosts > 1 || (hosts == 0 && !is_http_1_0)) return WireError{400, "exactly one Host is needed"};
  if (const auto expect = request.headers.get("Expect")) {
    if (!iequals(boost::beast::string_view(expect->data(), expect->size()), "100-continue")) {
      return WireError{417, "unknown expectation"};
    }
  }
  return normalize_target(request);
}

bool is_framing(const std::pair<std::string, std::string>& field) {
  return is_named(field, "Content-Length") || is_named(field, "Transfer-Encoding") || is_named(field, "Connection") ||
         is_named(field, "Keep-Alive");
}

bool is_token(std::string_view text) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kMarks.find(c) != std::string_view::npos;
  });
}

bool breaks_line(char c) { return c == '\r' || c == '\n' || c == '\0'; }

// A handler may echo what a client sent; that must not add fields or end the header.
void append_field(std::string& out, std::string_view name, std::string_view value) {
  if (!is_token(name)) return;
  out += name;
  out += ": ";
  std::replace_copy_if(value.begin(), value.end(), std::back_inserter(out), breaks_line, ' ');
  out += "\r\n";
}

void append_fields(std::string& out, const Headers& headers) {
  for (const auto& field : headers.all()) {
    if (!is_framing(field)) append_field(out, field.first, field.second);
  }
}

}  // namespace

struct RequestParser::Impl : Parser<true> {
  using Parser<true>::Parser;
};

RequestParser::RequestParser(WireLimits limits) : impl_(std::make_unique<Impl>(limits)) {}
RequestParser::~RequestParser() = default;

std::optional<WireError> RequestParser::parse(ReadBuffer& buffer) {
  const bool had_header = has_header();
  // Empty lines before a request are to be overlooked (RFC 9112, 2.2).
  while (!impl_->got_some() && buffer.bytes().starts_with("\r\n")) buffer.consume(2);
  if (auto error = impl_->parse(buffer)) return error;
  if (had_header || !has_header()) return std::nullopt;
  return check_request(impl_->message, impl_->is_http_1_0);
}

bool RequestParser::has_header() const { return impl_->is_header_done(); }
bool RequestParser::done() const { return impl_->is_done(); }
const Request& RequestParser::request() const { return impl_->message; }
bool RequestParser::keep_alive() const { return impl_->keep_alive(); }
bool RequestParser::is_http_1_0() const { return impl_->is_http_1_0; }
bool RequestParser::expects_continue() const {
  return !impl_->is_http_1_0 && request().headers.get("Expect").has_value();
}
Request RequestParser::take() { return std::move(impl_->message); }

struct ResponseParser::Impl : Parser<false> {
  using Parser<false>::Parser;
};

ResponseParser::ResponseParser(WireLimits limits, bool to_head) : impl_(std::make_unique<Impl>(limits)) {
  impl_->skip(to_head);
}
ResponseParser::~ResponseParser() = default;

std::optional<WireError> ResponseParser::parse(ReadBuffer& buffer) {
  const bool had_header = has_header();
  if (auto error = impl_->parse(buffer)) return error;
  if (had_header || !has_header()) return std::nullopt;
  return check_coding(impl_->message.headers, impl_->is_http_1_0);
}

bool ResponseParser::parse_eof() {
  if (!impl_->got_some()) return false;
  if (impl_->is_done()) return true;
  error_code error;
  impl_->put_eof(error);
  return !error && impl_->is_done();
}

void ResponseParser::lift_body_limit() { impl_->body_limit(boost::none); }
bool ResponseParser::has_header() const { return impl_->is_header_done(); }
bool ResponseParser::done() const { return impl_->is_done(); }
const Response& ResponseParser::response() const { return impl_->message; }
bool ResponseParser::keep_alive() const { return impl_->keep_alive(); }
std::string ResponseParser::take_body() { return std::exchange(impl_->message.body, std::string()); }
Response ResponseParser::take() { return std::move(impl_->message); }

std::string response_head(const Response& response, const ResponseFraming& framing) {
  CHECK(response.status >= 100 && response.status <= 999, "a status has three digits");
  const auto reason = beast_http::obsolete_reason(beast_http::int_to_status(static_cast<unsigned>(response.status)));
  std::string head = fmt::format("HTTP/1.1 {} {}\r\n", response.status, to_string(reason));
  if (!response.headers.get("Date")) append_field(head, "Date", http_date(framing.date));
  append_fields(head, response.headers);
  const bool has_body = response.status != 204 && response.status != 304 && response.status >= 200;
  if (has_body && framing.framing == Framing::kLength) {
    append_field(head, "Content-Length", fmt::format("{}", framing.length));
  }
  if (has_body && framing.framing == Framing::kChunked) append_field(head, "Transfer-Encoding", "chunked");
  if (!framing.keep_alive) append_field(head, "Connection", "close");
  if (framing.keep_alive && framing.to_http_1_0) append_field(head, "Connection", "keep-alive");
  return head + "\r\n";
}

std::string chunk_head(std::size_t size) { return fmt::format("{:x}\r\n", size); }

std::string http_date(base::Time t) {
  constexpr std::array kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = std::chrono::floor<std::chrono::days>(t);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::seconds>(t - day));
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", kDays[std::chrono::weekday(day).c_encoding()],
                     static_cast<unsigned>(date.day()), kMonths[static_cast<unsigned>(date.month()) - 1],
                     static_cast<int>(date.year()), clock.hours().count(), clock.minutes().count(),
                     clock.seconds().count());
}

bool is_sendable(const Request& request) {
  const auto visible = [](char c) { return static_cast<unsigned char>(c) > ' ' && c != '\x7f'; };
  const auto fits = [](const auto& field) {
    return is_token(field.first) && std::none_of(field.second.begin(), field.second.end(), breaks_line);
  };
  const auto& fields = request.headers.all();
  return is_token(request.method) && request.target.starts_with('/') &&
         std::all_of(request.target.begin(), request.target.end(), visible) &&
         std::all_of(fields.begin(), fields.end(), fits);
}

std::string request_head(const Request& request, std::string_view host, bool keep_alive) {
  std::string head = fmt::format("{} {} HTTP/1.1\r\n", request.method, request.target);
  if (!request.headers.get("Host")) append_field(head, "Host", host);
  append_fields(head, request.headers);
  const bool may_have_body = request.method == "POST" || request.method == "PUT" || request.method == "PATCH";
  if (may_have_body || !request.body.empty()) {
    append_field(head, "Content-Length", fmt::format("{}", request.body.size()));
  }
  if (!keep_alive) append_field(head, "Connection", "close");
  return head + "\r\n";
}

}  // namespace http
