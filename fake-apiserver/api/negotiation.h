// What form of an answer the client's Accept header asks for.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace fakeapi {

enum class Form { kObject, kTable, kPartialMetadata };
enum class IncludeObject { kNone, kMetadata, kObject };

struct OutputFormat {
  Form form = Form::kObject;
  std::string meta_version = "v1";                          // of meta.k8s.io, for tables and partial metadata
  IncludeObject include_object = IncludeObject::kMetadata;  // in a table's rows

  bool operator==(const OutputFormat&) const = default;
};

// The first entry of `accept` that can be produced; nullopt if there is none. An empty header accepts anything.
// `list` tells whether the answer is a collection: partial metadata has two kinds.
std::optional<OutputFormat> negotiate(std::string_view accept, bool list);

// Whether an answer of the media type may be sent; an empty header accepts anything. By name: wild cards do not count.
bool accepts(std::string_view accept, std::string_view type);
bool accepts_by_name(std::string_view accept, std::string_view type);

// "v2", "v2beta1" or "" for the legacy documents; nullopt if nothing fits.
std::optional<std::string> negotiate_discovery(std::string_view accept);

}  // namespace fakeapi
