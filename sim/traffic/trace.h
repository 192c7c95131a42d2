// Request counts read from a CSV file, plain or gzipped: one header line, then a row for each second or minute.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "common/base/result.h"

namespace sim {

struct Trace {
  std::string column;                 // the header of the counts
  std::vector<std::uint64_t> counts;  // row i: requests in step i after the time of the first row
};

// `column` names the counts; without it they are the last column with a usual name (requests, tweets, hits,
// invocations, count), or the second of two columns. Another first column orders the rows: whole numbers go up one by
// one, any other text increases. A gzip file is known by its name or first bytes. Errors are kInvalid (kNotFound
// without the file) and read "file:line:col: what is wrong".
base::Result<Trace> load_trace_csv(const std::filesystem::path& path, const std::optional<std::string>& column = {});

}  // namespace sim
