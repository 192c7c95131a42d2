# Included by the folder above: the parts of one library and its tests.
set(HPA_SOURCES
  hpa/hpa_policy.cc
  hpa/hpa_reader.cc
  hpa/metric_proposals.cc
  hpa/pod_groups.cc
  hpa/rate_limits.cc
  hpa/replica_math.cc
  hpa/stabilizer.cc
)
set(HPA_TESTS
  hpa/hpa_policy_test.cc
  hpa/rate_limits_test.cc
  hpa/stabilizer_test.cc
)
