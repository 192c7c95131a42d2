// Objects to the text of answers, in the version and form that the client asked for. Pure functions of their arguments.
#pragma once

#include <string>
#include <vector>

#include "fake-apiserver/api/negotiation.h"
#include "fake-apiserver/api/resource_registry.h"

namespace fakeapi {

// How one client sees a resource.
struct View {
  const ResourceInfo* info = nullptr;  // of the registry
  std::string version;
  OutputFormat format;

  bool operator==(const View&) const = default;
};

struct ListMetadata {
  Revision revision = 0;
  std::string continue_token;
  std::optional<std::size_t> remaining;
};

std::string render_object(const View& view, const ObjectState& object, base::Time now);
std::string render_list(const View& view, const std::vector<ObjectState>& objects, const ListMetadata& metadata,
                        base::Time now);

// One line of a watch. `with_columns`: the first table of a watch defines the columns, later ones leave them out.
std::string render_event(const View& view, EventType type, const ObjectState& object, bool with_columns,
                         base::Time now);
std::string render_bookmark(const View& view, Revision revision, bool end_of_initial_events);
std::string render_error_event(const Json& status);

}  // namespace fakeapi
