# Fuzzers: one libFuzzer program per src/*/x_fuzz.cpp, in <build>/fuzz. The library is built with the fuzzer's coverage
# and with the address and undefined behaviour sanitizers, see the preset `fuzz`.
if(NOT CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  message(FATAL_ERROR "AEMP_FUZZ needs clang for its libFuzzer: use cmake --preset fuzz, or set CMAKE_CXX_COMPILER.")
endif()
file(GLOB fuzz_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/*/*_fuzz.cpp)
foreach(source IN LISTS fuzz_sources)
  cmake_path(GET source STEM name)
  add_executable(${name} ${source})
  target_link_libraries(${name} PRIVATE aemp aemp_private)
  target_link_options(${name} PRIVATE -fsanitize=fuzzer)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/fuzz)
endforeach()
