// Users in a closed loop: each sends a request, waits for the answer or its failure, thinks, and sends the next.
#pragma once

#include <cstdint>
#include <string>

#include "sim/traffic/rate_profile.h"
#include "sim/traffic/ticks.h"

namespace sim {

struct UserOptions {
  std::string name;
  // Users over time: the profile's "rate" is their number, rounded to the nearest. One who is too many leaves after the
  // answer that is due.
  RateProfile count = RateProfile::constant(0);
  // Users that come or go per second at most; 0: all at once.
  double spawn_rate = 0;
  enum class Think { kExponential, kConstant };
  Think think = Think::kExponential;
  Ticks think_mean = kSecond;
  bool starts_thinking = true;  // false: a new user sends at once
  std::uint32_t entry = 0;
};

}  // namespace sim
