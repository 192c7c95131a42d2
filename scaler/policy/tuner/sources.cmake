# Included by the folder above: the parts of one library and its tests.
set(TUNER_SOURCES
  tuner/tuner_policy.cc
  tuner/tuner_reader.cc
)
set(TUNER_TESTS
  tuner/tuner_policy_test.cc
)
