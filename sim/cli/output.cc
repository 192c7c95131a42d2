#include "sim/cli/output.h"

#include "common/base/file.h"

namespace sim {

std::string quoted(const std::string& word) {
  constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._/=:-";
  if (!word.empty() && word.find_first_not_of(kPlain) == std::string::npos) return word;
  std::string out = "'";
  for (const char c : word) out += c == '\'' ? "'\\''" : std::string(1, c);
  return out + "'";
}

base::Result<> write_document(const std::filesystem::path& path, const std::string& text) {
  base::FileSet files(path.has_parent_path() ? path.parent_path() : std::filesystem::path("."));
  if (auto added = files.add(path.filename().string(), text); !added) return added;
  return files.commit();
}

}  // namespace sim
