#include "sim/traffic/trace.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "common/base/file.h"
#include "common/base/number_format.h"
#include "sim/traffic/gunzip.h"

namespace sim {
namespace {

constexpr std::array<std::string_view, 5> kUsualNames = {"requests", "tweets", "hits", "invocations", "count"};

struct Field {
  std::string_view text;
  std::size_t column = 1;  // of its first byte in the line
};

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r')) text.remove_suffix(1);
  return text;
}

void split(std::string_view line, std::vector<Field>& fields) {
  fields.clear();
  for (std::size_t begin = 0; begin <= line.size();) {
    const std::size_t end = std::min(line.find(',', begin), line.size());
    fields.push_back({trimmed(line.substr(begin, end - begin)), begin + 1});
    begin = end + 1;
  }
}

std::string counted(std::size_t n) { return base::format_number(static_cast<std::uint64_t>(n)); }

std::string in_quotes(std::string_view text) {
  std::string out = "'";
  out += text;
  out += '\'';
  return out;
}

class Parser {
 public:
  Parser(std::string name, std::string_view text) : name_(std::move(name)), rest_(text) {}

  base::Result<Trace> parse(const std::optional<std::string>& column) {
    if (!next_line()) return error(1, "the file is empty");
    split(line_, fields_);
    width_ = fields_.size();
    if (auto chosen = choose_column(column); !chosen) return chosen.error();
    Trace trace{.column = std::string(fields_[count_].text), .counts = {}};
    while (next_line()) {
      if (auto row = parse_row(trace); !row) return row.error();
    }
    if (trace.counts.empty()) return error(1, "no row follows the header");
    return trace;
  }

  // An error at a byte of the text, for what ends in its middle.
  static base::Error at_end_of(const std::string& name, std::string_view text, std::string_view what) {
    const auto lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
    const std::size_t newline = text.rfind('\n');
    const std::size_t column = newline == std::string_view::npos ? text.size() : text.size() - newline - 1;
    return make_error(name, lines + 1, column + 1, what);
  }

 private:
  static base::Error make_error(const std::string& name, std::size_t line, std::size_t column, std::string_view what) {
    return {base::ErrorCode::kInvalid, name + ":" + counted(line) + ":" + counted(column) + ": " + std::string(what)};
  }
  base::Error error(std::size_t column, std::string_view what) const {
    return make_error(name_, std::max<std::size_t>(line_number_, 1), column, what);
  }

  bool next_line() {
    if (rest_.empty()) return false;
    const std::size_t end = rest_.find('\n');
    ends_in_newline_ = end != std::string_view::npos;
    line_ = rest_.substr(0, end);
    rest_.remove_prefix(ends_in_newline_ ? end + 1 : rest_.size());
    ++line_number_;
    return true;
  }

  base::Result<> choose_column(const std::optional<std::string>& wanted) {
    const auto named = [this](std::string_view name) {
      const auto found = std::find_if(fields_.rbegin(), fields_.rend(), [&](const Field& f) { return f.text == name; });
      return found == fields_.rend() ? width_ : static_cast<std::size_t>(fields_.rend() - found) - 1;
    };
    count_ = width_;
    if (wanted) {
      count_ = named(*wanted);
      if (count_ == width_) return error(1, "no column is named " + *wanted + "; the header is " + header());
      return {};
    }
    for (std::size_t i = width_; i-- > 0 && count_ == width_;) {
      if (std::find(kUsualNames.begin(), kUsualNames.end(), fields_[i].text) != kUsualNames.end()) count_ = i;
    }
    if (count_ == width_ && width_ == 2 && !base::parse_double(fields_[1].text)) count_ = 1;
    if (count_ < width_) return {};
    if (std::all_of(fields_.begin(), fields_.end(), [](const Field& f) { return !!base::parse_double(f.text); })) {
      return error(1, "the first line must name the columns");
    }
    return error(1, "no column of counts (such as requests); the header is " + header());
  }

  std::string header() const { return std::string(trimmed(line_)); }

  base::Result<> parse_row(Trace& trace) {
    if (trimmed(line_).empty() && rest_.empty()) return {};  // a blank last line
    split(line_, fields_);
    if (fields_.size() != width_) {
      const std::string torn = ends_in_newline_ ? "" : "; the file is torn here";
      return error(fields_.back().column,
                   "the row has " + counted(fields_.size()) + " of " + counted(width_) + " fields" + torn);
    }
    if (count_ != 0) {
      if (auto order = check_order(trace.counts.empty()); !order) return order;
    }
    const Field& field = fields_[count_];
    const auto value = base::parse_int64(field.text);
    if (value && *value >= 0) {
      trace.counts.push_back(static_cast<std::uint64_t>(*value));
      return {};
    }
    const std::string shown = trace.column + " is " + in_quotes(field.text);
    if (field.text.empty() && !ends_in_newline_) return error(field.column, shown + "; the file is torn here");
    const auto number = base::parse_double(field.text);
    return error(field.column, shown + (!number       ? ", not a number"
                                        : *number < 0 ? ", a negative number"
                                                      : ", not a whole number"));
  }

  base::Result<> check_order(bool first) {
    const Field& field = fields_.front();
    const auto index = base::parse_int64(field.text);
    const std::string shown = in_quotes(field.text);
    if (first) {
      has_index_ = index.has_value();
      if (field.text.empty()) return error(field.column, "the time of the row is missing");
    } else if (has_index_ && !index) {
      return error(field.column, shown + " is not a number");
    } else if (has_index_ ? *index <= last_index_ : field.text <= last_time_) {
      return error(field.column, shown + " is out of order after " + in_quotes(last_time_));
    } else if (has_index_ && *index != last_index_ + 1) {
      return error(field.column, shown + " leaves a gap after " + in_quotes(last_time_));
    }
    if (index) last_index_ = *index;
    last_time_ = field.text;
    return {};
  }

  const std::string name_;
  std::string_view rest_;
  std::string_view line_;
  std::size_t line_number_ = 0;
  bool ends_in_newline_ = true;
  std::vector<Field> fields_;
  std::size_t width_ = 0;  // fields of the header
  std::size_t count_ = 0;  // which of them holds the counts
  bool has_index_ = false;
  std::int64_t last_index_ = 0;
  std::string last_time_;
};

}  // namespace

base::Result<Trace> load_trace_csv(const std::filesystem::path& path, const std::optional<std::string>& column) {
  auto bytes = base::read_file(path);
  if (!bytes) return bytes.error();
  if (!looks_gzipped(*bytes)) {
    if (path.extension() == ".gz" && !bytes->empty()) return Parser::at_end_of(path.string(), "", "not a gzip file");
    return Parser(path.string(), *bytes).parse(column);
  }
  const Gunzipped unpacked = gunzip(*bytes);
  if (!unpacked.fault.empty()) return Parser::at_end_of(path.string(), unpacked.text, unpacked.fault);
  return Parser(path.string(), unpacked.text).parse(column);
}

}  // namespace sim
