// The messages of the groups authentication.k8s.io, authorization.k8s.io and rbac.authorization.k8s.io.
//
// A table in the notation of schema/notation.h. Constant.
#include "fake-apiserver/schema/notation.h"

namespace fakeapi {

extern const char* const kSecurityTypes = R"(
package authentication = io.k8s.api.authentication.v1 serves authentication.k8s.io/v1
type BoundObjectReference
  1 kind string; 2 apiVersion string; 3 name string; 4 uid string
kind SelfSubjectReview: Asks who one is.
  1 metadata meta.ObjectMeta; 2 status SelfSubjectReviewStatus
type SelfSubjectReviewStatus
  1 userInfo UserInfo
kind TokenRequest: Asks for a token of a service account.
  1 metadata meta.ObjectMeta; 2 spec TokenRequestSpec!; 3 status TokenRequestStatus
type TokenRequestSpec
  1 audiences []string!; 3 boundObjectRef BoundObjectReference?; 4 expirationSeconds int64?; 5 attestations {}strings
type TokenRequestStatus
  1 token string!; 2 expirationTimestamp time!
kind TokenReview: Asks whose token it is.
  1 metadata meta.ObjectMeta; 2 spec TokenReviewSpec!; 3 status TokenReviewStatus
type TokenReviewSpec
  1 token string; 2 audiences []string
type TokenReviewStatus
  1 authenticated bool; 2 user UserInfo; 3 error string; 4 audiences []string
type UserInfo
  1 username string; 2 uid string; 3 groups []string; 4 extra {}strings
package authorization = io.k8s.api.authorization.v1 serves authorization.k8s.io/v1
type FieldSelectorAttributes
  1 rawSelector string; 2 requirements []meta.FieldSelectorRequirement
type LabelSelectorAttributes
  1 rawSelector string; 2 requirements []meta.LabelSelectorRequirement
kind LocalSubjectAccessReview: Asks whether somebody may do something in a namespace.
  1 metadata meta.ObjectMeta; 2 spec SubjectAccessReviewSpec!; 3 status SubjectAccessReviewStatus
type NonResourceAttributes
  1 path string; 2 verb string
type NonResourceRule
  1 verbs []string!; 2 nonResourceURLs []string
type ResourceAttributes
  1 namespace string; 2 verb string; 3 group string; 4 version string; 5 resource string; 6 subresource string
  7 name string; 8 fieldSelector FieldSelectorAttributes?; 9 labelSelector LabelSelectorAttributes?
type ResourceRule
  1 verbs []string!; 2 apiGroups []string; 3 resources []string; 4 resourceNames []string
kind SelfSubjectAccessReview: Asks whether one may do something.
  1 metadata meta.ObjectMeta; 2 spec SelfSubjectAccessReviewSpec!; 3 status SubjectAccessReviewStatus
type SelfSubjectAccessReviewSpec
  1 resourceAttributes ResourceAttributes?; 2 nonResourceAttributes NonResourceAttributes?
kind SelfSubjectRulesReview: Asks what one may do in a namespace.
  1 metadata meta.ObjectMeta; 2 spec SelfSubjectRulesReviewSpec!; 3 status SubjectRulesReviewStatus
type SelfSubjectRulesReviewSpec
  1 namespace string
kind SubjectAccessReview: Asks whether somebody may do something.
  1 metadata meta.ObjectMeta; 2 spec SubjectAccessReviewSpec!; 3 status SubjectAccessReviewStatus
type SubjectAccessReviewSpec
  1 resourceAttributes ResourceAttributes?; 2 nonResourceAttributes NonResourceAttributes?; 3 user string
  4 groups []string; 5 extra {}strings; 6 uid string
type SubjectAccessReviewStatus
  1 allowed bool!; 2 reason string; 3 evaluationError string; 4 denied bool
type SubjectRulesReviewStatus
  1 resourceRules []ResourceRule!; 2 nonResourceRules []NonResourceRule!; 3 incomplete bool!; 4 evaluationError string
package rbac = io.k8s.api.rbac.v1 serves rbac.authorization.k8s.io/v1
type AggregationRule
  1 clusterRoleSelectors []meta.LabelSelector
kind ClusterRole: Rights in the whole cluster.
  1 metadata meta.ObjectMeta; 2 rules []PolicyRule!; 3 aggregationRule AggregationRule?
kind ClusterRoleBinding: Gives the rights of a role to somebody, in the whole cluster.
  1 metadata meta.ObjectMeta; 2 subjects []Subject; 3 roleRef RoleRef!
type PolicyRule
  1 verbs []string!; 2 apiGroups []string; 3 resources []string; 4 resourceNames []string; 5 nonResourceURLs []string
kind Role: Rights within a namespace.
  1 metadata meta.ObjectMeta; 2 rules []PolicyRule!
kind RoleBinding: Gives the rights of a role to somebody, within a namespace.
  1 metadata meta.ObjectMeta; 2 subjects []Subject; 3 roleRef RoleRef!
type RoleRef atomic
  1 apiGroup string!; 2 kind string!; 3 name string!
type Subject atomic
  1 kind string!; 2 apiGroup string; 3 name string!; 4 namespace string
)";

}  // namespace fakeapi
