//===- KernelOptimization.cpp - LLVM passes for kernels -------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Codegen/CPU/KernelOptimization.h"

#include "llvm/IR/Module.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Target/TargetMachine.h"

namespace tenon::cpu {

void optimizeKernelModule(llvm::Module &module, llvm::TargetMachine &machine) {
  llvm::PipelineTuningOptions tuning;
  tuning.LoopVectorization = false;
  tuning.LoopInterleaving = false;
  tuning.SLPVectorization = false;
  tuning.LoopUnrolling = false;

  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager components;
  llvm::ModuleAnalysisManager modules;
  llvm::PassBuilder pipeline(&machine, tuning);
  pipeline.registerModuleAnalyses(modules);
  pipeline.registerCGSCCAnalyses(components);
  pipeline.registerFunctionAnalyses(functions);
  pipeline.registerLoopAnalyses(loops);
  pipeline.crossRegisterProxies(loops, functions, components, modules);
  pipeline.buildPerModuleDefaultPipeline(llvm::OptimizationLevel::O3).run(module, modules);
}

} // namespace tenon::cpu
