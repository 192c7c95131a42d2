// timeseries.csv: the series of a run as one wide table, for spreadsheets and notebooks.
#pragma once

#include <string>

#include "common/base/result.h"

namespace report {

// policy,t,arrivals,p50Ms,p95Ms,p99Ms,failed,desired,ready,capacity,nodes: a line a policy and second, in the order of
// run.json. A second without a sample has an empty field. Fails as render_html does.
base::Result<std::string> render_csv(const std::string& run_json);

}  // namespace report
