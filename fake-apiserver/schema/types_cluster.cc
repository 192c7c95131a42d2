// The messages of the groups coordination.k8s.io, events.k8s.io, discovery.k8s.io and node.k8s.io.
//
// A table in the notation of schema/notation.h. Constant.
#include "fake-apiserver/schema/notation.h"

namespace fakeapi {

extern const char* const kClusterTypes = R"(
package coordination = io.k8s.api.coordination.v1 serves coordination.k8s.io/v1
kind Lease: Who holds something, and until when.
  1 metadata meta.ObjectMeta; 2 spec LeaseSpec
type LeaseSpec
  1 holderIdentity string?  # Who holds it.
  2 leaseDurationSeconds int32?  # Seconds after the last renewal until others may take it.
  3 acquireTime microtime?
  4 renewTime microtime?  # When it was last renewed.
  5 leaseTransitions int32?; 6 strategy string?; 7 preferredHolder string?
package events = io.k8s.api.events.v1 serves events.k8s.io/v1
kind Event: Something that happened to an object.
  1 metadata meta.ObjectMeta!; 2 eventTime microtime!; 3 series EventSeries?; 4 reportingController string
  5 reportingInstance string; 6 action string; 7 reason string; 8 regarding core.ObjectReference
  9 related core.ObjectReference?; 10 note string; 11 type string; 12 deprecatedSource core.EventSource
  13 deprecatedFirstTimestamp time; 14 deprecatedLastTimestamp time; 15 deprecatedCount int32
type EventSeries
  1 count int32!; 2 lastObservedTime microtime!
package discovery = io.k8s.api.discovery.v1 serves discovery.k8s.io/v1
type Endpoint
  1 addresses []string! @set; 2 conditions EndpointConditions; 3 hostname string?; 4 targetRef core.ObjectReference?
  5 deprecatedTopology {}string; 6 nodeName string?; 7 zone string?; 8 hints EndpointHints?
type EndpointConditions
  1 ready bool?; 2 serving bool?; 3 terminating bool?
type EndpointHints
  1 forZones []ForZone; 2 forNodes []ForNode
type EndpointPort atomic
  1 name string?; 2 protocol string?; 3 port int32?; 4 appProtocol string?
kind EndpointSlice: Some of the addresses behind a service.
  1 metadata meta.ObjectMeta; 2 endpoints []Endpoint!; 3 ports []EndpointPort!; 4 addressType string!
type ForNode
  1 name string!
type ForZone
  1 name string!
package discoveryv1beta1 = io.k8s.api.discovery.v1beta1 serves discovery.k8s.io/v1beta1
type Endpoint
  1 addresses []string! @set; 2 conditions EndpointConditions; 3 hostname string?; 4 targetRef core.ObjectReference?
  5 topology {}string; 6 nodeName string?; 7 hints EndpointHints?
type EndpointConditions
  1 ready bool?; 2 serving bool?; 3 terminating bool?
type EndpointHints
  1 forZones []ForZone; 2 forNodes []ForNode
type EndpointPort
  1 name string?; 2 protocol string?; 3 port int32?; 4 appProtocol string?
kind EndpointSlice
  1 metadata meta.ObjectMeta; 2 endpoints []Endpoint!; 3 ports []EndpointPort!; 4 addressType string!
type ForNode
  1 name string!
type ForZone
  1 name string!
package node = io.k8s.api.node.v1 serves node.k8s.io/v1
type Overhead
  1 podFixed {}quantity
kind RuntimeClass: A way of running containers.
  1 metadata meta.ObjectMeta; 2 handler string!; 3 overhead Overhead?; 4 scheduling Scheduling?
type Scheduling
  1 nodeSelector {}string @atomic; 2 tolerations []core.Toleration
)";

}  // namespace fakeapi
