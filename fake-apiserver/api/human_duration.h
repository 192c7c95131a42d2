// How long ago something was, as kubectl's tables show it: "45s", "3m20s", "5d4h", "2y". Pure functions.
#pragma once

#include <string>

#include "common/base/time.h"
#include "fake-apiserver/store/object_store.h"

namespace fakeapi {

std::string human_duration(base::Duration d);

// The age at `now` of an RFC 3339 text; "<unknown>" if it is none.
std::string age_cell(const Json& timestamp, base::Time now);

}  // namespace fakeapi
