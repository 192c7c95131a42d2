#include "common/base/log.h"

#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "common/base/number_format.h"
#include "common/base/time_format.h"

namespace base {
namespace {

std::string_view name(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug: return "debug";
    case LogLevel::kInfo: return "info";
    case LogLevel::kWarning: return "warning";
    case LogLevel::kError: return "error";
    case LogLevel::kOff: return "off";
  }
  return "off";
}

// Also the way to put a text that may hold anything into one line.
std::string quote(std::string_view text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

bool needs_quotes(std::string_view text) {
  if (text.empty()) return true;
  // Bytes of UTF-8 pass, but only quote() makes a broken sequence harmless.
  for (const char c : text) {
    if ((c >= 0 && c <= ' ') || c == '"' || c == '=' || c == 0x7f) return true;
  }
  return !nlohmann::json::accept("\"" + std::string(text) + "\"");
}

}  // namespace

// JSON has no infinities.
LogField::LogField(std::string_view k, double v) : key(k), value(format_number(v)), quoted(!std::isfinite(v)) {}
LogField::LogField(std::string_view k, std::int64_t v) : key(k), value(format_number(v)), quoted(false) {}
LogField::LogField(std::string_view k, std::uint64_t v) : key(k), value(format_number(v)), quoted(false) {}

struct Log::Sink {
  Sink() : logger("gamenight", std::make_shared<spdlog::sinks::stderr_sink_mt>()) {
    logger.set_pattern("%v");
    logger.set_level(spdlog::level::trace);
    logger.flush_on(spdlog::level::trace);
  }
  spdlog::logger logger;
};

Log::Log(const Clock& clock, LogOptions options) : clock_(clock), options_(options), sink_(std::make_unique<Sink>()) {}
Log::~Log() = default;

Log Log::silent(const Clock& clock) { return Log(clock, LogOptions{.level = LogLevel::kOff}); }

void Log::write(LogLevel level, std::string_view event, Fields fields) const {
  if (level < options_.level || options_.level == LogLevel::kOff) return;
  const std::string time = format_rfc3339_nano(clock_.now());
  std::string line;
  if (options_.format == LogFormat::kJson) {
    line = "{\"t\":\"" + time + "\",\"level\":\"" + std::string(name(level)) + "\",\"event\":" + quote(event);
    for (const LogField& f : fields) line += "," + quote(f.key) + ":" + (f.quoted ? quote(f.value) : f.value);
    line += "}";
  } else {
    line = time + " " + std::string(name(level)) + " " + std::string(event);
    for (const LogField& f : fields) {
      line += " " + f.key + "=" + (f.quoted && needs_quotes(f.value) ? quote(f.value) : f.value);
    }
  }
  sink_->logger.log(spdlog::level::info, spdlog::string_view_t(line.data(), line.size()));
}

}  // namespace base
