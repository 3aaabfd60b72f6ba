//===- Program.h - A genome as IR and data ------------------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Fuzz/Genome.h"
#include "tenon/HostTensor/HostTensor.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

namespace tenon::fuzz {

/// A module with one public function `main` on tensors. The genome is repaired. Verified: a module that does not verify is
/// a fault of the fuzzer, and an error that says so.
llvm::Expected<mlir::OwningOpRef<mlir::ModuleOp>> buildModule(const Genome &genome, mlir::MLIRContext &context);

/// The same with other values of the Constants, in order and of their shapes and types, than the genome's own: those of
/// the program that it was made from, say, whose leaves draw from other ranges.
llvm::Expected<mlir::OwningOpRef<mlir::ModuleOp>>
buildModule(const Genome &genome, std::span<const HostTensor> constants, mlir::MLIRContext &context);

/// The values of the Constants, in order, that buildModule puts into the program.
std::vector<HostTensor> makeConstants(const Genome &genome);

/// The arguments of `main`, in order, with values as the genome's arithmetic asks for: a function of the
/// genome alone. In exact arithmetic no sum of products that a program in any order can form is rounded in its
/// accumulation type; where an input cannot be found for which that is so, `arithmeticOf` says Bound.
std::vector<HostTensor> makeArguments(const Genome &genome);

/// The arithmetic that results may be compared by: the genome's own, or Bound where it asks for exactness that
/// its program cannot have (see makeArguments).
Arithmetic arithmeticOf(const Genome &genome);

/// For each result and element, in f64, the largest difference to the exact value that any correct evaluation in any order
/// may have: E = gamma_n * |program| on absolute values and so on through the program (docs/fuzzing.md, "Numerics"). Infinite where
/// none is known (NaN, overflow of the type on the way). Zero in ring and exact arithmetic.
llvm::Expected<std::vector<HostTensor>> errorBounds(const Genome &genome, mlir::MLIRContext &context);

/// For each result a mask in f64: 1 where every order of evaluation, and every rewriting that the passes promise
/// (docs/simplify.md, "What is kept"), leaves a NaN, because one among the leaves reaches that element. Empty where none is
/// known to. Costs a run of the interpreter where some leaf has a NaN.
llvm::Expected<std::vector<HostTensor>> certainNaNs(const Genome &genome, mlir::MLIRContext &context);

} // namespace tenon::fuzz
