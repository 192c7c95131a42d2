// The rules for pods and for the templates of pods. Pure functions.
#pragma once

#include "fake-apiserver/kinds/problems.h"

namespace fakeapi {

void check_pod(Problems& problems, const Json& object, const Json* before);
// A PodSpec, of a pod or a template.
void check_pod_spec(Problems& problems, const FieldPath& path, const Json& spec);
// Metadata and spec of a template.
void check_pod_template(Problems& problems, const FieldPath& path, const Json& pod_template);

// The name of one of a list: it must be there, a label, and not in `names`, where it is put.
void check_list_name(Problems& problems, const FieldPath& path, const Json& named,
                     std::vector<std::string_view>& names);

// Parts of the above, one file each.
void check_containers(Problems& problems, const FieldPath& path, const Json& spec);
void check_scheduling(Problems& problems, const FieldPath& path, const Json& spec);
void check_volumes(Problems& problems, const FieldPath& path, const Json& volumes);
// A path on a machine, which has no "..".
void check_no_steps_back(Problems& problems, const FieldPath& path, const Json& folder);
void check_resources(Problems& problems, const FieldPath& path, const Json& resources);

}  // namespace fakeapi
