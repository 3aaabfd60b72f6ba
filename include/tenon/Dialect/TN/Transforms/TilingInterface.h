//===- TilingInterface.h - Upstream tiling of contractions --------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

namespace mlir {
class DialectRegistry;
} // namespace mlir

namespace tenon::tn {

/// Attaches `TilingInterface` to `tn.contract` and `tn.conj`. The loops of a contraction are the
/// output's indices in the output's order, then the summed ones by number; a tile is a smaller
/// `tn.contract` of slices. Summed loops are tiled through `PartialReductionOpInterface` only
/// (registerPartialReductionModel): there is no destination that tiles of a sum could add to.
void registerTilingModels(mlir::DialectRegistry &registry);

} // namespace tenon::tn
