//===- KernelAttributes.h - Kernel specifications in the IR -------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Codegen/CPU/ContractionKernel.h"
#include "tenon/Dialect/TN/IR/TN.h"

namespace tenon::cpu {

/// The semirings of the kernels, which know no dialect, and those of the dialect have the same numbers.
template <Semiring kernels, tn::Semiring dialect> inline constexpr bool isSameSemiring = static_cast<int>(kernels) == static_cast<int>(dialect);
static_assert(isSameSemiring<Semiring::PlusTimes, tn::Semiring::PlusTimes> && isSameSemiring<Semiring::MaxPlus, tn::Semiring::MaxPlus> &&
              isSameSemiring<Semiring::MinPlus, tn::Semiring::MinPlus> && isSameSemiring<Semiring::OrAnd, tn::Semiring::OrAnd> &&
              isSameSemiring<Semiring::MaxTimes, tn::Semiring::MaxTimes> &&
              tn::getMaxEnumValForSemiring() == static_cast<unsigned>(Semiring::MaxTimes));

inline tn::Semiring toDialect(Semiring semiring) { return static_cast<tn::Semiring>(semiring); }
inline Semiring fromDialect(tn::Semiring semiring) { return static_cast<Semiring>(semiring); }

/// The attribute that says all a specification says, and back.
tn::ContractionKernelAttr toAttribute(mlir::MLIRContext *context, const ContractionKernelSpec &spec);
ContractionKernelSpec toSpec(tn::ContractionKernelAttr attribute);

/// Adds the private function without a body that stands for a contraction kernel.
mlir::func::FuncOp declareKernel(mlir::OpBuilder &builder, mlir::Location loc, llvm::StringRef name,
                                 tn::ContractionKernelAttr attribute);

/// The shape that tenon-outline-kernels chose the kernel of a call for, merged, as it planned with it: what tuningKey names.
ContractionShape getShapeOfCall(tn::CallContractionOp call);

} // namespace tenon::cpu
