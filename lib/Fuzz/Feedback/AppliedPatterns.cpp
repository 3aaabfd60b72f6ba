//===- AppliedPatterns.cpp - Which patterns change IR -----------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "AppliedPatterns.h"

#include "mlir/Rewrite/PatternApplicator.h"

#include <atomic>

using namespace mlir;

namespace {

constinit std::atomic<void (*)(const Pattern &)> currentNote = nullptr;

// A method is a function whose first argument is the object.
LogicalResult applyPatterns(
    PatternApplicator *applicator, Operation *op, PatternRewriter &rewriter,
    function_ref<bool(const Pattern &)> canApply, function_ref<void(const Pattern &)> onFailure,
    function_ref<LogicalResult(const Pattern &)> onSuccess) asm("__real_" TENON_APPLY_SYMBOL);

} // namespace

LogicalResult wrapApplyPatterns(
    PatternApplicator *applicator, Operation *op, PatternRewriter &rewriter,
    function_ref<bool(const Pattern &)> canApply, function_ref<void(const Pattern &)> onFailure,
    function_ref<LogicalResult(const Pattern &)> onSuccess) asm("__wrap_" TENON_APPLY_SYMBOL);

LogicalResult wrapApplyPatterns(PatternApplicator *applicator, Operation *op,
                                PatternRewriter &rewriter,
                                function_ref<bool(const Pattern &)> canApply,
                                function_ref<void(const Pattern &)> onFailure,
                                function_ref<LogicalResult(const Pattern &)> onSuccess) {
  auto *note = currentNote.load(std::memory_order_relaxed);
  if (!note)
    return applyPatterns(applicator, op, rewriter, canApply, onFailure, onSuccess);
  return applyPatterns(applicator, op, rewriter, canApply, onFailure, [&](const Pattern &pattern) {
    // The driver may still refuse what the pattern made.
    if (onSuccess && failed(onSuccess(pattern)))
      return failure();
    note(pattern);
    return success();
  });
}

void tenon::fuzz::noteAppliedPatterns(void (*note)(const Pattern &pattern)) { currentNote = note; }
