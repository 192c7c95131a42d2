// The rules for metadata that all kinds share. Pure functions.
#pragma once

#include "fake-apiserver/api/resource_registry.h"
#include "fake-apiserver/kinds/problems.h"

namespace fakeapi {

// `before` is the stored object of an update, null for a creation.
void check_metadata(Problems& problems, const ResourceInfo& info, const Json& object, const Json* before);

// Of an object or a template.
void check_labels(Problems& problems, const FieldPath& path, const Json& labels);
void check_annotations(Problems& problems, const FieldPath& path, const Json& annotations);
// A LabelSelector with matchLabels and matchExpressions.
void check_label_selector(Problems& problems, const FieldPath& path, const Json& selector);

}  // namespace fakeapi
