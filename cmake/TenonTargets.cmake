# tenon_add_library(NAME SOURCES... [DEPENDS generated-targets...] [LINK libraries...] [PLAIN])
#
# A static library of lib/ or runtime/. LLVM is linked as the one shared library `LLVM`, never as components (`LLVMSupport`):
# the MLIR archives bring that library in, and two copies of LLVM in a process corrupt its registries. PLAIN marks a library that knows neither LLVM nor MLIR: it is
# built without the precompiled MLIR headers.
function(tenon_add_library name)
  cmake_parse_arguments(ARG "PLAIN" "" "DEPENDS;LINK" ${ARGN})
  add_library(${name} STATIC ${ARG_UNPARSED_ARGUMENTS})
  target_link_libraries(${name} PUBLIC tenon_lib_flags ${ARG_LINK})
  if(ARG_DEPENDS)
    add_dependencies(${name} ${ARG_DEPENDS})
  endif()
  if(NOT ARG_PLAIN)
    target_precompile_headers(${name} REUSE_FROM TenonPCH)
    target_link_libraries(${name} PUBLIC MLIRIR)
  endif()
endfunction()

# tenon_add_tool(NAME SOURCES... LINK libraries...)
function(tenon_add_tool name)
  cmake_parse_arguments(ARG "" "" "LINK" ${ARGN})
  add_executable(${name} ${ARG_UNPARSED_ARGUMENTS})
  target_link_libraries(${name} PRIVATE tenon_lib_flags ${ARG_LINK})
  # -fPIC as in the libraries, where CMake would say -fPIE: the precompiled header serves one of them only.
  set_target_properties(${name} PROPERTIES POSITION_INDEPENDENT_CODE OFF)
  target_compile_options(${name} PRIVATE -fPIC)
  target_precompile_headers(${name} REUSE_FROM TenonPCH)
endfunction()
