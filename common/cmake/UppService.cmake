# Everything the suite's build needs, in six functions.

# upp_flags_target() -- one interface target that carries every flag.
function(upp_flags_target)
  add_library(upp_flags INTERFACE)
  target_compile_options(upp_flags INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes
    -Wvla -Wimplicit-fallthrough -Wswitch-enum -Wformat=2
    -fstack-protector-strong -fPIE
    $<$<BOOL:${UPP_WERROR}>:-Werror>)
  target_link_options(upp_flags INTERFACE -pie -Wl,-z,relro,-z,now)
  target_compile_definitions(upp_flags INTERFACE _POSIX_C_SOURCE=200809L)
  if(UPP_SANITIZE)
    target_compile_options(upp_flags INTERFACE -fsanitize=${UPP_SANITIZE} -fno-omit-frame-pointer
      -fno-sanitize-recover=all)
    target_link_options(upp_flags INTERFACE -fsanitize=${UPP_SANITIZE})
  else()
    # Hardening of the release build; FORTIFY needs -O and does not go with ASan.
    target_compile_options(upp_flags INTERFACE -fstack-clash-protection -fcf-protection
      $<$<CONFIG:RelWithDebInfo>:-D_FORTIFY_SOURCE=2>)
  endif()
endfunction()

# upp_embed(<target> <symbol> <file>) -- the file becomes `const char <symbol>[]`.
function(upp_embed target symbol file)
  set(out ${CMAKE_CURRENT_BINARY_DIR}/${symbol}.c)
  add_custom_command(OUTPUT ${out}
    COMMAND ${CMAKE_COMMAND} -DIN=${CMAKE_CURRENT_SOURCE_DIR}/${file} -DOUT=${out} -DSYM=${symbol}
            -P ${PROJECT_SOURCE_DIR}/common/cmake/embed.cmake
    DEPENDS ${file} ${PROJECT_SOURCE_DIR}/common/cmake/embed.cmake VERBATIM)
  target_sources(${target} PRIVATE ${out})
endfunction()

# upp_proto(<target> IMPORT <dir> FILES <file.proto>...) -- a static library of protobuf-c code,
# warnings off inside.
function(upp_proto target)
  cmake_parse_arguments(P "" "IMPORT" "FILES" ${ARGN})
  find_program(PROTOC_C protoc-c REQUIRED)
  set(sources)
  foreach(p ${P_FILES})
    string(REGEX REPLACE "\\.proto$" "" stem ${p})
    set(c ${CMAKE_CURRENT_BINARY_DIR}/${stem}.pb-c.c)
    set(h ${CMAKE_CURRENT_BINARY_DIR}/${stem}.pb-c.h)
    if(EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/${p})
      set(in ${CMAKE_CURRENT_SOURCE_DIR}/${p})
    else()
      set(in ${P_IMPORT}/${p})
    endif()
    add_custom_command(OUTPUT ${c} ${h}
      COMMAND ${PROTOC_C} --c_out=${CMAKE_CURRENT_BINARY_DIR} -I${CMAKE_CURRENT_SOURCE_DIR}
              -I${P_IMPORT} ${in}
      DEPENDS ${in} VERBATIM)
    list(APPEND sources ${c})
  endforeach()
  add_library(${target} STATIC ${sources})
  set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE ON)
  target_include_directories(${target} SYSTEM PUBLIC ${CMAKE_CURRENT_BINARY_DIR})
  target_link_libraries(${target} PUBLIC PkgConfig::PROTOC)
endfunction()

# upp_service(<name> SOURCES ... [LIBS ...] [PORTS ... [PORT_LIBS ...]] [TESTS ...])
#   upp_<name>_obj  the service with no main(): linked into its program, its tests and the simulator
#   uppsikt-<name>  the program: common/src/main.c + the object library + the ports
#   <test>          each of TESTS (a name, its source is <test>.c) is linked with upp_<name>_obj
function(upp_service name)
  cmake_parse_arguments(S "" "" "SOURCES;LIBS;PORTS;PORT_LIBS;TESTS" ${ARGN})
  add_library(upp_${name}_obj OBJECT ${S_SOURCES})
  target_include_directories(upp_${name}_obj PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})
  target_link_libraries(upp_${name}_obj PUBLIC upp_node upp_proto ${S_LIBS} PRIVATE upp_flags)
  upp_embed(upp_${name}_obj upp_${name}_schema_sql schema.sql)
  add_executable(uppsikt-${name} ${PROJECT_SOURCE_DIR}/common/src/main.c ${S_PORTS})
  target_compile_definitions(uppsikt-${name} PRIVATE UPP_SERVICE=upp_${name}_service
                             $<$<BOOL:${S_PORTS}>:UPP_PORTS=upp_${name}_ports>)
  target_link_libraries(uppsikt-${name} PRIVATE upp_${name}_obj upp_bus upp_flags ${S_PORT_LIBS})
  install(TARGETS uppsikt-${name})
  set_property(GLOBAL APPEND PROPERTY UPP_SERVICES ${name})
  if(BUILD_TESTING)
    foreach(t ${S_TESTS})
      upp_test(${t} SOURCES ${t}.c LIBS upp_${name}_obj)
    endforeach()
  endif()
endfunction()

# upp_pure(<name> SOURCES ... [LIBS ...] [TESTS ...]) -- a static library of pure rules: no store, no
# clock, no socket, no runtime. Its service, the `uppsikt` command and its tests link it.
function(upp_pure name)
  cmake_parse_arguments(P "" "" "SOURCES;LIBS;TESTS" ${ARGN})
  add_library(${name} STATIC ${P_SOURCES})
  target_include_directories(${name} PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})
  target_link_libraries(${name} PUBLIC upp_base ${P_LIBS} PRIVATE upp_flags)
  if(BUILD_TESTING)
    foreach(t ${P_TESTS})
      upp_test(${t} SOURCES ${t}.c LIBS ${name})
    endforeach()
  endif()
endfunction()

# upp_test(<name> SOURCES ... [LIBS ...]) -- a cmocka test, labelled `unit`.
function(upp_test name)
  cmake_parse_arguments(T "" "" "SOURCES;LIBS" ${ARGN})
  add_executable(${name} ${T_SOURCES})
  target_compile_definitions(${name} PRIVATE UPP_ROOT="${PROJECT_SOURCE_DIR}")
  target_link_libraries(${name} PRIVATE ${T_LIBS} upp_base upp_flags PkgConfig::CMOCKA)
  add_test(NAME ${name} COMMAND ${name})
  # Sanitizers cost five times as much; a machine that does other things as well costs more.
  set(seconds 180)
  if(UPP_SANITIZE)
    set(seconds 600)
  endif()
  set_tests_properties(${name} PROPERTIES TIMEOUT ${seconds} LABELS unit)
endfunction()
