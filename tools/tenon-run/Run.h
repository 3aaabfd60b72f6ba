//===- Run.h - What tenon-run does ------------------------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

namespace mlir {
class DialectRegistry;
} // namespace mlir

namespace tenon::run {

/// Returns the exit status.
int runMain(int argc, char **argv, const mlir::DialectRegistry &registry);

} // namespace tenon::run
