// Reads the entries of a scenario: where requests from outside come in.
#pragma once

#include <string>

#include "common/config/fields.h"
#include "sim/scenario/common_fields.h"
#include "sim/scenario/scenario.h"

namespace sim {

// The entries that the file names, and one for each workload that a source names in their place.
class EntryTable {
 public:
  // Reads `entries` of `traffic`. REQUIRES: the scenario's workloads are read. Complains by FieldError.
  EntryTable(config::Fields& traffic, const Night& night, Scenario& scenario);

  // The entry that `fields` names at `key`, or `fallback`.
  std::uint32_t find(config::Fields& fields, const std::string& key, std::uint32_t fallback);
  // The first entry of the file; the first workload if there are none.
  std::uint32_t first();

 private:
  std::uint32_t of_workload(ServiceIndex service);

  Scenario& scenario_;
  std::size_t named_ = 0;  // entries that the file names
};

}  // namespace sim
