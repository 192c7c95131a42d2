#include "fake-apiserver/api/negotiation.h"

#include <map>
#include <vector>

#include "fake-apiserver/api/body.h"

namespace fakeapi {
namespace {

struct MediaRange {
  std::string type;
  std::map<std::string, std::string> parameters;

  std::string parameter(const std::string& name) const {
    const auto found = parameters.find(name);
    return found == parameters.end() ? "" : found->second;
  }
};

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t end = text.find(separator);
    parts.push_back(trim(text.substr(0, end)));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

// "0", "0.0", "0.000": the client says that it does not want this.
bool is_refused(const MediaRange& range) {
  const std::string weight = range.parameter("q");
  return !weight.empty() && weight.find_first_not_of("0.") == std::string::npos;
}

std::vector<MediaRange> parse(std::string_view accept) {
  std::vector<MediaRange> ranges;
  bool any = false;
  for (const std::string_view entry : split(accept, ',')) {
    if (entry.empty()) continue;
    MediaRange range;
    range.type = media_type(entry);
    const auto parts = split(entry, ';');
    for (std::size_t i = 1; i < parts.size(); ++i) {
      const std::size_t equals = parts[i].find('=');
      if (equals == std::string_view::npos) continue;
      range.parameters.emplace(trim(parts[i].substr(0, equals)), trim(parts[i].substr(equals + 1)));
    }
    any = true;
    if (!is_refused(range)) ranges.push_back(std::move(range));
  }
  if (!any) ranges.push_back(MediaRange{"*/*", {}});
  return ranges;
}

bool is_json(const MediaRange& range) {
  return range.type == "application/json" || range.type == "*/*" || range.type == "application/*";
}

}  // namespace

std::optional<OutputFormat> negotiate(std::string_view accept, bool list) {
  for (const MediaRange& range : parse(accept)) {
    if (!is_json(range)) continue;
    OutputFormat format;
    const std::string as = range.parameter("as");
    if (as.empty()) return format;
    format.meta_version = range.parameter("v");
    const bool known_version = format.meta_version == "v1" || format.meta_version == "v1beta1";
    if (!known_version || range.parameter("g") != "meta.k8s.io") continue;
    if (as == "Table") {
      format.form = Form::kTable;
      return format;
    }
    if (as == (list ? "PartialObjectMetadataList" : "PartialObjectMetadata")) {
      format.form = Form::kPartialMetadata;
      return format;
    }
  }
  return std::nullopt;
}

bool accepts(std::string_view accept, std::string_view type) {
  const std::string group = std::string(type.substr(0, type.find('/'))) + "/*";
  for (const MediaRange& range : parse(accept)) {
    if (range.type == type || range.type == "*/*" || range.type == group) return true;
  }
  return false;
}

bool accepts_by_name(std::string_view accept, std::string_view type) {
  for (const MediaRange& range : parse(accept)) {
    if (range.type == type) return true;
  }
  return false;
}

std::optional<std::string> negotiate_discovery(std::string_view accept) {
  for (const MediaRange& range : parse(accept)) {
    if (!is_json(range)) continue;
    if (range.parameter("as").empty()) return "";
    const std::string version = range.parameter("v");
    const bool known = version == "v2" || version == "v2beta1";
    if (range.parameter("as") == "APIGroupDiscoveryList" && range.parameter("g") == "apidiscovery.k8s.io" && known) {
      return version;
    }
  }
  return std::nullopt;
}

}  // namespace fakeapi
