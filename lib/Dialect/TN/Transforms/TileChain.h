//===- TileChain.h - Operations in one loop over tiles ------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Private to tn-fuse. Knows no operation, only TilingInterface.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "mlir/IR/PatternMatch.h"
#include "mlir/Interfaces/TilingInterface.h"
#include "llvm/ADT/SetVector.h"

namespace tenon::tn {

/// A parallel loop of an operation that is cut into tiles, and what of it is walked.
struct TiledLoop {
  unsigned number = 0; ///< in the operation's iteration domain
  int64_t begin = 0, end = 0;
  int64_t tile = 1;
};

/// Operations that a loop over tiles computes: one, and some that make what it, or another of them,
/// reads. Nobody else reads what these make.
struct TiledChain {
  mlir::TilingInterface consumer; ///< of one result of static extents
  llvm::SetVector<mlir::Operation *> producers;
};

/// Computes the part of `chain.consumer` that `loops` (the outermost first) walk, tile by tile,
/// with the parts of the producers that a tile needs in the innermost loop, and inserts the tiles
/// into `destination`, a tensor of the consumer's type; the result is that tensor. What is left
/// over of a loop, smaller than a tile, comes after it, so that all extents are static. Emits at
/// the builder's insertion point; the operations of the chain stay.
///
/// Loops get the mark kFusedMark: what they count is no slice.
mlir::FailureOr<mlir::Value> tileChain(mlir::RewriterBase &rewriter, const TiledChain &chain,
                                       llvm::ArrayRef<TiledLoop> loops, mlir::Value destination);

/// The same, where `threads` threads share loop number `shared` of `loops`, each `share` positions
/// side by side; what these leave over comes afterwards, by one thread at a time.
mlir::FailureOr<mlir::Value> tileChainOnThreads(mlir::RewriterBase &rewriter,
                                                const TiledChain &chain,
                                                llvm::ArrayRef<TiledLoop> loops, unsigned shared,
                                                int64_t share, int64_t threads,
                                                mlir::Value destination);

} // namespace tenon::tn
