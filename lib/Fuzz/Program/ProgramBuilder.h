//===- ProgramBuilder.h - A genome as IR --------------------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Fuzz/Genome.h"
#include "tenon/HostTensor/HostTensor.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

namespace tenon::fuzz {

/// The module of buildModule, not yet verified. `constants`: the values of the Constants, in order.
mlir::OwningOpRef<mlir::ModuleOp> buildUnverified(const Genome &genome,
                                                  std::span<const HostTensor> constants,
                                                  mlir::MLIRContext &context);

} // namespace tenon::fuzz
