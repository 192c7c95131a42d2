// The messages of the groups autoscaling, policy and scheduling.k8s.io.
//
// A table in the notation of schema/notation.h. Constant.
#include "fake-apiserver/schema/notation.h"

namespace fakeapi {

extern const char* const kAutoscalingTypes = R"(
package autoscaling = io.k8s.api.autoscaling.v1 serves autoscaling/v1
type CrossVersionObjectReference atomic
  1 kind string!; 2 name string!; 3 apiVersion string
kind HorizontalPodAutoscaler: Changes the number of pods of a workload with its CPU utilisation.
  1 metadata meta.ObjectMeta; 2 spec HorizontalPodAutoscalerSpec; 3 status HorizontalPodAutoscalerStatus
type HorizontalPodAutoscalerSpec
  1 scaleTargetRef CrossVersionObjectReference!; 2 minReplicas int32?; 3 maxReplicas int32!
  4 targetCPUUtilizationPercentage int32?
type HorizontalPodAutoscalerStatus
  1 observedGeneration int64?; 2 lastScaleTime time?; 3 currentReplicas int32!; 4 desiredReplicas int32!
  5 currentCPUUtilizationPercentage int32?
kind Scale: How many pods a workload has and should have.
  1 metadata meta.ObjectMeta; 2 spec ScaleSpec; 3 status ScaleStatus
type ScaleSpec
  1 replicas int32 =0
type ScaleStatus
  1 replicas int32!; 2 selector string
package autoscalingv2 = io.k8s.api.autoscaling.v2 serves autoscaling/v2 autoscaling/v2beta2
type ContainerResourceMetricSource
  1 name string!; 2 target MetricTarget!; 3 container string!
type ContainerResourceMetricStatus
  1 name string!; 2 current MetricValueStatus!; 3 container string!
type CrossVersionObjectReference
  1 kind string!; 2 name string!; 3 apiVersion string
type ExternalMetricSource
  1 metric MetricIdentifier!; 2 target MetricTarget!
type ExternalMetricStatus
  1 metric MetricIdentifier!; 2 current MetricValueStatus!
type HPAScalingPolicy
  1 type string!; 2 value int32!; 3 periodSeconds int32!
type HPAScalingRules
  1 selectPolicy string?; 2 policies []HPAScalingPolicy; 3 stabilizationWindowSeconds int32?; 4 tolerance quantity?
kind HorizontalPodAutoscaler: Changes the number of pods of a workload with its metrics.
  1 metadata meta.ObjectMeta; 2 spec HorizontalPodAutoscalerSpec; 3 status HorizontalPodAutoscalerStatus
type HorizontalPodAutoscalerBehavior
  1 scaleUp HPAScalingRules?; 2 scaleDown HPAScalingRules?
type HorizontalPodAutoscalerCondition
  1 type string!; 2 status string!; 3 lastTransitionTime time; 4 reason string; 5 message string
  6 observedGeneration int64?
type HorizontalPodAutoscalerSpec
  1 scaleTargetRef CrossVersionObjectReference!  # The workload.
  2 minReplicas int32?  # The least number of pods; 1 by default.
  3 maxReplicas int32!  # The greatest number of pods.
  4 metrics []MetricSpec  # What the number is computed from; the greatest result counts.
  5 behavior HorizontalPodAutoscalerBehavior?  # How fast the number may rise and fall.
type HorizontalPodAutoscalerStatus
  1 observedGeneration int64?; 2 lastScaleTime time?; 3 currentReplicas int32; 4 desiredReplicas int32!
  5 currentMetrics []MetricStatus!; 6 conditions []HorizontalPodAutoscalerCondition @type +type
type MetricIdentifier
  1 name string!; 2 selector meta.LabelSelector?
type MetricSpec
  1 type string!; 2 object ObjectMetricSource?; 3 pods PodsMetricSource?; 4 resource ResourceMetricSource?
  5 external ExternalMetricSource?; 7 containerResource ContainerResourceMetricSource?
type MetricStatus
  1 type string!; 2 object ObjectMetricStatus?; 3 pods PodsMetricStatus?; 4 resource ResourceMetricStatus?
  5 external ExternalMetricStatus?; 7 containerResource ContainerResourceMetricStatus?
type MetricTarget
  1 type string!; 2 value quantity?; 3 averageValue quantity?; 4 averageUtilization int32?
type MetricValueStatus
  1 value quantity?; 2 averageValue quantity?; 3 averageUtilization int32?
type ObjectMetricSource
  1 describedObject CrossVersionObjectReference!; 2 target MetricTarget!; 3 metric MetricIdentifier!
type ObjectMetricStatus
  1 metric MetricIdentifier!; 2 current MetricValueStatus!; 3 describedObject CrossVersionObjectReference!
type PodsMetricSource
  1 metric MetricIdentifier!; 2 target MetricTarget!
type PodsMetricStatus
  1 metric MetricIdentifier!; 2 current MetricValueStatus!
type ResourceMetricSource
  1 name string!; 2 target MetricTarget!
type ResourceMetricStatus
  1 name string!; 2 current MetricValueStatus!
package policy = io.k8s.api.policy.v1 serves policy/v1
kind Eviction: Takes a pod away, if its budget allows.
  1 metadata meta.ObjectMeta; 2 deleteOptions meta.DeleteOptions?
kind PodDisruptionBudget: How many pods must stay when others are taken away on purpose.
  1 metadata meta.ObjectMeta; 2 spec PodDisruptionBudgetSpec; 3 status PodDisruptionBudgetStatus
type PodDisruptionBudgetSpec
  1 minAvailable intstr?  # How many pods must stay.
  2 selector meta.LabelSelector? -  # Which pods it is about.
  3 maxUnavailable intstr?  # How many pods may be missing.
  4 unhealthyPodEvictionPolicy string?
type PodDisruptionBudgetStatus
  1 observedGeneration int64; 2 disruptedPods {}time; 3 disruptionsAllowed int32!; 4 currentHealthy int32!
  5 desiredHealthy int32!; 6 expectedPods int32!; 7 conditions []meta.Condition @type +type
package policyv1beta1 = io.k8s.api.policy.v1beta1 serves policy/v1beta1
kind Eviction
  1 metadata meta.ObjectMeta; 2 deleteOptions meta.DeleteOptions?
kind PodDisruptionBudget
  1 metadata meta.ObjectMeta; 2 spec PodDisruptionBudgetSpec; 3 status PodDisruptionBudgetStatus
type PodDisruptionBudgetSpec
  1 minAvailable intstr?; 2 selector meta.LabelSelector?; 3 maxUnavailable intstr?
  4 unhealthyPodEvictionPolicy string?
type PodDisruptionBudgetStatus
  1 observedGeneration int64; 2 disruptedPods {}time; 3 disruptionsAllowed int32!; 4 currentHealthy int32!
  5 desiredHealthy int32!; 6 expectedPods int32!; 7 conditions []meta.Condition @type +type
package scheduling = io.k8s.api.scheduling.v1 serves scheduling.k8s.io/v1
kind PriorityClass: A priority of pods by its name.
  1 metadata meta.ObjectMeta
  2 value int32!  # The priority; higher ones come first.
  3 globalDefault bool  # Pods without a class are of this one.
  4 description string
  5 preemptionPolicy string?  # Whether its pods may displace others.
)";

}  // namespace fakeapi
