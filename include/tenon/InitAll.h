//===- InitAll.h - The one place where everything is registered ---*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Every tool, the C API and the tests register dialects, passes and pipelines through these two
// functions, so that none of them knows more or less than another.
//
//===----------------------------------------------------------------------===//
#pragma once

namespace mlir {
class DialectRegistry;
} // namespace mlir

namespace tenon {

/// Registers `tn`, the upstream dialects that pipelines use, and the external models of their
/// interfaces.
void registerAllDialects(mlir::DialectRegistry &registry);

/// Registers Tenon's passes and named pipelines, and the upstream passes that people combine with
/// them. May be called several times.
void registerAllPasses();

} // namespace tenon
