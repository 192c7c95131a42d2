// The data block of the page: what the charts and the decision records need, packed.
#pragma once

#include <string>

#include "common/base/result.h"
#include "reports/run_file.h"

namespace report {

// base64(deflate_raw(N, JSON, columns)), where N is the size of the JSON as four little-endian bytes, and the JSON
// names for each column where its float planes begin, counted from the end of the JSON. Equal columns are stored once.
// reports/web/src/data.js reads it.
base::Result<std::string> pack_page_data(const RunFile& run, const std::string& decisions_ndjson);

}  // namespace report
