// Structured events on standard error, stamped by the Clock, so that a simulated night logs in virtual time.
//
//   log.info("scaled", {{"target", "default/api"}, {"from", 3}, {"to", 5}});
//   2026-09-26T09:30:15Z info scaled target=default/api from=3 to=5
//
// Values are written as logfmt (quoted when they hold blanks) or as one JSON object a line. One Log per program or
// simulation; thread-safe if its clock is only read.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

#include "common/base/clock.h"

namespace base {

enum class LogLevel { kDebug, kInfo, kWarning, kError, kOff };
enum class LogFormat { kLogfmt, kJson };

struct LogField {
  LogField(std::string_view k, std::string_view v) : key(k), value(v), quoted(true) {}
  LogField(std::string_view k, const char* v) : LogField(k, std::string_view(v)) {}
  LogField(std::string_view k, const std::string& v) : LogField(k, std::string_view(v)) {}
  LogField(std::string_view k, double v);
  LogField(std::string_view k, bool v) : key(k), value(v ? "true" : "false"), quoted(false) {}
  LogField(std::string_view k, std::int64_t v);
  LogField(std::string_view k, std::uint64_t v);
  LogField(std::string_view k, int v) : LogField(k, static_cast<std::int64_t>(v)) {}

  std::string key;
  std::string value;
  bool quoted;  // a text, which JSON puts in quotes
};

struct LogOptions {
  LogLevel level = LogLevel::kInfo;
  LogFormat format = LogFormat::kLogfmt;
};

class Log {
 public:
  using Fields = std::initializer_list<LogField>;

  Log(const Clock& clock, LogOptions options);
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  // A log that writes nothing, for tests and quiet runs.
  static Log silent(const Clock& clock);

  void debug(std::string_view event, Fields fields = {}) const { write(LogLevel::kDebug, event, fields); }
  void info(std::string_view event, Fields fields = {}) const { write(LogLevel::kInfo, event, fields); }
  void warning(std::string_view event, Fields fields = {}) const { write(LogLevel::kWarning, event, fields); }
  void error(std::string_view event, Fields fields = {}) const { write(LogLevel::kError, event, fields); }

 private:
  void write(LogLevel level, std::string_view event, Fields fields) const;

  const Clock& clock_;
  const LogOptions options_;
  struct Sink;
  std::unique_ptr<Sink> sink_;
};

}  // namespace base
