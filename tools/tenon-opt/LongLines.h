//===- LongLines.h - Diagnostics in lines that are too long ------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "mlir/IR/DialectRegistry.h"
#include "llvm/Support/MemoryBufferRef.h"

namespace tenon {

/// Has errors in lines of `text` that fill more than a screen's width several times over shown
/// with a window of the line, where MLIR prints the line: a contraction of a thousand operands is
/// 100 kB in one. Takes effect when the tn dialect is loaded. `text` must outlive every context of
/// the registry.
void shortenLongLines(mlir::DialectRegistry &registry, llvm::MemoryBufferRef text);

} // namespace tenon
