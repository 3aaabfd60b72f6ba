//===- NetworkObjects.h - A network as object files -------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "CompileRequest.h"

#include "tenon/Execution/CompiledNetwork.h"

#include "llvm/ADT/SmallVector.h"

namespace llvm {
class TargetMachine;
} // namespace llvm

namespace tenon::compile {

using ObjectBytes = llvm::SmallVector<char, 0>;

/// A network that was compiled ahead of time.
struct NetworkObjects {
  std::string symbol; ///< of the C function
  Signature signature;
  int64_t workspaceBytes = 0;
  int64_t threads = 0;
  std::vector<ObjectBytes> objects; ///< one for each kernel, then the one with the C functions
};

/// Compiles the entry of `module`, which changes.
llvm::Expected<NetworkObjects> compileNetwork(mlir::ModuleOp module, mlir::func::FuncOp entry,
                                              const CompileRequest &request);

/// The object with the schedule table and the C functions of a network. `kernels` are symbols of
/// other objects; they become hidden.
llvm::Expected<ObjectBytes> makeEntryObject(const NetworkObjects &network,
                                            llvm::ArrayRef<char> table,
                                            llvm::ArrayRef<std::string> kernels,
                                            llvm::TargetMachine &machine);

} // namespace tenon::compile
