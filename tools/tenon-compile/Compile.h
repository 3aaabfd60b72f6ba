//===- Compile.h - What tenon-compile does ----------------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

namespace mlir {
class DialectRegistry;
} // namespace mlir

namespace tenon::compile {

/// Returns the exit status.
int compileMain(int argc, char **argv, const mlir::DialectRegistry &registry);

} // namespace tenon::compile
