#include "fake-apiserver/controllers/trace_test_support.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <initializer_list>
#include <map>
#include <set>

#include "fake-apiserver/controllers/object_fields.h"
#include "fake-apiserver/controllers/resources.h"

namespace fakeapi::trace {
namespace {

bool is_marked(const std::string& line) {
  return line.starts_with("? ") || line.starts_with("x ") || line.starts_with("> ");
}

std::string without_mark(const std::string& line) { return is_marked(line) ? line.substr(2) : line; }

std::string object_of(const std::string& line) {
  const std::string plain = without_mark(line);
  return plain.substr(0, plain.find(": "));
}

// Events of one reason in a row are written side by side: their order says nothing.
void sort_alike(Lines& events) {
  const auto reason = [](const std::string& line) {
    const std::string plain = without_mark(line);
    const std::size_t type = plain.find(' ', plain.find(": + ") + 4);
    return plain.substr(0, plain.find(' ', type + 1));
  };
  for (auto from = events.begin(); from != events.end();) {
    const auto to = std::find_if(from, events.end(), [&](const auto& line) { return reason(line) != reason(*from); });
    std::sort(from, to);
    from = to;
  }
}

std::map<std::string, Lines> by_object(const Lines& lines) {
  std::map<std::string, Lines> objects;
  for (const std::string& line : lines) objects[object_of(line)].push_back(line);
  for (auto& [object, of_object] : objects) {
    if (object.starts_with("events set ")) sort_alike(of_object);
  }
  return objects;
}

// Whether `seen` is one of the sequences that `recorded` stands for, from these places on.
bool follows(const Lines& recorded, std::size_t r, const Lines& seen, std::size_t s) {
  if (r == recorded.size()) return s == seen.size();
  const std::string& line = recorded[r];
  if (is_marked(line) && follows(recorded, r + 1, seen, s)) return true;
  if (line.starts_with("x ")) return false;
  return s < seen.size() && seen[s] == without_mark(line) && follows(recorded, r + 1, seen, s + 1);
}

std::string joined(const Lines& lines) {
  std::string text;
  for (const std::string& line : lines) text += "  " + line + "\n";
  return text;
}

std::string count_text(const Json& object, FieldPath path) {
  const Json* field = field_at(object, path);
  return field ? std::to_string(field->get<std::int64_t>()) : "-";
}

std::string counts(const Json& object, std::initializer_list<const char*> fields) {
  std::string text = count_text(object, {"metadata", "generation"}) + " " +
                     count_text(object, {"status", "observedGeneration"}) + " " +
                     count_text(object, {"spec", "replicas"}) + " |";
  for (const char* field : fields) text += " " + count_text(object, {"status", field});
  return text + " |";
}

std::string conditions_of(const Json& object) {
  std::string text;
  const Json* conditions = field_at(object, {"status", "conditions"});
  if (!conditions) return text;
  for (const Json& condition : *conditions) {
    const std::string reason = text_at(condition, {"reason"});
    text += " " + text_at(condition, {"type"}) + "/" + text_at(condition, {"status"});
    if (!reason.empty()) text += "/" + reason;
  }
  return text;
}

std::string set_text(const Json& object) {
  std::string text = counts(object, {"replicas", "fullyLabeledReplicas", "readyReplicas", "availableReplicas"});
  for (const char* name : {"desired-replicas", "max-replicas", "revision"}) {
    text += " " + text_at(object, {"metadata", "annotations", std::string("deployment.kubernetes.io/") + name});
  }
  return text;
}

std::string pod_text(const Json& pod, base::Time now) {
  std::string text = text_or(pod, {"status", "phase"}, "Pending");
  const std::string nominated = text_at(pod, {"status", "nominatedNodeName"});
  if (!nominated.empty()) text += " nominated " + nominated;
  const std::string node = text_at(pod, {"spec", "nodeName"});
  if (!node.empty()) text += " on " + node;
  if (const auto end = time_at(pod, {"metadata", "deletionTimestamp"})) {
    const auto left = *end - std::chrono::floor<std::chrono::seconds>(now);
    text += " going in " + std::to_string(std::chrono::duration_cast<std::chrono::seconds>(left).count());
  }
  return text + " |" + conditions_of(pod);
}

std::string endpoints_text(const Json& object) {
  std::string text;
  const Json* subsets = field_at(object, {"subsets"});
  if (!subsets) return "none";
  for (const Json& subset : *subsets) {
    const auto size = [&](const char* list) {
      const Json* addresses = field_at(subset, {list});
      return std::to_string(addresses ? addresses->size() : 0);
    };
    text += (text.empty() ? "" : " + ") + size("addresses") + " ready, " + size("notReadyAddresses") + " not";
  }
  return text.empty() ? "none" : text;
}

std::string slice_text(const Json& object) {
  Lines pods;
  for (const Json& endpoint : at_path(object, {"endpoints"})) {
    const bool ready = bool_at(endpoint, {"conditions", "ready"});
    pods.push_back(text_at(endpoint, {"targetRef", "name"}) + (ready ? "" : " not ready"));
  }
  std::string text;
  for (const std::string& pod : pods) text += (text.empty() ? "" : ", ") + pod;
  return pods.empty() ? "none" : text;
}

}  // namespace

Recording read_recording(const std::string& path) {
  std::ifstream file(path);
  EXPECT_TRUE(file) << path;
  Recording recording;
  bool order = false;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#') continue;
    if (line == "[order]") {
      order = true;
    } else if (order) {
      const std::size_t at = line.find(" < ");
      EXPECT_NE(at, std::string::npos) << line;
      recording.order.emplace_back(line.substr(0, at), line.substr(at + 3));
    } else {
      recording.lines.push_back(line);
    }
  }
  return recording;
}

