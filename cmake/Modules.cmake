# project_library(NAME base ALIAS common::base SOURCES a.cc b.cc DEPS other::lib PRIVATE_DEPS yaml-cpp)
# A static library of ours. Link the alias, never the bare name.
function(project_library)
  cmake_parse_arguments(ARG "" "NAME;ALIAS" "SOURCES;DEPS;PRIVATE_DEPS" ${ARGN})
  add_library(${ARG_NAME} STATIC ${ARG_SOURCES})
  add_library(${ARG_ALIAS} ALIAS ${ARG_NAME})
  target_link_libraries(${ARG_NAME} PUBLIC project_options ${ARG_DEPS} PRIVATE ${ARG_PRIVATE_DEPS})
endfunction()

# project_program(NAME gamenight SOURCES main.cc DEPS sim::cli): a binary in build/bin.
function(project_program)
  cmake_parse_arguments(ARG "" "NAME" "SOURCES;DEPS" ${ARGN})
  add_executable(${ARG_NAME} ${ARG_SOURCES})
  target_link_libraries(${ARG_NAME} PRIVATE project_options ${ARG_DEPS})
endfunction()

# project_tests(NAME base_tests LABEL unit SOURCES x_test.cc DEPS common::base)
# One test program; each of its tests is a test of ctest. It runs in the source root, so that tests find data files
# by a relative path, and gets the folder of the programs as GAMENIGHT_BIN.
function(project_tests)
  cmake_parse_arguments(ARG "" "NAME;LABEL;TIMEOUT" "SOURCES;DEPS" ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  add_executable(${ARG_NAME} ${ARG_SOURCES})
  target_link_libraries(${ARG_NAME} PRIVATE project_options ${ARG_DEPS} GTest::gtest_main)
  set_target_properties(${ARG_NAME} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
  # What is tested is optimised as shipped; optimising the tests themselves only makes the build slow.
  target_compile_options(${ARG_NAME} PRIVATE -O0)
  gtest_discover_tests(${ARG_NAME}
    WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}
    PROPERTIES LABELS ${ARG_LABEL} TIMEOUT ${ARG_TIMEOUT}
      ENVIRONMENT "GAMENIGHT_BIN=${PROJECT_BINARY_DIR}/bin"
    DISCOVERY_TIMEOUT 60)
endfunction()
