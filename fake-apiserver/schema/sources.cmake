# Included by the folder above.
set(SCHEMA_SOURCES
  schema/conform.cc
  schema/json_types.cc
  schema/notation.cc
  schema/protobuf_reader.cc
  schema/protobuf_wire.cc
  schema/quantity.cc
  schema/schema.cc
  schema/types_apps.cc
  schema/types_autoscaling.cc
  schema/types_cluster.cc
  schema/types_core_cluster.cc
  schema/types_core_pods.cc
  schema/types_core_volumes.cc
  schema/types_extensions.cc
  schema/types_meta.cc
  schema/types_networking.cc
  schema/types_security.cc
  schema/utf8.cc)

set(SCHEMA_TEST_SOURCES
  schema/conform_test.cc
  schema/protobuf_reader_test.cc
  schema/schema_test.cc)
