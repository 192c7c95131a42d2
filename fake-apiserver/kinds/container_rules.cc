#include <algorithm>

#include "fake-apiserver/kinds/names.h"
#include "fake-apiserver/kinds/pod_rules.h"
#include "fake-apiserver/kinds/quantity.h"

namespace fakeapi {
namespace {

constexpr std::int64_t kLastPort = 65535;

void check_port_number(Problems& problems, const FieldPath& path, const Json& port) {
  problems.check_range(path, port, 1, kLastPort);
}

void check_port(Problems& problems, const FieldPath& path, const Json& port) {
  const Json& number = member(port, "containerPort");
  if (is_unset(number)) {
    problems.required(path / "containerPort");
  } else {
    check_port_number(problems, path / "containerPort", number);
  }
  if (!is_unset(member(port, "hostPort"))) check_port_number(problems, path / "hostPort", member(port, "hostPort"));
  problems.check_choice(path / "protocol", member(port, "protocol"), {"SCTP", "TCP", "UDP"});
}

void check_ports(Problems& problems, const FieldPath& path, const Json& ports) {
  std::vector<std::string_view> names;
  for_each_item(ports, [&](const Json& port, std::size_t i) {
    const FieldPath item = path[i];
    const std::string_view name = view_at(port, "name");
    if (!name.empty()) {
      const NameProblems wrong = port_name_problems(name);
      problems.invalid_all(item / "name", name, wrong);
      if (wrong.empty() && std::find(names.begin(), names.end(), name) != names.end()) {
        problems.duplicate(item / "name", name);
      }
      names.push_back(name);
    }
    check_port(problems, item, port);
  });
}

void check_env_source(Problems& problems, const FieldPath& path, const Json& variable) {
  const Json& source = member(variable, "valueFrom");
  if (source.is_null()) return;
  if (!view_at(variable, "value").empty()) {
    problems.invalid(path, "", "may not be specified when `value` is not empty");
  }
  int sources = 0;
  for (const char* key : {"fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef"}) {
    const Json& reference = member(source, key);
    if (!reference.is_object()) continue;
    ++sources;
    const FieldPath at = path / key;
    if (std::string_view(key).ends_with("KeyRef")) {
      if (view_at(reference, "name").empty()) problems.required(at / "name");
      if (view_at(reference, "key").empty()) {
        problems.required(at / "key");
      } else {
        problems.invalid_all(at / "key", view_at(reference, "key"), config_key_problems(view_at(reference, "key")));
      }
    } else if (std::string_view(key) == "fieldRef" && view_at(reference, "fieldPath").empty()) {
      problems.required(at / "fieldPath");
    } else if (std::string_view(key) == "resourceFieldRef" && view_at(reference, "resource").empty()) {
      problems.required(at / "resource");
    }
  }
  if (sources == 0) {
    problems.invalid(path, "",
                     "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`");
  } else if (sources > 1) {
    problems.invalid(path, "", "may not have more than one field specified at a time");
  }
}

void check_env(Problems& problems, const FieldPath& path, const Json& variables) {
  for_each_item(variables, [&](const Json& variable, std::size_t i) {
    const FieldPath item = path[i];
    const std::string_view name = view_at(variable, "name");
    if (name.empty()) {
      problems.required(item / "name");
    } else {
      problems.invalid_all(item / "name", name, env_name_problems(name));
    }
    check_env_source(problems, item / "valueFrom", variable);
  });
}

void check_mounts(Problems& problems, const FieldPath& path, const Json& mounts, const Json& volumes) {
  std::vector<std::string_view> mounted;
  for_each_item(mounts, [&](const Json& mount, std::size_t i) {
    const FieldPath item = path[i];
    const std::string_view name = view_at(mount, "name");
    const std::string_view where = view_at(mount, "mountPath");
    const bool known = volumes.is_array() && std::any_of(volumes.begin(), volumes.end(), [&](const Json& volume) {
                         return view_at(volume, "name") == name;
                       });
    if (name.empty()) {
      problems.required(item / "name");
    } else if (!known) {
      problems.not_found(item / "name", name);
    }
    if (where.empty()) problems.required(item / "mountPath");
    if (std::find(mounted.begin(), mounted.end(), where) != mounted.end()) {
      problems.invalid(item / "mountPath", where, "must be unique");
    }
    mounted.push_back(where);
    if (!view_at(mount, "subPath").empty() && !view_at(mount, "subPathExpr").empty()) {
      problems.invalid(item / "subPathExpr", view_at(mount, "subPathExpr"),
                       "subPathExpr and subPath are mutually exclusive");
    }
  });
}

void check_handler(Problems& problems, const FieldPath& path, const Json& handler) {
  std::string first;
  for (const char* key : {"exec", "httpGet", "tcpSocket", "grpc", "sleep"}) {
    const Json& action = member(handler, key);
    if (!action.is_object()) continue;
    const FieldPath at = path / key;
    if (!first.empty()) {
      problems.forbidden(at, "may not specify more than 1 handler type");
      continue;
    }
    first = key;
    if (first == "exec" && member(action, "command").empty()) problems.required(at / "command");
    if (first == "httpGet") {
      if (view_at(action, "path").empty()) problems.required(at / "path");
      problems.check_choice(at / "scheme", member(action, "scheme"), {"HTTP", "HTTPS"});
    }
    if (first == "exec" || first == "sleep") continue;
    const Json& port = member(action, "port");
    if (port.is_string()) {
      problems.invalid_all(at / "port", port, port_name_problems(view_of(port)));
    } else {
      check_port_number(problems, at / "port", port.is_null() ? Json(0) : port);
    }
  }
  if (first.empty()) problems.required(path, "must specify a handler type");
}

void check_probe(Problems& problems, const FieldPath& path, const Json& probe, bool succeeds_once) {
  if (!probe.is_object()) return;
  check_handler(problems, path, probe);
  for (const char* key :
       {"initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"}) {
    problems.check_not_negative(path / key, member(probe, key));
  }
  const Json& successes = member(probe, "successThreshold");
  if (succeeds_once && successes.is_number_integer() && successes != 1) {
    problems.invalid(path / "successThreshold", successes, "must be 1");
  }
}

void check_lifecycle(Problems& problems, const FieldPath& path, const Json& lifecycle) {
  for (const char* key : {"postStart", "preStop"}) {
    if (member(lifecycle, key).is_object()) check_handler(problems, path / key, member(lifecycle, key));
  }
}

void check_image(Problems& problems, const FieldPath& path, const Json& container) {
  const std::string_view image = view_at(container, "image");
  if (image.empty()) {
    problems.required(path / "image");
  } else if (image.front() == ' ' || image.back() == ' ') {
    problems.invalid(path / "image", image, "must not have leading or trailing whitespace");
  }
}

enum class Role { kInit, kMain, kEphemeral };

void check_container(Problems& problems, const FieldPath& path, const Json& container, const Json& volumes, Role role) {
  check_image(problems, path, container);
  problems.check_choice(path / "terminationMessagePolicy", member(container, "terminationMessagePolicy"),
                        {"FallbackToLogsOnError", "File"});
  if (view_at(container, "terminationMessagePath").empty()) problems.required(path / "terminationMessagePath");
  check_ports(problems, path / "ports", member(container, "ports"));
  check_env(problems, path / "env", member(container, "env"));
  check_mounts(problems, path / "volumeMounts", member(container, "volumeMounts"), volumes);
  problems.check_choice(path / "imagePullPolicy", member(container, "imagePullPolicy"),
                        {"Always", "IfNotPresent", "Never"});
  check_resources(problems, path / "resources", member(container, "resources"));
  const Json& restart = member(container, "restartPolicy");
  if (!restart.is_null()) {
    if (role == Role::kInit) {
      problems.check_choice(path / "restartPolicy", restart, {"Always"});
    } else {
      problems.forbidden(path / "restartPolicy", "may not be set for non-init containers");
    }
  }
  const bool probed = role == Role::kMain || (role == Role::kInit && restart == "Always");
  for (const char* key : {"livenessProbe", "readinessProbe", "startupProbe"}) {
    const Json& probe = member(container, key);
    if (probe.is_null()) continue;
    if (probed) {
      check_probe(problems, path / key, probe, std::string_view(key) != "readinessProbe");
    } else if (role == Role::kInit) {
      problems.forbidden(path / key, "may not be set for init containers without restartPolicy=Always");
    } else {
      problems.forbidden(path / key, "cannot be set for an Ephemeral Container");
    }
  }
  const FieldPath lifecycle = path / "lifecycle";
  if (probed) {
    check_lifecycle(problems, lifecycle, member(container, "lifecycle"));
  } else if (!member(container, "lifecycle").is_null()) {
    problems.forbidden(lifecycle, role == Role::kInit
                                      ? "may not be set for init containers without restartPolicy=Always"
                                      : "cannot be set for an Ephemeral Container");
  }
}

bool is_resource_name(std::string_view name) {
  return name == "cpu" || name == "memory" || name == "ephemeral-storage" || name.starts_with("hugepages-");
}

void check_amounts(Problems& problems, const FieldPath& path, const Json& amounts) {
  if (!amounts.is_object()) return;
  for (auto amount = amounts.begin(); amount != amounts.end(); ++amount) {
    const std::string& name = amount.key();
    const FieldPath item = path.key(name);
    if (!is_resource_name(name)) {
      const NameProblems wrong = qualified_name_problems(name);
      problems.invalid_all(item, name, wrong);
      if (wrong.empty() && name.find('/') == std::string::npos) {
        problems.invalid(item, name, "must be a standard resource type or fully qualified");
        problems.invalid(item, name, "must be a standard resource for containers");
      }
    }
    const auto quantity = parse_quantity(view_of(*amount));
    if (quantity && quantity->nano < 0) problems.invalid(item, *amount, kNotNegative);
  }
}

}  // namespace

void check_resources(Problems& problems, const FieldPath& path, const Json& resources) {
  if (!resources.is_object()) return;
  const Json& limits = member(resources, "limits");
  const Json& requests = member(resources, "requests");
  const FieldPath requests_path = path / "requests";
  check_amounts(problems, path / "limits", limits);
  check_amounts(problems, requests_path, requests);
  if (!limits.is_object() || !requests.is_object()) return;
  for (auto request = requests.begin(); request != requests.end(); ++request) {
    const Json& limit = member(limits, request.key());
    if (limit.is_null() || limit == *request) continue;
    const auto most = parse_quantity(view_of(limit));
    const auto wanted = parse_quantity(view_of(*request));
    if (most && wanted && wanted->nano > most->nano) {
      problems.invalid(requests_path, *request,
                       "must be less than or equal to " + request.key() + " limit of " + std::string(view_of(limit)));
    }
  }
}

void check_containers(Problems& problems, const FieldPath& path, const Json& spec) {
  struct Group {
    const char* key;
    Role role;
  };
  constexpr Group kGroups[] = {
      {"containers", Role::kMain}, {"initContainers", Role::kInit}, {"ephemeralContainers", Role::kEphemeral}};
  const Json& volumes = member(spec, "volumes");
  const Json& containers = member(spec, "containers");
  if (!containers.is_array() || containers.empty()) problems.required(path / "containers");
  std::vector<std::string_view> names;
  for (const Group& group : kGroups) {
    const FieldPath list = path / group.key;
    for_each_item(member(spec, group.key), [&](const Json& container, std::size_t i) {
      const FieldPath item = list[i];
      check_list_name(problems, item / "name", container, names);
      check_container(problems, item, container, volumes, group.role);
    });
  }
}

}  // namespace fakeapi
