//===- AnyOperation.h - Whether IR has some operation -----------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "mlir/IR/Operation.h"
#include "llvm/ADT/STLFunctionalExtras.h"

namespace tenon::fuzz {

/// Whether an operation, or one in its regions, is wanted. Stops at the first one that is.
inline bool anyOperation(mlir::Operation *in,
                         llvm::function_ref<bool(mlir::Operation *)> isWanted) {
  return in
      ->walk([&](mlir::Operation *op) {
        return isWanted(op) ? mlir::WalkResult::interrupt() : mlir::WalkResult::advance();
      })
      .wasInterrupted();
}

} // namespace tenon::fuzz
