#include "fake-apiserver/daemon/faulty_stream.h"

#include <algorithm>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <exception>
#include <variant>

#include "common/http/line_splitter.h"

namespace fakeapi {
namespace asio = boost::asio;
namespace {

using namespace asio::experimental::awaitable_operators;

constexpr base::Duration kForever = std::chrono::hours(24 * 365);

class FaultyStream final : public http::BodyStream {
 public:
  FaultyStream(std::unique_ptr<http::BodyStream> inner, StreamFaults faults, base::Clock& wire_clock)
      : inner_(std::move(inner)), faults_(std::move(faults)), clock_(wire_clock), opened_(wire_clock.now()) {}

  asio::awaitable<std::optional<std::string>> next_chunk() override {
    for (;;) {
      if (broken_) throw http::StreamBroken();
      if (faults_.end && ends_now(*faults_.end) && !faults_.end->mid_line) co_return last_words();
      if (!ready_.empty()) {
        std::optional<std::string> piece = take_piece();
        if (faults_.bytes_per_second) co_await clock_.sleep_for(time_for(piece->size()));
        co_return piece;
      }
      if (ended_) co_return std::nullopt;
      if (waiting_.empty()) {
        co_await read();
        continue;
      }
      const bool stalls = faults_.stall && stalls_now(*faults_.stall);
      if (stalls) {
        const base::Duration lasts = faults_.stall->lasts.value_or(kForever);
        faults_.stall.reset();
        co_await clock_.sleep_for(lasts);
      }
      pass_line();
    }
  }

 private:
  bool timed_out(const std::optional<base::Duration>& after) const { return after && clock_.now() >= opened_ + *after; }
  bool ends_now(const StreamFaults::End& end) const {
    return end.after ? timed_out(end.after) : passed_ >= end.after_events && ready_.empty();
  }
  bool stalls_now(const StreamFaults::Stall& stall) const {
    return stall.after ? timed_out(stall.after) : passed_ >= stall.after_events;
  }

  std::optional<std::string> last_words() {
    ended_ = true;
    const std::string words = std::exchange(held_back_, std::string()) + faults_.end->last_line;
    faults_.end.reset();
    ready_.clear();
    waiting_.clear();
    inner_.reset();
    if (words.empty()) return std::nullopt;
    return words;
  }

  // What comes next from the server, or the end that a fault sets to the waiting.
  asio::awaitable<void> read() {
    std::optional<std::string> chunk;
    if (faults_.end && faults_.end->after) {
      auto in_time = read_until(opened_ + *faults_.end->after);
      const bool ends = !co_await std::move(in_time);
      if (ends) {
        if (faults_.end->mid_line) broken_ = true;
        co_return;
      }
      chunk = std::move(chunk_);
    } else {
      chunk = co_await inner_->next_chunk();
    }
    if (!chunk) {
      ended_ = true;
      ready_ += std::exchange(held_back_, std::string());  // there is no next line
      co_return;
    }
    lines_.append(*chunk);
    for (auto line = lines_.next(); line; line = lines_.next()) waiting_.push_back(*line + "\n");
  }

  // False at `end`; otherwise chunk_ is there.
  asio::awaitable<bool> read_until(base::Time end) {
    auto either = hear() || clock_.sleep_until(end);
    const auto outcome = co_await std::move(either);
    if (outcome.index() == 1) co_return false;
    if (broken_by_) std::rethrow_exception(std::exchange(broken_by_, nullptr));
    co_return true;
  }

  // What it throws is kept, not thrown: "||" waits on for the side that does not fail.
  asio::awaitable<void> hear() {
    try {
      chunk_ = co_await inner_->next_chunk();
    } catch (...) {
      broken_by_ = std::current_exception();
    }
  }

  void pass_line() {
    std::string line = std::move(waiting_.front());
    waiting_.pop_front();
    if (faults_.end && faults_.end->mid_line && !faults_.end->after && passed_ >= faults_.end->after_events) {
      ready_ += std::exchange(held_back_, std::string()) + line.substr(0, line.size() / 2);
      waiting_.clear();
      broken_after_ready_ = true;
      return;
    }
    ++passed_;
    if (faults_.loses && faults_.loses()) return;
    if (held_back_.empty() && faults_.swaps && faults_.swaps()) {
      held_back_ = std::move(line);
      return;
    }
    ready_ += line;
    if (faults_.doubles && faults_.doubles()) ready_ += line;
    ready_ += std::exchange(held_back_, std::string());
  }

  std::string take_piece() {
    const std::size_t most = faults_.bytes_per_second
                                 ? static_cast<std::size_t>(std::max<std::int64_t>(1, *faults_.bytes_per_second / 10))
                                 : ready_.size();
    std::string piece = ready_.substr(0, most);
    ready_.erase(0, piece.size());
    if (ready_.empty() && broken_after_ready_) broken_ = true;
    return piece;
  }

  base::Duration time_for(std::size_t bytes) const {
    return base::Duration(
        static_cast<std::int64_t>(static_cast<double>(bytes) * 1e9 / static_cast<double>(*faults_.bytes_per_second)));
  }

  std::unique_ptr<http::BodyStream> inner_;
  StreamFaults faults_;
  base::Clock& clock_;
  const base::Time opened_;
  http::LineSplitter lines_;
  std::optional<std::string> chunk_;
  std::exception_ptr broken_by_;     // instead of a chunk
  std::deque<std::string> waiting_;  // whole lines of the server
  std::string ready_;                // to be sent
  std::string held_back_;            // goes after the next line
  std::int64_t passed_ = 0;
  bool ended_ = false;
  bool broken_ = false;
  bool broken_after_ready_ = false;
};

}  // namespace

std::unique_ptr<http::BodyStream> make_faulty_stream(std::unique_ptr<http::BodyStream> inner, StreamFaults faults,
                                                     base::Clock& wire_clock) {
  return std::make_unique<FaultyStream>(std::move(inner), std::move(faults), wire_clock);
}

}  // namespace fakeapi
