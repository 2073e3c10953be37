# The programs people run: one per file in examples/ and demo/, and the tool.

# aemp_programs(folder): every source of the folder becomes a program of that name in <build>/<folder>.
function(aemp_programs folder)
  file(GLOB found CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${folder}/*.cpp)
  foreach(source IN LISTS found)
    cmake_path(GET source STEM name)
    add_executable(${folder}_${name} ${source})
    target_link_libraries(${folder}_${name} PRIVATE aemp aemp_options)
    set_target_properties(${folder}_${name} PROPERTIES OUTPUT_NAME ${name} RUNTIME_OUTPUT_DIRECTORY
                                                                         ${PROJECT_BINARY_DIR}/${folder})
    set_property(GLOBAL APPEND PROPERTY AEMP_PROGRAMS ${folder}_${name})
  endforeach()
endfunction()

if(EXISTS ${PROJECT_SOURCE_DIR}/include/aemp/aemp.hpp)
  aemp_programs(examples)
  aemp_programs(demo)
endif()

# The tool sees the library's private headers. All but its main function is a set of objects, for its tests too.
aemp_sources(tool_sources tool tool/config tool/network tool/run tool/terminal)
list(REMOVE_ITEM tool_sources ${PROJECT_SOURCE_DIR}/tool/aemp.cpp)
if(tool_sources)
  pkg_check_modules(AEMP_EDIT REQUIRED IMPORTED_TARGET libedit)
  add_library(aemp_tool_room OBJECT ${tool_sources})
  target_link_libraries(aemp_tool_room PRIVATE aemp_private PkgConfig::AEMP_EDIT)
  target_include_directories(aemp_tool_room PRIVATE ${PROJECT_SOURCE_DIR})
  aemp_hide(aemp_tool_room)
  aemp_use_pch(aemp_tool_room aemp_pch)
  file(RELATIVE_PATH services_from_bin /prefix/${CMAKE_INSTALL_BINDIR} /prefix/${AEMP_SERVICES_DIR})
  set_source_files_properties(${PROJECT_SOURCE_DIR}/tool/run/service_objects.cpp
                              PROPERTIES COMPILE_DEFINITIONS AEMP_SERVICES_FROM_BIN="${services_from_bin}")
  add_executable(aemp_tool ${PROJECT_SOURCE_DIR}/tool/aemp.cpp)
  # Services that it loads use its copy of the library: all of that, and no name of anything else, Boost above all.
  target_link_libraries(aemp_tool PRIVATE $<LINK_LIBRARY:WHOLE_ARCHIVE,aemp> aemp_private PkgConfig::AEMP_EDIT ${CMAKE_DL_LIBS})
  if(NOT BUILD_SHARED_LIBS)
    file(READ ${PROJECT_SOURCE_DIR}/cmake/aemp.map names)
    string(REGEX REPLACE "/\\*.*\\*/|global:|local:[^}]*" "" names "${names}")
    file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/aemp.list CONTENT "${names}" @ONLY)
    target_link_options(aemp_tool PRIVATE LINKER:--dynamic-list=${PROJECT_BINARY_DIR}/aemp.list)
  endif()
  target_include_directories(aemp_tool PRIVATE ${PROJECT_SOURCE_DIR})
  aemp_link_rooms(aemp_tool tool_room)
  set_target_properties(aemp_tool PROPERTIES OUTPUT_NAME aemp RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tool)
  set_property(GLOBAL APPEND PROPERTY AEMP_PROGRAMS aemp_tool)

  # Manual pages and completion: what the tool says of itself, and pages of docs/, where there is a Python.
  set(manuals_dir ${PROJECT_BINARY_DIR}/manuals)
  set(AEMP_MANUALS "")
  function(aemp_manual file source)
    add_custom_command(OUTPUT ${manuals_dir}/${file} COMMAND ${ARGN} > ${manuals_dir}/${file} DEPENDS ${source} VERBATIM)
    set(AEMP_MANUALS ${AEMP_MANUALS} ${manuals_dir}/${file} PARENT_SCOPE)
  endfunction()
  file(MAKE_DIRECTORY ${manuals_dir})
  aemp_manual(aemp.1 aemp_tool $<TARGET_FILE:aemp_tool> manual)
  foreach(shell bash zsh fish)
    aemp_manual(aemp.${shell} aemp_tool $<TARGET_FILE:aemp_tool> completion ${shell})
  endforeach()
  find_package(Python3 QUIET COMPONENTS Interpreter)
  if(Python3_FOUND)
    set(man_page ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/scripts/man-page)
    aemp_manual(aemp.conf.5 ${PROJECT_SOURCE_DIR}/docs/configuration.md ${man_page}
                ${PROJECT_SOURCE_DIR}/docs/configuration.md aemp.conf 5 "configuration of AnyEvent::MP nodes")
    aemp_manual(aemp-protocol.7 ${PROJECT_SOURCE_DIR}/docs/protocol.md ${man_page}
                ${PROJECT_SOURCE_DIR}/docs/protocol.md aemp-protocol 7 "what aemp nodes say beyond AnyEvent::MP")
  endif()
  add_custom_target(manuals ALL DEPENDS ${AEMP_MANUALS})
endif()

get_property(programs GLOBAL PROPERTY AEMP_PROGRAMS)
if(programs)
  add_custom_target(programs DEPENDS ${programs})
endif()
