# The headers as text, one ctest entry for each thing: structure/..., headers/..., fail/..., consumers/..., cuda/...
set(scripts ${CMAKE_CURRENT_SOURCE_DIR}/structure)

function(afire_script_test name script)
  add_test(NAME ${name} COMMAND bash ${scripts}/${script}.sh ${ARGN})
  set_tests_properties(${name} PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 600)
endfunction()

afire_script_test(structure/layers layers)
afire_script_test(structure/umbrella umbrella)

file(GLOB_RECURSE headers CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR}/include/afire ${PROJECT_SOURCE_DIR}/include/afire/*.hpp)
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

foreach(kind find_package add_subdirectory fetch_content)
  add_test(NAME consumers/${kind} COMMAND bash ${CMAKE_CURRENT_SOURCE_DIR}/consumers/consume.sh ${kind} ${CMAKE_COMMAND} ${CMAKE_CXX_COMPILER})
  set_tests_properties(consumers/${kind} PROPERTIES TIMEOUT 600)
endforeach()

file(GLOB kernels CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/cuda/*.cu)
foreach(file IN LISTS kernels)
  get_filename_component(name ${file} NAME_WE)
  afire_script_test(cuda/${name} cuda ${file})
endforeach()
