# How everything here is compiled: one interface target, aemp_options, that all our own targets use.
find_program(AEMP_CCACHE ccache)
if(AEMP_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # ccache cannot see into a precompiled header, so it has to be told that this is fine.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros ${AEMP_CCACHE})
endif()

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
if(PROJECT_IS_TOP_LEVEL)
  set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
  string(REPLACE "-O3" "-O2" CMAKE_CXX_FLAGS_RELEASE "${CMAKE_CXX_FLAGS_RELEASE} -g1")
endif()

add_library(aemp_options INTERFACE)
target_include_directories(aemp_options INTERFACE ${PROJECT_SOURCE_DIR}/include ${PROJECT_BINARY_DIR}/include)
target_compile_options(aemp_options INTERFACE -Wall -Wextra -Wpedantic)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # g++ 12 sees accesses out of bounds in the short buffers of strings that are joined and moved, where there are none
  # (GCC bugs 105329 and 105651). Clang and the address sanitizer look for the real ones.
  target_compile_options(aemp_options INTERFACE -Wno-array-bounds -Wno-restrict -Wno-stringop-overflow
                                                -Wno-stringop-overread)
  if(AEMP_SANITIZE)
    # What the sanitizers put in between hides from g++ that a value was set.
    target_compile_options(aemp_options INTERFACE -Wno-maybe-uninitialized)
  endif()
endif()
if(AEMP_WERROR)
  target_compile_options(aemp_options INTERFACE -Werror)
endif()
if(AEMP_PCH)
  # For ccache: gcc has to keep the precompiled header visible, clang must not compare its time stamp.
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(aemp_options INTERFACE -fpch-preprocess)
  elseif(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    target_compile_options(aemp_options INTERFACE "SHELL:-Xclang -fno-pch-timestamp")
  endif()
endif()
if(AEMP_SANITIZE)
  add_compile_options(-fsanitize=${AEMP_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${AEMP_SANITIZE})
  # The check of an object's type opens a pipe; where a test leaves no file descriptor, it takes each object for a wrong one.
  set_source_files_properties(src/net/asio_impl.cpp PROPERTIES COMPILE_OPTIONS -fno-sanitize=vptr)
endif()

set(AEMP_PCH_HEADERS
    <algorithm> <array> <atomic> <chrono> <concepts> <condition_variable> <coroutine> <cstddef> <cstdint> <cstring>
    <functional> <iterator> <limits> <map> <memory> <mutex> <new> <optional> <ostream> <set> <span> <stdexcept> <string>
    <string_view> <thread> <tuple> <type_traits> <unordered_map> <utility> <variant> <vector>)

# aemp_use_pch(target pch_target): the target shares the precompiled header of pch_target.
function(aemp_use_pch target pch_target)
  if(AEMP_PCH)
    target_precompile_headers(${target} REUSE_FROM ${pch_target})
  endif()
endfunction()

# aemp_define_pch(name kind headers...): a target that exists for its precompiled header only.
function(aemp_define_pch name)
  if(AEMP_PCH)
    file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/pch/${name}.cpp CONTENT "")
    add_library(${name} OBJECT ${PROJECT_BINARY_DIR}/pch/${name}.cpp)
    target_precompile_headers(${name} PRIVATE ${ARGN})
  endif()
endfunction()
