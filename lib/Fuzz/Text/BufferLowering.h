//===- BufferLowering.h - From buffers to machine code ------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/Error.h"

#include <vector>

namespace llvm {
class TargetMachine;
}

namespace tenon::fuzz {

/// The symbol that an object of compileBuffers defines: `void tenon_fuzz_entry(void *const
/// *slots)`.
///
/// One slot for each argument: the address of the descriptor of a memref (allocated, aligned,
/// offset, extents, strides, each of 8 bytes), or of the scalar's value. One more slot: where the
/// results go, side by side.
inline constexpr llvm::StringLiteral kEntrySymbol = "tenon_fuzz_entry";

struct BufferObject {
  llvm::SmallVector<char, 0> code;
  std::vector<size_t> resultOffsets; ///< where each result lies in the last slot
  size_t resultBytes = 0;
};

/// Compiles a copy of the module of `function`. Fails with what a pass said.
llvm::Expected<BufferObject> compileBuffers(mlir::func::FuncOp function,
                                            llvm::TargetMachine &machine);

} // namespace tenon::fuzz
