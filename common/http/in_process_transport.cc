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
      auto chunk = co_await body_->next_chunk();
      if (!chunk) body_.reset();
      if (chunk) lines_.append(*chunk);
    }
  }

 private:
  std::unique_ptr<BodyStream> body_;  // none after its end
  LineSplitter lines_;
};

asio::awaitable<void> drain(Reply& reply) {
  const std::unique_ptr<BodyStream> stream = std::move(reply.stream);
  reply.response.body.clear();
  if (!stream) co_return;
  while (auto chunk = co_await stream->next_chunk()) reply.response.body += *chunk;
}

bool has_body(const std::string& method, int status) { return method != "HEAD" && status != 204 && status != 304; }

}  // namespace

// Answers are cut as the wire would cut them: none to HEAD has a body.
asio::awaitable<base::Result<Response>> InProcessTransport::round_trip(Request request) {
  const std::string method = request.method;
  Reply reply = co_await handler_.handle(std::move(request));
  if (!has_body(method, reply.response.status)) {
    reply.response.body.clear();
  } else if (reply.stream) {
    co_await drain(reply);
  }
  co_return std::move(reply.response);
}

asio::awaitable<base::Result<StreamResponse>> InProcessTransport::open_stream(Request request) {
  const std::string method = request.method;
  Reply reply = co_await handler_.handle(std::move(request));
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
    co_await drain(reply);
  }
  answer.response = std::move(reply.response);
  co_return std::move(answer);
}

}  // namespace http
