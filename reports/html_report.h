// report.html: one file that explains a run, for any browser, without network.
//
//   auto page = report::render_html(run_json, decisions_ndjson, "gamenight run scenarios/grand-final.yaml --seed 1");
//
// Pure: the same input gives the same bytes, and no field named wall* reaches them.
#pragma once

#include <string>

#include "common/base/result.h"

namespace report {

// `reproduce_command` is shown for copying; empty: none is shown. Fails with kInvalid, naming the file and the field or
// line, if an input is not in the shape of the contract.
base::Result<std::string> render_html(const std::string& run_json, const std::string& decisions_ndjson,
                                      const std::string& reproduce_command = "");

}  // namespace report
