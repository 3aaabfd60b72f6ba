//===- KernelObject.cpp - From a kernel function to machine code ------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Target/KernelObject.h"

#include "tenon/Codegen/CPU/KernelAttributes.h"
#include "tenon/Codegen/CPU/KernelConversion.h"
#include "tenon/Codegen/CPU/KernelOptimization.h"
#include "tenon/Codegen/CPU/MapKernelPasses.h"
#include "tenon/Target/ExpandBF16.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/ExecutionEngine/Orc/JITTargetMachineBuilder.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"

#include <mutex>

using namespace mlir;
using namespace tenon;

llvm::Expected<std::unique_ptr<llvm::TargetMachine>> tenon::createTargetMachine(const TargetSelection &selection) {
  static std::once_flag once;
  std::call_once(once, [] {
    llvm::InitializeNativeTarget();
    llvm::InitializeNativeTargetAsmPrinter();
  });
  llvm::Expected<llvm::orc::JITTargetMachineBuilder> builder = llvm::orc::JITTargetMachineBuilder::detectHost();
  if (!builder)
    return builder.takeError();
  if (!selection.cpu.empty()) {
    builder->setCPU(selection.cpu);
    builder->setFeatures(selection.features);
  }
  builder->setCodeGenOptLevel(llvm::CodeGenOptLevel::Aggressive);
  builder->setRelocationModel(llvm::Reloc::PIC_);
  // Kernels are linked as a whole. Code for just-in-time linking may lie anywhere by default: every call and every constant takes
  // an address of 64 bits, and its sections would keep a linker from finding the tables that exceptions of a whole library need.
  builder->setCodeModel(llvm::CodeModel::Small);
  return builder->createTargetMachine();
}

std::string tenon::getKernelKey(func::FuncOp kernel) {
  std::string key;
  llvm::raw_string_ostream stream(key);
  if (auto contraction = kernel->getAttrOfType<tn::ContractionKernelAttr>("tn.kernel"); contraction && kernel.isDeclaration()) {
    stream << contraction;
    return key;
  }
  // Names are no part of what is computed.
  for (Type type : kernel.getArgumentTypes())
    stream << type << ';';
  for (Operation &op : kernel.getBody().front())
    op.print(stream, OpPrintingFlags().printGenericOpForm().useLocalScope());
  return key;
}

/// Defines `void symbol(ptr args)`, which passes the pointers that `args` points to on to the kernel.
static void addEntry(llvm::Module &module, llvm::Function &kernel, StringRef symbol) {
  llvm::LLVMContext &context = module.getContext();
  llvm::Type *pointer = llvm::PointerType::getUnqual(context);
  auto *type = llvm::FunctionType::get(llvm::Type::getVoidTy(context), {pointer}, false);
  auto *entry = llvm::Function::Create(type, llvm::GlobalValue::ExternalLinkage, symbol, module);
  llvm::IRBuilder<> builder(llvm::BasicBlock::Create(context, "", entry));
  SmallVector<llvm::Value *> arguments;
  for (unsigned i = 0; i < kernel.arg_size(); ++i) {
    llvm::Value *slot = builder.CreateConstInBoundsGEP1_64(pointer, entry->getArg(0), i);
    arguments.push_back(builder.CreateLoad(pointer, slot));
  }
  builder.CreateCall(&kernel, arguments);
  builder.CreateRetVoid();
}

/// Lowered memref accesses claim that no address computation wraps around as an unsigned number; a negative stride does.
static void dropAddressFlags(llvm::Module &module) {
  for (llvm::Function &function : module)
    for (llvm::Instruction &instruction : llvm::instructions(function))
      if (isa<llvm::GetElementPtrInst>(instruction) || instruction.getType()->isIntegerTy())
        instruction.dropPoisonGeneratingFlags();
}

