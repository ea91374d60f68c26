# What tests, examples and benchmarks share: warnings, the components found, and the rule for files that need one.

# A program of ours knows which components it was given by AFIRE_HAVE_<NAME>. The library's headers never look at these.
add_library(afire_found INTERFACE)
target_link_libraries(afire_found INTERFACE afire::afire)
foreach(component IN LISTS afire_components)
  if(TARGET afire::${component} AND NOT component IN_LIST afire_components_of_nvcc)
    string(TOUPPER ${component} name)
    target_link_libraries(afire_found INTERFACE afire::${component})
    target_compile_definitions(afire_found INTERFACE AFIRE_HAVE_${name})
  endif()
endforeach()
find_package(Threads REQUIRED)
target_link_libraries(afire_found INTERFACE Threads::Threads)

set(afire_warnings -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror)
option(AFIRE_STRICT "warnings are errors" ${AFIRE_TESTS})
if(AFIRE_STRICT)
  target_compile_options(afire_found INTERFACE $<$<COMPILE_LANGUAGE:CXX>:${afire_warnings}>)
endif()

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()

# A source file may say in its first lines what it cannot be compiled without:      // needs: onednn png
# missing: set to those that are not there.
function(afire_missing_needs file missing)
  file(STRINGS ${file} lines LIMIT_COUNT 20 REGEX "^// needs: ")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
  string(REGEX REPLACE "// needs: *" "" needs "${lines}")
  string(REGEX REPLACE "[ ,;]+" ";" needs "${needs}")
  set(found)
  foreach(need IN LISTS needs)
    if(need AND NOT TARGET afire::${need})
      list(APPEND found ${need})
    endif()
  endforeach()
  set(${missing} "${found}" PARENT_SCOPE)
endfunction()
