//===- RegisterPasses.h - Passes and dialects of fuzzed pipelines -*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

namespace mlir {
class DialectRegistry;
} // namespace mlir

namespace tenon::fuzz {

/// Upstream's groups of passes that the catalog draws from, and those that tenon::registerAllPasses
/// brings. May be called several times.
void registerUpstreamPasses();

/// Every pass of the catalog, and all of Tenon. May be called several times.
void registerFuzzPasses();

/// The dialects of Tenon's tools, and what the passes of the catalog make. Interfaces that change
/// what Tenon's own pipeline does are those of its tools: the fuzzer tests the compiler that people
/// run.
void registerFuzzDialects(mlir::DialectRegistry &registry);

} // namespace tenon::fuzz
