//===- PlanCommand.h - What tenon-plan does ---------------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

namespace mlir {
class DialectRegistry;
} // namespace mlir

namespace tenon::plan {

/// Returns the exit status.
int planMain(int argc, char **argv, const mlir::DialectRegistry &registry);

} // namespace tenon::plan
