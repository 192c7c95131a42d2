# Included by the folder above.
set(APPLY_SOURCES
  apply/compare.cc
  apply/conflict.cc
  apply/field_set.cc
  apply/last_applied.cc
  apply/managers.cc
  apply/merge.cc
  apply/ownership.cc
  apply/value_type.cc)

set(APPLY_TEST_SOURCES
  apply/field_set_test.cc
  apply/merge_test.cc
  apply/ownership_test.cc
  apply/server_side_apply_test.cc)
