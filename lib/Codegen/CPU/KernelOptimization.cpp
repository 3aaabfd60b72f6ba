//===- KernelOptimization.cpp - LLVM passes for kernels -------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Codegen/CPU/KernelOptimization.h"

#include "tenon/Support/Assert.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/CodeGen/MachineModuleInfo.h"
#include "llvm/CodeGen/Passes.h"
#include "llvm/CodeGen/TargetPassConfig.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/Transforms/IPO/DeadArgumentElimination.h"
#include "llvm/Transforms/Scalar/ADCE.h"
#include "llvm/Transforms/Scalar/EarlyCSE.h"
#include "llvm/Transforms/Scalar/LICM.h"
#include "llvm/Transforms/Scalar/LoopPassManager.h"
#include "llvm/Transforms/Scalar/LoopRotation.h"
#include "llvm/Transforms/Scalar/SROA.h"
#include "llvm/Transforms/Scalar/SimplifyCFG.h"

namespace tenon::cpu {

void optimizeKernelModule(llvm::Module &module, llvm::TargetMachine &machine) {
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager components;
  llvm::ModuleAnalysisManager modules;
  llvm::PassBuilder builder(&machine);
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(components);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, components, modules);

  llvm::LoopPassManager invariants;
  invariants.addPass(llvm::LoopRotatePass());
  invariants.addPass(llvm::LICMPass(llvm::LICMOptions()));
  llvm::FunctionPassManager pipeline;
  pipeline.addPass(llvm::SROAPass(llvm::SROAOptions::ModifyCFG));
  pipeline.addPass(llvm::EarlyCSEPass(/*UseMemorySSA=*/true));
  pipeline.addPass(llvm::SimplifyCFGPass());
  pipeline.addPass(llvm::createFunctionToLoopPassAdaptor(std::move(invariants),
                                                         /*UseMemorySSA=*/true));
  // Loops that follow one another have the same invariants: each hoisted its own.
  pipeline.addPass(llvm::EarlyCSEPass(/*UseMemorySSA=*/false));
  pipeline.addPass(llvm::SimplifyCFGPass());
  pipeline.addPass(llvm::ADCEPass());
  for (llvm::Function &function : module)
    if (!function.isDeclaration())
      pipeline.run(function, functions);
  // Of a memref that is passed to a function of the kernel, only the pointer is used.
  llvm::DeadArgumentEliminationPass().run(module, modules);
}

namespace {

/// Passes of the code generator that kernels gain nothing from, by name.
constexpr llvm::StringLiteral kUselessPasses[] = {
    // Kernels form addresses as they want them.
    "Loop Strength Reduction", "Canonicalize Freeze Instructions in Loops", "X86 LEA Optimize",
    "Constant Hoisting",
    // They are written in an order that registers hold, and processors of this kind find their own.
    "Machine Instruction Scheduler", "Post RA top-down list latency scheduler",
    "Machine InstCombiner",
    // What is the same is one instruction before they are selected, and branches are as they
    // should.
    "Machine Common Subexpression Elimination", "Early Tail Duplication", "Early If-Conversion",
    "X86 cmov Conversion",
    // There is nothing for these.
    "Merge contiguous icmps into a memcmp", "Expand memcmp() to load/stores",
    "Partially inline calls to library functions", "X86 Partial Reduction",
    "X86 Avoid Store Forwarding Blocks", "X86 Domain Reassignment Pass",
    "X86 Execution Dependency Fix", "BreakFalseDeps"};

/// Hands passes on, but for those. With a pass that is not added, neither are the analyses that it
/// alone needs: half of what is saved.
class UsefulPasses : public llvm::legacy::PassManagerBase {
public:
  explicit UsefulPasses(llvm::legacy::PassManagerBase &all) : all(all) {}

  void add(llvm::Pass *pass) override {
    if (const auto *found = llvm::find(kUselessPasses, pass->getPassName());
        found != std::end(kUselessPasses)) {
      left.insert(*found);
      delete pass;
    } else {
      all.add(pass);
    }
  }
  /// Whether none of the names is one that LLVM does not know.
  bool haveLeftOutAll() const { return left.size() == std::size(kUselessPasses); }

private:
  llvm::legacy::PassManagerBase &all;
  llvm::StringSet<> left;
};

} // namespace

bool addKernelEmission(llvm::legacy::PassManagerBase &all, llvm::TargetMachine &machine,
                       llvm::raw_pwrite_stream &out, llvm::CodeGenFileType type) {
  UsefulPasses passes(all);
  llvm::TargetPassConfig *config = machine.createPassConfig(passes);
  if (!config)
    return false;
  config->setDisableVerify(true);
  auto *info = new llvm::MachineModuleInfoWrapperPass(&machine);
  passes.add(config);
  passes.add(info);
  if (config->addISelPasses())
    return false;
  config->addMachinePasses();
  config->setInitialized();
  TENON_ASSERT(!machine.getTargetTriple().isX86() ||
                   machine.getOptLevel() < llvm::CodeGenOptLevel::Aggressive ||
                   passes.haveLeftOutAll(),
               "LLVM has all passes that kernels do without");
  if (machine.addAsmPrinter(passes, out, nullptr, type, info->getMMI().getContext()))
    return false;
  passes.add(llvm::createFreeMachineFunctionPass());
  return true;
}

} // namespace tenon::cpu
