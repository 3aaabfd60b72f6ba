# Flags that every Tenon target is compiled with. Carried by the interface target
# `tenon_flags`, so that third-party code below the tree keeps its own.
add_library(tenon_flags INTERFACE)
target_include_directories(tenon_flags INTERFACE
  "${PROJECT_SOURCE_DIR}/include" "${PROJECT_BINARY_DIR}/include")
# Headers that are not ours are system headers: their warnings are not ours either.
target_include_directories(tenon_flags SYSTEM INTERFACE ${MLIR_INCLUDE_DIRS} ${LLVM_INCLUDE_DIRS})
target_compile_definitions(tenon_flags INTERFACE NDEBUG ${LLVM_DEFINITIONS_LIST})
target_compile_options(tenon_flags INTERFACE
  -Wall -Wextra -Wno-unused-parameter -Wimplicit-fallthrough -Wnon-virtual-dtor -Wno-deprecated-declarations
  $<$<COMPILE_LANGUAGE:CXX>:-fvisibility-inlines-hidden> -fvisibility=hidden
  # Absolute paths stay out of the binaries, and ccache hits in a clone at another path.
  -ffile-prefix-map=${PROJECT_SOURCE_DIR}=. )
if(TENON_ASSERTIONS)
  target_compile_definitions(tenon_flags INTERFACE TENON_ENABLE_ASSERTIONS=1)
endif()
if(TENON_SANITIZE)
  target_compile_options(tenon_flags INTERFACE
    -fsanitize=${TENON_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=undefined -fno-sanitize=vptr,function)
  target_link_options(tenon_flags INTERFACE -fsanitize=${TENON_SANITIZE})
endif()
if(TENON_COVERAGE)
  target_compile_options(tenon_flags INTERFACE -fprofile-instr-generate -fcoverage-mapping)
  target_link_options(tenon_flags INTERFACE -fprofile-instr-generate)
endif()
define_property(TARGET PROPERTY TENON_NOT_INSTRUMENTED INHERITED
  BRIEF_DOCS "No edges are counted"
  FULL_DOCS "The fuzzer looks for new edges of what is tested, not of itself: the preset fuzz leaves targets with this property, or below a directory with it, as they are.")
if(TENON_FUZZ)
  target_compile_options(tenon_flags INTERFACE
    $<$<NOT:$<BOOL:$<TARGET_PROPERTY:TENON_NOT_INSTRUMENTED>>>:-fsanitize-coverage=inline-8bit-counters,pc-table>)
  target_compile_definitions(tenon_flags INTERFACE TENON_FUZZ=1)
  # Whatever asks for a seeded bug, or has counters. The runtime has the same files inside.
  set(TENON_FUZZ_SOURCES "${PROJECT_SOURCE_DIR}/lib/Support/NoCoverage.cpp" "${PROJECT_SOURCE_DIR}/lib/Support/SeededBug.cpp")
  add_library(TenonSeededBug STATIC ${TENON_FUZZ_SOURCES})
  set_target_properties(TenonSeededBug PROPERTIES ARCHIVE_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/lib")
  target_include_directories(TenonSeededBug PRIVATE "${PROJECT_SOURCE_DIR}/include")
  target_compile_definitions(TenonSeededBug PRIVATE TENON_FUZZ=1)
  target_link_libraries(tenon_flags INTERFACE TenonSeededBug)
endif()

# No exceptions and no RTTI of our own inside lib/ and tools/ (the Python module needs both).
add_library(tenon_lib_flags INTERFACE)
target_link_libraries(tenon_lib_flags INTERFACE tenon_flags)
target_compile_options(tenon_lib_flags INTERFACE
  $<$<COMPILE_LANGUAGE:CXX>:-fno-exceptions> $<$<COMPILE_LANGUAGE:CXX>:-fno-rtti>)
