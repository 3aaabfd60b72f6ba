//===- Interpretation.h - What the reference interpreter says ---*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "Compare.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"

namespace tenon::fuzz {

/// Results of a function, or why there are none.
struct Interpretation {
  enum class End {
    Results,
    Beyond, ///< the interpreter does not know an operation or reached a limit
    Broken  ///< undefined behaviour that it can see: an index out of bounds, extents that disagree
  };
  End end = End::Beyond;
  llvm::SmallVector<HostTensor> results;
  std::string why;
};

/// Within limits that a fuzzer's cases keep: some ten milliseconds.
Interpretation interpretCase(mlir::func::FuncOp function, llvm::ArrayRef<HostTensor> arguments);

/// The function `name` of a module, where all its arguments and results are tensors or numbers;
/// else null.
mlir::func::FuncOp findOnTensors(mlir::ModuleOp module, llvm::StringRef name);

} // namespace tenon::fuzz
