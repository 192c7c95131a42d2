// Users in a closed loop.
#include "sim/mesh/mesh.h"
#include "sim/mesh/mesh_request.h"

namespace sim {
namespace {

// Between two requests of a user who does not think and is turned away at once.
constexpr Ticks kLeastCycle = 10'000;

}  // namespace

void Mesh::adjust_users(std::uint32_t group, Ticks now) {
  if (now >= end_) return;
  UserGroup& users = users_[group];
  for (const std::uint32_t user : users.adjust(now)) {
    const Ticks at = users.options().starts_thinking ? now + users.think(user) : now;
    due_.set_timer({at, Timer::kUserSend, user, group});
  }
  due_.set_timer({(step_of(now, UserGroup::kPeriod) + 1) * UserGroup::kPeriod, Timer::kUserAdjust, group, 0});
}

void Mesh::user_is_free(std::uint32_t group, std::uint32_t user, Ticks sent, Ticks now) {
  UserGroup& users = users_[group];
  if (now >= end_ || users.leaves(user)) return;
  due_.set_timer({std::max(now + users.think(user), sent + kLeastCycle), Timer::kUserSend, user, group});
}

void Mesh::user_sends(std::uint32_t group, std::uint32_t user, Ticks now) {
  UserGroup& users = users_[group];
  if (now >= end_ || users.leaves(user)) return;
  Window& window = recorder_.window(step_of(now, kSecond));
  ++window.arrivals;
  ++window.pending;
  Request request{.at = now, .id = users.next_id(user)};
  request.entry = static_cast<std::uint16_t>(users.options().entry);
  request.origin = Origin::kUser;
  request.source = static_cast<std::uint8_t>(group);
  request.caller = user;
  send_first(request);
}

}  // namespace sim
