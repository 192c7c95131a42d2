// Decompresses a whole gzip file held in memory, members one after the other.
#pragma once

#include <string>
#include <string_view>

namespace sim {

struct Gunzipped {
  std::string text;   // what could be read, all of it or up to the fault
  std::string fault;  // empty if `packed` was whole
};

bool looks_gzipped(std::string_view bytes);
Gunzipped gunzip(std::string_view packed);

}  // namespace sim
