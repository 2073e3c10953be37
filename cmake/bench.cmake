# Benchmarks: one program per src/*/x_bench.cpp, and those of bench/. They are built in the preset `bench` only.
find_package(benchmark QUIET)

# aemp_bench_program(source): a program with our internals in reach.
function(aemp_bench_program source)
  cmake_path(GET source STEM name)
  add_executable(${name} ${source})
  target_link_libraries(${name} PRIVATE aemp aemp_private)
  if(benchmark_FOUND)
    target_link_libraries(${name} PRIVATE benchmark::benchmark)
  endif()
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bench)
endfunction()

file(GLOB bench_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/*/*_bench.cpp)
if(EXISTS ${PROJECT_SOURCE_DIR}/bench/CMakeLists.txt)
  # bench/ builds programs against other libraries too, and knows best what each needs.
  add_subdirectory(${PROJECT_SOURCE_DIR}/bench ${PROJECT_BINARY_DIR}/bench)
else()
  file(GLOB more_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/bench/*.cpp)
  list(APPEND bench_sources ${more_sources})
endif()
foreach(source IN LISTS bench_sources)
  aemp_bench_program(${source})
endforeach()

# What the simulator measures.
if(AEMP_HAS_SIM)
  file(GLOB sim_bench_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/sim/*_bench.cpp)
  foreach(source IN LISTS sim_bench_sources)
    cmake_path(GET source STEM name)
    add_executable(${name} ${source})
    target_link_libraries(${name} PRIVATE aemp_sim aemp_options)
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bench)
  endforeach()
endif()
