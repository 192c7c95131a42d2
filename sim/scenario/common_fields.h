// Fields that several parts of a scenario have: moments of the night, bounded durations, shares, names.
//
// All complain by FieldError. Stateless.
#pragma once

#include <filesystem>
#include <limits>
#include <string>

#include "common/base/time.h"
#include "common/config/fields.h"
#include "sim/scenario/scenario.h"

namespace sim {

// The longest a night, or anything in it, may last: sums and products of a few such times stay far from overflow.
inline constexpr base::Duration kLongest = std::chrono::days(31);

// What the readers know of the night that they read.
struct Night {
  std::filesystem::path folder;  // of the scenario's file
  base::Time start{};
  base::Duration duration{};  // as the file says
  base::Duration played{};    // as the command line says
};

// What Kubernetes and file systems accept as a name.
std::string read_name(config::Fields& fields, const std::string& key);

// At least `least` and at most 31 days.
Ticks read_ticks(config::Fields& fields, const std::string& key, Ticks least = 0);
Ticks read_ticks_or(config::Fields& fields, const std::string& key, Ticks fallback, Ticks least = 0);

// `t` as a time since the start, which must be within ten years of it.
Ticks since_start(const config::Fields& fields, const std::string& key, base::Time t, const Night& night);
// A duration since the start ("10m") or a time of the clock ("2026-09-26T19:30:00+10:00").
Ticks read_moment(config::Fields& fields, const std::string& key, const Night& night);
// A moment from the start to before the end of the night as the file says it.
Ticks read_moment_inside(config::Fields& fields, const std::string& key, const Night& night);

std::uint32_t read_count(config::Fields& fields, const std::string& key, std::int64_t least, std::int64_t most);
std::uint32_t read_count_or(config::Fields& fields, const std::string& key, std::uint32_t fallback, std::int64_t least,
                            std::int64_t most);
double read_share(config::Fields& fields, const std::string& key);
double read_share_or(config::Fields& fields, const std::string& key, double fallback);
// Bytes, at most 1 Pi.
double read_bytes(config::Fields& fields, const std::string& key);

// `mean`, `distribution`, `cv` of service times and patience. A lognormal cv of 0 is deterministic.
ServiceTime read_distribution(config::Fields& fields);

// One of the names, or a complaint that lists them; `what` names them when there is none.
std::size_t read_index(config::Fields& fields, const std::string& key, const std::vector<std::string>& names,
                       const std::string& what);

// The only one of `keys` that is present; `what` begins the complaint.
std::string only_one_of(const config::Fields& fields, const std::vector<std::string>& keys, const std::string& what);

std::vector<std::string> workload_names(const Scenario& scenario);

}  // namespace sim
