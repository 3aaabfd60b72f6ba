//===- PassRuns.h - Passes that tests put under feedback ----------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Fuzz/Feedback.h"

#include "mlir/IR/MLIRContext.h"

#include <functional>
#include <string>
#include <vector>

namespace tenon::fuzz {

/// Canonicalization merges the constants of `@sums` by one pattern and those of `@products` by
/// another.
extern const char *const kArithmetic;
/// A chain of three matrices, as one contraction.
extern const char *const kNetwork;
/// Passes that lower the network.
inline constexpr const char *kLower = "func.func(tn-plan,convert-tn-to-linalg)";

/// What a pipeline makes of a module, in a context of its own that `prepare` has seen. A failed
/// assertion of the test, and an empty text, where it does not parse or a pass fails.
std::string runPasses(const char *module, const char *pipeline,
                      const std::function<void(mlir::MLIRContext &)> &prepare = {});

/// What is new to `feedback` when a pipeline runs.
std::vector<uint32_t> featuresOf(Feedback &feedback, const char *module, const char *pipeline,
                                 const std::function<void(mlir::MLIRContext &)> &prepare = {});

} // namespace tenon::fuzz
