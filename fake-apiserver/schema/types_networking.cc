// The messages of the groups networking.k8s.io and storage.k8s.io.
//
// A table in the notation of schema/notation.h. Constant.
#include "fake-apiserver/schema/notation.h"

namespace fakeapi {

extern const char* const kNetworkingTypes = R"(
package networking = io.k8s.api.networking.v1 serves networking.k8s.io/v1
type HTTPIngressPath
  1 path string; 2 backend IngressBackend!; 3 pathType string?
type HTTPIngressRuleValue
  1 paths []HTTPIngressPath!
type IPBlock
  1 cidr string!; 2 except []string
kind Ingress: How traffic from outside reaches services.
  1 metadata meta.ObjectMeta; 2 spec IngressSpec; 3 status IngressStatus
type IngressBackend
  3 resource core.TypedLocalObjectReference?; 4 service IngressServiceBackend?
kind IngressClass: Who carries out an ingress.
  1 metadata meta.ObjectMeta; 2 spec IngressClassSpec
type IngressClassParametersReference
  1 apiGroup string?; 2 kind string!; 3 name string!; 4 scope string?; 5 namespace string?
type IngressClassSpec
  1 controller string; 2 parameters IngressClassParametersReference?
type IngressLoadBalancerIngress
  1 ip string; 2 hostname string; 4 ports []IngressPortStatus
type IngressLoadBalancerStatus
  1 ingress []IngressLoadBalancerIngress
type IngressPortStatus
  1 port int32!; 2 protocol string!; 3 error string?
type IngressRule
  1 host string; 2 ingressRuleValue inline IngressRuleValue
type IngressRuleValue
  1 http HTTPIngressRuleValue?
type IngressServiceBackend
  1 name string!; 2 port ServiceBackendPort
type IngressSpec
  1 defaultBackend IngressBackend?; 2 tls []IngressTLS; 3 rules []IngressRule; 4 ingressClassName string?
type IngressStatus
  1 loadBalancer IngressLoadBalancerStatus
type IngressTLS
  1 hosts []string; 2 secretName string
kind NetworkPolicy: Which traffic pods may receive and send.
  1 metadata meta.ObjectMeta; 2 spec NetworkPolicySpec
type NetworkPolicyEgressRule
  1 ports []NetworkPolicyPort; 2 to []NetworkPolicyPeer
type NetworkPolicyIngressRule
  1 ports []NetworkPolicyPort; 2 from []NetworkPolicyPeer
type NetworkPolicyPeer
  1 podSelector meta.LabelSelector?; 2 namespaceSelector meta.LabelSelector?; 3 ipBlock IPBlock?
type NetworkPolicyPort
  1 protocol string?; 2 port intstr?; 3 endPort int32?
type NetworkPolicySpec
  1 podSelector meta.LabelSelector!; 2 ingress []NetworkPolicyIngressRule; 3 egress []NetworkPolicyEgressRule
  4 policyTypes []string
type ServiceBackendPort atomic
  1 name string; 2 number int32
package storage = io.k8s.api.storage.v1 serves storage.k8s.io/v1
kind CSIDriver: A storage driver.
  1 metadata meta.ObjectMeta; 2 spec CSIDriverSpec!
type CSIDriverSpec
  1 attachRequired bool?; 2 podInfoOnMount bool?; 3 volumeLifecycleModes []string @set; 4 storageCapacity bool?
  5 fsGroupPolicy string?; 6 tokenRequests []TokenRequest; 7 requiresRepublish bool?; 8 seLinuxMount bool?
  9 nodeAllocatableUpdatePeriodSeconds int64?; 10 serviceAccountTokenInSecrets bool?
  11 preventPodSchedulingIfMissing bool?
kind CSINode: The storage drivers of a node.
  1 metadata meta.ObjectMeta; 2 spec CSINodeSpec!; 3 status CSINodeStatus
type CSINodeDriver
  1 name string!; 2 nodeID string!; 3 topologyKeys []string!; 4 allocatable VolumeNodeResources?
type CSINodeSpec
  1 drivers []CSINodeDriver! @name +name
type CSINodeStatus
  1 storageHealth []StorageHealth @name +name
kind CSIStorageCapacity
  1 metadata meta.ObjectMeta; 2 nodeTopology meta.LabelSelector?; 3 storageClassName string!; 4 capacity quantity?
  5 maximumVolumeSize quantity?
kind StorageClass: A kind of storage.
  1 metadata meta.ObjectMeta; 2 provisioner string!; 3 parameters {}string; 4 reclaimPolicy string?
  5 mountOptions []string; 6 allowVolumeExpansion bool?; 7 volumeBindingMode string?
  8 allowedTopologies []core.TopologySelectorTerm
type StorageHealth
  1 name string!; 2 healthConditions []StorageHealthCondition
type StorageHealthCondition
  1 status string!; 2 reason string!; 3 message string; 4 accessMode string?; 5 volumeMode string?
  6 lastTransitionTime time
type TokenRequest
  1 audience string!; 2 expirationSeconds int64?
kind VolumeAttachment: A volume at a node.
  1 metadata meta.ObjectMeta; 2 spec VolumeAttachmentSpec!; 3 status VolumeAttachmentStatus
type VolumeAttachmentSource
  1 persistentVolumeName string?; 2 inlineVolumeSpec core.PersistentVolumeSpec?
type VolumeAttachmentSpec
  1 attacher string!; 2 source VolumeAttachmentSource!; 3 nodeName string!
type VolumeAttachmentStatus
  1 attached bool!; 2 attachmentMetadata {}string; 3 attachError VolumeError?; 4 detachError VolumeError?
type VolumeError
  1 time time; 2 message string; 3 errorCode int32?
type VolumeNodeResources
  1 count int32?
)";

}  // namespace fakeapi