/// LLVM's -O3 as it stands, with vectorisation of loops; -O1 for a machine that emits code quickly.
static void optimizeMapModule(llvm::Module &module, llvm::TargetMachine &machine) {
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager components;
  llvm::ModuleAnalysisManager modules;
  llvm::PassBuilder pipeline(&machine);
  pipeline.registerModuleAnalyses(modules);
  pipeline.registerCGSCCAnalyses(components);
  pipeline.registerFunctionAnalyses(functions);
  pipeline.registerLoopAnalyses(loops);
  pipeline.crossRegisterProxies(loops, functions, components, modules);
  bool isQuick = machine.getOptLevel() == llvm::CodeGenOptLevel::None;
  pipeline.buildPerModuleDefaultPipeline(isQuick ? llvm::OptimizationLevel::O1 : llvm::OptimizationLevel::O3)
      .run(module, modules);
}

FailureOr<SmallVector<char, 0>> tenon::compileKernelObject(func::FuncOp kernel, StringRef symbol, llvm::TargetMachine &machine) {
  MLIRContext &context = *kernel.getContext();
  OwningOpRef<ModuleOp> module = ModuleOp::create(kernel.getLoc());
  OpBuilder builder = OpBuilder::atBlockEnd(module->getBody());
  constexpr StringLiteral kName = "kernel";
  auto contraction = kernel->getAttrOfType<tn::ContractionKernelAttr>("tn.kernel");
  bool isContraction = contraction != nullptr, isGenerated = isContraction && kernel.isDeclaration();
  // LLVM ends the process where it has no instruction for an intrinsic.
  if (isContraction && contraction.getDot() > 1 && !machine.getMCSubtargetInfo()->checkFeatures("+avx512bf16"))
    return kernel.emitError() << "this kernel multiplies pairs of bf16 (dot = " << contraction.getDot() << "), for which the processor '"
                              << machine.getTargetCPU()
                              << "' has no instruction (avx512bf16); choose kernels for another target (target=avx512)";
  if (isGenerated) {
    if (failed(cpu::buildContractionKernel(builder, *module, kName, cpu::toSpec(contraction))))
      return failure();
  } else {
    auto copy = cast<func::FuncOp>(builder.clone(*kernel));
    copy.setName(kName);
    copy.setPublic();
    copy->removeAttr("tn.kernel");
    copy->setAttr(LLVM::LLVMDialect::getEmitCWrapperAttrName(), builder.getUnitAttr());
  }

  auto lower = [&] {
    if (isContraction)
      return cpu::convertKernelsToLLVM(*module);
    PassManager passes(&context);
    passes.enableVerifier(false);
    cpu::addMapKernelToLLVMPasses(passes);
    return passes.run(*module);
  };
  if (failed(lower()))
    return kernel.emitError("this kernel does not lower to machine code");

  llvm::LLVMContext llvmContext;
  llvmContext.setDiscardValueNames(true);
  registerBuiltinDialectTranslation(context);
  registerLLVMDialectTranslation(context);
  // Tests of the generator verify what it makes.
  std::unique_ptr<llvm::Module> llvmModule =
      translateModuleToLLVMIR(*module, llvmContext, "kernel", /*disableVerification=*/isGenerated);
  if (!llvmModule)
    return kernel.emitError("this kernel does not translate to LLVM IR");
  llvmModule->setDataLayout(machine.createDataLayout());
  llvmModule->setTargetTriple(machine.getTargetTriple());
  llvm::Function *wrapped = llvmModule->getFunction(("_mlir_ciface_" + kName).str());
  if (!wrapped)
    return kernel.emitError("this kernel has no C interface");
  for (llvm::Function &function : *llvmModule)
    if (!function.isDeclaration())
      function.setLinkage(llvm::GlobalValue::InternalLinkage);
  addEntry(*llvmModule, *wrapped, symbol);
  expandBF16(*llvmModule);
  if (isContraction) {
    cpu::optimizeKernelModule(*llvmModule, machine);
  } else {
    dropAddressFlags(*llvmModule);
    optimizeMapModule(*llvmModule, machine);
  }

  SmallVector<char, 0> object;
  llvm::raw_svector_ostream stream(object);
  llvm::legacy::PassManager codegen;
  constexpr auto kObject = llvm::CodeGenFileType::ObjectFile;
  bool canEmit = isContraction ? cpu::addKernelEmission(codegen, machine, stream, kObject)
                               : !machine.addPassesToEmitFile(codegen, stream, nullptr, kObject);
  if (!canEmit)
    return kernel.emitError("the target cannot emit object files");
  codegen.run(*llvmModule);
  return object;
}
