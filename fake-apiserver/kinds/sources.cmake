# Included by the folder above.
set(KINDS_SOURCES
  kinds/autoscaler_conversion.cc
  kinds/autoscaling_rules.cc
  kinds/batch_rules.cc
  kinds/container_rules.cc
  kinds/core_rules.cc
  kinds/kind_rules.cc
  kinds/metadata_rules.cc
  kinds/names.cc
  kinds/network_rules.cc
  kinds/object_defaults.cc
  kinds/pod_admission.cc
  kinds/pod_defaults.cc
  kinds/pod_rules.cc
  kinds/policy_rules.cc
  kinds/problems.cc
  kinds/quantity.cc
  kinds/scheduling_rules.cc
  kinds/service_addresses.cc
  kinds/type_check.cc
  kinds/workload_defaults.cc
  kinds/workload_rules.cc)

set(KINDS_TEST_SOURCES
  kinds/admission_test.cc
  kinds/kind_rules_test.cc
  kinds/quantity_test.cc)
