#include "sim/scenario/policy_set.h"

#include <algorithm>

#include "common/base/file.h"
#include "common/base/number_format.h"

namespace sim {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void complain(const std::string& message) { throw config::FieldError(message); }

bool is_tuner(const scaler::PolicySpec& spec) { return std::holds_alternative<scaler::HpaTunerSpec>(spec.rules); }

// A tuner scales an HPA of its own file; everything else a workload.
void check_target(const PolicyFile& file, const scaler::PolicySpec& spec, const std::vector<WorkloadSpec>& workloads) {
  std::vector<std::string> known;
  if (is_tuner(spec)) {
    for (const scaler::PolicySpec& other : file.specs) {
      if (std::holds_alternative<scaler::HpaSpec>(other.rules)) known.push_back(other.ns + "/" + other.name);
    }
  } else {
    for (const WorkloadSpec& workload : workloads) {
      const std::string path = workload.ns + "/" + workload.name;
      if (!workload.fixed) known.push_back(path);
      if (!workload.mirrors.empty() && path == spec.target_path())
        complain(spec.target_where + ": \"" + path + "\" mirrors \"" + workload.mirrors + "\", nothing else scales it");
      if (workload.fixed && path == spec.target_path())
        complain(spec.target_where + ": \"" + path + "\" is fixed, nothing scales it");
    }
  }
  const std::string wanted_kind = is_tuner(spec) ? "HorizontalPodAutoscaler" : "Deployment";
  if (spec.target.kind != wanted_kind) {
    complain(spec.target_where + ": scaleTargetRef.kind must be " + wanted_kind + ", is " + spec.target.kind);
  }
  if (std::find(known.begin(), known.end(), spec.target_path()) != known.end()) return;
  std::string list;
  for (const std::string& name : known) list += (list.empty() ? "" : ", ") + ("\"" + name + "\"");
  const std::string there = list.empty() ? "there is none in this file" : "there is " + list;
  const std::string meant = config::did_you_mean(spec.target_path(), known);
  complain(spec.target_where + ": no " + wanted_kind + " \"" + spec.target_path() + "\"; " + there +
           (meant.empty() || known.size() == 1 ? "" : "; did you mean \"" + meant + "\"?"));
}

PolicyFile load_policy_file(const fs::path& path, const std::vector<WorkloadSpec>& workloads) {
  PolicyFile file;
  file.path = path.string();
  auto text = base::read_file(path);
  if (!text) complain(text.error().message);
  file.text = std::move(*text);
  auto documents = config::parse_yaml(file.text, file.path);
  if (!documents) complain(documents.error().message);
  file.documents = std::move(*documents);
  auto specs = scaler::load_policies(path);
  if (!specs) complain(specs.error().message);
  file.specs = std::move(*specs);
  for (const scaler::PolicySpec& spec : file.specs) check_target(file, spec, workloads);
  // A tuner beside its HPA is what the user compares, so it gives the name.
  const auto tuner = std::find_if(file.specs.begin(), file.specs.end(), is_tuner);
  file.name = tuner == file.specs.end() ? file.specs.front().name : tuner->name;
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
    files.push_back(load_policy_file(path, workloads));
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
