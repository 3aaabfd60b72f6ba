//===- Translate.h - What tenon-translate does --------------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

namespace mlir {
class DialectRegistry;
} // namespace mlir

namespace tenon {

/// Reads the command line, imports one tensor network and writes it as a module of the `tn`
/// dialect. Returns the exit status: 0, or 1 after one message on standard error; then no output
/// is written. Options are described by `--help` and in docs/how-to-import.md.
int translateMain(int argc, char **argv, const mlir::DialectRegistry &registry);

} // namespace tenon
