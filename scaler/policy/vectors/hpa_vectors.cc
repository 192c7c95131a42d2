#include "scaler/policy/vectors/hpa_vectors.h"

#include <exception>
#include <map>

#include "scaler/policy/vectors/calc_vectors.h"
#include "scaler/policy/vectors/kpa_vectors.h"
#include "scaler/policy/vectors/reconcile_vectors.h"
#include "scaler/policy/vectors/validation_vectors.h"

namespace scaler {
namespace {

using vectors::Json;

constexpr const char* kSchema = "hpa-vectors/1";

const std::map<std::string, vectors::Runner>& runners() {
  static const std::map<std::string, vectors::Runner> kRunners = [] {
    std::map<std::string, vectors::Runner> all = {{"reconcile", vectors::run_reconcile},
                                                  {"validation", vectors::run_spec_validation},
                                                  {"validation.scale", vectors::run_scale_validation},
                                                  {"defaulting", vectors::run_spec_defaulting},
                                                  {"kpa.scale", vectors::run_kpa_scale}};
    for (const vectors::Group& group : vectors::calc_groups()) all.emplace(group.name, group.run);
    for (const vectors::Group& group : vectors::norm_groups()) all.emplace(group.name, group.run);
    return all;
  }();
  return kRunners;
}

vectors::Outcome run(const Json& entry) {
  const std::string group = entry.at("group").get<std::string>();
  const auto runner = runners().find(group);
  if (runner == runners().end()) return vectors::fails("the group \"" + group + "\" is not known");
  const Json& input = entry.at("input");
  const Json& expect = entry.at("expect");
  if (!input.is_object() || !expect.is_object()) return vectors::fails("malformed: input and expect must be objects");
  return runner->second(input, expect);
}

std::string text_or(const Json& entry, const char* key, std::string fallback) {
  const bool given = entry.is_object() && entry.contains(key) && entry[key].is_string();
  return given ? entry[key].get<std::string>() : std::move(fallback);
}

VectorResult judge(const Json& entry, std::size_t index) {
  VectorResult result;
  result.id = text_or(entry, "id", "cases[" + std::to_string(index) + "]");
  result.group = text_or(entry, "group", "");
  try {
    vectors::Outcome outcome = run(entry);
    result.passed = outcome.passed;
    result.detail = std::move(outcome.detail);
  } catch (const std::exception& error) {
    result.detail = std::string("malformed: ") + error.what();
  }
  return result;
}

base::Error no_vectors(std::string why) { return {base::ErrorCode::kInvalid, std::move(why)}; }

}  // namespace

base::Result<std::vector<VectorResult>> run_hpa_vectors(std::string_view json) {
  Json file;
  try {
    file = Json::parse(json);
  } catch (const Json::exception& error) {
    return no_vectors(error.what());
  }
  if (!file.is_object()) return no_vectors("the file must be a JSON object");
  if (text_or(file, "schema", "") != kSchema) return no_vectors(std::string("\"schema\" must be \"") + kSchema + '"');
  if (!file.contains("cases") || !file["cases"].is_array()) return no_vectors("\"cases\" must be a list");
  std::vector<VectorResult> results;
  for (const Json& entry : file["cases"]) results.push_back(judge(entry, results.size()));
  return results;
}

std::vector<std::string> vector_groups() {
  std::vector<std::string> names;
  for (const auto& [name, runner] : runners()) names.push_back(name);
  return names;
}

}  // namespace scaler
