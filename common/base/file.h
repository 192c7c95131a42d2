// Whole files in and out. A result never stands half-written under its final name.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"

namespace base {

// kNotFound if there is no such file, kInternal if it cannot be read.
Result<std::string> read_file(const std::filesystem::path& path);

// Whom a new file is for: all who may look into its folder, or its owner, as secrets are.
enum class FileAccess { kEverybody, kOwner };

// A set of files that appear together or not at all: each is written and flushed to a temporary name beside its final
// one; commit() renames them in the order of adding. What was not committed is removed by the destructor.
class FileSet {
 public:
  explicit FileSet(std::filesystem::path directory) : directory_(std::move(directory)) {}
  ~FileSet();
  FileSet(const FileSet&) = delete;
  FileSet& operator=(const FileSet&) = delete;

  // Creates the directory when needed. `name` is relative to it.
  Result<> add(const std::string& name, std::string_view content, FileAccess access = FileAccess::kEverybody);
  Result<> commit();

 private:
  struct Pending {
    std::filesystem::path temporary;
    std::filesystem::path final;
  };
  std::filesystem::path directory_;
  std::vector<Pending> pending_;
};

}  // namespace base
