#include "fake-apiserver/daemon/auto_advance.h"

namespace fakeapi {
namespace {

// Clients that poll do so every second or two.
constexpr base::Duration kPollPeriod = std::chrono::seconds(5);
constexpr std::size_t kMostRemembered = 256;

}  // namespace

void AutoAdvance::request_began(const http::Request& request) {
  ++in_progress_;
  last_activity_ = wall_.monotonic_now();
  // Whoever holds a lease renews it for as long as it lives, and waits for nothing.
  if (request.target.find("/leases") != std::string::npos) return;
  if (request.method != "GET") {
    renew();
    return;
  }
  if (asked_.size() >= kMostRemembered) asked_.clear();
  const std::string key = std::string(request.headers.get("User-Agent").value_or("")) + " " + request.target;
  const auto [found, first] = asked_.try_emplace(key, last_activity_);
  if (first) renew();
  if (!first && last_activity_ - found->second < kPollPeriod) polled_until_ = last_activity_ + kPollPeriod;
  found->second = last_activity_;
}

void AutoAdvance::request_ended() {
  --in_progress_;
  last_activity_ = wall_.monotonic_now();
}

std::optional<base::Time> AutoAdvance::next_move() {
  if (!options_.enabled || clock_.speed() > 0 || clock_.is_moving() || in_progress_ > 0) return std::nullopt;
  const base::MonoTime present = wall_.monotonic_now();
  if (watches_ == 0 && present >= polled_until_) return std::nullopt;
  if (present - last_activity_ < options_.quiet || present - last_move_ < options_.reaction) return std::nullopt;
  const auto event = clock_.next_event();
  if (!event || *event > clock_.now() + options_.horizon) return std::nullopt;
  if (*event - clock_.now() > options_.limit - moved_) return std::nullopt;
  moved_ += *event - clock_.now();
  last_move_ = present;
  return event;
}

}  // namespace fakeapi
