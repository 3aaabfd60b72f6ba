//===- Facts.h - Facts as callers write them ----------------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Dialect/TN/IR/TN.h"

#include "llvm/Support/Error.h"

namespace tenon::capi {

/// "diagonal, sparse(0.1)" as an attribute, valid for a tensor of `type`. The error says what is
/// wrong with the text, or with it for this tensor.
llvm::Expected<tn::FactsAttr> parseFacts(llvm::StringRef text, mlir::RankedTensorType type);

} // namespace tenon::capi
