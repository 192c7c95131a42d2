# Included by the folder above.
set(SECURITY_SOURCES
  security/attributes.cc
  security/authenticator.cc
  security/authorizer.cc
  security/default_roles.cc
  security/escalation.cc
  security/impersonation.cc
  security/policy_rules.cc
  security/reviews.cc
  security/role_aggregation.cc
  security/security.cc
  security/service_account_tokens.cc
  security/token_signer.cc)

set(SECURITY_TEST_SOURCES
  security/authentication_test.cc
  security/authorization_test.cc
  security/policy_rules_test.cc
  security/token_signer_test.cc)
