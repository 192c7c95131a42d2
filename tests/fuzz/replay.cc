// Runs a target over the files of its corpus; with a number, also over so many mutations of them: what is left of
// fuzzing where there is no clang.  fuzz_x_replay FOLDER [MUTATIONS [SEED]]
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "common/base/random.h"
#include "tests/fuzz/fuzz_target.h"

namespace {

std::vector<std::string> read_corpus(const std::string& folder) {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.is_regular_file()) paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  std::vector<std::string> inputs;
  for (const auto& path : paths) {
    std::ifstream file(path, std::ios::binary);
    inputs.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  return inputs;
}

void run(const std::string& input) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
}

char random_char(base::Random& random) {
  constexpr char kMarks[] = "\0\x01\x7f\x80\xff\r\n \t\"{}[]:,=%&?/.-+0129aZ$~";
  if (random.below(2) == 0) return static_cast<char>(random.below(256));
  return kMarks[random.below(sizeof kMarks)];
}

std::string mutated(std::string input, const std::vector<std::string>& corpus, base::Random& random) {
  for (std::uint64_t n = 1 + random.below(6); n > 0; --n) {
    const std::size_t at = random.below(input.size() + 1);
    const std::size_t length = random.below(std::min<std::size_t>(input.size() - at, 16) + 1);
    switch (random.below(5)) {
      case 0: input.erase(at, length); break;
      case 1: input.insert(at, 1 + random.below(4), random_char(random)); break;
      case 2: input.insert(at, input.substr(at, length)); break;
      case 3: {
        const std::string& other = corpus[random.below(corpus.size())];
        const std::size_t from = random.below(other.size() + 1);
        input.replace(at, length, other.substr(from, random.below(64)));
        break;
      }
      default:
        if (at < input.size()) input[at] = random_char(random);
    }
  }
  return input;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  const auto corpus = read_corpus(argv[1]);
  for (const std::string& input : corpus) run(input);
  if (corpus.empty()) {
    std::fprintf(stderr, "%s: no corpus\n", argv[1]);
    return 1;
  }
  const long mutations = argc > 2 ? std::atol(argv[2]) : 0;
  base::Random random(argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 1);
  for (long i = 0; i < mutations; ++i) {
    const std::string input = mutated(corpus[random.below(corpus.size())], corpus, random);
    // For whoever looks at a crash.
    if (argc > 4) std::ofstream(argv[4], std::ios::binary) << input;
    run(input);
  }
  std::printf("%zu inputs, %ld mutations: no fault\n", corpus.size(), mutations);
  return 0;
}
