//===- Arguments.h - What a network is called with --------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Execution/CompiledNetwork.h"
#include "tenon/HostTensor/HostTensor.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace tenon::run {

/// The element type that callers see.
ElementType getElementType(const ArgumentInfo &info);

/// "argument 2 ('psi')".
std::string describeArgument(const ArgumentInfo &info, size_t number);

/// Reads one file for each input. A file that disagrees with the signature in number, element type,
/// rank or a static extent is an error with what was found and what was expected. Integers may be
/// signed or unsigned in the file: the signature decides.
llvm::Expected<std::vector<HostTensor>> readArguments(const Signature &signature,
                                                      llvm::ArrayRef<std::string> paths);

/// Fills arguments from `seed`, each differently. Extents that are not static are those of tn.hint;
/// tn.facts are true of the numbers.
/// Where a contraction is a max_times the numbers are their moduli, as that semiring wants.
llvm::Expected<std::vector<HostTensor>>
makeRandomArguments(mlir::func::FuncOp function, const Signature &signature, uint64_t seed);

/// Views for the C ABI, which live as long as the tensors.
std::vector<tenon_tensor> makeViews(std::vector<HostTensor> &tensors);

} // namespace tenon::run
