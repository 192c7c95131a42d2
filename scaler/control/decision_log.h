// The most recent decisions, as the lines that decisions.ndjson would hold.
//
// Single-threaded; owned by ScalerApp.
#pragma once

#include <deque>
#include <string>

#include "scaler/model/decision_json.h"

namespace scaler {

class DecisionLog {
 public:
  explicit DecisionLog(std::size_t capacity) : capacity_(capacity) {}

  void add(const Decision& decision) {
    if (capacity_ == 0) return;
    if (lines_.size() == capacity_) lines_.pop_front();
    lines_.push_back(to_json_line(decision));
  }

  // Oldest first.
  const std::deque<std::string>& lines() const { return lines_; }

 private:
  const std::size_t capacity_;
  std::deque<std::string> lines_;
};

}  // namespace scaler
