//===- Pipelines.h - The compiler's pipeline with options that must not matter -*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "Case.h"
#include "Compare.h"

namespace tenon::fuzz {

/// Takes a copy of `source` to linalg on tensors with options that are drawn for the case,
/// interprets what comes out, and reports under `Oracle::Pipelines` what differs from the truth;
/// and where a memory limit that the compiler itself has named cannot be kept.
void checkPipeline(Case &current, mlir::ModuleOp source, llvm::StringRef function,
                   llvm::ArrayRef<HostTensor> arguments, const Truth &truth);

} // namespace tenon::fuzz
