// Single documents out: a table, a page of figures; and how a command is told in them.
#pragma once

#include <filesystem>
#include <string>

#include "common/base/result.h"

namespace sim {

// A word as a shell takes it.
std::string quoted(const std::string& word);

// Appears whole under its name or not at all.
base::Result<> write_document(const std::filesystem::path& path, const std::string& text);

}  // namespace sim
