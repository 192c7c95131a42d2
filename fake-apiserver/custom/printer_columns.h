// The columns that a definition gives to kubectl's tables. Values.
#pragma once

#include <string>
#include <vector>

#include "common/base/time.h"
#include "fake-apiserver/custom/json_path.h"

namespace fakeapi {

struct PrinterColumn {
  std::string name;
  std::string type;  // string, integer, number, boolean, date
  std::string format;
  std::string description;
  std::int64_t priority = 0;
  JsonPath path;
};

// A table's columnDefinitions: the name, then `columns`; without any, the age.
Json column_definitions(const std::vector<PrinterColumn>& columns);
// Dates are shown as ages at `now`, on the clock of the server.
Json column_cells(const std::vector<PrinterColumn>& columns, const Json& object, base::Time now);

}  // namespace fakeapi
