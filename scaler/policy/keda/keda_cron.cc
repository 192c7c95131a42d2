#include "scaler/policy/keda/keda_cron.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "common/base/check.h"
#include "common/base/number_format.h"

namespace scaler {
namespace {

using base::Result;

struct Field {
  const char* name;
  int min;
  int max;
  std::string_view words;  // of three letters each, for min, min + 1, ...
};
constexpr std::array<Field, 5> kFields = {{{"minute", 0, 59, ""},
                                           {"hour", 0, 23, ""},
                                           {"day of month", 1, 31, ""},
                                           {"month", 1, 12, "janfebmaraprmayjunjulaugsepoctnovdec"},
                                           {"day of week", 0, 6, "sunmontuewedthufrisat"}}};

// Between any of the separators; empty pieces are dropped.
std::vector<std::string_view> pieces(std::string_view text, std::string_view separators) {
  std::vector<std::string_view> found;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find_first_of(separators, begin), text.size());
    if (end > begin) found.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return found;
}

std::optional<int> value_of(std::string_view text, const Field& field) {
  std::string word(text);
  for (char& c : word) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  const std::size_t named = word.size() == 3 ? field.words.find(word) : std::string_view::npos;
  if (named != std::string_view::npos && named % 3 == 0) return field.min + static_cast<int>(named / 3);
  const auto number = base::parse_int64(text);
  if (!number || *number < field.min || *number > field.max) return std::nullopt;
  return static_cast<int>(*number);
}

// What an entry of a field's list stands for.
struct Entry {
  bool star = false;  // everything: the field is not restricted
  std::vector<int> values{};
};

Result<Entry> parse_entry(std::string_view text, const Field& field) {
  const auto wrong = [&](const std::string& what) {
    return base::Error{base::ErrorCode::kInvalid, fmt::format("{} \"{}\": {}", field.name, text, what)};
  };
  const std::size_t slash = text.find('/');
  const bool has_step = slash != std::string_view::npos;
  const std::string_view range = text.substr(0, slash);
  const auto step = has_step ? base::parse_int64(text.substr(slash + 1)) : std::optional<std::int64_t>(1);
  if (!step || *step < 1) return wrong("the step must be a whole number from 1 on");
  const bool star = range == "*" || range == "?";
  if (star && *step == 1) return Entry{.star = true};

  const std::size_t dash = range.find('-');
  const bool is_single = dash == std::string_view::npos;
  const auto first = star ? field.min : value_of(range.substr(0, dash), field);
  // A start with a step and no end runs to the end of the field.
  const auto last = star || (is_single && has_step) ? field.max
                    : is_single                     ? first
                                                    : value_of(range.substr(dash + 1), field);
  if (!first || !last) return wrong(fmt::format("expected values from {} to {}", field.min, field.max));
  if (*first > *last) return wrong("the range runs backwards");
  Entry entry;
  for (std::int64_t value = *first; value <= *last; value += std::min<std::int64_t>(*step, field.max + 1)) {
    entry.values.push_back(static_cast<int>(value));
  }
  return entry;
}

// The field in words that mean the same to Cron: a star or a list of numbers.
Result<std::string> plain_field(std::string_view text, const Field& field) {
  std::string list;
  bool star = false;
  for (const std::string_view part : pieces(text, ",")) {
    const auto entry = parse_entry(part, field);
    if (!entry) return entry.error();
    star = star || entry->star;
    for (const int value : entry->values) list += fmt::format("{}{}", list.empty() ? "" : ",", value);
  }
  if (star) return std::string("*");
  if (list.empty()) return base::Error{base::ErrorCode::kInvalid, fmt::format("{} \"{}\" is empty", field.name, text)};
  return list;
}

Cron parsed(const std::string& text) {
  auto cron = parse_keda_cron(text);
  CHECK(cron.has_value(), text);
  return *cron;
}

TimeZone found(std::string_view name) {
  const auto zone = TimeZone::find(name);
  CHECK(zone.has_value(), std::string(name));
  return *zone;
}

// The first instant after `after` at which the clock of `zone` shows a time of `cron`; nullopt: none in five years,
// where the library gives up.
std::optional<base::Time> next_shown(const Cron& cron, base::Time after, const TimeZone& zone, const TimeZone& utc) {
  const base::Time last = after + std::chrono::years(5);
  base::Time begin = after;  // of a stretch without a jump, in which the clock is that of UTC, moved
  base::Time reached = after;
  while (reached < last) {
    const base::Duration moved =
        zone.to_local(begin).time_since_epoch() - std::chrono::floor<std::chrono::seconds>(begin).time_since_epoch();
    const auto shown = cron.next(reached + moved, utc);
    if (!shown) return std::nullopt;
    const base::Time fires = *shown - moved;
    const auto jump = zone.next_jump(begin);
    if (!jump || fires < *jump) return fires < last ? std::optional(fires) : std::nullopt;
    begin = *jump;
    reached = *jump - std::chrono::seconds(1);  // what the clock shows at the jump itself counts
  }
  return std::nullopt;
}

}  // namespace

Result<Cron> parse_keda_cron(std::string_view text) {
  const auto fields = pieces(text, " \t\r\n\v\f");
  // Cron knows what to say about these.
  if (fields.size() != kFields.size()) return Cron::parse(text);
  std::string plain;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const auto field = plain_field(fields[i], kFields[i]);
    if (!field) return field.error();
    plain += (i == 0 ? "" : " ") + *field;
  }
  return Cron::parse(plain);
}

KedaCron::KedaCron(const KedaTrigger& trigger)
    : start_(parsed(trigger.start)), end_(parsed(trigger.end)), zone_(found(trigger.time_zone)), utc_(found("UTC")) {}

bool KedaCron::active(base::Time now) {
  if (known_ && (!edge_ || now < *edge_)) return active_;
  const auto start = next_shown(start_, now, zone_, utc_);
  const auto end = next_shown(end_, now, zone_, utc_);
  known_ = true;
  active_ = end && (!start || *end <= *start);
  edge_ = start && end ? std::min(*start, *end) : start ? start : end;
  return active_;
}

}  // namespace scaler
