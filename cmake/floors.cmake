# The functions with which every CMakeLists.txt of this project declares what it builds.
#
#   reprise_floor(<name> FOLDERS <path>... [SOURCES ...] [LINKS ...] [PRIVATE_LINKS ...])
#   reprise_test (<name> SOURCES ... [LINKS ...])
#   reprise_tool (<name> SOURCES ... [LINKS ...])
#   reprise_fuzz (<name> SOURCES ... [LINKS ...])
#
# A target that links no floor sees no header of ours. Includes are written from the root of the
# repository, and a floor offers its own folders only, so an include from a floor that was not
# linked, or from one higher up, does not compile.

# Warnings are errors in our sources. Third-party headers are SYSTEM and give none.
add_library(reprise_warnings INTERFACE)
target_compile_options(reprise_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Werror
  -Wshadow -Wconversion -Wno-sign-conversion
  -Wold-style-cast -Wnon-virtual-dtor -Woverloaded-virtual -Wextra-semi -Wimplicit-fallthrough
  # {.attempts = 3} leaves the other options at their defaults: that is what options structs are for.
  -Wno-missing-designated-field-initializers
  # __FILE__ and source_location name files from the root of the repository.
  -fmacro-prefix-map=${CMAKE_SOURCE_DIR}/=)

# Declares the floor `reprise_<name>`.
#   FOLDERS        what it offers, from the root of the repository: folders, or single headers where
#                  a floor shows another only a part of itself
#   SOURCES        its sources; a floor without sources is header only
#   LINKS          what its headers include
#   PRIVATE_LINKS  what only its sources include
function(reprise_floor name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "FOLDERS;SOURCES;LINKS;PRIVATE_LINKS")
  _reprise_check_arguments("reprise_floor(${name})" FOLDERS)

  # The include path is a directory that holds one link for each folder, and nothing else.
  set(view ${CMAKE_BINARY_DIR}/floors/${name})
  file(REMOVE_RECURSE ${view})
  foreach(folder IN LISTS arg_FOLDERS)
    if(NOT EXISTS ${CMAKE_SOURCE_DIR}/${folder})
      message(FATAL_ERROR "reprise_floor(${name}): there is no ${folder} in the repository")
    endif()
    cmake_path(GET folder PARENT_PATH parent)
    file(MAKE_DIRECTORY ${view}/${parent})
    file(CREATE_LINK ${CMAKE_SOURCE_DIR}/${folder} ${view}/${folder} SYMBOLIC)
  endforeach()

  if(arg_SOURCES)
    add_library(reprise_${name} STATIC ${arg_SOURCES})
    target_link_libraries(reprise_${name} PRIVATE reprise_warnings ${arg_PRIVATE_LINKS})
    set(scope PUBLIC)
  elseif(arg_PRIVATE_LINKS)
    message(FATAL_ERROR "reprise_floor(${name}): PRIVATE_LINKS without SOURCES has no meaning")
  else()
    add_library(reprise_${name} INTERFACE)
    set(scope INTERFACE)
  endif()
  target_include_directories(reprise_${name} ${scope} ${view})
  target_compile_options(reprise_${name} ${scope} -fmacro-prefix-map=${view}/=)
  target_link_libraries(reprise_${name} ${scope} ${arg_LINKS})
endfunction()

# Declares a GoogleTest executable; each of its tests is one ctest test, `<name>.<Suite>.<Test>`,
# labelled with its folder (`ctest -L engine/core`). RapidCheck is at hand for properties.
function(reprise_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LINKS")
  _reprise_check_arguments("reprise_test(${name})" SOURCES)

  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE
    reprise_warnings ${arg_LINKS} GTest::gmock GTest::gtest_main rapidcheck rapidcheck_gtest)

  cmake_path(RELATIVE_PATH CMAKE_CURRENT_SOURCE_DIR BASE_DIRECTORY ${CMAKE_SOURCE_DIR} OUTPUT_VARIABLE folder)
  gtest_discover_tests(${name}
    TEST_PREFIX ${name}.
    NO_PRETTY_VALUES  # of a struct they are bytes and addresses
    DISCOVERY_MODE PRE_TEST
    DISCOVERY_TIMEOUT 120
    PROPERTIES TIMEOUT 300 LABELS ${folder})
endfunction()

# Declares an executable that users or developers run; optimised, on jemalloc.
function(reprise_tool name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LINKS")
  _reprise_check_arguments("reprise_tool(${name})" SOURCES)

  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE reprise_warnings ${arg_LINKS})
  if(JEMALLOC_LIBRARY)
    target_link_libraries(${name} PRIVATE ${JEMALLOC_LIBRARY} m ${CMAKE_DL_LIBS})
  endif()
endfunction()

# Declares a fuzz target (tests/fuzz/fuzz_target.hpp) and a test that hands it its corpus, the files
# in corpus/<name>. The preset `fuzz` links it with libFuzzer: `<name> -max_total_time=60 <folder>`.
function(reprise_fuzz name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LINKS")
  _reprise_check_arguments("reprise_fuzz(${name})" SOURCES)

  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE reprise_warnings reprise_fuzz_target ${arg_LINKS})
  if(REPRISE_FUZZ)
    target_link_libraries(${name} PRIVATE reprise_fuzz_entry)
    target_link_options(${name} PRIVATE -fsanitize=fuzzer)
    set(run_once -runs=0)
  else()
    target_link_libraries(${name} PRIVATE reprise_fuzz_corpus)
  endif()
  cmake_path(RELATIVE_PATH CMAKE_CURRENT_SOURCE_DIR BASE_DIRECTORY ${CMAKE_SOURCE_DIR} OUTPUT_VARIABLE folder)
  add_test(NAME ${name}.Corpus
    COMMAND ${name} ${run_once} ${CMAKE_CURRENT_SOURCE_DIR}/corpus/${name})
  set_tests_properties(${name}.Corpus PROPERTIES TIMEOUT 120 LABELS ${folder})
endfunction()

# Stops on a misspelt keyword or a missing argument. Reads the arguments that its caller parsed.
macro(_reprise_check_arguments call required)
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "${call}: not understood: ${arg_UNPARSED_ARGUMENTS}")
  endif()
  if(NOT arg_${required})
    message(FATAL_ERROR "${call}: ${required} is missing")
  endif()
endmacro()
