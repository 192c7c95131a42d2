// The messages of the groups apps and batch.
//
// A table in the notation of schema/notation.h. Constant.
#include "fake-apiserver/schema/notation.h"

namespace fakeapi {

extern const char* const kAppsTypes = R"(
package apps = io.k8s.api.apps.v1 serves apps/v1
kind ControllerRevision: A former state of a workload.
  1 metadata meta.ObjectMeta; 2 data raw!; 3 revision int64!
kind DaemonSet: One pod on each node.
  1 metadata meta.ObjectMeta; 2 spec DaemonSetSpec; 3 status DaemonSetStatus
type DaemonSetCondition
  1 type string!; 2 status string!; 3 lastTransitionTime time; 4 reason string; 5 message string
type DaemonSetSpec
  1 selector meta.LabelSelector?; 2 template core.PodTemplateSpec!; 3 updateStrategy DaemonSetUpdateStrategy
  4 minReadySeconds int32; 6 revisionHistoryLimit int32?
type DaemonSetStatus
  1 currentNumberScheduled int32!; 2 numberMisscheduled int32!; 3 desiredNumberScheduled int32!; 4 numberReady int32!
  5 observedGeneration int64; 6 updatedNumberScheduled int32; 7 numberAvailable int32; 8 numberUnavailable int32
  9 collisionCount int32?; 10 conditions []DaemonSetCondition @type +type
type DaemonSetUpdateStrategy
  1 type string; 2 rollingUpdate RollingUpdateDaemonSet?
kind Deployment: Keeps a number of equal pods running and replaces them step by step when their template changes.
  1 metadata meta.ObjectMeta; 2 spec DeploymentSpec; 3 status DeploymentStatus
type DeploymentCondition
  1 type string!; 2 status string!; 4 reason string; 5 message string; 6 lastUpdateTime time
  7 lastTransitionTime time
type DeploymentSpec: What is wanted of a deployment.
  1 replicas int32?  # How many pods should run; 1 by default.
  2 selector meta.LabelSelector?  # Which pods belong to it; it must fit the labels of the template.
  3 template core.PodTemplateSpec!  # The pods that it makes.
  4 strategy DeploymentStrategy ~  # How old pods are replaced.
  5 minReadySeconds int32  # Seconds that a pod must be ready to count as available.
  6 revisionHistoryLimit int32?  # How many old replica sets are kept; 10 by default.
  7 paused bool  # Changes of the template wait.
  9 progressDeadlineSeconds int32?  # Seconds without progress until it counts as failed; 600 by default.
type DeploymentStatus: What was last seen of a deployment.
  1 observedGeneration int64  # The generation that the controller has seen.
  2 replicas int32  # All pods.
  3 updatedReplicas int32  # Pods of the present template.
  4 availableReplicas int32  # Pods that have been ready long enough.
  5 unavailableReplicas int32  # Pods that are missing to the number that is wanted.
  6 conditions []DeploymentCondition @type +type  # Available, Progressing and ReplicaFailure.
  7 readyReplicas int32  # Pods that are ready.
  8 collisionCount int32?; 9 terminatingReplicas int32?
type DeploymentStrategy
  1 type string  # RollingUpdate or Recreate.
  2 rollingUpdate RollingUpdateDeployment?  # How fast a rolling update may go.
kind ReplicaSet: Keeps a number of equal pods alive.
  1 metadata meta.ObjectMeta; 2 spec ReplicaSetSpec; 3 status ReplicaSetStatus
type ReplicaSetCondition
  1 type string!; 2 status string!; 3 lastTransitionTime time; 4 reason string; 5 message string
type ReplicaSetSpec
  1 replicas int32?  # How many pods should run; 1 by default.
  2 selector meta.LabelSelector?  # Which pods belong to it.
  3 template core.PodTemplateSpec  # The pods that it makes.
  4 minReadySeconds int32
type ReplicaSetStatus
  1 replicas int32!; 2 fullyLabeledReplicas int32; 3 observedGeneration int64; 4 readyReplicas int32
  5 availableReplicas int32; 6 conditions []ReplicaSetCondition @type +type; 7 terminatingReplicas int32?
type RollingUpdateDaemonSet
  1 maxUnavailable intstr?; 2 maxSurge intstr?
type RollingUpdateDeployment
  1 maxUnavailable intstr?  # How many pods may be missing meanwhile; 25% by default.
  2 maxSurge intstr?  # How many pods there may be too many; 25% by default.
type RollingUpdateStatefulSetStrategy
  1 partition int32?; 2 maxUnavailable intstr?
kind StatefulSet: Pods with names of their own and storage that stays with them.
  1 metadata meta.ObjectMeta; 2 spec StatefulSetSpec; 3 status StatefulSetStatus
type StatefulSetCondition
  1 type string!; 2 status string!; 3 lastTransitionTime time; 4 reason string; 5 message string
type StatefulSetOrdinals
  1 start int32!
type StatefulSetPersistentVolumeClaimRetentionPolicy
  1 whenDeleted string; 2 whenScaled string
type StatefulSetSpec
  1 replicas int32?  # How many pods should run; 1 by default.
  2 selector meta.LabelSelector?; 3 template core.PodTemplateSpec!
  4 volumeClaimTemplates []core.PersistentVolumeClaim
  5 serviceName string!  # The service that gives the pods their names.
  6 podManagementPolicy string; 7 updateStrategy StatefulSetUpdateStrategy; 8 revisionHistoryLimit int32?
  9 minReadySeconds int32; 10 persistentVolumeClaimRetentionPolicy StatefulSetPersistentVolumeClaimRetentionPolicy?
  11 ordinals StatefulSetOrdinals?
type StatefulSetStatus
  1 observedGeneration int64; 2 replicas int32!; 3 readyReplicas int32; 4 currentReplicas int32
  5 updatedReplicas int32; 6 currentRevision string; 7 updateRevision string; 9 collisionCount int32?
  10 conditions []StatefulSetCondition @type +type; 11 availableReplicas int32!
type StatefulSetUpdateStrategy
  1 type string; 2 rollingUpdate RollingUpdateStatefulSetStrategy?
package batch = io.k8s.api.batch.v1 serves batch/v1
kind CronJob: Makes jobs by the clock.
  1 metadata meta.ObjectMeta; 2 spec CronJobSpec; 3 status CronJobStatus
type CronJobSpec
  1 schedule string!  # When, as in crontab.
  2 startingDeadlineSeconds int64?
  3 concurrencyPolicy string  # Whether jobs may overlap: Allow, Forbid or Replace.
  4 suspend bool?  # No further jobs are made.
  5 jobTemplate JobTemplateSpec!  # The jobs that it makes.
  6 successfulJobsHistoryLimit int32?; 7 failedJobsHistoryLimit int32?; 8 timeZone string?
type CronJobStatus
  1 active []core.ObjectReference; 4 lastScheduleTime time?; 5 lastSuccessfulTime time?
kind Job: Pods that run to their end.
  1 metadata meta.ObjectMeta; 2 spec JobSpec; 3 status JobStatus
type JobCondition
  1 type string!; 2 status string!; 3 lastProbeTime time; 4 lastTransitionTime time; 5 reason string; 6 message string
type JobSpec
  1 parallelism int32?  # How many pods run at a time.
  2 completions int32?  # How many pods must succeed.
  3 activeDeadlineSeconds int64?  # Seconds that the job may take.
  4 selector meta.LabelSelector?; 5 manualSelector bool?; 6 template core.PodTemplateSpec!
  7 backoffLimit int32?  # How many failures are put up with; 6 by default.
  8 ttlSecondsAfterFinished int32?  # Seconds after its end until the job is deleted.
  9 completionMode string?  # NonIndexed or Indexed.
  10 suspend bool?  # No pods are made.
  11 podFailurePolicy PodFailurePolicy?; 12 backoffLimitPerIndex int32?; 13 maxFailedIndexes int32?
  14 podReplacementPolicy string?; 15 managedBy string?; 16 successPolicy SuccessPolicy?
type JobStatus
  1 conditions []JobCondition +type; 2 startTime time?; 3 completionTime time?; 4 active int32; 5 succeeded int32
  6 failed int32; 7 completedIndexes string; 8 uncountedTerminatedPods UncountedTerminatedPods?; 9 ready int32?
  10 failedIndexes string?; 11 terminating int32?
type JobTemplateSpec
  1 metadata meta.ObjectMeta; 2 spec JobSpec
type PodFailurePolicy
  1 rules []PodFailurePolicyRule!
type PodFailurePolicyOnExitCodesRequirement
  1 containerName string?; 2 operator string!; 3 values []int32! @set
type PodFailurePolicyOnPodConditionsPattern
  1 type string!; 2 status string!
type PodFailurePolicyRule
  1 action string!; 2 onExitCodes PodFailurePolicyOnExitCodesRequirement?
  3 onPodConditions []PodFailurePolicyOnPodConditionsPattern
type SuccessPolicy
  1 rules []SuccessPolicyRule!
type SuccessPolicyRule
  1 succeededIndexes string?; 2 succeededCount int32?
type UncountedTerminatedPods
  1 succeeded []string @set; 2 failed []string @set
package batchv1beta1 = io.k8s.api.batch.v1beta1 serves batch/v1beta1
kind CronJob
  1 metadata meta.ObjectMeta; 2 spec CronJobSpec; 3 status CronJobStatus
type CronJobSpec
  1 schedule string!; 2 startingDeadlineSeconds int64?; 3 concurrencyPolicy string; 4 suspend bool?
  5 jobTemplate JobTemplateSpec!; 6 successfulJobsHistoryLimit int32?; 7 failedJobsHistoryLimit int32?
  8 timeZone string?
type CronJobStatus
  1 active []core.ObjectReference; 4 lastScheduleTime time?; 5 lastSuccessfulTime time?
type JobTemplateSpec
  1 metadata meta.ObjectMeta; 2 spec batch.JobSpec
)";

}  // namespace fakeapi
