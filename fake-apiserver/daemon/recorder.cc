#include "fake-apiserver/daemon/recorder.h"

#include <fcntl.h>

#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>

#include "common/base/time_format.h"

namespace fakeapi {
namespace asio = boost::asio;

struct Recorder::Entry {
  std::string method;
  std::string target;
  RequestInfo info;
  std::string peer;
  base::Time wall{};
  base::Time virtual_time{};
  base::MonoTime begun{};
  int status = 0;  // 0: no answer was sent
  bool watch = false;
  std::size_t bytes = 0;
  std::string request_body;
  std::string response_body;
};

// Tells the recorder when it is over, be it by its end or because the client has gone.
class Recorder::Stream final : public http::BodyStream {
 public:
  Stream(Recorder& recorder, std::unique_ptr<http::BodyStream> inner, Entry entry)
      : recorder_(recorder), inner_(std::move(inner)), entry_(std::move(entry)) {}
  ~Stream() override { recorder_.finish(entry_); }

  asio::awaitable<std::optional<std::string>> next_chunk() override {
    auto chunk = co_await inner_->next_chunk();
    if (chunk) {
      entry_.bytes += chunk->size();
      const std::size_t limit = recorder_.file_ ? recorder_.options_.body_limit : 0;
      if (entry_.response_body.size() < limit) {
        entry_.response_body += chunk->substr(0, limit - entry_.response_body.size());
      }
    }
    co_return chunk;
  }

 private:
  Recorder& recorder_;
  const std::unique_ptr<http::BodyStream> inner_;
  Entry entry_;
};

base::Result<std::unique_ptr<Recorder>> Recorder::create(http::Handler& inner, const base::Clock& clock,
                                                         const base::Clock& wire_clock, const base::Log& log,
                                                         base::Metrics& metrics, RecorderOptions options) {
  std::FILE* file = nullptr;
  if (!options.file.empty()) {
    // Requests hold secrets and tokens.
    const int fd = ::open(options.file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    file = fd < 0 ? nullptr : ::fdopen(fd, "a");
    if (file == nullptr) {
      return base::Error{base::ErrorCode::kInvalid,
                         "cannot write to " + options.file.string() + ": " + std::strerror(errno)};
    }
  }
  return std::unique_ptr<Recorder>(new Recorder(inner, clock, wire_clock, log, metrics, std::move(options), file));
}

Recorder::Recorder(http::Handler& inner, const base::Clock& clock, const base::Clock& wire_clock, const base::Log& log,
                   base::Metrics& metrics, RecorderOptions options, std::FILE* file)
    : inner_(inner),
      clock_(clock),
      wire_clock_(wire_clock),
      log_(log),
      metrics_(metrics),
      options_(std::move(options)),
      file_(file) {}

asio::awaitable<http::Reply> Recorder::handle(http::Request request) {
  if (!file_ && options_.log == LogRequests::kNone) {
    http::Reply unseen = co_await inner_.handle(std::move(request));
    co_return unseen;
  }
  Entry entry;
  entry.method = request.method;
  entry.target = request.target;
  entry.info = request_info(request);
  entry.peer = request.peer.address;
  entry.wall = wire_clock_.now();
  entry.virtual_time = clock_.now();
  entry.begun = wire_clock_.monotonic_now();
  if (file_) entry.request_body = request.body.substr(0, options_.body_limit);

  http::Reply reply = co_await inner_.handle(std::move(request));
  entry.status = reply.abort == http::Abort::kNone ? reply.response.status : 0;
  if (reply.stream) {
    entry.watch = true;
    reply.stream = std::make_unique<Stream>(*this, std::move(reply.stream), std::move(entry));
    co_return reply;
  }
  entry.bytes = reply.response.body.size();
  if (file_) entry.response_body = reply.response.body.substr(0, options_.body_limit);
  finish(entry);
  co_return reply;
}

void Recorder::finish(const Entry& entry) {
  log(entry);
  if (file_) write(entry);
}

void Recorder::log(const Entry& entry) const {
  const bool failed = entry.status == 0 || entry.status >= 400;
  const bool wrote = entry.method != "GET" && entry.method != "HEAD";
  if (options_.log == LogRequests::kNone || (options_.log == LogRequests::kFailures && !failed) ||
      (options_.log == LogRequests::kWrites && !failed && !wrote)) {
    return;
  }
  const auto took = wire_clock_.monotonic_now() - entry.begun;
  log_.info("request", {{"verb", entry.info.verb},
                        {"target", entry.target},
                        {"status", entry.status},
                        {"took", base::format_duration(took)},
                        {"bytes", static_cast<std::uint64_t>(entry.bytes)},
                        {"client", entry.info.client}});
}

void Recorder::write(const Entry& entry) {
  const auto took = wire_clock_.monotonic_now() - entry.begun;
  nlohmann::ordered_json line;
  line["time"] = base::format_rfc3339_nano(entry.wall);
  line["virtualTime"] = base::format_rfc3339_nano(entry.virtual_time);
  line["client"] = entry.info.client;
  line["peer"] = entry.peer;
  line["verb"] = entry.info.verb;
  line["method"] = entry.method;
  line["path"] = entry.target;
  line["status"] = entry.status;
  line["durationSeconds"] = base::seconds(took);
  line["bytes"] = entry.bytes;
  if (!entry.request_body.empty()) line["requestBody"] = entry.request_body;
  if (!entry.response_body.empty()) line["responseBody"] = entry.response_body;
  const std::string text = line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
  const bool written =
      std::fwrite(text.data(), 1, text.size(), file_.get()) == text.size() && std::fflush(file_.get()) == 0;
  if (written) return;
  // The server goes on without a record; a half line at the end is all that can be wrong with the file.
  log_.error("recording ends", {{"file", options_.file.string()}, {"error", std::strerror(errno)}});
  metrics_.increment("fakeapi_record_failures_total", "Times that the record of requests could not be written");
  file_.reset();
}

}  // namespace fakeapi
