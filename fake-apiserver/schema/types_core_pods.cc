// The messages of pods and their containers.
//
// A table in the notation of schema/notation.h. Constant.
#include "fake-apiserver/schema/notation.h"

namespace fakeapi {

extern const char* const kCorePodsTypes = R"(
package core = io.k8s.api.core.v1 serves v1
type Affinity
  1 nodeAffinity NodeAffinity?; 2 podAffinity PodAffinity?; 3 podAntiAffinity PodAntiAffinity?
type AppArmorProfile
  1 type string!; 2 localhostProfile string?
type Capabilities
  1 add []string; 2 drop []string
type ComponentCondition
  1 type string!; 2 status string!; 3 message string; 4 error string
type ConfigMapEnvSource
  1 localObjectReference inline LocalObjectReference; 2 optional bool?
type ConfigMapKeySelector atomic
  1 localObjectReference inline LocalObjectReference; 2 key string!; 3 optional bool?
type Container: One program of a pod, from an image.
  1 name string!  # The name, unique within the pod.
  2 image string  # The image that is run.
  3 command []string  # The program instead of that of the image.
  4 args []string  # The arguments instead of those of the image.
  5 workingDir string  # The directory in which the program starts.
  6 ports []ContainerPort @containerPort,protocol +containerPort  # Ports that the container listens on.
  7 env []EnvVar @name +name  # Environment variables.
  8 resources ResourceRequirements  # CPU, memory and the like that it asks for and may use.
  9 volumeMounts []VolumeMount @mountPath +mountPath  # Where volumes appear in the file system.
  10 livenessProbe Probe?  # The container is started anew if this fails.
  11 readinessProbe Probe?  # The pod gets traffic only while this succeeds.
  12 lifecycle Lifecycle?  # What happens after the start and before the end.
  13 terminationMessagePath string
  14 imagePullPolicy string  # Always, IfNotPresent or Never.
  15 securityContext SecurityContext?  # Rights of this container.
  16 stdin bool; 17 stdinOnce bool; 18 tty bool
  19 envFrom []EnvFromSource  # ConfigMaps and Secrets whose keys become environment variables.
  20 terminationMessagePolicy string; 21 volumeDevices []VolumeDevice @devicePath +devicePath
  22 startupProbe Probe?  # The other probes wait until this succeeds.
  23 resizePolicy []ContainerResizePolicy; 24 restartPolicy string?; 25 restartPolicyRules []ContainerRestartRule
type ContainerExtendedResourceRequest
  1 containerName string!; 2 resourceName string!; 3 requestName string!
type ContainerPort
  1 name string; 2 hostPort int32; 3 containerPort int32!; 4 protocol string ="TCP"; 5 hostIP string
type ContainerResizePolicy
  1 resourceName string!; 2 restartPolicy string!
type ContainerRestartRule
  1 action string; 2 exitCodes ContainerRestartRuleOnExitCodes?
type ContainerRestartRuleOnExitCodes
  1 operator string; 2 values []int32 @set
type ContainerState
  1 waiting ContainerStateWaiting?; 2 running ContainerStateRunning?; 3 terminated ContainerStateTerminated?
type ContainerStateRunning
  1 startedAt time
type ContainerStateTerminated
  1 exitCode int32!; 2 signal int32; 3 reason string; 4 message string; 5 startedAt time; 6 finishedAt time
  7 containerID string
type ContainerStateWaiting
  1 reason string; 2 message string
type ContainerStatus
  1 name string!; 2 state ContainerState; 3 lastState ContainerState; 4 ready bool!; 5 restartCount int32!
  6 image string!; 7 imageID string!; 8 containerID string; 9 started bool?; 10 allocatedResources {}quantity
  11 resources ResourceRequirements?; 12 volumeMounts []VolumeMountStatus @mountPath +mountPath
  13 user ContainerUser?; 14 allocatedResourcesStatus []ResourceStatus @name +name; 15 stopSignal string?
type ContainerUser
  1 linux LinuxContainerUser?
type EnvFromSource
  1 prefix string; 2 configMapRef ConfigMapEnvSource?; 3 secretRef SecretEnvSource?
type EnvVar
  1 name string!; 2 value string; 3 valueFrom EnvVarSource?
type EnvVarSource
  1 fieldRef ObjectFieldSelector?; 2 resourceFieldRef ResourceFieldSelector?; 3 configMapKeyRef ConfigMapKeySelector?
  4 secretKeyRef SecretKeySelector?; 5 fileKeyRef FileKeySelector?
type EphemeralContainer
  1 ephemeralContainerCommon inline EphemeralContainerCommon; 2 targetContainerName string
type EphemeralContainerCommon
  1 name string!; 2 image string; 3 command []string; 4 args []string; 5 workingDir string
  6 ports []ContainerPort @containerPort,protocol +containerPort; 7 env []EnvVar @name +name
  8 resources ResourceRequirements; 9 volumeMounts []VolumeMount @mountPath +mountPath; 10 livenessProbe Probe?
  11 readinessProbe Probe?; 12 lifecycle Lifecycle?; 13 terminationMessagePath string; 14 imagePullPolicy string
  15 securityContext SecurityContext?; 16 stdin bool; 17 stdinOnce bool; 18 tty bool; 19 envFrom []EnvFromSource
  20 terminationMessagePolicy string; 21 volumeDevices []VolumeDevice @devicePath +devicePath; 22 startupProbe Probe?
  23 resizePolicy []ContainerResizePolicy; 24 restartPolicy string?; 25 restartPolicyRules []ContainerRestartRule
type EvictionResponder atomic
  1 name string!; 2 priority int32?
type ExecAction
  1 command []string
type FileKeySelector atomic
  1 volumeName string!; 2 path string!; 3 key string!; 4 optional bool? =false
type GRPCAction
  1 port int32!; 2 service string?; 3 mode string?
type HTTPGetAction
  1 path string; 2 port intstr!; 3 host string; 4 scheme string; 5 httpHeaders []HTTPHeader; 6 protocol string?
type HTTPHeader
  1 name string!; 2 value string!
type HostAlias
  1 ip string!; 2 hostnames []string
type HostIP
  1 ip string!
type Lifecycle
  1 postStart LifecycleHandler?; 2 preStop LifecycleHandler?; 3 stopSignal string?
type LifecycleHandler
  1 exec ExecAction?; 2 httpGet HTTPGetAction?; 3 tcpSocket TCPSocketAction?; 4 sleep SleepAction?
type LinuxContainerUser
  1 uid int64!; 2 gid int64!; 3 supplementalGroups []int64
type NodeAffinity
  1 requiredDuringSchedulingIgnoredDuringExecution NodeSelector?
  2 preferredDuringSchedulingIgnoredDuringExecution []PreferredSchedulingTerm
type NodeSelector atomic
  1 nodeSelectorTerms []NodeSelectorTerm!
type NodeSelectorRequirement
  1 key string!; 2 operator string!; 3 values []string
type NodeSelectorTerm atomic
  1 matchExpressions []NodeSelectorRequirement; 2 matchFields []NodeSelectorRequirement
type ObjectFieldSelector atomic
  1 apiVersion string; 2 fieldPath string!
kind Pod: Containers that run together on one node.
  1 metadata meta.ObjectMeta; 2 spec PodSpec; 3 status PodStatus
type PodAffinity
  1 requiredDuringSchedulingIgnoredDuringExecution []PodAffinityTerm
  2 preferredDuringSchedulingIgnoredDuringExecution []WeightedPodAffinityTerm
type PodAffinityTerm
  1 labelSelector meta.LabelSelector?; 2 namespaces []string; 3 topologyKey string!
  4 namespaceSelector meta.LabelSelector?; 5 matchLabelKeys []string; 6 mismatchLabelKeys []string
type PodAntiAffinity
  1 requiredDuringSchedulingIgnoredDuringExecution []PodAffinityTerm
  2 preferredDuringSchedulingIgnoredDuringExecution []WeightedPodAffinityTerm
type PodCondition
  1 type string!; 2 status string!; 3 lastProbeTime time; 4 lastTransitionTime time; 5 reason string; 6 message string
  7 observedGeneration int64
type PodDNSConfig
  1 nameservers []string; 2 searches []string; 3 options []PodDNSConfigOption
type PodDNSConfigOption
  1 name string; 2 value string?
type PodExtendedResourceClaimStatus
  1 requestMappings []ContainerExtendedResourceRequest!; 2 resourceClaimName string!
type PodIP
  1 ip string!
type PodOS
  1 name string!
type PodReadinessGate
  1 conditionType string!
type PodResourceClaim
  1 name string!; 3 resourceClaimName string?; 4 resourceClaimTemplateName string?
type PodResourceClaimStatus
  1 name string!; 2 resourceClaimName string?
type PodSchedulingGate
  1 name string!
type PodSchedulingGroup
  1 podGroupName string?
type PodSecurityContext
  1 seLinuxOptions SELinuxOptions?; 2 runAsUser int64?; 3 runAsNonRoot bool?; 4 supplementalGroups []int64
  5 fsGroup int64?; 6 runAsGroup int64?; 7 sysctls []Sysctl; 8 windowsOptions WindowsSecurityContextOptions?
  9 fsGroupChangePolicy string?; 10 seccompProfile SeccompProfile?; 11 appArmorProfile AppArmorProfile?
  12 supplementalGroupsPolicy string?; 13 seLinuxChangePolicy string?
type PodSpec: What is wanted of a pod.
  1 volumes []Volume @name +name ~  # What containers may mount.
  2 containers []Container! @name +name  # The containers of the pod, at least one.
  3 restartPolicy string  # Whether ended containers start again: Always, OnFailure or Never.
  4 terminationGracePeriodSeconds int64?  # Seconds between the wish to stop and the end; 30 by default.
  5 activeDeadlineSeconds int64?  # Seconds after which the pod is ended as failed.
  6 dnsPolicy string  # Which name servers the containers use.
  7 nodeSelector {}string @atomic  # Labels that the node must have.
  8 serviceAccountName string  # As whom the pod speaks to the API.
  9 serviceAccount string
  10 nodeName string  # The node that the pod is bound to; set by the scheduler.
  11 hostNetwork bool  # The pod uses the network of its node.
  12 hostPID bool; 13 hostIPC bool
  14 securityContext PodSecurityContext?  # Rights of all containers.
  15 imagePullSecrets []LocalObjectReference @name +name  # Secrets by which images are pulled.
  16 hostname string; 17 subdomain string
  18 affinity Affinity?  # Which nodes and neighbours the pod wants or avoids.
  19 schedulerName string  # Who places the pod.
  20 initContainers []Container @name +name  # Containers that run to their end, one by one, before the others start.
  21 automountServiceAccountToken bool?
  22 tolerations []Toleration  # Taints of nodes that the pod puts up with.
  23 hostAliases []HostAlias @ip +ip
  24 priorityClassName string  # The class that gives the pod its priority.
  25 priority int32?  # Pods of higher priority are placed first and may displace others.
  26 dnsConfig PodDNSConfig?; 27 shareProcessNamespace bool?
  28 readinessGates []PodReadinessGate  # Conditions beyond the probes that must hold for the pod to be ready.
  29 runtimeClassName string?; 30 enableServiceLinks bool?
  31 preemptionPolicy string?  # Whether the pod may displace others.
  32 overhead {}quantity
  33 topologySpreadConstraints []TopologySpreadConstraint @topologyKey,whenUnsatisfiable +topologyKey
  34 ephemeralContainers []EphemeralContainer @name +name; 35 setHostnameAsFQDN bool?; 36 os PodOS?
  37 hostUsers bool?; 38 schedulingGates []PodSchedulingGate @name +name
  39 resourceClaims []PodResourceClaim @name +name ~; 40 resources ResourceRequirements?; 41 hostnameOverride string?
  43 schedulingGroup PodSchedulingGroup?; 44 evictionResponders []EvictionResponder @name +name
type PodStatus: What was last seen of a pod.
  1 phase string  # Pending, Running, Succeeded, Failed or Unknown.
  2 conditions []PodCondition @type +type  # PodScheduled, Initialized, ContainersReady, Ready and others.
  3 message string; 4 reason string; 5 hostIP string
  6 podIP string  # The address of the pod.
  7 startTime time?  # When the node took the pod on.
  8 containerStatuses []ContainerStatus  # How each container fares.
  9 qosClass string  # Guaranteed, Burstable or BestEffort, by requests and limits.
  10 initContainerStatuses []ContainerStatus
  11 nominatedNodeName string  # The node on which room is being made for the pod.
  12 podIPs []PodIP @ip +ip; 13 ephemeralContainerStatuses []ContainerStatus; 14 resize string
  15 resourceClaimStatuses []PodResourceClaimStatus @name +name ~; 16 hostIPs []HostIP +ip
  17 observedGeneration int64; 18 extendedResourceClaimStatus PodExtendedResourceClaimStatus?
  19 allocatedResources {}quantity; 20 resources ResourceRequirements?
  21 nodeAllocatableResourceClaimStatuses []NodeAllocatableResourceClaimStatus @resourceClaimName +resourceClaimName
  22 volumeHealth []PodVolumeHealth @name
type PodTemplateSpec: The pods that a workload makes.
  1 metadata meta.ObjectMeta  # Labels and annotations of the pods.
  2 spec PodSpec  # What is wanted of the pods.
type PreferredSchedulingTerm
  1 weight int32!; 2 preference NodeSelectorTerm!
type Probe: How the health of a container is asked for, and how often.
  1 handler inline ProbeHandler
  2 initialDelaySeconds int32  # Seconds after the start until the first try.
  3 timeoutSeconds int32  # Seconds that a try may take; 1 by default.
  4 periodSeconds int32  # Seconds between tries; 10 by default.
  5 successThreshold int32  # Successes in a row after a failure; 1 by default.
  6 failureThreshold int32  # Failures in a row until it counts; 3 by default.
  7 terminationGracePeriodSeconds int64?
type ProbeHandler
  1 exec ExecAction?; 2 httpGet HTTPGetAction?; 3 tcpSocket TCPSocketAction?; 4 grpc GRPCAction?
type ResourceClaim
  1 name string!; 2 request string
type ResourceFieldSelector atomic
  1 containerName string; 2 resource string!; 3 divisor quantity
type ResourceHealth
  1 resourceID string!; 2 health string; 6 message string?
type ResourceRequirements: What a container asks for and what it may use at most.
  1 limits {}quantity  # The most that may be used.
  2 requests {}quantity  # What is set aside for it; the limits, if absent.
  3 claims []ResourceClaim @name
type ResourceStatus
  1 name string!; 2 resources []ResourceHealth @resourceID
type SELinuxOptions
  1 user string; 2 role string; 3 type string; 4 level string
type SeccompProfile
  1 type string!; 2 localhostProfile string?
type SecretEnvSource
  1 localObjectReference inline LocalObjectReference; 2 optional bool?
type SecretKeySelector atomic
  1 localObjectReference inline LocalObjectReference; 2 key string!; 3 optional bool?
type SecurityContext
  1 capabilities Capabilities?; 2 privileged bool?; 3 seLinuxOptions SELinuxOptions?; 4 runAsUser int64?
  5 runAsNonRoot bool?; 6 readOnlyRootFilesystem bool?; 7 allowPrivilegeEscalation bool?; 8 runAsGroup int64?
  9 procMount string?; 10 windowsOptions WindowsSecurityContextOptions?; 11 seccompProfile SeccompProfile?
  12 appArmorProfile AppArmorProfile?
type SleepAction
  1 seconds int64!
type Sysctl
  1 name string!; 2 value string!
type TCPSocketAction
  1 port intstr!; 2 host string
type Toleration
  1 key string; 2 operator string; 3 value string; 4 effect string; 5 tolerationSeconds int64?
type TopologySelectorLabelRequirement
  1 key string!; 2 values []string!
type TopologySelectorTerm atomic
  1 matchLabelExpressions []TopologySelectorLabelRequirement
type TopologySpreadConstraint
  1 maxSkew int32!; 2 topologyKey string!; 3 whenUnsatisfiable string!; 4 labelSelector meta.LabelSelector?
  5 minDomains int32?; 6 nodeAffinityPolicy string?; 7 nodeTaintsPolicy string?; 8 matchLabelKeys []string
type VolumeDevice
  1 name string!; 2 devicePath string!
type VolumeMount
  1 name string!; 2 readOnly bool; 3 mountPath string!; 4 subPath string; 5 mountPropagation string?
  6 subPathExpr string; 7 recursiveReadOnly string?; 8 bindMountOptions []string @set
type VolumeMountStatus
  1 name string!; 2 mountPath string!; 3 readOnly bool; 4 recursiveReadOnly string?; 5 volumeStatus VolumeStatus?
type WeightedPodAffinityTerm
  1 weight int32!; 2 podAffinityTerm PodAffinityTerm!
type WindowsSecurityContextOptions
  1 gmsaCredentialSpecName string?; 2 gmsaCredentialSpec string?; 3 runAsUserName string?; 4 hostProcess bool?
)";

}  // namespace fakeapi
