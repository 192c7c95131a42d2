// The messages of the rest of the core group: nodes, services, namespaces, events and such.
//
// A table in the notation of schema/notation.h. Constant.
#include "fake-apiserver/schema/notation.h"

namespace fakeapi {

extern const char* const kCoreClusterTypes = R"(
package core = io.k8s.api.core.v1 serves v1
type AttachedVolume
  1 name string!; 2 devicePath string!
kind Binding: Places a pod on a node.
  1 metadata meta.ObjectMeta; 2 target ObjectReference!
type ClientIPConfig
  1 timeoutSeconds int32?
kind ComponentStatus: The health of a part of the control plane.
  1 metadata meta.ObjectMeta; 2 conditions []ComponentCondition @type +type
kind ConfigMap: Settings for pods, in clear text.
  1 metadata meta.ObjectMeta
  2 data {}string  # Texts by their keys.
  3 binaryData {}bytes  # Bytes by their keys, in base64.
  4 immutable bool?  # The data can no longer be changed.
type ConfigMapNodeConfigSource
  1 namespace string!; 2 name string!; 3 uid string; 4 resourceVersion string; 5 kubeletConfigKey string!
type ContainerImage
  1 names []string!; 2 sizeBytes int64
type DaemonEndpoint
  1 Port int32!
type EndpointAddress atomic
  1 ip string!; 2 targetRef ObjectReference?; 3 hostname string; 4 nodeName string?
type EndpointPort atomic
  1 name string; 2 port int32!; 3 protocol string; 4 appProtocol string?
type EndpointSubset
  1 addresses []EndpointAddress; 2 notReadyAddresses []EndpointAddress; 3 ports []EndpointPort
kind Endpoints: The addresses behind a service.
  1 metadata meta.ObjectMeta; 2 subsets []EndpointSubset
kind Event: Something that happened to an object.
  1 metadata meta.ObjectMeta!
  2 involvedObject ObjectReference!  # What the event is about.
  3 reason string  # Why, in one word.
  4 message string  # What happened, for people.
  5 source EventSource; 6 firstTimestamp time; 7 lastTimestamp time
  8 count int32  # How often it happened.
  9 type string; 10 eventTime microtime; 11 series EventSeries?; 12 action string; 13 related ObjectReference?
  14 reportingComponent string!; 15 reportingInstance string!
type EventSeries
  1 count int32; 2 lastObservedTime microtime
type EventSource
  1 component string; 2 host string
kind LimitRange: Limits and defaults for each pod or container of a namespace.
  1 metadata meta.ObjectMeta; 2 spec LimitRangeSpec
type LimitRangeItem
  1 type string!; 2 max {}quantity; 3 min {}quantity; 4 default {}quantity; 5 defaultRequest {}quantity
  6 maxLimitRequestRatio {}quantity
type LimitRangeSpec
  1 limits []LimitRangeItem!
type LoadBalancerIngress
  1 ip string; 2 hostname string; 3 ipMode string?; 4 ports []PortStatus
type LoadBalancerStatus
  1 ingress []LoadBalancerIngress
type LocalObjectReference atomic
  1 name string
kind Namespace: A space of names for objects.
  1 metadata meta.ObjectMeta; 2 spec NamespaceSpec; 3 status NamespaceStatus
type NamespaceCondition
  1 type string!; 2 status string!; 4 lastTransitionTime time; 5 reason string; 6 message string
type NamespaceSpec
  1 finalizers []string  # Who must be done before the namespace may go.
type NamespaceStatus
  1 phase string  # Active or Terminating.
  2 conditions []NamespaceCondition @type +type
kind Node: A machine that runs pods.
  1 metadata meta.ObjectMeta; 2 spec NodeSpec; 3 status NodeStatus
type NodeAddress
  1 type string!; 2 address string!
type NodeAllocatableMappedResources
  1 name string!; 2 quantity quantity?
type NodeAllocatableOverheadResources
  1 name string!; 2 perPod quantity?; 3 perContainer quantity?
type NodeAllocatableResourceClaimStatus
  1 resourceClaimName string!; 2 containers []string @set; 4 mapping []NodeAllocatableMappedResources @name +name
  5 overhead []NodeAllocatableOverheadResources @name +name
type NodeCondition
  1 type string!; 2 status string!; 3 lastHeartbeatTime time; 4 lastTransitionTime time; 5 reason string
  6 message string
type NodeConfigSource
  2 configMap ConfigMapNodeConfigSource?
type NodeConfigStatus
  1 assigned NodeConfigSource?; 2 active NodeConfigSource?; 3 lastKnownGood NodeConfigSource?; 4 error string
type NodeDaemonEndpoints
  1 kubeletEndpoint DaemonEndpoint
type NodeFeatures
  1 supplementalGroupsPolicy bool?
type NodePodPreemptionPolicy
  1 disableResizePreemption []string @set
type NodeRuntimeHandler
  1 name string!; 2 features NodeRuntimeHandlerFeatures?
type NodeRuntimeHandlerFeatures
  1 recursiveReadOnlyMounts bool?; 2 userNamespaces bool?
type NodeSpec
  1 podCIDR string; 2 externalID string; 3 providerID string
  4 unschedulable bool  # No new pods are placed here.
  5 taints []Taint  # Keeps away pods that do not tolerate it.
  6 configSource NodeConfigSource?; 7 podCIDRs []string @set; 8 podPreemptionPolicy NodePodPreemptionPolicy?
type NodeStatus
  1 capacity {}quantity  # All that the machine has.
  2 allocatable {}quantity  # What pods may have of it.
  3 phase string
  4 conditions []NodeCondition @type +type  # Ready, MemoryPressure and others.
  5 addresses []NodeAddress @type +type; 6 daemonEndpoints NodeDaemonEndpoints; 7 nodeInfo NodeSystemInfo
  8 images []ContainerImage; 9 volumesInUse []string; 10 volumesAttached []AttachedVolume; 11 config NodeConfigStatus?
  12 runtimeHandlers []NodeRuntimeHandler; 13 features NodeFeatures?; 14 declaredFeatures []string
type NodeSwapStatus
  1 capacity int64?
type NodeSystemInfo
  1 machineID string!; 2 systemUUID string!; 3 bootID string!; 4 kernelVersion string!; 5 osImage string!
  6 containerRuntimeVersion string!; 7 kubeletVersion string!; 8 kubeProxyVersion string!; 9 operatingSystem string!
  10 architecture string!; 11 swap NodeSwapStatus?; 12 runningInUserNamespace bool?
type ObjectReference atomic
  1 kind string; 2 namespace string; 3 name string; 4 uid string; 5 apiVersion string; 6 resourceVersion string
  7 fieldPath string
kind PodTemplate: A template for pods, kept for itself.
  1 metadata meta.ObjectMeta; 2 template PodTemplateSpec
type PortStatus
  1 port int32!; 2 protocol string!; 3 error string?
kind ReplicationController: Keeps a number of pods alive; succeeded by ReplicaSet.
  1 metadata meta.ObjectMeta; 2 spec ReplicationControllerSpec; 3 status ReplicationControllerStatus
type ReplicationControllerCondition
  1 type string!; 2 status string!; 3 lastTransitionTime time; 4 reason string; 5 message string
type ReplicationControllerSpec
  1 replicas int32? =1; 2 selector {}string @atomic; 3 template PodTemplateSpec?; 4 minReadySeconds int32 =0
type ReplicationControllerStatus
  1 replicas int32!; 2 fullyLabeledReplicas int32; 3 observedGeneration int64; 4 readyReplicas int32
  5 availableReplicas int32; 6 conditions []ReplicationControllerCondition @type +type
kind ResourceQuota: Limits what the objects of a namespace may use together.
  1 metadata meta.ObjectMeta; 2 spec ResourceQuotaSpec; 3 status ResourceQuotaStatus
type ResourceQuotaSpec
  1 hard {}quantity  # The limits by resource.
  2 scopes []string; 3 scopeSelector ScopeSelector?
type ResourceQuotaStatus
  1 hard {}quantity; 2 used {}quantity
type ScopeSelector atomic
  1 matchExpressions []ScopedResourceSelectorRequirement
type ScopedResourceSelectorRequirement
  1 scopeName string!; 2 operator string!; 3 values []string
kind Secret: Passwords, keys and the like for pods.
  1 metadata meta.ObjectMeta
  2 data {}bytes  # Bytes by their keys, in base64.
  3 type string  # What the secret is for.
  4 stringData {}string  # Texts that are added to data when the object is written.
  5 immutable bool?
kind Service: One name and address for a set of pods.
  1 metadata meta.ObjectMeta; 2 spec ServiceSpec; 3 status ServiceStatus
kind ServiceAccount: A name under which pods speak to the API.
  1 metadata meta.ObjectMeta; 2 secrets []ObjectReference @name +name; 3 imagePullSecrets []LocalObjectReference
  4 automountServiceAccountToken bool?
type ServicePort
  1 name string; 2 protocol string ="TCP"
  3 port int32!  # The port of the service.
  4 targetPort intstr  # The port of the pods, by number or name; that of the service by default.
  5 nodePort int32  # The port on each node.
  6 appProtocol string?
type ServiceSpec
  1 ports []ServicePort @port,protocol +port  # The ports that the service offers.
  2 selector {}string @atomic  # Labels of the pods that get the traffic.
  3 clusterIP string  # The address; None for a service without one.
  4 type string  # ClusterIP, NodePort, LoadBalancer or ExternalName.
  5 externalIPs []string; 7 sessionAffinity string; 8 loadBalancerIP string; 9 loadBalancerSourceRanges []string
  10 externalName string; 11 externalTrafficPolicy string; 12 healthCheckNodePort int32
  13 publishNotReadyAddresses bool; 14 sessionAffinityConfig SessionAffinityConfig?; 17 ipFamilyPolicy string?
  18 clusterIPs []string; 19 ipFamilies []string; 20 allocateLoadBalancerNodePorts bool?; 21 loadBalancerClass string?
  22 internalTrafficPolicy string?; 23 trafficDistribution string?
type ServiceStatus
  1 loadBalancer LoadBalancerStatus; 2 conditions []meta.Condition @type +type
type SessionAffinityConfig
  1 clientIP ClientIPConfig?
type Taint
  1 key string!; 2 value string; 3 effect string!; 4 timeAdded time?
)";

}  // namespace fakeapi
