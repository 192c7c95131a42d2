#include "sim/cli/output.h"

#include "common/base/file.h"

namespace sim {

base::Result<> write_document(const std::filesystem::path& path, const std::string& text) {
  base::FileSet files(path.has_parent_path() ? path.parent_path() : std::filesystem::path("."));
  if (auto added = files.add(path.filename().string(), text); !added) return added;
  return files.commit();
}

}  // namespace sim
