# The headers as text, one ctest entry for each thing: structure/..., headers/..., fail/..., consumers/..., cuda/...
set(scripts ${CMAKE_CURRENT_SOURCE_DIR}/structure)

# Include folders of the components, for compilers that are called without CMake.
set(includes)
foreach(component IN LISTS afire_components)
  if(TARGET afire::${component} AND NOT component IN_LIST afire_components_of_nvcc)
    get_target_property(libraries afire::${component} INTERFACE_LINK_LIBRARIES)
    get_target_property(own afire::${component} INTERFACE_INCLUDE_DIRECTORIES)
    list(APPEND includes ${own})
    foreach(library IN LISTS libraries)
      if(TARGET ${library})
        get_target_property(theirs ${library} INTERFACE_INCLUDE_DIRECTORIES)
        list(APPEND includes ${theirs})
      endif()
    endforeach()
  endif()
endforeach()
list(FILTER includes EXCLUDE REGEX "NOTFOUND$")
string(REPLACE ";" ":" includes "${includes}")

function(afire_script_test name script)
  add_test(NAME ${name} COMMAND bash ${scripts}/${script}.sh ${ARGN})
  set_tests_properties(${name} PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 600 ENVIRONMENT "AFIRE_INCLUDES=${includes}")
endfunction()

afire_script_test(structure/layers layers)
afire_script_test(structure/umbrella umbrella)
afire_script_test(structure/compose compose)
afire_script_test(structure/format format --check)
afire_script_test(structure/readme readme g++)
afire_script_test(structure/onednn3 onednn3 g++)
afire_script_test(structure/vectorised vectorised)
afire_script_test(structure/snippets snippets)
afire_script_test(structure/single-header single_header g++)
afire_script_test(structure/messages messages)
afire_script_test(structure/doxygen doxygen)
afire_script_test(structure/gpu-script gpu_script)

file(GLOB_RECURSE headers CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR}/include/afire ${PROJECT_SOURCE_DIR}/include/afire/*.hpp)
list(FILTER headers EXCLUDE REGEX "^backend/cuda")              # nvcc reads these: cuda/...
file(GLOB wrong CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/fail/*.cpp)
foreach(compiler g++ clang++)
  afire_script_test(structure/one-definition-${compiler} odr ${compiler})
  foreach(header IN LISTS headers)
    afire_script_test(headers/${header}-${compiler} header ${compiler} ${header})
  endforeach()
  foreach(file IN LISTS wrong)
    get_filename_component(name ${file} NAME_WE)
    afire_script_test(fail/${name}-${compiler} must_not_compile ${compiler} ${file})
  endforeach()
endforeach()

foreach(file IN LISTS wrong)
  get_filename_component(name ${file} NAME_WE)
  afire_script_test(fail/${name}-nvcc must_not_compile nvcc ${file})
endforeach()

foreach(kind find_package add_subdirectory fetch_content)
  add_test(NAME consumers/${kind} COMMAND bash ${CMAKE_CURRENT_SOURCE_DIR}/consumers/consume.sh ${kind} ${CMAKE_COMMAND} ${CMAKE_CXX_COMPILER})
  set_tests_properties(consumers/${kind} PROPERTIES TIMEOUT 600)
endforeach()

# Processor time counts, but two compilers at once still slow each other: by itself.
add_test(NAME structure/compile-time COMMAND bash ${PROJECT_SOURCE_DIR}/bench/compile_time.sh --check)
set_tests_properties(structure/compile-time PROPERTIES RUN_SERIAL ON TIMEOUT 900)

# The afire program with its GPU half, as -DAFIRE_CUDA=ON would build it: without a GPU it has to say so.
find_program(AFIRE_NVCC nvcc HINTS /usr/local/cuda/bin)
mark_as_advanced(AFIRE_NVCC)
if(AFIRE_NVCC AND TARGET afire::cuda AND TARGET afire_support)
  set(objects)
  set(nccl)
  if(TARGET afire::nccl)
    set(nccl -DAFIRE_HAVE_NCCL -I${AFIRE_NCCL_INCLUDE})
  endif()
  file(GLOB kernels CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/examples/cli/cuda/*.cu)
  foreach(file IN LISTS kernels)
    get_filename_component(name ${file} NAME_WE)
    set(object ${CMAKE_CURRENT_BINARY_DIR}/cuda_${name}.o)
    add_custom_command(
      OUTPUT ${object} DEPENDS ${file} DEPFILE ${object}.d VERBATIM
      COMMAND ${AFIRE_NVCC} -std=c++20 -arch=sm_80 -Werror all-warnings $<$<TARGET_EXISTS:afire::openmp>:-Xcompiler=-fopenmp>
              -I${PROJECT_SOURCE_DIR}/include -I${PROJECT_SOURCE_DIR} ${nccl} -MD -MF ${object}.d -c -o ${object} ${file}
      COMMAND_EXPAND_LISTS)
    list(APPEND objects ${object})
  endforeach()
  add_executable(afire_cuda_program ${PROJECT_SOURCE_DIR}/examples/cli/main.cpp ${objects})
  target_link_libraries(afire_cuda_program PRIVATE afire_support afire::cuda $<TARGET_NAME_IF_EXISTS:afire::nccl>)
  add_test(NAME cuda/program COMMAND bash ${CMAKE_CURRENT_SOURCE_DIR}/cli/backends.sh $<TARGET_FILE:afire_cuda_program>)
  set_tests_properties(cuda/program PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 900)
endif()

file(GLOB kernels CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/cuda/*.cu ${PROJECT_SOURCE_DIR}/examples/cuda/*.cu
     ${PROJECT_SOURCE_DIR}/bench/gpu/*.cu)
foreach(file IN LISTS kernels)
  get_filename_component(name ${file} NAME_WE)
  afire_script_test(cuda/${name} cuda ${file})
endforeach()
