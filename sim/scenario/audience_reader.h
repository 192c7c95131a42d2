// Reads the sources whose load depends on the answers: viewers and users.
#pragma once

#include <string>

#include "common/config/fields.h"
#include "sim/scenario/common_fields.h"
#include "sim/scenario/entry_reader.h"
#include "sim/traffic/users.h"
#include "sim/traffic/viewers.h"

namespace sim {

// The fields of `viewers`; calls go to `entry` where they name no other. Complains by FieldError, as all here.
ViewerOptions read_viewers(config::Fields fields, const std::string& name, std::uint32_t entry, EntryTable& entries,
                           const Night& night);

UserOptions read_users(config::Fields fields, const std::string& name, std::uint32_t entry, const Night& night);

}  // namespace sim
