// The comment at the head of a scenario or policy file, which says what it is. Pure.
#pragma once

#include <string>

namespace sim {

// All of it in one line, without the number signs.
std::string header_comment(const std::string& text);
// Up to the end of the first sentence.
std::string first_sentence(const std::string& text);

// A preset says in its first line where its numbers come from ("# Source: ...") and then what it does.
struct PresetComment {
  std::string source;  // empty: the file is no preset
  std::string about;
};
PresetComment preset_comment(const std::string& text);

}  // namespace sim
