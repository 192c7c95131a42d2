# Included by the folder above: the parts of one library and its tests.
set(TUNER_SOURCES
  tuner/human_policy.cc
  tuner/human_reader.cc
  tuner/shift_luck.cc
  tuner/tuner_policy.cc
  tuner/tuner_reader.cc
)
set(TUNER_TESTS
  tuner/human_policy_test.cc
  tuner/human_reader_test.cc
  tuner/tuner_cluster_test.cc
  tuner/tuner_policy_test.cc
  tuner/tuner_reader_test.cc
)
