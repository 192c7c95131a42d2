// Configuration, nodes, events, leases.
#include <algorithm>

#include "fake-apiserver/api/base64.h"
#include "fake-apiserver/kinds/names.h"
#include "fake-apiserver/kinds/object_rules.h"

namespace fakeapi {
namespace {

constexpr std::size_t kMostDataBytes = 1024 * 1024;
constexpr const char* kFrozen = "field is immutable when `immutable` is set";

// A key of data that a type of secret cannot do without.
struct SecretKey {
  const char* type;
  const char* key;
};
constexpr SecretKey kSecretKeys[] = {{"kubernetes.io/dockercfg", ".dockercfg"},
                                     {"kubernetes.io/dockerconfigjson", ".dockerconfigjson"},
                                     {"kubernetes.io/ssh-auth", "ssh-privatekey"},
                                     {"kubernetes.io/tls", "tls.crt"},
                                     {"kubernetes.io/tls", "tls.key"}};

std::size_t check_entries(Problems& problems, const FieldPath& path, const Json& entries) {
  std::size_t bytes = 0;
  if (!entries.is_object()) return bytes;
  for (auto entry = entries.begin(); entry != entries.end(); ++entry) {
    problems.invalid_all(path.key(entry.key()), entry.key(), config_key_problems(entry.key()));
    bytes += view_of(*entry).size();
  }
  return bytes;
}

void check_frozen(Problems& problems, const Json& object, const Json* before, std::initializer_list<const char*> keys) {
  if (!before || member(*before, "immutable") != true) return;
  if (member(object, "immutable") != true) problems.forbidden(FieldPath("immutable"), kFrozen);
  for (const char* key : keys) {
    const Json& now = member(object, key);
    const Json& old = member(*before, key);
    if (now != old && !(now.empty() && old.empty())) problems.forbidden(FieldPath(key), kFrozen);
  }
}

}  // namespace

void check_config_map(Problems& problems, const Json& object, const Json* before) {
  const FieldPath data("data");
  const FieldPath binary("binaryData");
  const Json& texts = member(object, "data");
  const Json& bytes = member(object, "binaryData");
  std::size_t size = check_entries(problems, data, texts);
  size += check_entries(problems, binary, bytes) / 4 * 3;
  if (texts.is_object() && bytes.is_object()) {
    for (auto entry = bytes.begin(); entry != bytes.end(); ++entry) {
      if (texts.contains(entry.key())) {
        problems.invalid(data.key(entry.key()), entry.key(), "duplicate of key present in binaryData");
      }
    }
  }
  if (size > kMostDataBytes) problems.too_long(FieldPath(""), kMostDataBytes);
  check_frozen(problems, object, before, {"data", "binaryData"});
}

void check_secret(Problems& problems, const Json& object, const Json* before) {
  const FieldPath path("data");
  const Json& data = member(object, "data");
  if (check_entries(problems, path, data) / 4 * 3 > kMostDataBytes) problems.too_long(path, kMostDataBytes);
  const Json& type = member(object, "type");
  for (const SecretKey& needed : kSecretKeys) {
    if (type == needed.type && member(data, needed.key).is_null()) problems.required(path.key(needed.key));
  }
  if (type == "kubernetes.io/service-account-token") {
    const FieldPath metadata("metadata");
    const FieldPath annotations = metadata / "annotations";
    constexpr const char* kAccount = "kubernetes.io/service-account.name";
    if (text_at(object, {"metadata", "annotations", kAccount}).empty()) problems.required(annotations.key(kAccount));
  }
  if (type == "kubernetes.io/basic-auth" && member(data, "username").is_null() && member(data, "password").is_null()) {
    problems.required(path.key("username"));
    problems.required(path.key("password"));
  }
  if (before && type != member(*before, "type")) problems.invalid(FieldPath("type"), type, kImmutable);
  check_frozen(problems, object, before, {"data"});
}

void check_node(Problems& problems, const Json& object, const Json* before) {
  const FieldPath path("spec");
  const FieldPath taints = path / "taints";
  std::vector<std::string> pairs;
  for_each_item(at_path(object, {"spec", "taints"}), [&](const Json& taint, std::size_t i) {
    const FieldPath item = taints[i];
    const std::string_view key = view_at(taint, "key");
    const Json& effect = member(taint, "effect");
    problems.invalid_all(item / "key", key, qualified_name_problems(key));
    problems.invalid_all(item / "value", member(taint, "value"), label_value_problems(view_at(taint, "value")));
    if (is_unset(effect)) {
      problems.required(item / "effect");
    } else {
      problems.check_choice(item / "effect", effect, {"NoSchedule", "PreferNoSchedule", "NoExecute"});
    }
    std::string pair = std::string(key) + ":" + std::string(view_of(effect));
    if (std::find(pairs.begin(), pairs.end(), pair) != pairs.end()) problems.duplicate(item, taint);
    pairs.push_back(std::move(pair));
  });
  if (!before) return;
  for (const char* key : {"podCIDR", "providerID"}) {
    const Json& old = at_path(*before, {"spec", key});
    if (!is_unset(old) && old != at_path(object, {"spec", key})) {
      problems.forbidden(path / key, "node updates may not change " + std::string(key) + " except from \"\" to valid");
    }
  }
}

// Events of cluster objects live in "default"; all others with what they are about.
void check_event(Problems& problems, const Json& object, const Json* before) {
  if (before) return;
  const FieldPath about("involvedObject");
  const std::string ns = text_at(object, {"metadata", "namespace"});
  const std::string of = text_at(object, {"involvedObject", "namespace"});
  if (of.empty()) {
    if (ns != "default" && ns != "kube-system" && !ns.empty()) {
      problems.invalid(about / "namespace", of, "does not match event.namespace");
    }
  } else if (of != ns) {
    problems.invalid(about / "namespace", of, "does not match event.namespace");
  }
}

void check_lease(Problems& problems, const Json& object, const Json*) {
  const FieldPath path("spec");
  const Json& spec = member(object, "spec");
  const Json& holder = member(spec, "holderIdentity");
  const Json& duration = member(spec, "leaseDurationSeconds");
  if (duration.is_number_integer() && duration <= 0) {
    problems.invalid(path / "leaseDurationSeconds", duration, "must be greater than 0");
  }
  problems.check_not_negative(path / "leaseTransitions", member(spec, "leaseTransitions"));
  if (holder == "" && !member(spec, "strategy").is_null())
    problems.invalid(path / "holderIdentity", holder, "must not be empty");
}

}  // namespace fakeapi
