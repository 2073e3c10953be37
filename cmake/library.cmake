# libaemp, and the simulator beside it. Each room is compiled into its own set of objects, so that a room's tests can be
# linked with that room and the ones it may use, and with nothing else.
find_package(Boost 1.81 REQUIRED)
find_package(OpenSSL 3 REQUIRED)
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(AEMP_CBOR REQUIRED IMPORTED_TARGET libcbor)
pkg_check_modules(AEMP_RE2 REQUIRED IMPORTED_TARGET re2)

configure_file(${PROJECT_SOURCE_DIR}/cmake/version.hpp.in ${PROJECT_BINARY_DIR}/include/aemp/version.hpp @ONLY)

# What our sources see and nobody else: the private headers, Boost and the rest.
add_library(aemp_private INTERFACE)
target_link_libraries(aemp_private INTERFACE aemp_options Boost::headers OpenSSL::SSL OpenSSL::Crypto PkgConfig::AEMP_CBOR
                                             PkgConfig::AEMP_RE2 Threads::Threads)
target_include_directories(aemp_private INTERFACE ${PROJECT_SOURCE_DIR}/src)
target_compile_definitions(aemp_private INTERFACE BOOST_ASIO_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED)

# aemp_hide(target): of its names, only those with AEMP_API or AEMP_PRIVATE_API are seen outside of the library.
function(aemp_hide target)
  set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE ${BUILD_SHARED_LIBS} CXX_VISIBILITY_PRESET hidden
                                             VISIBILITY_INLINES_HIDDEN ON)
endfunction()

if(BUILD_SHARED_LIBS)
  # Our own calls are bound inside the library: an application that wants to replace them can link the static one.
  target_compile_options(aemp_private INTERFACE -fno-semantic-interposition)
endif()

aemp_define_pch(aemp_pch ${AEMP_PCH_HEADERS})
if(AEMP_PCH)
  target_link_libraries(aemp_pch PRIVATE aemp_private)
  aemp_hide(aemp_pch)
endif()

# aemp_sources(variable folder...): the sources of these folders that belong into a library.
function(aemp_sources variable)
  list(TRANSFORM ARGN PREPEND ${PROJECT_SOURCE_DIR}/ OUTPUT_VARIABLE folders)
  list(TRANSFORM folders APPEND /*.cpp)
  file(GLOB found CONFIGURE_DEPENDS ${folders})
  list(FILTER found EXCLUDE REGEX "_(test|bench|fuzz)\\.cpp$")
  set(${variable} ${found} PARENT_SCOPE)
endfunction()

# aemp_link_rooms(target rooms...): links the objects of these rooms into the target.
function(aemp_link_rooms target)
  foreach(room IN LISTS ARGN)
    if(TARGET aemp_${room})
      target_sources(${target} PRIVATE $<TARGET_OBJECTS:aemp_${room}>)
    endif()
  endforeach()
endfunction()

# aemp_rooms_up_to(variable room): that room and the ones it may use.
function(aemp_rooms_up_to variable room)
  list(FIND AEMP_ROOMS ${room} position)
  math(EXPR length "${position} + 1")
  list(SUBLIST AEMP_ROOMS 0 ${length} rooms)
  set(${variable} ${rooms} PARENT_SCOPE)
endfunction()

set(AEMP_HAS_SOURCES OFF)
foreach(room IN LISTS AEMP_ROOMS)
  aemp_sources(sources src/${room})
  if(sources)
    set(AEMP_HAS_SOURCES ON)
    add_library(aemp_${room} OBJECT ${sources})
    target_link_libraries(aemp_${room} PRIVATE aemp_private)
    aemp_hide(aemp_${room})
    aemp_use_pch(aemp_${room} aemp_pch)
  endif()
endforeach()

if(NOT AEMP_HAS_SOURCES)
  message(FATAL_ERROR "No sources below ${PROJECT_SOURCE_DIR}/src: is this checkout complete?")
endif()

add_library(aemp)
add_library(aemp::aemp ALIAS aemp)
aemp_link_rooms(aemp ${AEMP_ROOMS})
set_target_properties(aemp PROPERTIES LINKER_LANGUAGE CXX VERSION ${PROJECT_VERSION} SOVERSION
                                      ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
target_compile_features(aemp PUBLIC cxx_std_20)
target_include_directories(aemp PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
                                       $<BUILD_INTERFACE:${PROJECT_BINARY_DIR}/include>
                                       $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
# libcbor and re2 by name, not as targets: an installed static libaemp then asks its users for these libraries only.
target_link_libraries(aemp PRIVATE OpenSSL::SSL OpenSSL::Crypto Threads::Threads ${AEMP_CBOR_LIBRARIES}
                                   ${AEMP_RE2_LIBRARIES})
target_link_directories(aemp PRIVATE ${AEMP_CBOR_LIBRARY_DIRS} ${AEMP_RE2_LIBRARY_DIRS})
if(BUILD_SHARED_LIBS)
  # Boost marks what it throws as visible; the script lets out nothing but namespace aemp.
  target_link_options(aemp PRIVATE LINKER:--version-script=${PROJECT_SOURCE_DIR}/cmake/aemp.map)
  set_target_properties(aemp PROPERTIES LINK_DEPENDS ${PROJECT_SOURCE_DIR}/cmake/aemp.map)
endif()

include(cmake/aempService.cmake)

# The simulator: a virtual clock and an in-memory network. Its headers are reached as <aemp/sim/x.hpp>, here as when
# installed; a link in the build directory makes the source folder look like that.
set(AEMP_HAS_SIM OFF)
if(AEMP_SIM)
  aemp_sources(sources sim)
  if(sources)
    set(AEMP_HAS_SIM ON)
    file(MAKE_DIRECTORY ${PROJECT_BINARY_DIR}/sim_include/aemp)
    file(CREATE_LINK ${PROJECT_SOURCE_DIR}/sim ${PROJECT_BINARY_DIR}/sim_include/aemp/sim SYMBOLIC)
    add_library(aemp_sim STATIC ${sources})
    add_library(aemp::sim ALIAS aemp_sim)
    aemp_hide(aemp_sim)
    set_target_properties(aemp_sim PROPERTIES EXPORT_NAME sim)
    target_include_directories(aemp_sim PUBLIC $<BUILD_INTERFACE:${PROJECT_BINARY_DIR}/sim_include>
                                        PRIVATE ${PROJECT_SOURCE_DIR})
    target_link_libraries(aemp_sim PUBLIC aemp PRIVATE $<BUILD_INTERFACE:aemp_private>)
    aemp_use_pch(aemp_sim aemp_pch)
  endif()
endif()
