# What every one of our targets is compiled with, and the libraries from Debian that they may link.
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Build type" FORCE)
endif()
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()

find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(prometheus-cpp REQUIRED)
find_package(date REQUIRED)
find_package(ZLIB REQUIRED)
find_package(GTest REQUIRED)

find_library(JEMALLOC jemalloc REQUIRED)

# For programs that live on documents of many small pieces: a quarter of their time, and some of their memory, is the
# heap's. The sanitizers bring one of their own.
add_library(project_heap INTERFACE)
if(NOT GAMENIGHT_SANITIZE)
  target_link_libraries(project_heap INTERFACE ${JEMALLOC})
endif()

add_library(project_options INTERFACE)
target_compile_features(project_options INTERFACE cxx_std_20)
target_include_directories(project_options INTERFACE ${PROJECT_SOURCE_DIR})
# Contracted multiplications would make results depend on the instruction set (docs/determinism.md).
target_compile_options(project_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast -Wnon-virtual-dtor
  -Woverloaded-virtual -Wduplicated-cond -Wlogical-op -ffp-contract=off)
# What g++ 12 says wrongly: overlaps in the concatenation of std::strings (GCC bug 105651), the new and delete of
# coroutine frames, and with sanitizers uninitialized parts of variants.
target_compile_options(project_options INTERFACE
  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict -Wno-mismatched-new-delete>)
if(GAMENIGHT_SANITIZE)
  target_compile_options(project_options INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
endif()
target_compile_definitions(project_options INTERFACE JSON_USE_IMPLICIT_CONVERSIONS=0)
target_link_libraries(project_options INTERFACE Threads::Threads)
if(GAMENIGHT_WERROR)
  target_compile_options(project_options INTERFACE -Werror)
endif()
if(GAMENIGHT_SANITIZE)
  target_compile_options(project_options INTERFACE -fsanitize=${GAMENIGHT_SANITIZE} -fno-omit-frame-pointer)
  target_link_options(project_options INTERFACE -fsanitize=${GAMENIGHT_SANITIZE})
  target_compile_definitions(project_options INTERFACE _GLIBCXX_ASSERTIONS)
endif()
