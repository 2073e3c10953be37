# aemp_add_service(name sources...): a service for `aemp run` (aemp/service.hpp), name.so. It is not linked with the
# library, for it uses that of the program that loads it. install(TARGETS name DESTINATION ${AEMP_SERVICES_DIR}) puts it
# where the `aemp` of that prefix finds it.
function(aemp_add_service name)
  add_library(${name} MODULE ${ARGN})
  target_compile_features(${name} PRIVATE cxx_std_20)
  target_include_directories(${name} PRIVATE $<TARGET_PROPERTY:aemp::aemp,INTERFACE_INCLUDE_DIRECTORIES>)
  set_target_properties(${name} PROPERTIES PREFIX "" SUFFIX .so)
endfunction()
