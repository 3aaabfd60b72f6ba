//===- CalibrateCommand.h - What tenon-calibrate does -----------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

namespace mlir {
class DialectRegistry;
} // namespace mlir

namespace tenon::calibrate {

/// Returns the exit status.
int calibrateMain(int argc, char **argv, const mlir::DialectRegistry &registry);

} // namespace tenon::calibrate
