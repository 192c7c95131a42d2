#include "reports/timeseries_csv.h"

#include <cmath>

#include "common/base/number_format.h"
#include "reports/run_file.h"

namespace report {
namespace {

// RFC 4180: quoted only where it must be.
std::string csv_text(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

}  // namespace

base::Result<std::string> render_csv(const std::string& run_json) {
  const auto run = parse_run(run_json);
  if (!run) return run.error();
  std::string csv = "policy,t";
  for (const std::string_view name : kColumnNames) csv.append(",").append(name);
  csv += '\n';
  for (const PolicyRun& policy : run->policies) {
    const std::string name = csv_text(policy.name);
    for (std::size_t i = 0; i < policy.series.t.size(); ++i) {
      csv += name + "," + base::format_number(policy.series.t[i]);
      for (const std::vector<double>& column : policy.series.columns) {
        csv += ',';
        if (!std::isnan(column[i])) csv += base::format_number(column[i]);
      }
      csv += '\n';
    }
  }
  return csv;
}

}  // namespace report
