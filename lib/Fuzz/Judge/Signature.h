//===- Signature.h - What duplicates of a finding have in common -*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Fuzz/Judge.h"

#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/DenseMap.h"

namespace tenon::fuzz {

/// A message without what differs between two sightings of one fault: numbers, the contents of
/// quotes, names of values and symbols, types.
std::string withoutParticulars(llvm::StringRef message);

/// "stage | tn-plan | what is left of the message | integer", with " | change" where there is one.
std::string makeSignature(Oracle oracle, llvm::StringRef pass, llvm::StringRef message,
                          llvm::StringRef types, llvm::StringRef change = {});

/// Which classes of element types a module's functions take and return.
std::string classOfTypes(mlir::ModuleOp module);

/// How often each operation occurs, those in bodies of named operations too.
using OperationCounts = llvm::DenseMap<mlir::OperationName, int64_t>;
OperationCounts countOperations(mlir::ModuleOp module);

/// "-linalg.generic +linalg.matmul": the operations that there are fewer and more of, by name.
/// Empty where those are many: how a pass goes about a large program says little about a fault.
std::string describeChange(const OperationCounts &before, const OperationCounts &after);

} // namespace tenon::fuzz
