//===- ConvertKernels.cpp - Lowers contraction kernels ----------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Codegen/CPU/KernelConversion.h"
#include "tenon/Codegen/CPU/Passes.h"

namespace tenon {
#define GEN_PASS_DEF_CONVERTKERNELS
#include "tenon/Codegen/CPU/Passes.h.inc"
} // namespace tenon

namespace {
struct ConvertKernelsPass : tenon::impl::ConvertKernelsBase<ConvertKernelsPass> {
  using Base::Base;

  void runOnOperation() override {
    if (failed(tenon::cpu::convertKernelsToLLVM(getOperation())))
      signalPassFailure();
  }
};
} // namespace
