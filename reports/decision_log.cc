#include "reports/decision_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "common/base/time_format.h"

namespace report {
namespace {

using base::Result;
using nlohmann::json;

struct Record {
  std::size_t policy = 0;
  base::Time at{};
  json fields;
};

void drop_wall_fields(json& value) {
  if (value.is_array()) {
    for (json& element : value) drop_wall_fields(element);
  }
  if (!value.is_object()) return;
  for (auto field = value.begin(); field != value.end();) {
    if (field.key().starts_with("wall")) {
      field = value.erase(field);
      continue;
    }
    drop_wall_fields(field.value());
    ++field;
  }
}

std::string text(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::optional<std::size_t> policy_index(const RunFile& run, const std::string& name) {
  for (std::size_t i = 0; i < run.policies.size(); ++i) {
    if (run.policies[i].name == name) return i;
  }
  return std::nullopt;
}

Result<Record> parse_record(const std::string& line, const RunFile& run) {
  const auto invalid = [](std::string message) { return base::Error{base::ErrorCode::kInvalid, std::move(message)}; };
  Record record;
  record.fields = json::parse(line, nullptr, /*allow_exceptions=*/false);
  if (!record.fields.is_object()) return invalid("not a JSON object");
  const auto at = base::parse_rfc3339(text(record.fields, "t"));
  if (!at) return invalid("t must be a date and time as in RFC 3339");
  const auto policy = policy_index(run, text(record.fields, "policy"));
  if (!policy) return invalid(fmt::format("policy \"{}\" is not in run.json", text(record.fields, "policy")));
  record.at = *at;
  record.policy = *policy;
  record.fields.erase("policy");
  record.fields.erase("t");
  drop_wall_fields(record.fields);
  return record;
}

// What must be equal for two records to say the same; null for a record that changed something.
json reason_of(const json& record) {
  const json none;
  const json final = record.value("final", none);
  const json applied = record.value("applied", none);
  const bool is_advice = text(record, "field") == "advice";  // is written nowhere
  if (!final.is_number() || (final != record.value("current", none) && !is_advice)) return none;
  json rules = json::array();
  const auto steps = record.find("steps");
  if (steps != record.end() && steps->is_array()) {
    for (const json& step : *steps) rules.push_back(step.is_object() ? text(step, "rule") : "");
  }
  const json ok = applied.is_object() ? applied.value("ok", none) : none;
  return json::array({text(record, "target"), text(record, "trigger"), final, record.value("selected", none),
                      std::move(rules), text(record, "error"), ok, applied.is_object() ? text(applied, "status") : ""});
}

// One policy may speak about two objects by turns (a deployment, and the autoscaler that it tunes), so that what
// repeats is looked for in the last record about the same one.
class Log {
 public:
  void append(json record, double at) {
    json reason = reason_of(record);
    const auto [last, is_first] = last_.try_emplace(text(record, "target") + ' ' + text(record, "field"), runs_.size());
    if (!is_first && !reason.is_null() && reason == runs_[last->second].reason) {
      Run& same = runs_[last->second];
      ++same.count;
      same.until = at;
    } else {
      last->second = runs_.size();
      runs_.push_back({std::move(reason), at, at, 1});
    }
    record["at"] = at;
    entries_.push_back({std::move(record), last->second, is_new(last->second)});
  }

  std::vector<json> take(Repeats repeats) {
    std::vector<json> records;
    for (Entry& entry : entries_) {
      if (repeats == Repeats::kTogether && !entry.opens) continue;
      const Run& run = runs_[entry.run];
      entry.record["count"] = run.count;
      entry.record["until"] = run.until;
      if (repeats == Repeats::kEach) entry.record["since"] = run.since;
      records.push_back(std::move(entry.record));
    }
    return records;
  }

 private:
  // Records that say the same about one target.
  struct Run {
    json reason;
    double since = 0;
    double until = 0;
    int count = 1;
  };
  struct Entry {
    json record;
    std::size_t run = 0;
    bool opens = false;  // its run
  };
  bool is_new(std::size_t run) const { return runs_[run].count == 1; }

  std::vector<Entry> entries_;
  std::vector<Run> runs_;
  std::map<std::string, std::size_t> last_;  // target and field -> its latest run
};

}  // namespace

Result<std::vector<std::vector<json>>> parse_decisions(const std::string& ndjson, const RunFile& run, Repeats repeats) {
  std::vector<Record> records;
  std::optional<base::Time> start = run.start;
  int number = 0;
  for (std::size_t begin = 0; begin < ndjson.size();) {
    const std::size_t end = std::min(ndjson.find('\n', begin), ndjson.size());
    const std::string line = ndjson.substr(begin, end - begin);
    begin = end + 1;
    ++number;
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    auto record = parse_record(line, run);
    if (!record) return base::annotate(record.error(), fmt::format("decisions.ndjson:{}", number));
    if (!run.start && (!start || record->at < *start)) start = record->at;
    records.push_back(std::move(*record));
  }
  std::vector<Log> logs(run.policies.size());
  for (Record& record : records) {
    logs[record.policy].append(std::move(record.fields), base::seconds(record.at - *start));
  }
  std::vector<std::vector<json>> taken;
  for (Log& log : logs) taken.push_back(log.take(repeats));
  return taken;
}

}  // namespace report
