# Included by the folder above.
set(CUSTOM_SOURCES
  custom/aggregator.cc
  custom/api_services.cc
  custom/custom_definition.cc
  custom/custom_resource.cc
  custom/definition_rules.cc
  custom/definitions.cc
  custom/json_path.cc
  custom/pattern.cc
  custom/printer_columns.cc
  custom/schema_formats.cc
  custom/schema_parser.cc
  custom/schema_shape.cc
  custom/schema_type_builder.cc
  custom/schema_validation.cc)

set(CUSTOM_TEST_SOURCES
  custom/aggregation_limits_test.cc
  custom/aggregation_test.cc
  custom/custom_resource_test.cc
  custom/definition_test.cc
  custom/json_path_test.cc
  custom/registry_test.cc
  custom/structural_schema_test.cc)
