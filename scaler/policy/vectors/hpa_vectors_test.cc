#include "scaler/policy/vectors/hpa_vectors.h"

#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "common/base/file.h"

namespace scaler {
namespace {

using Json = nlohmann::json;

constexpr int kExpected = 302;

const Json& vector_file() {
  static const Json kFile = Json::parse(*base::read_file("scaler/policy/testdata/hpa-vectors.json"));
  return kFile;
}

Json file_of(Json cases) { return {{"schema", "hpa-vectors/1"}, {"cases", std::move(cases)}}; }

std::vector<VectorResult> run(const Json& cases) {
  auto results = run_hpa_vectors(file_of(cases).dump());
  EXPECT_TRUE(results) << results.error().message;
  return results ? *results : std::vector<VectorResult>{};
}

// All that a small change of one value can make of `value`, each with the path of the change.
void change_each(const Json& value, const std::string& path, std::vector<std::pair<std::string, Json>>& changed) {
  if (value.is_object()) {
    for (const auto& [key, field] : value.items()) {
      std::vector<std::pair<std::string, Json>> inner;
      change_each(field, path + "/" + key, inner);
      for (auto& [where, other] : inner) {
        Json whole = value;
        whole[key] = std::move(other);
        changed.emplace_back(where, std::move(whole));
      }
    }
  } else if (value.is_array()) {
    for (std::size_t i = 0; i < value.size(); ++i) {
      std::vector<std::pair<std::string, Json>> inner;
      change_each(value[i], path + "/" + std::to_string(i), inner);
      for (auto& [where, other] : inner) {
        Json whole = value;
        whole[i] = std::move(other);
        changed.emplace_back(where, std::move(whole));
      }
    }
    Json longer = value;
    longer.push_back(value.empty() ? Json("x") : value.front());
    if (value.empty()) changed.emplace_back(path, std::move(longer));
  } else if (value.is_boolean()) {
    changed.emplace_back(path, !value.get<bool>());
  } else if (value.is_number_integer()) {
    changed.emplace_back(path, value > 1000 ? value.get<std::int64_t>() - 1000 : value.get<std::int64_t>() + 1000);
  } else if (value.is_number()) {
    changed.emplace_back(path, value.get<double>() + 1.0);
  } else if (value.is_string()) {
    changed.emplace_back(path, value.get<std::string>() + "x");
  }
}

// What a case allows besides, which is no expectation of its own.
bool is_allowance(const std::string& path) {
  return path.rfind("/errorAlternatives", 0) == 0 || path == "/excessBurstCapacityTolerance";
}

std::map<std::string, std::vector<Json>> cases_by_group() {
  std::map<std::string, std::vector<Json>> groups;
  for (const Json& entry : vector_file().at("cases")) groups[entry.at("group").get<std::string>()].push_back(entry);
  return groups;
}

TEST(HpaVectorsTest, OurHpaAnswersAsKubernetesOwnTestsExpect) {
  const auto results = run_hpa_vectors(vector_file().dump());

  ASSERT_TRUE(results) << results.error().message;
  EXPECT_EQ(results->size(), static_cast<std::size_t>(kExpected));
  for (const VectorResult& result : *results) EXPECT_TRUE(result.passed) << result.id << ": " << result.detail;
}

TEST(HpaVectorsTest, EveryGroupOfTheFileHasARunner) {
  const std::vector<std::string> names = vector_groups();
  const std::set<std::string> known(names.begin(), names.end());

  for (const auto& [group, cases] : cases_by_group()) EXPECT_TRUE(known.contains(group)) << group;
  EXPECT_EQ(known.size(), cases_by_group().size());
}

// Each single value that a case expects is looked at: with another one in its place the case fails.
TEST(HpaVectorsTest, AChangedExpectationFails) {
  Json cases = Json::array();
  for (const auto& [group, entries] : cases_by_group()) {
    for (const Json& entry : entries) {
      std::vector<std::pair<std::string, Json>> changed;
      change_each(entry.at("expect"), "", changed);
      for (auto& [path, expect] : changed) {
        if (is_allowance(path)) continue;
        Json other = entry;
        other["id"] = entry.at("id").get<std::string>() + " with another " + path;
        other["expect"] = std::move(expect);
        cases.push_back(std::move(other));
      }
    }
  }
  const auto results = run(cases);

  EXPECT_GT(results.size(), 1000u);
  for (const VectorResult& result : results) EXPECT_FALSE(result.passed) << result.id;
}

TEST(HpaVectorsTest, AnExpectationOfSomethingUnknownFails) {
  for (const auto& [group, entries] : cases_by_group()) {
    Json entry = entries.front();
    entry["expect"]["somethingNobodyKnows"] = 1;

    EXPECT_FALSE(run(Json::array({entry})).front().passed) << group;
  }
}

TEST(HpaVectorsTest, ACaseWithoutItsInputOrExpectationFails) {
  for (const auto& [group, entries] : cases_by_group()) {
    for (const char* part : {"input", "expect"}) {
      for (const Json& nothing : {Json::object(), Json(), Json::array(), Json("")}) {
        Json entry = entries.front();
        entry[part] = nothing;

        EXPECT_FALSE(run(Json::array({entry})).front().passed) << group << " with " << part << " " << nothing.dump();
      }
      Json entry = entries.front();
      entry.erase(part);
      EXPECT_FALSE(run(Json::array({entry})).front().passed) << group << " without " << part;
    }
  }
}

// Whatever stands in its place, a wrong value of the input never ends the run, and one of another type fails.
TEST(HpaVectorsTest, AnInputOfAnotherTypeFails) {
  const Json wrongs = {-1, 1.5, true, "x", Json::array({1}), Json::array({"x"}), 1e300, 18446744073709551615u};
  Json cases = Json::array();
  std::vector<bool> must_fail;
  for (const auto& [group, entries] : cases_by_group()) {
    for (const auto& [key, value] : entries.front().at("input").items()) {
      if (value.is_null()) continue;
      for (const Json& wrong : wrongs) {
        Json entry = entries.front();
        entry["id"] = group + " with " + key + " " + wrong.dump();
        entry["input"][key] = wrong;
        cases.push_back(std::move(entry));
        must_fail.push_back((wrong.is_array() && !value.is_array()) || (wrong == "x" && !value.is_string()));
      }
    }
  }
  const auto results = run(cases);

  ASSERT_EQ(results.size(), must_fail.size());
  for (std::size_t i = 0; i < results.size(); ++i) {
    EXPECT_FALSE(must_fail[i] && results[i].passed) << results[i].id;
  }
}

TEST(HpaVectorsTest, AGateThatIsNotGivenHasThePoliciesDefault) {
  std::set<std::string> groups;
  Json cases = Json::array();
  for (const Json& entry : vector_file().at("cases")) {
    const Json gates = entry.at("input").value("featureGates", Json());
    if (!gates.is_object() || !gates.at("HPAScaleToZero") || gates.value("HPAGeneration", false)) continue;
    if (!gates.at("HPAConfigurableTolerance")) continue;
    groups.insert(entry.at("group").get<std::string>());
    Json without = entry;
    without["input"].erase("featureGates");
    cases.push_back(without);
    for (const Json& nothing : {Json(), Json::object(), Json({{"HPAScaleToZero", nullptr}})}) {
      without["input"]["featureGates"] = nothing;
      cases.push_back(without);
    }
  }
  ASSERT_EQ(groups, (std::set<std::string>{"reconcile", "validation"}));

  for (const VectorResult& result : run(cases)) EXPECT_TRUE(result.passed) << result.id << ": " << result.detail;
}

TEST(HpaVectorsTest, AnUnknownGroupFails) {
  Json entry = vector_file().at("cases").front();
  entry["group"] = "calc.something_else";

  const VectorResult result = run(Json::array({entry})).front();

  EXPECT_FALSE(result.passed);
  EXPECT_EQ(result.detail, "the group \"calc.something_else\" is not known");
}

TEST(HpaVectorsTest, NamesAndIdsDoNotMatter) {
  Json cases = vector_file().at("cases");
  for (Json& entry : cases) {
    entry["id"] = entry["name"] = "the same for all";
    entry.erase("origin");
  }

  for (const VectorResult& result : run(cases)) EXPECT_TRUE(result.passed) << result.group << ": " << result.detail;
}

TEST(HpaVectorsTest, AFailureTellsExpectedAndGot) {
  for (const Json& entry : vector_file().at("cases")) {
    if (entry.at("group") != "norm.stabilize_legacy") continue;
    Json other = entry;
    other["expect"]["replicas"] = 4242;
    const VectorResult result = run(Json::array({other})).front();
    EXPECT_EQ(result.detail.rfind("replicas: expected 4242 got ", 0), 0u) << result.detail;
  }
}

TEST(HpaVectorsTest, ACaseThatIsNoObjectFails) {
  const auto results = run(Json::array({1, Json(), "x", Json::object()}));

  ASSERT_EQ(results.size(), 4u);
  for (const VectorResult& result : results) EXPECT_FALSE(result.passed);
  EXPECT_EQ(results[3].id, "cases[3]");
}

TEST(HpaVectorsTest, WhatIsNoVectorFileIsAnError) {
  for (const char* text : {"{", "{}", "[]", "{\"schema\":\"hpa-vectors/2\",\"cases\":[]}",
                           "{\"schema\":\"hpa-vectors/1\"}", "{\"schema\":\"hpa-vectors/1\",\"cases\":{}}"}) {
    EXPECT_FALSE(run_hpa_vectors(text)) << text;
  }
}

}  // namespace
}  // namespace scaler
