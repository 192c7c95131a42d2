# Included by the folder above: what the program adds to the server.
set(DAEMON_SOURCES
  daemon/auto_advance.cc
  daemon/control_endpoints.cc
  daemon/daemon.cc
  daemon/fault_injector.cc
  daemon/fault_rules.cc
  daemon/faulty_stream.cc
  daemon/flags.cc
  daemon/hpa_controller.cc
  daemon/kubeconfig.cc
  daemon/manifests.cc
  daemon/recorder.cc
  daemon/request_info.cc
  daemon/serving_identity.cc
  daemon/snapshot.cc
  daemon/spoilt_answers.cc
  daemon/test_server.cc)

set(DAEMON_TEST_SOURCES
  ${PROJECT_SOURCE_DIR}/docs/examples/fake_apiserver_example.cc
  daemon/auto_advance_test.cc
  daemon/control_endpoints_test.cc
  daemon/daemon_secrets_test.cc
  daemon/fault_injector_test.cc
  daemon/fault_rules_test.cc
  daemon/flags_test.cc)
