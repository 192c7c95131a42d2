# Included by the folder above: the parts of one library and its tests.
set(KPA_SOURCES
  kpa/annotations.cc
  kpa/decider.cc
  kpa/knative_service.cc
  kpa/kpa_policy.cc
  kpa/kpa_reader.cc
  kpa/scale_to_zero.cc
  kpa/window_average.cc
)
set(KPA_TESTS
  kpa/decider_test.cc
  kpa/knative_service_test.cc
  kpa/kpa_policy_test.cc
  kpa/kpa_reader_test.cc
  kpa/scale_to_zero_test.cc
  kpa/window_average_test.cc
)