std::string difference(const Recording& recorded, const Lines& seen) {
  std::string text;
  auto expected = by_object(recorded.lines);
  auto found = by_object(seen);
  for (const auto& [object, lines] : found) (void)expected[object];
  for (const auto& [object, lines] : expected) {
    if (follows(lines, 0, found[object], 0)) continue;
    text += object + " was recorded as\n" + joined(lines) + "and is\n" + joined(found[object]);
  }
  const auto place = [](const Lines& lines, const std::string& line) {
    return std::find_if(lines.begin(), lines.end(), [&](const auto& other) { return without_mark(other) == line; }) -
           lines.begin();
  };
  for (const auto& [cause, effect] : recorded.order) {
    for (const Lines* lines : {&recorded.lines, &seen}) {
      const auto at = place(*lines, effect);
      if (place(*lines, cause) < at && at < static_cast<std::ptrdiff_t>(lines->size())) continue;
      text +=
          std::string(lines == &seen ? "" : "the recording itself: ") + "not before: " + cause + " < " + effect + "\n";
    }
  }
  return text;
}

std::string line_of(const StoreEvent& event, const std::string& who, base::Time now) {
  const Json& object = *event.object;
  const char* sign = event.type == EventType::kAdded ? "+ " : event.type == EventType::kModified ? "~ " : "- ";
  std::string what;
  if (event.resource == resources::kDeployments) {
    what =
        counts(object, {"replicas", "updatedReplicas", "readyReplicas", "availableReplicas", "unavailableReplicas"}) +
        conditions_of(object);
  } else if (event.resource == resources::kReplicaSets) {
    what = set_text(object);
  } else if (event.resource == resources::kPods) {
    what = pod_text(object, now);
  } else if (event.resource == resources::kEvents) {
    what = text_at(object, {"type"}) + " " + text_at(object, {"reason"}) + " " + text_at(object, {"message"});
  } else {
    what = std::string(event.resource.plural) == "endpoints" ? endpoints_text(object) : slice_text(object);
  }
  return who + ": " + sign + what;
}

std::string kind_of(const std::string& kind) {
  if (kind == "Deployment") return "deployment";
  if (kind == "ReplicaSet") return "set";
  return kind == "Pod" ? "pod" : "service";
}

std::string renamed(std::string text, const std::vector<std::pair<std::string, std::string>>& names) {
  for (const auto& [from, to] : names) {
    for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
      const char next = at + from.size() < text.size() ? text[at + from.size()] : ' ';
      if (next == '-' || (next >= 'a' && next <= 'z') || (next >= '0' && next <= '9')) continue;
      text.replace(at, from.size(), to);
    }
  }
  return text;
}

}  // namespace fakeapi::trace
