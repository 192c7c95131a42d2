// policy-vectors FILE...: runs vector files against the policies of this build and prints what fails.

#include <iostream>
#include <string>
#include <vector>

#include "common/base/file.h"
#include "scaler/policy/vectors/hpa_vectors.h"

namespace {

constexpr int kFailed = 1;
constexpr int kUsage = 2;

int run(const std::vector<std::string>& paths) {
  std::vector<scaler::VectorResult> results;
  for (const std::string& path : paths) {
    const auto text = base::read_file(path);
    if (!text) {
      std::cerr << "policy-vectors: " << text.error().message << "\n";
      return kUsage;
    }
    auto part = scaler::run_hpa_vectors(*text);
    if (!part) {
      std::cerr << "policy-vectors: " << path << ": " << part.error().message << "\n";
      return kUsage;
    }
    results.insert(results.end(), part->begin(), part->end());
  }
  std::size_t failed = 0;
  for (const scaler::VectorResult& result : results) {
    if (result.passed) continue;
    ++failed;
    std::cout << result.id << ": " << result.detail << "\n";
  }
  std::cout << results.size() - failed << " passed, " << failed << " failed\n";
  return failed == 0 ? 0 : kFailed;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> paths(argv + 1, argv + argc);
  if (paths.empty() || paths.front() == "-h" || paths.front() == "--help") {
    const bool asked = !paths.empty();
    (asked ? std::cout : std::cerr) << "usage: policy-vectors FILE...\n"
                                       "Runs vector files (hpa-vectors/1) and prints each failing case.\n";
    return asked ? 0 : kUsage;
  }
  return run(paths);
}
