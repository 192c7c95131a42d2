#include "reports/page_data.h"

#include <map>
#include <nlohmann/json.hpp>

#include "common/base/time_format.h"
#include "reports/buckets.h"
#include "reports/decision_log.h"
#include "reports/packing.h"

namespace report {
namespace {

using nlohmann::json;

class ColumnStore {
 public:
  // Where the planes of `values` begin.
  std::size_t add(const std::vector<double>& values) {
    std::string planes = float_planes(values);
    const auto [found, is_new] = places_.try_emplace(std::move(planes), bytes_.size());
    if (is_new) bytes_ += found->first;
    return found->second;
  }

  const std::string& bytes() const { return bytes_; }

 private:
  std::map<std::string, std::size_t> places_;
  std::string bytes_;
};

json head_of(const RunFile& run) {
  json head = {{"scenario", run.scenario}, {"duration", run.duration}, {"offset", base::seconds(run.offset)}};
  if (run.start) head["start"] = base::seconds(run.start->time_since_epoch());
  if (run.slo) head["slo"] = {{"latencyMs", run.slo->latency_ms}, {"percentile", run.slo->percentile}};
  if (run.slo) head["slo"]["column"] = kColumnNames[run.slo->column()];
  head["events"] = json::array();
  for (const Event& event : run.events) head["events"].push_back({{"name", event.name}, {"at", event.at}});
  return head;
}

void put_size(std::string& bytes, std::size_t size) {
  for (int shift = 0; shift < 32; shift += 8) bytes += static_cast<char>(size >> shift & 0xff);
}

}  // namespace

base::Result<std::string> pack_page_data(const RunFile& run, const std::string& decisions_ndjson) {
  auto decisions = parse_decisions(decisions_ndjson, run);
  if (!decisions) return decisions.error();
  const Buckets buckets = make_buckets(run);
  ColumnStore store;
  json head = head_of(run);
  head["points"] = buckets.t.size();
  head["bucketSeconds"] = buckets.width;
  head["t"] = store.add(buckets.t);
  head["policies"] = json::array();
  for (std::size_t p = 0; p < run.policies.size(); ++p) {
    json columns = json::object();
    for (const Drawn& drawn : buckets.policies[p]) columns[drawn.name] = store.add(drawn.values);
    head["policies"].push_back(
        {{"name", run.policies[p].name}, {"columns", std::move(columns)}, {"decisions", std::move((*decisions)[p])}});
  }
  // Bytes that are no UTF-8 must not keep the report from being written.
  const std::string text = head.dump(-1, ' ', false, json::error_handler_t::replace);
  std::string bytes;
  put_size(bytes, text.size());
  bytes += text + store.bytes();
  return base64(deflate_raw(bytes));
}

}  // namespace report
