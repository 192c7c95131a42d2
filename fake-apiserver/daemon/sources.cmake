# Included by the folder above: what the program adds to the server.
set(DAEMON_SOURCES
  daemon/flags.cc)

set(DAEMON_TEST_SOURCES
  daemon/flags_test.cc)
