// A new folder for tests, removed with all that is in it when the object ends. Throws where none can be made.
#pragma once

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>

namespace base {

class TemporaryFolder {
 public:
  explicit TemporaryFolder(const std::string& prefix) {
    // mkdtemp() makes a name of its own of six of these.
    std::string name = (std::filesystem::temp_directory_path() / (prefix + "." + std::string(6, 'X'))).string();
    if (!::mkdtemp(name.data())) throw std::system_error(errno, std::generic_category(), name);
    path_ = name;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace base
