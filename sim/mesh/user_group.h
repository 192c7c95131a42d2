// How many users of a closed loop there are, and what each of them draws. Not thread-safe; owned by a Mesh.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "common/base/check.h"
#include "common/base/random.h"
#include "sim/traffic/quantile_table.h"
#include "sim/traffic/users.h"
#include "sim/traffic/xoshiro.h"

namespace sim {

class UserGroup {
 public:
  // The number of users is brought in line with its profile at the start of every slice.
  static constexpr Ticks kPeriod = kSlice;

  struct User {
    std::uint64_t key = 0;
    std::uint64_t sent = 0;
  };

  UserGroup(const UserOptions& options, const base::Random& stream)
      : options_(options),
        key_(stream.key()),
        think_(options.think == UserOptions::Think::kExponential
                   ? QuantileTable::exponential(static_cast<double>(std::max<Ticks>(1, options.think_mean)))
                   : QuantileTable::constant(static_cast<double>(std::max<Ticks>(1, options.think_mean)))) {
    CHECK(options.think_mean >= 0 && options.spawn_rate >= 0.0, "thinking and spawning take time");
  }

  // Users that come at `now`; those who are too many leave when they next would send.
  std::vector<std::uint32_t> adjust(Ticks now) {
    const std::int64_t target = std::llround(options_.count.rate_at(now));
    const std::int64_t surplus = static_cast<std::int64_t>(present_) - static_cast<std::int64_t>(leaving_) - target;
    std::int64_t change = surplus < 0 ? -surplus : surplus;
    if (options_.spawn_rate > 0.0 && change > 0) change = std::min(change, allowed(now));
    if (change == 0 && surplus == 0) changing_ = false;
    std::vector<std::uint32_t> come;
    for (; change > 0; --change) {
      if (surplus > 0) {
        ++leaving_;
      } else if (leaving_ > 0) {
        --leaving_;
      } else {
        come.push_back(enter());
      }
    }
    return come;
  }
  // Whether the user, about to send or answered, leaves instead.
  bool leaves(std::uint32_t user) {
    if (leaving_ == 0) return false;
    --leaving_;
    --present_;
    free_.push_back(user);
    return true;
  }

  Ticks think(std::uint32_t user) const {
    return static_cast<Ticks>(think_(static_cast<std::uint32_t>(draw(user) >> 32)));
  }
  // Of the user's next request; everything drawn for it depends on it.
  std::uint64_t next_id(std::uint32_t user) {
    ++users_[user].sent;
    return draw(user);
  }
  // The same for all requests of a user.
  std::uint64_t identity(std::uint32_t user) const { return users_[user].key; }
  const UserOptions& options() const { return options_; }
  std::uint64_t present() const { return present_ - leaving_; }

 private:
  std::uint64_t draw(std::uint32_t user) const {
    return mix64(users_[user].key + users_[user].sent * 0x9e3779b97f4a7c15ULL);
  }
  std::uint32_t enter() {
    ++present_;
    std::uint32_t user = static_cast<std::uint32_t>(users_.size());
    if (free_.empty()) {
      users_.emplace_back();
    } else {
      user = free_.back();
      free_.pop_back();
    }
    users_[user] = {.key = mix64(key_ ^ mix64(++serial_)), .sent = 0};
    return user;
  }
  // Changes that the spawn rate allows by now, the first as soon as one is due.
  std::int64_t allowed(Ticks now) {
    if (!changing_) {
      changing_ = true;
      since_ = now;
      changed_ = 0;
    }
    const auto total = static_cast<std::int64_t>(to_seconds(now - since_) * options_.spawn_rate + 1e-9) + 1;
    const std::int64_t more = total - changed_;
    changed_ = total;
    return more;
  }

  const UserOptions options_;
  const std::uint64_t key_;
  const QuantileTable think_;
  std::vector<User> users_;
  std::vector<std::uint32_t> free_;
  std::uint64_t serial_ = 0;
  std::uint64_t present_ = 0;
  std::uint64_t leaving_ = 0;  // of these, too many
  bool changing_ = false;
  Ticks since_ = 0;           // since when it is
  std::int64_t changed_ = 0;  // and how many did
};

}  // namespace sim
