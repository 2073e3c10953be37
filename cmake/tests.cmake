# One GoogleTest program per room: test_data, test_wire, ... from src/<room>/*_test.cpp; test_sim from sim/; test_system
# from tests/, which needs several rooms and the programs. A room's tests are linked with the objects of that room and
# the rooms it may use; rooms with workers get the simulator too.
find_package(GTest REQUIRED)
include(GoogleTest)

# Debian's rapidcheckConfig.cmake looks for its files in the wrong place, so look for them directly.
find_path(AEMP_RAPIDCHECK_INCLUDE rapidcheck.h)
find_library(AEMP_RAPIDCHECK_LIBRARY rapidcheck)

add_library(aemp_test_options INTERFACE)
target_link_libraries(aemp_test_options INTERFACE aemp_private GTest::gtest_main)
target_include_directories(aemp_test_options INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_definitions(aemp_test_options INTERFACE AEMP_VECTORS_DIR="${PROJECT_SOURCE_DIR}/tests/vectors"
                                                       AEMP_BINARY_DIR="${PROJECT_BINARY_DIR}")
if(AEMP_RAPIDCHECK_INCLUDE AND AEMP_RAPIDCHECK_LIBRARY)
  target_include_directories(aemp_test_options SYSTEM INTERFACE ${AEMP_RAPIDCHECK_INCLUDE})
  target_link_libraries(aemp_test_options INTERFACE ${AEMP_RAPIDCHECK_LIBRARY})
else()
  message(FATAL_ERROR "rapidcheck is missing: scripts/install-deps test installs it, -DAEMP_TESTS=OFF does without.")
endif()

aemp_define_pch(aemp_test_pch ${AEMP_PCH_HEADERS} <gtest/gtest.h>)
if(AEMP_PCH)
  target_link_libraries(aemp_test_pch PRIVATE aemp_test_options)
endif()

# aemp_test_program(name folder rooms...): the program `name` from the tests in the folder, linked with these rooms.
function(aemp_test_program name folder)
  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${folder}/*_test.cpp)
  if(folder STREQUAL "tool")  # and its rooms
    file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tool/*_test.cpp ${PROJECT_SOURCE_DIR}/tool/*/*_test.cpp)
  endif()
  if(NOT sources)
    return()
  endif()
  if(folder STREQUAL "tests")  # what several of its tests share
    file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/*.cpp)
  endif()
  add_executable(${name} ${sources})
  target_link_libraries(${name} PRIVATE aemp_test_options)
  aemp_use_pch(${name} aemp_test_pch)
  aemp_link_rooms(${name} ${ARGN})
  if(AEMP_HAS_SIM AND "core" IN_LIST ARGN)
    target_link_libraries(${name} PRIVATE $<TARGET_FILE:aemp_sim>)
    target_include_directories(${name} PRIVATE ${PROJECT_BINARY_DIR}/sim_include)
    add_dependencies(${name} aemp_sim)
  endif()
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
  string(REPLACE "test_" "" label ${name})
  # Whoever runs the tests may have a configuration file, which is none of their business.
  gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60
                       PROPERTIES TIMEOUT 60 LABELS ${label} ENVIRONMENT AEMP_CONFIG=/dev/null)
endfunction()

# What a sanitizer's build is for on every change: `unit_suites` are those of the rooms below api, `thread_suites` those
# in which threads meet. The others are for `make nightly`.
add_custom_target(unit_suites)
add_custom_target(thread_suites)

foreach(room IN LISTS AEMP_ROOMS)
  aemp_rooms_up_to(rooms ${room})
  aemp_test_program(test_${room} src/${room} ${rooms})
  if(NOT room STREQUAL api)
    add_dependencies(unit_suites test_${room})
  endif()
endforeach()
if(TARGET aemp_tool_room)
  aemp_test_program(test_tool tool ${AEMP_ROOMS} tool_room)
  target_link_libraries(test_tool PRIVATE PkgConfig::AEMP_EDIT)
endif()
if(AEMP_SIM)
  aemp_test_program(test_sim sim ${AEMP_ROOMS})
endif()
aemp_test_program(test_system tests ${AEMP_ROOMS})
if(TARGET test_system)
  get_property(programs GLOBAL PROPERTY AEMP_PROGRAMS)
  if(programs)
    add_dependencies(test_system ${programs})
  endif()
endif()
add_dependencies(thread_suites test_core test_net test_service test_system)

# The programs that the scripts below run, beside those of the examples.
add_custom_target(helpers)

# Each public header has to compile alone, and twice.
file(GLOB headers CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR}/include/aemp/*.hpp)
set(header_checks "")
foreach(header IN LISTS headers)
  string(REPLACE ".hpp" ".cpp" check ${PROJECT_BINARY_DIR}/check_headers/${header})
  file(CONFIGURE OUTPUT ${check} CONTENT "#include <${header}>\n#include <${header}>\n")
  list(APPEND header_checks ${check})
endforeach()
if(header_checks)
  add_library(check_headers OBJECT ${header_checks})
  target_link_libraries(check_headers PRIVATE aemp_options)
endif()

# Tests that are scripts. The install tree is tried without sanitizers, for its user has none.
find_package(Python3 REQUIRED COMPONENTS Interpreter)
add_test(NAME check_rooms COMMAND ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/tests/check_rooms_test.py)
add_test(NAME readme COMMAND ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/tests/readme_test.py)
if(AEMP_INSTALL AND NOT AEMP_SANITIZE)
  add_test(NAME install_tree COMMAND ${PROJECT_SOURCE_DIR}/tests/install_test.sh ${PROJECT_BINARY_DIR}
                                     ${PROJECT_SOURCE_DIR} ${CMAKE_CXX_COMPILER})
  set_tests_properties(install_tree PROPERTIES TIMEOUT 300 LABELS install)
endif()
if(NOT AEMP_SANITIZE)
  add_test(NAME misuse COMMAND ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/tests/misuse_test.py ${CMAKE_CXX_COMPILER}
                                ${PROJECT_SOURCE_DIR}/include ${PROJECT_BINARY_DIR}/include)
  set_tests_properties(misuse PROPERTIES TIMEOUT 120)
endif()
if(BUILD_SHARED_LIBS)
  add_test(NAME exported_symbols COMMAND ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/tests/exported_symbols_test.py
                                         $<TARGET_FILE:aemp> ${PROJECT_SOURCE_DIR})
endif()
if(TARGET examples_hello)
  add_test(NAME examples COMMAND ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/tests/examples_test.py
                                 ${PROJECT_BINARY_DIR}/examples ${PROJECT_SOURCE_DIR}/examples)
  set_tests_properties(examples PROPERTIES TIMEOUT 90 LABELS processes)
endif()
if(TARGET examples_spawn_client)
  add_test(NAME examples_network COMMAND ${PROJECT_SOURCE_DIR}/tests/examples_network_test.sh ${PROJECT_BINARY_DIR}/examples)
  set_tests_properties(examples_network PROPERTIES TIMEOUT 90 LABELS processes)
endif()

# Loops of others.
pkg_check_modules(AEMP_GLIB IMPORTED_TARGET glib-2.0)
if(AEMP_GLIB_FOUND)
  add_executable(glib_node ${PROJECT_SOURCE_DIR}/tests/programs/glib_node.cpp)
  target_link_libraries(glib_node PRIVATE aemp aemp_options PkgConfig::AEMP_GLIB)
  set_target_properties(glib_node PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
  add_dependencies(helpers glib_node)
  add_test(NAME glib_host COMMAND ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/tests/glib_host_test.py ${PROJECT_BINARY_DIR}/tests)
  set_tests_properties(glib_host PROPERTIES TIMEOUT 60 LABELS processes)
endif()

# Networks of processes.
if(TARGET examples_chat_server)
  foreach(program mesh_node watching_node data_node)
    add_executable(${program} ${PROJECT_SOURCE_DIR}/tests/programs/${program}.cpp)
    target_link_libraries(${program} PRIVATE aemp aemp_options)
    set_target_properties(${program} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
    add_dependencies(helpers ${program})
  endforeach()
  add_test(NAME chat COMMAND ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/tests/chat_test.py ${PROJECT_BINARY_DIR}/examples
                             ${PROJECT_BINARY_DIR}/tests)
  add_test(NAME mesh COMMAND ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/tests/mesh_test.py ${PROJECT_BINARY_DIR}/tests)
  foreach(name vanished_host few_descriptors certified_peer data_end)
    add_test(NAME ${name} COMMAND ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/tests/${name}_test.py ${PROJECT_BINARY_DIR}/tests)
  endforeach()
  add_test(NAME psk_peer COMMAND ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/tests/psk_peer_test.py ${PROJECT_BINARY_DIR}/tests)
  set_tests_properties(chat mesh psk_peer vanished_host few_descriptors certified_peer data_end PROPERTIES TIMEOUT 90 LABELS processes)
endif()

# Networks of processes whose connections are cut: tests/torture/README.md.
file(GLOB torture_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/torture/*.cpp)
add_executable(torture_node ${torture_sources})
target_link_libraries(torture_node PRIVATE aemp aemp_options)
target_include_directories(torture_node PRIVATE ${PROJECT_SOURCE_DIR})
set_target_properties(torture_node PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
add_dependencies(helpers torture_node)
foreach(part verifier monitors parts)
  add_test(NAME torture_${part} COMMAND ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/tests/torture/${part}_test.py)
endforeach()
add_test(NAME torture_short COMMAND ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/tests/torture/run --programs ${PROJECT_BINARY_DIR}/tests
                                     --seconds 24 --round 8)
set_tests_properties(torture_verifier torture_monitors torture_parts torture_short PROPERTIES TIMEOUT 120 LABELS torture SKIP_RETURN_CODE 77)

# The tool as a process.
if(TARGET aemp_tool)
  add_test(NAME tool_config COMMAND ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/tests/tool_config_test.py
                                    ${PROJECT_BINARY_DIR}/tool)
  add_test(NAME documented_commands COMMAND ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/tests/documented_commands_test.py
                                            ${PROJECT_BINARY_DIR}/tool)
  add_test(NAME tool_perl COMMAND ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/tests/tool_perl_test.py ${PROJECT_BINARY_DIR}/tool)
  add_executable(tool_node ${PROJECT_SOURCE_DIR}/tests/programs/tool_node.cpp)
  target_link_libraries(tool_node PRIVATE aemp aemp_options)
  set_target_properties(tool_node PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
  add_dependencies(helpers tool_node)
  add_test(NAME tool_network COMMAND ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/tests/tool_network_test.py
                                     ${PROJECT_BINARY_DIR}/tool ${PROJECT_BINARY_DIR}/tests)
  foreach(service greet thrower)
    aemp_add_service(${service} ${PROJECT_SOURCE_DIR}/tests/services/${service}.cpp)
    target_link_libraries(${service} PRIVATE aemp_options)
    set_target_properties(${service} PROPERTIES LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests/services)
    add_dependencies(helpers ${service})
  endforeach()
  add_test(NAME tool_run COMMAND ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/tests/tool_run_test.py ${PROJECT_BINARY_DIR}/tool
                                 ${PROJECT_BINARY_DIR}/tests/services)
  foreach(name shell top)
    add_test(NAME tool_${name} COMMAND ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/tests/tool_${name}_test.py
                                       ${PROJECT_BINARY_DIR}/tool ${PROJECT_BINARY_DIR}/tests)
  endforeach()
  set_tests_properties(documented_commands tool_config tool_perl tool_network tool_run tool_shell tool_top PROPERTIES TIMEOUT 120 LABELS command)
endif()
