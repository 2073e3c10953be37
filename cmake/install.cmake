# The install tree: headers, library, CMake package and pkg-config file; and the tool. A user needs none of the headers
# that the library itself is built with. A static libaemp needs the libraries, so both packages name them then.
include(CMakePackageConfigHelpers)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/aemp)
set(targets aemp)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/aemp TYPE INCLUDE FILES_MATCHING PATTERN "*.hpp")
install(DIRECTORY ${PROJECT_BINARY_DIR}/include/aemp TYPE INCLUDE)
if(AEMP_HAS_SIM)
  # A header of the simulator that includes a file of ours by "..." is for its own sources; the others are for users.
  list(APPEND targets aemp_sim)
  file(GLOB sim_headers CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/sim/*.hpp)
  foreach(header IN LISTS sim_headers)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${header})
    file(STRINGS ${header} inner REGEX "^#include \"")
    if(NOT inner AND NOT header MATCHES "_test\\.hpp$")
      install(FILES ${header} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/aemp/sim)
    endif()
  endforeach()
endif()
install(TARGETS ${targets} EXPORT aemp_targets)
install(EXPORT aemp_targets NAMESPACE aemp:: FILE aempTargets.cmake DESTINATION ${package_dir})
if(TARGET aemp_tool)
  install(TARGETS aemp_tool)
  foreach(page aemp.1 aemp.conf.5 aemp-protocol.7)
    cmake_path(GET page EXTENSION LAST_ONLY number)
    string(SUBSTRING ${number} 1 1 number)
    install(FILES ${PROJECT_BINARY_DIR}/manuals/${page} DESTINATION ${CMAKE_INSTALL_MANDIR}/man${number} OPTIONAL)
  endforeach()
  set(share ${CMAKE_INSTALL_DATADIR})
  install(FILES ${PROJECT_BINARY_DIR}/manuals/aemp.bash DESTINATION ${share}/bash-completion/completions RENAME aemp OPTIONAL)
  install(FILES ${PROJECT_BINARY_DIR}/manuals/aemp.zsh DESTINATION ${share}/zsh/site-functions RENAME _aemp OPTIONAL)
  install(FILES ${PROJECT_BINARY_DIR}/manuals/aemp.fish DESTINATION ${share}/fish/vendor_completions.d OPTIONAL)
endif()

configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/aempConfig.cmake.in ${PROJECT_BINARY_DIR}/aempConfig.cmake
                              INSTALL_DESTINATION ${package_dir} NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/aempConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/aempConfig.cmake ${PROJECT_BINARY_DIR}/aempConfigVersion.cmake
              ${PROJECT_SOURCE_DIR}/cmake/aempService.cmake
        DESTINATION ${package_dir})

# The .pc file finds its prefix from its own place, so that `cmake --install --prefix` and moved trees work.
if(IS_ABSOLUTE ${CMAKE_INSTALL_LIBDIR} OR IS_ABSOLUTE ${CMAKE_INSTALL_INCLUDEDIR})
  message(FATAL_ERROR "CMAKE_INSTALL_LIBDIR and CMAKE_INSTALL_INCLUDEDIR have to be relative to the prefix.")
endif()
file(RELATIVE_PATH AEMP_PC_TO_PREFIX /prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig /prefix)
if(BUILD_SHARED_LIBS)
  set(AEMP_PC_LIBS "-L\${libdir} -laemp")
  set(AEMP_PC_REQUIRES "")
else()
  # There is no other libaemp in this tree, so plain `pkg-config --libs` has to be enough to link it.
  set(AEMP_PC_LIBS "-L\${libdir} -laemp -pthread")
  set(AEMP_PC_REQUIRES "libssl >= 3, libcrypto >= 3, libcbor, re2")
endif()
configure_file(${PROJECT_SOURCE_DIR}/cmake/aemp.pc.in ${PROJECT_BINARY_DIR}/aemp.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/aemp.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
