# Included by the folder above: the parts of one library and its tests.
set(WPA_SOURCES
  wpa/watermarks.cc
  wpa/wpa_pods.cc
  wpa/wpa_policy.cc
  wpa/wpa_reader.cc
)
set(WPA_TESTS
  wpa/watermarks_test.cc
  wpa/wpa_pods_test.cc
  wpa/wpa_policy_test.cc
  wpa/wpa_reader_test.cc
)
