#include "sim/scenario/policy_set.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "common/base/file.h"
#include "common/base/number_format.h"
#include "sim/promql/query.h"

namespace sim {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void complain(const std::string& message) { throw config::FieldError(message); }

constexpr const char* kHpa = "HorizontalPodAutoscaler";

template <class Rules>
bool is(const scaler::PolicySpec& spec) {
  return std::holds_alternative<Rules>(spec.rules);
}

// Whether it steers an HPA of its own file; everything else scales a workload.
bool steers_hpa(const scaler::PolicySpec& spec) {
  return is<scaler::HpaTunerSpec>(spec) || is<scaler::HumanOperatorSpec>(spec) ||
         (is<scaler::ScalingPolicySpec>(spec) && spec.target.kind == kHpa);
}

std::vector<std::string> hpas_of(const PolicyFile& file) {
  std::vector<std::string> names;
  for (const scaler::PolicySpec& spec : file.specs) {
    if (is<scaler::HpaSpec>(spec)) names.push_back(spec.ns + "/" + spec.name);
  }
  return names;
}

std::vector<std::string> scalable(const scaler::PolicySpec& spec, const std::vector<WorkloadSpec>& workloads) {
  std::vector<std::string> names;
  for (const WorkloadSpec& workload : workloads) {
    const std::string path = workload.ns + "/" + workload.name;
    if (!workload.fixed) names.push_back(path);
    if (!workload.mirrors.empty() && path == spec.target_path())
      complain(spec.target_where + ": \"" + path + "\" mirrors \"" + workload.mirrors + "\", nothing else scales it");
    if (workload.fixed && path == spec.target_path())
      complain(spec.target_where + ": \"" + path + "\" is fixed, nothing scales it");
  }
  return names;
}

void check_target(const PolicyFile& file, const scaler::PolicySpec& spec, const std::vector<WorkloadSpec>& workloads) {
  const bool steers = steers_hpa(spec);
  const std::string wanted_kind = steers ? kHpa : "Deployment";
  if (spec.target.kind != wanted_kind) {
    complain(spec.target_where + ": scaleTargetRef.kind must be " + wanted_kind + ", is " + spec.target.kind);
  }
  const std::vector<std::string> known = steers ? hpas_of(file) : scalable(spec, workloads);
  if (std::find(known.begin(), known.end(), spec.target_path()) != known.end()) return;
  std::string list;
  for (const std::string& name : known) list += (list.empty() ? "" : ", ") + ("\"" + name + "\"");
  const std::string there = list.empty() ? "there is none in this file" : "there is " + list;
  const std::string meant = config::did_you_mean(spec.target_path(), known);
  complain(spec.target_where + ": no " + wanted_kind + " \"" + spec.target_path() + "\"; " + there +
           (meant.empty() || known.size() == 1 ? "" : "; did you mean \"" + meant + "\"?"));
}

// Where the object of the spec says what is at `pointer`.
std::string place_in(const PolicyFile& file, const scaler::PolicySpec& spec, const std::string& kind,
                     const std::string& pointer) {
  for (const config::Document& document : file.documents) {
    if (document.value.value("kind", "") != kind) continue;
    if (document.value.at("metadata").value("name", "") == spec.name) return document.locate(pointer);
  }
  return file.path;
}

// A query is asked for the first time in the middle of a replay; what is wrong with it is said before.
void check_queries(const PolicyFile& file, const scaler::PolicySpec& spec) {
  const auto* const keda = std::get_if<scaler::KedaSpec>(&spec.rules);
  if (!keda) return;
  for (std::size_t i = 0; i < keda->triggers.size(); ++i) {
    if (keda->triggers[i].type != scaler::KedaTrigger::Type::kPrometheus) continue;
    const auto query = PromQuery::parse(keda->triggers[i].query);
    if (query) continue;
    const std::string pointer = "/spec/triggers/" + base::format_number(std::uint64_t{i}) + "/metadata/query";
    complain(place_in(file, spec, "ScaledObject", pointer) + ": query: " + query.error().message);
  }
}

// The objects that come with the policies: pods that stand for nothing but the room they take.
void check_companion(const config::Document& document, const std::vector<WorkloadSpec>& workloads) {
  if (document.value.value("kind", "") != "Deployment") return;
  const auto taken = [&](const std::string& pointer, const std::string& name) {
    for (const WorkloadSpec& workload : workloads) {
      if (workload.name == name)
        complain(document.locate(pointer) + ": \"" + name + "\" is a workload of the scenario");
    }
  };
  taken("/metadata/name", document.value.at("metadata").value("name", ""));
  const auto pointer = nlohmann::json::json_pointer("/spec/template/metadata/labels/app");
  if (document.value.contains(pointer) && document.value.at(pointer).is_string()) {
    taken("/spec/template/metadata/labels/app", document.value.at(pointer).get<std::string>());
  }
}

// What steers an HPA beside it is what the user compares, so it gives the name: a tuner before anything else.
const scaler::PolicySpec& naming(const std::vector<scaler::PolicySpec>& specs) {
  for (const auto& gives : {is<scaler::HpaTunerSpec>, is<scaler::HumanOperatorSpec>}) {
    const auto found = std::find_if(specs.begin(), specs.end(), gives);
    if (found != specs.end()) return *found;
  }
  const auto other = std::find_if_not(specs.begin(), specs.end(), is<scaler::HpaSpec>);
  return other == specs.end() ? specs.front() : *other;
}

PolicyFile read_policy_file(const fs::path& path, const std::vector<WorkloadSpec>& workloads) {
  PolicyFile file;
  file.path = path.string();
  auto text = base::read_file(path);
  if (!text) complain(text.error().message);
  file.text = std::move(*text);
  auto documents = scaler::parse_objects(file.text, file.path);
  if (!documents) complain(documents.error().message);
  file.documents = std::move(*documents);
  auto specs = scaler::load_policies(path);
  if (!specs) complain(specs.error().message);
  file.specs = std::move(*specs);
  for (const scaler::PolicySpec& spec : file.specs) {
    check_target(file, spec, workloads);
    check_queries(file, spec);
  }
  for (const config::Document& document : file.documents) check_companion(document, workloads);
  file.name = naming(file.specs).name;
  return file;
}

}  // namespace

std::vector<PolicyFile> read_policies(config::Fields& spec, const fs::path& folder,
                                      const std::vector<std::string>& instead,
                                      const std::vector<WorkloadSpec>& workloads) {
  const std::vector<std::string> named = spec.texts_or_none("policies");
  std::vector<PolicyFile> files;
  const std::vector<std::string>& wanted = instead.empty() ? named : instead;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const fs::path path = instead.empty() ? folder / wanted[i] : fs::path(wanted[i]);
    const std::string place = instead.empty()
                                  ? spec.document().locate("/spec/policies/" + base::format_number(std::uint64_t{i}))
                                  : "--policy";
    if (auto text = base::read_file(path); !text) {
      complain(place + (instead.empty() ? ": policy " : " ") + text.error().message);
    }
    files.push_back(read_policy_file(path, workloads));
    for (std::size_t j = 0; j < i; ++j) {
      if (files[j].name == files[i].name) {
        complain(place + ": " + files[i].path + " and " + files[j].path + " both name their policy \"" + files[i].name +
                 "\"; names must differ");
      }
    }
  }
  return files;
}

}  // namespace sim
