# Included by the folder above: the parts of one library and its tests.
set(VECTORS_SOURCES
  ../informer/label_selector.cc
  vectors/calc_vectors.cc
  vectors/hpa_vectors.cc
  vectors/kpa_vectors.cc
  vectors/norm_vectors.cc
  vectors/reconcile_vectors.cc
  vectors/reconcile_world.cc
  vectors/validation_vectors.cc
  vectors/vector_outcome.cc
  vectors/vector_values.cc
)
set(VECTORS_TESTS
  vectors/hpa_vectors_test.cc
  vectors/kpa_vectors_test.cc
)
