// Single documents out: a table, a page of figures.
#pragma once

#include <filesystem>
#include <string>

#include "common/base/result.h"

namespace sim {

// Appears whole under its name or not at all.
base::Result<> write_document(const std::filesystem::path& path, const std::string& text);

}  // namespace sim
