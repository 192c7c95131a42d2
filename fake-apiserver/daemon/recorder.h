// Writes down what clients ask and what they are answered: a log line each, and a line of JSON in a file.
//
// A decorator, the outermost. A watch is written down when it ends. Single-threaded; must outlive its replies.
#pragma once

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/metrics.h"
#include "common/base/result.h"
#include "common/http/handler.h"
#include "fake-apiserver/daemon/request_info.h"

namespace fakeapi {

enum class LogRequests { kNone, kFailures, kWrites, kAll };

struct RecorderOptions {
  LogRequests log = LogRequests::kAll;
  std::filesystem::path file = {};     // empty: none
  std::size_t body_limit = 64 * 1024;  // of what is kept of a body
};

class Recorder final : public http::Handler {
 public:
  // `clock` is the cluster's. kInvalid if the file cannot be written.
  static base::Result<std::unique_ptr<Recorder>> create(http::Handler& inner, const base::Clock& clock,
                                                        const base::Clock& wire_clock, const base::Log& log,
                                                        base::Metrics& metrics, RecorderOptions options);

  boost::asio::awaitable<http::Reply> handle(http::Request request) override;

 private:
  struct Entry;
  class Stream;
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };

  Recorder(http::Handler& inner, const base::Clock& clock, const base::Clock& wire_clock, const base::Log& log,
           base::Metrics& metrics, RecorderOptions options, std::FILE* file);
  void finish(const Entry& entry);
  void log(const Entry& entry) const;
  void write(const Entry& entry);

  http::Handler& inner_;
  const base::Clock& clock_;
  const base::Clock& wire_clock_;
  const base::Log& log_;
  base::Metrics& metrics_;
  const RecorderOptions options_;
  std::unique_ptr<std::FILE, Close> file_;  // null: none, or it could not be written to any more
};

}  // namespace fakeapi
