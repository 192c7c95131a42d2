// Series short enough for a page: as they are, or in buckets of equal width that keep the worst second of each.
#pragma once

#include <string>
#include <vector>

#include "reports/run_file.h"

namespace report {

inline constexpr std::size_t kMaxBuckets = 4096;

// What the page draws for one column of one policy. Without buckets there is only the plain name ("p95Ms"). In buckets
// the plain name is the line that hides nothing (worst latency, most replicas asked for, fewest ready, mean of rates),
// and some columns have ".min" and ".max" beside it.
struct Drawn {
  std::string name;
  std::vector<double> values;  // NaN: no sample
};

struct Buckets {
  double width = 0;       // seconds; 0: one point is one sample of the file
  std::vector<double> t;  // start of each point, shared by all policies
  std::vector<std::vector<Drawn>> policies;
};

Buckets make_buckets(const RunFile& run, std::size_t max_buckets = kMaxBuckets);

}  // namespace report
