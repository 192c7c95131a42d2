#include "fake-apiserver/daemon/output_file.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>

#include "common/base/file.h"

namespace fakeapi {
namespace {

namespace fs = std::filesystem;

// Devices and pipes: a file beside them that takes their name would take their place.
bool is_written_to(const fs::path& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  return fs::is_other(status) && !fs::is_socket(status);
}

fs::path behind_links(const std::string& path) {
  std::error_code error;
  const fs::path absolute = fs::absolute(path);
  if (!fs::is_symlink(absolute, error)) return absolute;
  const fs::path target = fs::weakly_canonical(absolute, error);
  return error ? absolute : target;
}

base::Result<> write_into(const fs::path& path, std::string_view content) {
  struct Closes {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  const std::unique_ptr<std::FILE, Closes> file(std::fopen(path.c_str(), "we"));
  const bool written = file && std::fwrite(content.data(), 1, content.size(), file.get()) == content.size() &&
                       std::fflush(file.get()) == 0;
  if (written) return {};
  return base::Error{base::ErrorCode::kInternal, "cannot write " + path.string() + ": " + std::strerror(errno)};
}

}  // namespace

base::Result<> write_output(const std::string& path, std::string_view content) {
  if (is_written_to(path)) return write_into(path, content);
  const fs::path where = behind_links(path);
  base::FileSet files(where.parent_path());
  if (auto added = files.add(where.filename().string(), content, base::FileAccess::kOwner); !added) return added;
  return files.commit();
}

base::Result<> check_output(const std::string& path, const std::string& what) {
  if (is_written_to(path)) return {};
  const fs::path where = behind_links(path);
  if (!where.has_filename()) return base::Error{base::ErrorCode::kInvalid, what + ": " + path + " is a folder"};
  base::FileSet tried(where.parent_path());  // and taken away again
  auto added = tried.add(where.filename().string(), "", base::FileAccess::kOwner);
  if (added) return {};
  return base::Error{base::ErrorCode::kInvalid, what + ": " + added.error().message};
}

}  // namespace fakeapi
