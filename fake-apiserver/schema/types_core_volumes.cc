// The messages of volumes and claims.
//
// A table in the notation of schema/notation.h. Constant.
#include "fake-apiserver/schema/notation.h"

namespace fakeapi {

extern const char* const kCoreVolumesTypes = R"(
package core = io.k8s.api.core.v1 serves v1
type AWSElasticBlockStoreVolumeSource
  1 volumeID string!; 2 fsType string; 3 partition int32; 4 readOnly bool
type AzureDiskVolumeSource
  1 diskName string!; 2 diskURI string!; 3 cachingMode string?; 4 fsType string? ="ext4"; 5 readOnly bool? =false
  6 kind string?
type AzureFilePersistentVolumeSource
  1 secretName string!; 2 shareName string!; 3 readOnly bool; 4 secretNamespace string?
type AzureFileVolumeSource
  1 secretName string!; 2 shareName string!; 3 readOnly bool
type CSIPersistentVolumeSource
  1 driver string!; 2 volumeHandle string!; 3 readOnly bool; 4 fsType string; 5 volumeAttributes {}string
  6 controllerPublishSecretRef SecretReference?; 7 nodeStageSecretRef SecretReference?
  8 nodePublishSecretRef SecretReference?; 9 controllerExpandSecretRef SecretReference?
  10 nodeExpandSecretRef SecretReference?
type CSIVolumeSource
  1 driver string!; 2 readOnly bool?; 3 fsType string?; 4 volumeAttributes {}string
  5 nodePublishSecretRef LocalObjectReference?
type CephFSPersistentVolumeSource
  1 monitors []string!; 2 path string; 3 user string; 4 secretFile string; 5 secretRef SecretReference?
  6 readOnly bool
type CephFSVolumeSource
  1 monitors []string!; 2 path string; 3 user string; 4 secretFile string; 5 secretRef LocalObjectReference?
  6 readOnly bool
type CinderPersistentVolumeSource
  1 volumeID string!; 2 fsType string; 3 readOnly bool; 4 secretRef SecretReference?
type CinderVolumeSource
  1 volumeID string!; 2 fsType string; 3 readOnly bool; 4 secretRef LocalObjectReference?
type ClusterTrustBundleProjection
  1 name string?; 2 signerName string?; 3 labelSelector meta.LabelSelector?; 4 path string!; 5 optional bool?
  6 user int64?
type ConfigMapProjection
  1 localObjectReference inline LocalObjectReference; 2 items []KeyToPath; 4 optional bool?
type ConfigMapVolumeSource
  1 localObjectReference inline LocalObjectReference; 2 items []KeyToPath; 3 defaultMode int32?; 4 optional bool?
  5 defaultUser int64?
type DownwardAPIProjection
  1 items []DownwardAPIVolumeFile
type DownwardAPIVolumeFile
  1 path string!; 2 fieldRef ObjectFieldSelector?; 3 resourceFieldRef ResourceFieldSelector?; 4 mode int32?
  5 user int64?
type DownwardAPIVolumeSource
  1 items []DownwardAPIVolumeFile; 2 defaultMode int32?; 3 defaultUser int64?
type EmptyDirVolumeSource
  1 medium string; 2 sizeLimit quantity?; 3 mode int32?
type EphemeralVolumeSource
  1 volumeClaimTemplate PersistentVolumeClaimTemplate?
type FCVolumeSource
  1 targetWWNs []string; 2 lun int32?; 3 fsType string; 4 readOnly bool; 5 wwids []string
type FlexPersistentVolumeSource
  1 driver string!; 2 fsType string; 3 secretRef SecretReference?; 4 readOnly bool; 5 options {}string
type FlexVolumeSource
  1 driver string!; 2 fsType string; 3 secretRef LocalObjectReference?; 4 readOnly bool; 5 options {}string
type FlockerVolumeSource
  1 datasetName string; 2 datasetUUID string
type GCEPersistentDiskVolumeSource
  1 pdName string!; 2 fsType string; 3 partition int32; 4 readOnly bool
type GitRepoVolumeSource
  1 repository string!; 2 revision string; 3 directory string
type GlusterfsPersistentVolumeSource
  1 endpoints string!; 2 path string!; 3 readOnly bool; 4 endpointsNamespace string?
type GlusterfsVolumeSource
  1 endpoints string!; 2 path string!; 3 readOnly bool
type HostPathVolumeSource
  1 path string!; 2 type string?
type ISCSIPersistentVolumeSource
  1 targetPortal string!; 2 iqn string!; 3 lun int32!; 4 iscsiInterface string ="default"; 5 fsType string
  6 readOnly bool; 7 portals []string; 8 chapAuthDiscovery bool; 10 secretRef SecretReference?
  11 chapAuthSession bool; 12 initiatorName string?
type ISCSIVolumeSource
  1 targetPortal string!; 2 iqn string!; 3 lun int32!; 4 iscsiInterface string ="default"; 5 fsType string
  6 readOnly bool; 7 portals []string; 8 chapAuthDiscovery bool; 10 secretRef LocalObjectReference?
  11 chapAuthSession bool; 12 initiatorName string?
type ImageVolumeSource
  1 reference string; 2 pullPolicy string
type ImageVolumeStatus
  1 imageRef string
type KeyToPath
  1 key string!; 2 path string!; 3 mode int32?; 4 user int64?
type LocalVolumeSource
  1 path string!; 2 fsType string?
type ModifyVolumeStatus
  1 targetVolumeAttributesClassName string; 2 status string!
type NFSVolumeSource
  1 server string!; 2 path string!; 3 readOnly bool
kind PersistentVolume: Storage of the cluster.
  1 metadata meta.ObjectMeta; 2 spec PersistentVolumeSpec; 3 status PersistentVolumeStatus
kind PersistentVolumeClaim: A wish for storage.
  1 metadata meta.ObjectMeta; 2 spec PersistentVolumeClaimSpec; 3 status PersistentVolumeClaimStatus
type PersistentVolumeClaimCondition
  1 type string!; 2 status string!; 3 lastProbeTime time; 4 lastTransitionTime time; 5 reason string; 6 message string
type PersistentVolumeClaimSpec
  1 accessModes []string; 2 resources VolumeResourceRequirements; 3 volumeName string; 4 selector meta.LabelSelector?
  5 storageClassName string?; 6 volumeMode string?; 7 dataSource TypedLocalObjectReference?
  8 dataSourceRef TypedObjectReference?; 9 volumeAttributesClassName string?
type PersistentVolumeClaimStatus
  1 phase string; 2 accessModes []string; 3 capacity {}quantity
  4 conditions []PersistentVolumeClaimCondition @type +type; 5 allocatedResources {}quantity
  7 allocatedResourceStatuses {}string; 8 currentVolumeAttributesClassName string?
  9 modifyVolumeStatus ModifyVolumeStatus?; 10 healthStatus VolumeHealthStatus?
type PersistentVolumeClaimTemplate
  1 metadata meta.ObjectMeta; 2 spec PersistentVolumeClaimSpec!
type PersistentVolumeClaimVolumeSource
  1 claimName string!; 2 readOnly bool
type PersistentVolumeSource
  1 gcePersistentDisk GCEPersistentDiskVolumeSource?; 2 awsElasticBlockStore AWSElasticBlockStoreVolumeSource?
  3 hostPath HostPathVolumeSource?; 4 glusterfs GlusterfsPersistentVolumeSource?; 5 nfs NFSVolumeSource?
  6 rbd RBDPersistentVolumeSource?; 7 iscsi ISCSIPersistentVolumeSource?; 8 cinder CinderPersistentVolumeSource?
  9 cephfs CephFSPersistentVolumeSource?; 10 fc FCVolumeSource?; 11 flocker FlockerVolumeSource?
  12 flexVolume FlexPersistentVolumeSource?; 13 azureFile AzureFilePersistentVolumeSource?
  14 vsphereVolume VsphereVirtualDiskVolumeSource?; 15 quobyte QuobyteVolumeSource?
  16 azureDisk AzureDiskVolumeSource?; 17 photonPersistentDisk PhotonPersistentDiskVolumeSource?
  18 portworxVolume PortworxVolumeSource?; 19 scaleIO ScaleIOPersistentVolumeSource?; 20 local LocalVolumeSource?
  21 storageos StorageOSPersistentVolumeSource?; 22 csi CSIPersistentVolumeSource?
type PersistentVolumeSpec
  1 capacity {}quantity; 2 persistentVolumeSource inline PersistentVolumeSource; 3 accessModes []string
  4 claimRef ObjectReference? @granular; 5 persistentVolumeReclaimPolicy string; 6 storageClassName string
  7 mountOptions []string; 8 volumeMode string?; 9 nodeAffinity VolumeNodeAffinity?
  10 volumeAttributesClassName string?
type PersistentVolumeStatus
  1 phase string; 2 message string; 3 reason string; 4 lastPhaseTransitionTime time?
type PhotonPersistentDiskVolumeSource
  1 pdID string!; 2 fsType string
type PodCertificateProjection
  1 signerName string; 2 keyType string; 3 maxExpirationSeconds int32?; 4 credentialBundlePath string
  5 keyPath string; 6 certificateChainPath string; 7 userAnnotations {}string; 8 user int64?
type PodVolumeHealth
  1 name string!; 2 healthConditions []VolumeHealthCondition @status,reason +status; 3 lastTransitionTime time
type PortworxVolumeSource
  1 volumeID string!; 2 fsType string; 3 readOnly bool
type ProjectedVolumeSource
  1 sources []VolumeProjection!; 2 defaultMode int32?; 3 defaultUser int64?
type QuobyteVolumeSource
  1 registry string!; 2 volume string!; 3 readOnly bool; 4 user string; 5 group string; 6 tenant string
type RBDPersistentVolumeSource
  1 monitors []string!; 2 image string!; 3 fsType string; 4 pool string ="rbd"; 5 user string ="admin"
  6 keyring string ="/etc/ceph/keyring"; 7 secretRef SecretReference?; 8 readOnly bool
type RBDVolumeSource
  1 monitors []string!; 2 image string!; 3 fsType string; 4 pool string ="rbd"; 5 user string ="admin"
  6 keyring string ="/etc/ceph/keyring"; 7 secretRef LocalObjectReference?; 8 readOnly bool
type ScaleIOPersistentVolumeSource
  1 gateway string!; 2 system string!; 3 secretRef SecretReference?; 4 sslEnabled bool; 5 protectionDomain string
  6 storagePool string; 7 storageMode string ="ThinProvisioned"; 8 volumeName string; 9 fsType string ="xfs"
  10 readOnly bool
type ScaleIOVolumeSource
  1 gateway string!; 2 system string!; 3 secretRef LocalObjectReference?; 4 sslEnabled bool; 5 protectionDomain string
  6 storagePool string; 7 storageMode string ="ThinProvisioned"; 8 volumeName string; 9 fsType string ="xfs"
  10 readOnly bool
type SecretProjection
  1 localObjectReference inline LocalObjectReference; 2 items []KeyToPath; 4 optional bool?
type SecretReference atomic
  1 name string; 2 namespace string
type SecretVolumeSource
  1 secretName string; 2 items []KeyToPath; 3 defaultMode int32?; 4 optional bool?; 5 defaultUser int64?
type ServiceAccountTokenProjection
  1 audience string; 2 expirationSeconds int64?; 3 path string!; 4 user int64?
type StorageOSPersistentVolumeSource
  1 volumeName string; 2 volumeNamespace string; 3 fsType string; 4 readOnly bool; 5 secretRef ObjectReference?
type StorageOSVolumeSource
  1 volumeName string; 2 volumeNamespace string; 3 fsType string; 4 readOnly bool; 5 secretRef LocalObjectReference?
type TypedLocalObjectReference atomic
  1 apiGroup string?; 2 kind string!; 3 name string!
type TypedObjectReference
  1 apiGroup string?; 2 kind string!; 3 name string!; 4 namespace string?
type Volume
  1 name string!; 2 volumeSource inline VolumeSource
type VolumeHealthCondition
  1 status string!; 2 reason string!; 3 message string
type VolumeHealthStatus
  1 healthConditions []VolumeHealthCondition @status,reason +status; 2 lastTransitionTime time
type VolumeNodeAffinity
  1 required NodeSelector?
type VolumeProjection
  1 secret SecretProjection?; 2 downwardAPI DownwardAPIProjection?; 3 configMap ConfigMapProjection?
  4 serviceAccountToken ServiceAccountTokenProjection?; 5 clusterTrustBundle ClusterTrustBundleProjection?
  6 podCertificate PodCertificateProjection?
type VolumeResourceRequirements
  1 limits {}quantity; 2 requests {}quantity
type VolumeSource
  1 hostPath HostPathVolumeSource?; 2 emptyDir EmptyDirVolumeSource?
  3 gcePersistentDisk GCEPersistentDiskVolumeSource?; 4 awsElasticBlockStore AWSElasticBlockStoreVolumeSource?
  5 gitRepo GitRepoVolumeSource?; 6 secret SecretVolumeSource?; 7 nfs NFSVolumeSource?; 8 iscsi ISCSIVolumeSource?
  9 glusterfs GlusterfsVolumeSource?; 10 persistentVolumeClaim PersistentVolumeClaimVolumeSource?
  11 rbd RBDVolumeSource?; 12 flexVolume FlexVolumeSource?; 13 cinder CinderVolumeSource?
  14 cephfs CephFSVolumeSource?; 15 flocker FlockerVolumeSource?; 16 downwardAPI DownwardAPIVolumeSource?
  17 fc FCVolumeSource?; 18 azureFile AzureFileVolumeSource?; 19 configMap ConfigMapVolumeSource?
  20 vsphereVolume VsphereVirtualDiskVolumeSource?; 21 quobyte QuobyteVolumeSource?
  22 azureDisk AzureDiskVolumeSource?; 23 photonPersistentDisk PhotonPersistentDiskVolumeSource?
  24 portworxVolume PortworxVolumeSource?; 25 scaleIO ScaleIOVolumeSource?; 26 projected ProjectedVolumeSource?
  27 storageos StorageOSVolumeSource?; 28 csi CSIVolumeSource?; 29 ephemeral EphemeralVolumeSource?
  30 image ImageVolumeSource?
type VolumeStatus
  1 image ImageVolumeStatus?
type VsphereVirtualDiskVolumeSource
  1 volumePath string!; 2 fsType string; 3 storagePolicyName string; 4 storagePolicyID string
)";

}  // namespace fakeapi
