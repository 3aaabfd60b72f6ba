//===- GenerateKernels.cpp - Writes the bodies of contraction kernels -------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Codegen/CPU/KernelAttributes.h"
#include "tenon/Codegen/CPU/Passes.h"
#include "tenon/Support/Counters.h"

namespace tenon {
#define GEN_PASS_DEF_GENERATEKERNELS
#include "tenon/Codegen/CPU/Passes.h.inc"
} // namespace tenon

using namespace mlir;
using namespace tenon;

namespace {
struct GenerateCounters : Counters {
  GenerateCounters() : Counters("tenon-generate-kernels") {}

  Counter kernels{*this, "kernels", "contraction kernels written"};
};

struct GenerateKernelsPass : tenon::impl::GenerateKernelsBase<GenerateKernelsPass> {
  using Base::Base;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    OpBuilder builder(&getContext());
    GenerateCounters counters;
    for (auto declaration : llvm::make_early_inc_range(module.getOps<func::FuncOp>())) {
      auto attribute = declaration->getAttrOfType<tn::ContractionKernelAttr>("tn.kernel");
      if (!attribute || !declaration.isDeclaration())
        continue;
      cpu::ContractionKernelSpec spec = cpu::toSpec(attribute);
      std::string problem = cpu::explainUnsupported(spec);
      if (!problem.empty()) {
        declaration.emitError("tenon-generate-kernels: ") << problem;
        return signalPassFailure();
      }
      std::string name = declaration.getName().str();
      declaration.erase();
      FailureOr<func::FuncOp> kernel = cpu::buildContractionKernel(builder, module, name, spec);
      if (failed(kernel))
        return signalPassFailure();
      kernel->setPrivate();
      (*kernel)->setAttr("tn.kernel", attribute);
      ++counters.kernels;
    }
    Statistics::get().add(counters);
  }
};
} // namespace
