// The messages of the groups admissionregistration.k8s.io, apiextensions.k8s.io and apiregistration.k8s.io.
//
// A table in the notation of schema/notation.h. Constant.
#include "fake-apiserver/schema/notation.h"

namespace fakeapi {

extern const char* const kExtensionsTypes = R"(
package admission = io.k8s.api.admissionregistration.v1 serves admissionregistration.k8s.io/v1
type AuditAnnotation
  1 key string!; 2 valueExpression string!
type ExpressionWarning
  2 fieldRef string!; 3 warning string!
type MatchCondition
  1 name string!; 2 expression string!
type MatchResources atomic
  1 namespaceSelector meta.LabelSelector?; 2 objectSelector meta.LabelSelector?
  3 resourceRules []NamedRuleWithOperations; 4 excludeResourceRules []NamedRuleWithOperations; 7 matchPolicy string?
type MutatingWebhook
  1 name string!; 2 clientConfig WebhookClientConfig!; 3 rules []RuleWithOperations; 4 failurePolicy string?
  5 namespaceSelector meta.LabelSelector?; 6 sideEffects string?; 7 timeoutSeconds int32?
  8 admissionReviewVersions []string!; 9 matchPolicy string?; 10 reinvocationPolicy string?
  11 objectSelector meta.LabelSelector?; 12 matchConditions []MatchCondition @name +name
kind MutatingWebhookConfiguration: Who may change objects before they are written.
  1 metadata meta.ObjectMeta; 2 webhooks []MutatingWebhook @name +name
type NamedRuleWithOperations atomic
  1 resourceNames []string; 2 ruleWithOperations inline RuleWithOperations
type ParamKind atomic
  1 apiVersion string; 2 kind string
type ParamRef atomic
  1 name string; 2 namespace string; 3 selector meta.LabelSelector?; 4 parameterNotFoundAction string?
type Rule
  1 apiGroups []string; 2 apiVersions []string; 3 resources []string; 4 scope string?
type RuleWithOperations
  1 operations []string; 2 rule inline Rule
type ServiceReference
  1 namespace string!; 2 name string!; 3 path string?; 4 port int32?
type TypeChecking
  1 expressionWarnings []ExpressionWarning
kind ValidatingAdmissionPolicy
  1 metadata meta.ObjectMeta; 2 spec ValidatingAdmissionPolicySpec; 3 status ValidatingAdmissionPolicyStatus
kind ValidatingAdmissionPolicyBinding
  1 metadata meta.ObjectMeta; 2 spec ValidatingAdmissionPolicyBindingSpec
type ValidatingAdmissionPolicyBindingSpec
  1 policyName string; 2 paramRef ParamRef?; 3 matchResources MatchResources?; 4 validationActions []string @set
type ValidatingAdmissionPolicySpec
  1 paramKind ParamKind?; 2 matchConstraints MatchResources?; 3 validations []Validation; 4 failurePolicy string?
  5 auditAnnotations []AuditAnnotation; 6 matchConditions []MatchCondition @name +name
  7 variables []Variable @name +name
type ValidatingAdmissionPolicyStatus
  1 observedGeneration int64; 2 typeChecking TypeChecking?; 3 conditions []meta.Condition @type
type ValidatingWebhook
  1 name string!; 2 clientConfig WebhookClientConfig!; 3 rules []RuleWithOperations; 4 failurePolicy string?
  5 namespaceSelector meta.LabelSelector?; 6 sideEffects string?; 7 timeoutSeconds int32?
  8 admissionReviewVersions []string!; 9 matchPolicy string?; 10 objectSelector meta.LabelSelector?
  11 matchConditions []MatchCondition @name +name
kind ValidatingWebhookConfiguration: Whom to ask before objects are written.
  1 metadata meta.ObjectMeta; 2 webhooks []ValidatingWebhook @name +name
type Validation
  1 expression string!; 2 message string; 3 reason string?; 4 messageExpression string
type Variable atomic
  1 name string!; 2 expression string!
type WebhookClientConfig
  1 service ServiceReference?; 2 caBundle bytes; 3 url string?
package apiextensions = io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1 serves apiextensions.k8s.io/v1
type CustomResourceColumnDefinition
  1 name string!; 2 type string!; 3 format string; 4 description string; 5 priority int32; 6 jsonPath string!
type CustomResourceConversion
  1 strategy string!; 2 webhook WebhookConversion?
kind CustomResourceDefinition: Defines a kind of its own.
  1 metadata meta.ObjectMeta; 2 spec CustomResourceDefinitionSpec!; 3 status CustomResourceDefinitionStatus
type CustomResourceDefinitionCondition
  1 type string!; 2 status string!; 3 lastTransitionTime time; 4 reason string; 5 message string
  6 observedGeneration int64
type CustomResourceDefinitionNames
  1 plural string!; 2 singular string; 3 shortNames []string; 4 kind string!; 5 listKind string; 6 categories []string
type CustomResourceDefinitionSpec
  1 group string!; 3 names CustomResourceDefinitionNames!; 4 scope string!
  7 versions []CustomResourceDefinitionVersion!; 9 conversion CustomResourceConversion?; 10 preserveUnknownFields bool
type CustomResourceDefinitionStatus
  1 conditions []CustomResourceDefinitionCondition! @type; 2 acceptedNames CustomResourceDefinitionNames!
  3 storedVersions []string!; 4 observedGeneration int64
type CustomResourceDefinitionVersion
  1 name string!; 2 served bool!; 3 storage bool!; 4 schema CustomResourceValidation?
  5 subresources CustomResourceSubresources?; 6 additionalPrinterColumns []CustomResourceColumnDefinition
  7 deprecated bool; 8 deprecationWarning string?; 9 selectableFields []SelectableField
type CustomResourceSubresourceScale
  1 specReplicasPath string!; 2 statusReplicasPath string!; 3 labelSelectorPath string?
type CustomResourceSubresourceStatus
type CustomResourceSubresources
  1 status CustomResourceSubresourceStatus?; 2 scale CustomResourceSubresourceScale?
type CustomResourceValidation
  1 openAPIV3Schema JSONSchemaProps?
type ExternalDocumentation
  1 description string; 2 url string
type JSONSchemaProps
  1 id string; 2 $schema string; 3 $ref string?; 4 description string; 5 type string; 6 format string; 7 title string
  8 default raw?; 9 maximum double?; 10 exclusiveMaximum bool; 11 minimum double?; 12 exclusiveMinimum bool
  13 maxLength int64?; 14 minLength int64?; 15 pattern string; 16 maxItems int64?; 17 minItems int64?
  18 uniqueItems bool; 19 multipleOf double?; 20 enum []raw; 21 maxProperties int64?; 22 minProperties int64?
  23 required []string; 24 items JSONSchemaPropsOrArray?; 25 allOf []JSONSchemaProps; 26 oneOf []JSONSchemaProps
  27 anyOf []JSONSchemaProps; 28 not JSONSchemaProps?; 29 properties {}JSONSchemaProps
  30 additionalProperties JSONSchemaPropsOrBool?; 31 patternProperties {}JSONSchemaProps
  32 dependencies {}JSONSchemaPropsOrStringArray; 33 additionalItems JSONSchemaPropsOrBool?
  34 definitions {}JSONSchemaProps; 35 externalDocs ExternalDocumentation?; 36 example raw?; 37 nullable bool
  38 x-kubernetes-preserve-unknown-fields bool?; 39 x-kubernetes-embedded-resource bool
  40 x-kubernetes-int-or-string bool; 41 x-kubernetes-list-map-keys []string; 42 x-kubernetes-list-type string?
  43 x-kubernetes-map-type string?; 44 x-kubernetes-validations []ValidationRule @rule +rule
type JSONSchemaPropsOrArray variant
  1 schema JSONSchemaProps?; 2 jSONSchemas []JSONSchemaProps
type JSONSchemaPropsOrBool variant
  1 allows bool; 2 schema JSONSchemaProps?
type JSONSchemaPropsOrStringArray variant
  1 schema JSONSchemaProps?; 2 property []string
type SelectableField
  1 jsonPath string!
type ServiceReference
  1 namespace string!; 2 name string!; 3 path string?; 4 port int32?
type ValidationRule
  1 rule string!; 2 message string; 3 messageExpression string; 4 reason string?; 5 fieldPath string
  6 optionalOldSelf bool?
type WebhookClientConfig
  1 service ServiceReference?; 2 caBundle bytes; 3 url string?
type WebhookConversion
  2 clientConfig WebhookClientConfig?; 3 conversionReviewVersions []string!
package apiregistration = io.k8s.kube-aggregator.pkg.apis.apiregistration.v1 serves apiregistration.k8s.io/v1
kind APIService: Says which server answers for a group and version.
  1 metadata meta.ObjectMeta; 2 spec APIServiceSpec; 3 status APIServiceStatus
type APIServiceCondition
  1 type string!; 2 status string!; 3 lastTransitionTime time; 4 reason string; 5 message string
type APIServiceSpec: Where the server of the group is and how it is trusted.
  1 service ServiceReference?  # The service that answers; none if this server does so itself.
  2 group string; 3 version string
  4 insecureSkipTLSVerify bool  # The server's certificate is not verified.
  5 caBundle bytes  # Certificates that the server's is verified with, in PEM.
  7 groupPriorityMinimum int32!  # Groups with a higher number come first in discovery.
  8 versionPriority int32!  # Versions of the group with a higher number come first.
type APIServiceStatus
  1 conditions []APIServiceCondition @type +type
type ServiceReference
  1 namespace string; 2 name string; 3 port int32?
)";

}  // namespace fakeapi
