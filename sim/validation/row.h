// One line of the validation table: a figure that somebody published or that follows from theory, and ours. Values.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sim {

enum class Check {
  kRelative,     // |actual - expected| <= tolerance * |expected|
  kAbsolute,     // |actual - expected| <= tolerance
  kDigits,       // equal when both are printed with `tolerance` decimals
  kBetween,      // expected <= actual <= upper
  kInformation,  // shown with its error, not judged
  kLeftOut,      // could not be done; `note` says why
};

struct Row {
  std::string group;
  std::string name;
  std::string source;  // of the expected figure
  double expected = 0;
  double actual = 0;
  Check check = Check::kRelative;
  double tolerance = 0;
  double upper = 0;           // kBetween
  double standard_error = 0;  // of `actual`, over the seeds; 0: exact
  std::string note;           // run length, parameters
  std::string command;        // that makes this row
};

bool passed(const Row& row);
// "pass", "FAIL", "info" or "left out".
std::string_view verdict(const Row& row);
// Relative to the expected figure, or absolute where that is 0 or the check is; the distance to the nearer bound for
// kBetween.
double error_of(const Row& row);

// The table for a terminal, and as a page with a section for each group. Both end with a newline.
std::string validation_text(const std::vector<Row>& rows);
std::string validation_markdown(const std::vector<Row>& rows);

}  // namespace sim
