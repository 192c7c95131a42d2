#include "common/http/in_process_transport.h"

#include <string_view>
#include <utility>

#include "common/http/line_splitter.h"

namespace http {
namespace asio = boost::asio;
namespace {

class ChunkLines final : public LineStream {
 public:
  explicit ChunkLines(std::unique_ptr<BodyStream> body) : body_(std::move(body)) {}
  explicit ChunkLines(std::string_view body) { lines_.append(body); }

  asio::awaitable<base::Result<std::optional<std::string>>> next_line() override {
    for (;;) {
      auto line = lines_.next();
      if (line) co_return line;
      if (!body_) co_return lines_.rest();
      bool broken = false;
      std::optional<std::string> chunk;
      try {
        chunk = co_await body_->next_chunk();
      } catch (const StreamBroken&) {
        broken = true;
      }
      if (broken) co_return base::Error{base::ErrorCode::kUnavailable, "the body was broken off"};
      if (!chunk) body_.reset();
      if (chunk) lines_.append(*chunk);
    }
  }

 private:
  std::unique_ptr<BodyStream> body_;  // none after its end
  LineSplitter lines_;
};

// False: the body was broken off.
asio::awaitable<bool> drain(Reply& reply) {
  const std::unique_ptr<BodyStream> stream = std::move(reply.stream);
  reply.response.body.clear();
  if (!stream) co_return true;
  bool whole = true;
  try {
    while (auto chunk = co_await stream->next_chunk()) reply.response.body += *chunk;
  } catch (const StreamBroken&) {
    whole = false;
  }
  co_return whole;
}

base::Error broken_off() { return base::Error{base::ErrorCode::kUnavailable, "the connection was broken off"}; }

bool has_body(const std::string& method, int status) { return method != "HEAD" && status != 204 && status != 304; }

}  // namespace

// Answers are cut as the wire would cut them: none to HEAD has a body.
asio::awaitable<base::Result<Response>> InProcessTransport::round_trip(Request request) {
  const std::string method = request.method;
  Reply reply = co_await handler_.handle(std::move(request));
  if (reply.abort != Abort::kNone) co_return broken_off();
  if (!has_body(method, reply.response.status)) {
    reply.response.body.clear();
  } else if (reply.stream) {
    const bool whole = co_await drain(reply);
    if (!whole) co_return broken_off();
  }
  co_return std::move(reply.response);
}

asio::awaitable<base::Result<StreamResponse>> InProcessTransport::open_stream(Request request) {
  const std::string method = request.method;
  Reply reply = co_await handler_.handle(std::move(request));
  if (reply.abort != Abort::kNone) co_return broken_off();
  const int status = reply.response.status;
  StreamResponse answer;
  if (!has_body(method, status)) {
    reply.response.body.clear();
    reply.stream.reset();
  }
  if (status >= 200 && status < 300) {
    answer.stream = reply.stream ? std::make_unique<ChunkLines>(std::move(reply.stream))
                                 : std::make_unique<ChunkLines>(reply.response.body);
    reply.response.body.clear();
  } else if (reply.stream) {
    const bool whole = co_await drain(reply);
    if (!whole) co_return broken_off();
  }
  answer.response = std::move(reply.response);
  co_return std::move(answer);
}

}  // namespace http
