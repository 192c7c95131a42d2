#include "common/http/in_process_transport.h"

namespace http {
namespace asio = boost::asio;
namespace {

// Cuts the chunks of a body into lines.
class ChunkLines final : public LineStream {
 public:
  explicit ChunkLines(std::unique_ptr<BodyStream> body) : body_(std::move(body)) {}

  asio::awaitable<base::Result<std::optional<std::string>>> next_line() override {
    for (;;) {
      const std::size_t end = buffer_.find('\n', searched_);
      if (end != std::string::npos) {
        std::string line = buffer_.substr(start_, end - start_);
        start_ = searched_ = end + 1;
        co_return std::optional<std::string>(std::move(line));
      }
      buffer_.erase(0, start_);
      start_ = 0;
      searched_ = buffer_.size();
      auto chunk = co_await body_->next_chunk();
      if (!chunk) co_return std::optional<std::string>();
      buffer_ += *chunk;
    }
  }

 private:
  std::unique_ptr<BodyStream> body_;
  std::string buffer_;
  std::size_t start_ = 0;     // of the first line not yet handed out
  std::size_t searched_ = 0;  // no end of line between start_ and here
};

std::unique_ptr<BodyStream> take_stream(Reply& reply) { return std::move(reply.stream); }

}  // namespace

asio::awaitable<base::Result<Response>> InProcessTransport::round_trip(Request request) {
  Reply reply = co_await handler_.handle(std::move(request));
  if (auto stream = take_stream(reply)) {
    while (auto chunk = co_await stream->next_chunk()) reply.response.body += *chunk;
  }
  co_return std::move(reply.response);
}

asio::awaitable<base::Result<StreamResponse>> InProcessTransport::open_stream(Request request) {
  Reply reply = co_await handler_.handle(std::move(request));
  StreamResponse answer;
  if (auto stream = take_stream(reply)) answer.stream = std::make_unique<ChunkLines>(std::move(stream));
  answer.response = std::move(reply.response);
  co_return std::move(answer);
}

}  // namespace http
