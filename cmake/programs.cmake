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
aemp_sources(tool_sources tool)
list(REMOVE_ITEM tool_sources ${PROJECT_SOURCE_DIR}/tool/aemp.cpp)
if(tool_sources)
  add_library(aemp_tool_room OBJECT ${tool_sources})
  target_link_libraries(aemp_tool_room PRIVATE aemp_private)
  target_include_directories(aemp_tool_room PRIVATE ${PROJECT_SOURCE_DIR})
  target_compile_definitions(aemp_tool_room PRIVATE AEMP_VERSION="${PROJECT_VERSION}")
  set_target_properties(aemp_tool_room PROPERTIES POSITION_INDEPENDENT_CODE ${BUILD_SHARED_LIBS})
  aemp_use_pch(aemp_tool_room aemp_pch)
  add_executable(aemp_tool ${PROJECT_SOURCE_DIR}/tool/aemp.cpp)
  target_link_libraries(aemp_tool PRIVATE aemp aemp_private)
  target_include_directories(aemp_tool PRIVATE ${PROJECT_SOURCE_DIR})
  aemp_link_rooms(aemp_tool tool_room)
  set_target_properties(aemp_tool PROPERTIES OUTPUT_NAME aemp RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tool)
  set_property(GLOBAL APPEND PROPERTY AEMP_PROGRAMS aemp_tool)
endif()

get_property(programs GLOBAL PROPERTY AEMP_PROGRAMS)
if(programs)
  add_custom_target(programs DEPENDS ${programs})
endif()
