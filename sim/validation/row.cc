#include "sim/validation/row.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

#include "common/base/number_format.h"

namespace sim {
namespace {

// Four significant digits, at most six decimals; whole numbers as they are.
std::string figure(double x) {
  if (x == std::floor(x) && std::fabs(x) < 1e15) return base::format_fixed(x, 0);
  const int exponent = static_cast<int>(std::floor(std::log10(std::fabs(x))));
  return base::format_fixed(x, std::clamp(4 - exponent, 0, 6));
}

std::string percent(double share, int decimals) { return base::format_fixed(100 * share, decimals) + " %"; }

bool is_relative(const Row& row) {
  return row.expected != 0 && row.check != Check::kAbsolute && row.check != Check::kBetween;
}

std::string error_text(const Row& row) {
  if (row.check == Check::kLeftOut) return "";
  const double error = error_of(row);
  const std::string sign = error > 0 ? "+" : "";
  return sign + (is_relative(row) ? percent(error, 2) : figure(error));
}

std::string expected_text(const Row& row) {
  if (row.check == Check::kLeftOut) return "";
  if (row.check == Check::kBetween) return figure(row.expected) + " to " + figure(row.upper);
  if (row.check == Check::kDigits) return base::format_fixed(row.expected, static_cast<int>(row.tolerance));
  return figure(row.expected);
}

std::string actual_text(const Row& row) {
  if (row.check == Check::kLeftOut) return "";
  if (row.check == Check::kDigits) return base::format_fixed(row.actual, static_cast<int>(row.tolerance));
  std::string text = figure(row.actual);
  if (row.standard_error > 0 && row.actual != 0) {
    text += " ± " + percent(row.standard_error / std::fabs(row.actual), 2);
  }
  return text;
}

std::string bound_text(const Row& row) {
  switch (row.check) {
    case Check::kRelative: return percent(row.tolerance, 1);
    case Check::kAbsolute: return figure(row.tolerance);
    case Check::kDigits: return "printed digits";
    case Check::kBetween: return "inside";
    case Check::kInformation:
    case Check::kLeftOut: return "";
  }
  return "";
}

constexpr std::size_t kColumns = 9;
using Cells = std::array<std::string, kColumns>;
const Cells kHeads = {"row", "figure", "ours", "error", "bound", "verdict", "source", "how", "command"};

Cells cells_of(const Row& row) {
  return {row.name,   expected_text(row), actual_text(row), error_text(row), bound_text(row), std::string(verdict(row)),
          row.source, row.note,           row.command};
}

// Characters, not bytes: the table holds "±" and "µ".
std::size_t width_of(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::vector<std::string> groups_of(const std::vector<Row>& rows) {
  std::vector<std::string> groups;
  for (const Row& row : rows) {
    if (std::find(groups.begin(), groups.end(), row.group) == groups.end()) groups.push_back(row.group);
  }
  return groups;
}

std::string summary(const std::vector<Row>& rows) {
  std::size_t judged = 0;
  std::size_t passes = 0;
  std::size_t left_out = 0;
  for (const Row& row : rows) {
    const std::string_view v = verdict(row);
    judged += v == "pass" || v == "FAIL" ? 1U : 0U;
    passes += v == "pass" ? 1U : 0U;
    left_out += v == "left out" ? 1U : 0U;
  }
  return std::to_string(passes) + " of " + std::to_string(judged) + " judged rows pass, " + std::to_string(left_out) +
         " left out, " + std::to_string(rows.size() - judged - left_out) + " for information";
}

}  // namespace

bool passed(const Row& row) {
  const double distance = std::fabs(row.actual - row.expected);
  switch (row.check) {
    case Check::kRelative: return distance <= row.tolerance * std::fabs(row.expected);
    case Check::kAbsolute: return distance <= row.tolerance;
    // The printed figure was rounded; a tie may have gone either way.
    case Check::kDigits: return distance <= 0.5 * std::pow(10.0, -row.tolerance) * (1 + 1e-9);
    case Check::kBetween: return row.expected <= row.actual && row.actual <= row.upper;
    case Check::kInformation:
    case Check::kLeftOut: return true;
  }
  return false;
}

std::string_view verdict(const Row& row) {
  if (row.check == Check::kInformation) return "info";
  if (row.check == Check::kLeftOut) return "left out";
  return passed(row) ? "pass" : "FAIL";
}

double error_of(const Row& row) {
  if (row.check == Check::kBetween) {
    if (row.actual < row.expected) return row.actual - row.expected;
    return std::max(0.0, row.actual - row.upper);
  }
  const double error = row.actual - row.expected;
  return is_relative(row) ? error / std::fabs(row.expected) : error;
}

std::string validation_text(const std::vector<Row>& rows) {
  constexpr std::size_t kShown = 7;  // the last columns are for the page
  std::array<std::size_t, kShown> widths{};
  for (std::size_t i = 0; i < kShown; ++i) widths[i] = width_of(kHeads[i]);
  for (const Row& row : rows) {
    const Cells cells = cells_of(row);
    for (std::size_t i = 0; i < kShown; ++i) widths[i] = std::max(widths[i], width_of(cells[i]));
  }
  std::string out;
  const auto line = [&](const Cells& cells) {
    std::string text;
    for (std::size_t i = 0; i < kShown; ++i) {
      text += cells[i];
      if (i + 1 < kShown) text.append(widths[i] - width_of(cells[i]) + 2, ' ');
    }
    out += text + "\n";
  };
  for (const std::string& group : groups_of(rows)) {
    out += (out.empty() ? "" : "\n") + group + "\n";
    line(kHeads);
    for (const Row& row : rows) {
      if (row.group != group) continue;
      line(cells_of(row));
      if (verdict(row) == "left out") out += "    " + row.note + "\n";
    }
  }
  return out + "\n" + summary(rows) + "\n";
}

std::string validation_markdown(const std::vector<Row>& rows) {
  std::string out = "# Validation\n\nThe engines against figures that others derived, published or measured. " +
                    summary(rows) +
                    ".\n\n\"±\" is the standard error over the seeds of the run; a bound is what the error may be. "
                    "`gamenight validate` writes this page.\n";
  const auto line = [&out](const Cells& cells) {
    for (std::string cell : cells) {
      for (std::size_t at = 0; (at = cell.find('|', at)) != std::string::npos; at += 2) cell.insert(at, 1, '\\');
      out += "| " + cell + " ";
    }
    out += "|\n";
  };
  for (const std::string& group : groups_of(rows)) {
    out += "\n## " + group + "\n\n";
    line(kHeads);
    for (std::size_t i = 0; i < kColumns; ++i) out += "|---";
    out += "|\n";
    for (const Row& row : rows) {
      if (row.group == group) line(cells_of(row));
    }
  }
  return out;
}

}  // namespace sim
