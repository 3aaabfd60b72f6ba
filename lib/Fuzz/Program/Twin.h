//===- Twin.h - Programs that say something of another one --------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Fuzz/Genome.h"
#include "tenon/HostTensor/HostTensor.h"

#include "mlir/IR/MLIRContext.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/Error.h"

namespace tenon::fuzz {

/// Turns an elementwise operation into one that passes its first operand on.
void becomeIdentity(Node &node);

/// What the interpreter makes of a genome whose leaves are all Arguments; `arguments` are theirs,
/// in order. It need not be repaired.
llvm::Expected<llvm::SmallVector<HostTensor>>
interpretTwin(const Genome &twin, llvm::ArrayRef<HostTensor> arguments, mlir::MLIRContext &context);

} // namespace tenon::fuzz
