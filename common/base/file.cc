#include "common/base/file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>

namespace base {
namespace fs = std::filesystem;
namespace {

Error failure(std::string_view doing, const fs::path& path, int error) {
  const ErrorCode code = error == ENOENT ? ErrorCode::kNotFound : ErrorCode::kInternal;
  return Error{code, std::string(doing) + " " + path.string() + ": " + std::strerror(error)};
}

// Returns 0 or the errno of the first failure.
int write_all(int fd, std::string_view content) {
  while (!content.empty()) {
    const ssize_t n = ::write(fd, content.data(), content.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno;
    content.remove_prefix(static_cast<std::size_t>(n));
  }
  return ::fsync(fd) == 0 || errno == EINVAL || errno == EROFS ? 0 : errno;
}

}  // namespace

Result<std::string> read_file(const fs::path& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return failure("cannot open", path, errno);
  std::string content;
  char buffer[1 << 16];
  for (;;) {
    const ssize_t n = ::read(fd, buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      const int error = errno;
      ::close(fd);
      return failure("cannot read", path, error);
    }
    if (n == 0) break;
    content.append(buffer, static_cast<std::size_t>(n));
  }
  ::close(fd);
  return content;
}

FileSet::~FileSet() {
  for (const Pending& p : pending_) ::unlink(p.temporary.c_str());
}

Result<> FileSet::add(const std::string& name, std::string_view content, FileAccess access) {
  const fs::path final = directory_ / name;
  const fs::path folder = final.parent_path();
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return failure("cannot create", folder, error.value());
  // Found here, before anything has appeared, and not by commit().
  if (fs::is_directory(final, error)) return failure("cannot replace", final, EISDIR);

  const fs::path temporary = folder / ("." + final.filename().string() + "." + std::to_string(::getpid()) + ".part");
  const mode_t mode = access == FileAccess::kOwner ? 0600 : 0644;
  // A leftover of a program that died may be open to more.
  if (access == FileAccess::kOwner) ::unlink(temporary.c_str());
  const int fd = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
  if (fd < 0) return failure("cannot create", temporary, errno);
  pending_.push_back(Pending{temporary, final});
  int failed = write_all(fd, content);
  if (::close(fd) != 0 && failed == 0) failed = errno;
  if (failed != 0) return failure("cannot write", final, failed);
  return {};
}

Result<> FileSet::commit() {
  while (!pending_.empty()) {
    const Pending& next = pending_.front();
    if (::rename(next.temporary.c_str(), next.final.c_str()) != 0) return failure("cannot create", next.final, errno);
    pending_.erase(pending_.begin());
  }
  return {};
}

}  // namespace base
