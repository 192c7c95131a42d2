// Where GET /pods/x/log gets its text from: whoever plays the kubelet implements it.
//
// The API has checked that the pod and the container exist, and that the container has begun (has a running or
// terminated state, or for `previous` a last one). Single-threaded; must outlive the server's replies.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/http/handler.h"
#include "fake-apiserver/store/object_store.h"

namespace fakeapi {

struct PodLogOptions {
  std::string container;
  bool follow = false;
  bool previous = false;
  bool timestamps = false;
  std::optional<std::int64_t> tail_lines;
  std::optional<base::Time> since;  // from sinceTime or sinceSeconds
  std::optional<std::int64_t> limit_bytes;
};

struct PodLogLine {
  base::Time at{};
  std::string text;  // without a line end
};

class PodLogSource {
 public:
  virtual ~PodLogSource() = default;

  // All that the container has said, oldest first; of its last run before this one if `options.previous`. Selecting by
  // the other options is the caller's work (log_text() does it).
  virtual std::vector<PodLogLine> lines(const Json& pod, const PodLogOptions& options) = 0;

  // What comes after lines(): each new line as a chunk (log_line() writes it), ending when the container ends or the
  // pod goes. Null if nothing can follow any more.
  virtual std::unique_ptr<http::BodyStream> follow(const Json& pod, const PodLogOptions& options) = 0;
};

// The lines that the options select, as text/plain shows them.
std::string log_text(const std::vector<PodLogLine>& lines, const PodLogOptions& options);
// One line with its end, and with its time before it if the options ask for that.
std::string log_line(const PodLogLine& line, const PodLogOptions& options);

}  // namespace fakeapi
