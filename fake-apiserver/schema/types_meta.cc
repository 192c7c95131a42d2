// The messages of all groups: metadata, selectors, options, errors.
//
// A table in the notation of schema/notation.h. Constant.
#include "fake-apiserver/schema/notation.h"

namespace fakeapi {

extern const char* const kMetaTypes = R"(
package meta = io.k8s.apimachinery.pkg.apis.meta.v1
type Condition
  1 type string!; 2 status string!; 3 observedGeneration int64; 4 lastTransitionTime time!; 5 reason string!
  6 message string!
kind DeleteOptions: How something is to be deleted.
  1 gracePeriodSeconds int64?  # Seconds that the object has to end; 0 is at once.
  2 preconditions Preconditions?; 3 orphanDependents bool?
  4 propagationPolicy string?  # What becomes of dependents: Background, Foreground or Orphan.
  5 dryRun []string; 6 ignoreStoreReadErrorWithClusterBreakingPotential bool?
type FieldSelectorRequirement
  1 key string!; 2 operator string!; 3 values []string
type LabelSelector atomic: Selects objects by their labels; all conditions must hold.
  1 matchLabels {}string  # Labels that must have these values.
  2 matchExpressions []LabelSelectorRequirement  # Conditions on labels: In, NotIn, Exists, DoesNotExist.
type LabelSelectorRequirement
  1 key string!; 2 operator string!; 3 values []string
type ListMeta
  1 selfLink string; 2 resourceVersion string; 3 continue string; 4 remainingItemCount int64?; 5 shardInfo ShardInfo?
type ManagedFieldsEntry
  1 manager string; 2 operation string; 3 apiVersion string; 4 time time?; 6 fieldsType string; 7 fieldsV1 fieldsv1?
  8 subresource string
type ObjectMeta: What all objects have: a name, labels, owners, and what the system notes about them.
  1 name string  # The name, unique within the namespace and kind; it never changes.
  2 generateName string  # The beginning of a name that the server completes.
  3 namespace string  # The namespace that the object lives in; empty for objects of the cluster.
  4 selfLink string
  5 uid string  # Tells this object from any other, also from a later one of the same name.
  6 resourceVersion string  # Changes with each write; a write that names it fails if somebody was faster.
  7 generation int64  # Counts the changes of what is wanted.
  8 creationTimestamp time  # When the object was created.
  9 deletionTimestamp time?  # When the object goes, if it is being deleted.
  10 deletionGracePeriodSeconds int64?
  11 labels {}string  # Short texts by which objects are selected.
  12 annotations {}string  # Texts of any kind that nobody selects by.
  13 ownerReferences []OwnerReference @uid +uid  # The objects without which this one is garbage.
  14 finalizers []string @set  # Who must be done with the object before it may go.
  17 managedFields []ManagedFieldsEntry  # Which client has set which fields.
type OwnerReference atomic
  1 kind string!; 3 name string!; 4 uid string!; 5 apiVersion string!; 6 controller bool?; 7 blockOwnerDeletion bool?
type Preconditions
  1 uid string?; 2 resourceVersion string?
type ShardInfo
  1 selector string!
kind Status: How a request ended, if it has no other answer.
  1 metadata ListMeta; 2 status string; 3 message string; 4 reason string; 5 details StatusDetails?; 6 code int32
type StatusCause
  1 reason string; 2 message string; 3 field string
type StatusDetails
  1 name string; 2 group string; 3 kind string; 4 causes []StatusCause; 5 retryAfterSeconds int32; 6 uid string
)";

}  // namespace fakeapi
