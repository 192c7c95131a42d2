#include "reports/page_text.h"

#include <fmt/format.h>

#include <chrono>
#include <cmath>

#include "common/base/number_format.h"

namespace report {
namespace {

constexpr std::string_view kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::string_view kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr double kDay = 86'400;

std::chrono::sys_days day_of(double local) {
  return std::chrono::sys_days(std::chrono::days(static_cast<int>(std::floor(local / kDay))));
}

}  // namespace

std::string escape_html(std::string_view text) {
  std::string escaped;
  escaped.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&': escaped += "&amp;"; break;
      case '<': escaped += "&lt;"; break;
      case '>': escaped += "&gt;"; break;
      case '"': escaped += "&quot;"; break;
      case '\'': escaped += "&#39;"; break;
      default: escaped += c;
    }
  }
  return escaped;
}

std::string format_latency(double ms) {
  if (ms >= kFailedMs) return "failed";
  if (ms < 100) return base::format_fixed(ms, 1) + " ms";
  if (ms < 1000) return base::format_fixed(ms, 0) + " ms";
  return base::format_fixed(ms / 1000, ms < 10'000 ? 2 : 1) + " s";
}

std::string format_limit(double ms) {
  return ms < 1000 ? base::format_number(ms) + " ms" : base::format_number(ms / 1000) + " s";
}

std::string format_span(double seconds) {
  const auto whole = static_cast<std::int64_t>(std::llround(seconds));
  if (seconds < 10 && static_cast<double>(whole) != seconds) return base::format_fixed(seconds, 1) + " s";
  if (whole < 600) return fmt::format("{} s", whole);
  if (whole < 3600 && whole % 60 == 0) return fmt::format("{} min", whole / 60);
  if (whole < 3600) return fmt::format("{} min {:02} s", whole / 60, whole % 60);
  return fmt::format("{} h {:02} min", whole / 3600, whole / 60 % 60);
}

std::string format_share(double ratio) {
  const double percent = ratio * 100;
  if (percent == 0) return "0 %";
  if (percent < 0.01) return "<0.01 %";
  return base::format_fixed(percent, percent < 10 ? 2 : 1) + " %";
}

std::string format_count(double number) {
  return base::format_grouped(static_cast<std::uint64_t>(std::llround(std::max(0.0, number))));
}

std::string format_decimal(double number) {
  const double size = std::fabs(number);
  if (size == 0) return "0";
  if (size >= 1000) return (number < 0 ? "-" : "") + format_count(size);
  return base::format_fixed(number, size >= 100 ? 1 : size >= 1 ? 2 : 3);
}

WallClock::WallClock(const RunFile& run)
    : has_start_(run.start.has_value()),
      long_(run.duration >= kDay),
      local_start_(run.start ? base::seconds(run.start->time_since_epoch() + run.offset) : 0),
      offset_(base::seconds(run.offset)) {}

std::string WallClock::at(double seconds) const {
  const auto local = static_cast<std::int64_t>(std::floor(local_start_ + seconds));
  if (!has_start_) {
    return fmt::format("+{}:{:02}:{:02}", local / 3600, local / 60 % 60, local % 60);
  }
  const std::int64_t second = local - static_cast<std::int64_t>(std::floor(local_start_ + seconds) / kDay) * 86'400;
  std::string face = fmt::format("{:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60);
  if (!long_) return face;
  const std::chrono::year_month_day date(day_of(local_start_ + seconds));
  return fmt::format("{} {} {}", static_cast<unsigned>(date.day()), kMonths[static_cast<unsigned>(date.month()) - 1],
                     face);
}

std::string WallClock::minute_at(double seconds) const {
  std::string face = at(seconds);
  if (face.ends_with(":00") && has_start_) face.resize(face.size() - 3);
  return face;
}

std::string WallClock::date() const {
  if (!has_start_) return "";
  const auto day = day_of(local_start_);
  const std::chrono::year_month_day date(day);
  return fmt::format("{} {} {} {}", kDays[std::chrono::weekday(day).c_encoding()], static_cast<unsigned>(date.day()),
                     kMonths[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()));
}

std::string WallClock::zone() const {
  if (!has_start_) return "";
  const int minutes = static_cast<int>(std::lround(std::fabs(offset_) / 60));
  if (minutes == 0) return "UTC";
  return fmt::format("UTC{}{:02}:{:02}", offset_ < 0 ? '-' : '+', minutes / 60, minutes % 60);
}

double WallClock::first_multiple(double from, double step) const {
  return std::ceil((local_start_ + from) / step) * step - local_start_;
}

double tick_step(double span, int most) {
  for (const double step :
       {1., 2., 5., 10., 15., 30., 60., 120., 300., 600., 900., 1800., 3600., 7200., 10800., 21600., 43200.}) {
    if (span / step <= most) return step;
  }
  return std::ceil(span / most / kDay) * kDay;
}

}  // namespace report
