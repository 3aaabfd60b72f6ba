//===- ContractionKernel.h - Kernels for C += A * B ---------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// A contraction kernel computes C[b,m,n] (+)= sum_k A[b,m,k] * B[b,k,n] over a semiring, where b,
// m, n and k are groups of any number of dimensions. One kernel serves every rank, extent and
// stride: these are run-time *shape words* (KernelConvention::Contraction of
// tenon-runtime/Schedule.h). What is fixed when a kernel is made, and hence its cache key, is a
// ContractionKernelSpec: element types, semiring, strategy and register tile. Cache blocks are
// shape words.
//
// Sources: BLIS and its analytical model (Van Zee, van de Geijn 2015; Low et al. 2016), GETT
// (Springer, Bientinesi 2018), TBLIS (Matthews 2018), the 4m method (Van Zee, Smith 2017).
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Codegen/CPU/ContractionShape.h"
#include "tenon/Codegen/CPU/TargetDescription.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"

#include <string>

namespace tenon::cpu {

enum class Semiring { PlusTimes, MaxPlus, MinPlus, OrAnd, MaxTimes };

/// What of a kernel is fixed by the program rather than chosen for speed.
struct ContractionTypes {
  /// Element types in memory, and the type in which sums are defined. Operands are widened to
  /// accType. typeC equals accType, or is f16 or bf16 under an accType of f32. Sums of f16 and bf16
  /// are kept in f32 and rounded once, when C is stored.
  mlir::Type typeA, typeB, typeC, accType;
  Semiring semiring = Semiring::PlusTimes;
  bool isUnsigned = false; ///< integers are widened and compared as unsigned
  bool conjA = false, conjB = false;

  bool operator==(const ContractionTypes &other) const = default;
};

/// All that is fixed when a kernel is made.
struct ContractionKernelSpec : ContractionTypes, KernelTiling {
  bool operator==(const ContractionKernelSpec &other) const = default;
  /// A canonical text that is equal for equal specs: the cache key.
  std::string key() const;
};

/// Why no kernel exists for these types, as one sentence; empty when one does.
std::string explainUnsupported(const ContractionTypes &types);

/// How one contraction is computed: by which kernel, called with which blocks.
struct ContractionChoice {
  ContractionKernelSpec spec;
  CacheBlocks blocks;
};

/// Chooses strategy, register tile and cache blocks for a contraction on a target. The kernel
/// depends on the shape only through a few classes, and not on the caches of the target, so that
/// many contractions share one. `types` must be supported.
ContractionChoice chooseContraction(const ContractionTypes &types, const ContractionShape &shape,
                                    const TargetDescription &target);

/// How kernels hold the sums of these types.
SumFormat sumFormat(const ContractionTypes &types);

/// What a tuning file calls a contraction: one line of text, equal for equal types and for shapes
/// that are equal once they are merged (mergeShape).
std::string tuningKey(const ContractionTypes &types, const ContractionShape &shape);

/// Why a contraction of these types cannot be computed so; empty when it can. `blocking` is one
/// that kernels of the target can be made of (explainBlocking).
std::string explainBlockingOf(const ContractionTypes &types, const Blocking &blocking,
                              const TargetDescription &target);

/// Bytes of workspace that a kernel called with these blocks needs for these sizes or any sub-range
/// of their m, n and batch spaces; clamped to the problem, a multiple of 64.
int64_t packingWorkspaceBytes(const ContractionKernelSpec &spec, const CacheBlocks &blocks,
                              const ContractionSizes &sizes);

/// Adds to `module` the kernel `func.func @name(memref<?xA>, memref<?xB>, memref<?xC>,
/// memref<?xi64>, memref<?xi8>)` with a C interface. In the signature, complex<T> is T (twice the
/// elements) and i1 is i8 (one byte each): vectors of either do not exist in memory. Descriptors
/// are the same. Fails with a diagnostic at `module` when the types are not supported.
mlir::FailureOr<mlir::func::FuncOp> buildContractionKernel(mlir::OpBuilder &builder,
                                                           mlir::ModuleOp module,
                                                           llvm::StringRef name,
                                                           const ContractionKernelSpec &spec);

} // namespace tenon::cpu
