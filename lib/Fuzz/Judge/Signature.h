//===- Signature.h - What duplicates of a finding have in common -*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Fuzz/Judge.h"

#include "mlir/IR/BuiltinOps.h"

namespace tenon::fuzz {

/// A message without what differs between two sightings of one fault: numbers, the contents of
/// quotes, names of values and symbols, types.
std::string withoutParticulars(llvm::StringRef message);

/// "tn-plan", "native", "" … with what is left of the message.
std::string makeSignature(Oracle oracle, llvm::StringRef pass, llvm::StringRef pattern,
                          llvm::StringRef message, llvm::StringRef types);

/// Which classes of element types a module's functions take and return.
std::string classOfTypes(mlir::ModuleOp module);

} // namespace tenon::fuzz
