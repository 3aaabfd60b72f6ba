//===- TuneNetwork.h - What --tune does ---------------------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Execution/CompiledNetwork.h"

namespace tenon {

/// Lowers a function as `options` say, measures kernels for its contractions for some seconds
/// (tuneKernels), and writes the file that `options.tuning` names: what it has, where it is there,
/// is kept unless something faster is found. Says on standard error what was found, each line
/// behind the tool's name. The module stays as it is; an error leaves the file as it was.
llvm::Error tuneNetwork(mlir::ModuleOp module, const CompileOptions &options, double seconds,
                        llvm::StringRef tool);

} // namespace tenon
