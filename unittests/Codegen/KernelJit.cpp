//===- KernelJit.cpp - Compile and call one contraction kernel ------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "KernelJit.h"

#include "tenon/Codegen/CPU/KernelConversion.h"
#include "tenon/Codegen/CPU/KernelOptimization.h"

#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/ExecutionEngine/Orc/JITTargetMachineBuilder.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/SmallVectorMemoryBuffer.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>

namespace tenon::cpu {
namespace {

[[noreturn]] void fail(llvm::StringRef what) {
  std::fprintf(stderr, "kernel compilation failed: %s\n", what.str().c_str());
  std::exit(1);
}

template <typename T> T check(llvm::Expected<T> value) {
  if (!value)
    fail(llvm::toString(value.takeError()));
  return std::move(*value);
}

class Stopwatch {
public:
  /// Processor seconds since the last call.
  double lap() {
    double before = last;
    last = now();
    return last - before;
  }

private:
  static double now() {
    timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return double(time.tv_sec) + 1e-9 * double(time.tv_nsec);
  }
  double last = now();
};

constexpr llvm::StringLiteral kName = "kernel";

std::unique_ptr<llvm::Module> optimizedModule(const ContractionKernelSpec &spec,
                                              llvm::TargetMachine &machine,
                                              llvm::LLVMContext &llvmContext, CompileTimes &times) {
  mlir::MLIRContext &context = *spec.accType.getContext();
  Stopwatch watch;
  mlir::OwningOpRef<mlir::ModuleOp> module =
      mlir::ModuleOp::create(mlir::UnknownLoc::get(&context));
  mlir::OpBuilder builder(&context);
  if (failed(buildContractionKernel(builder, *module, kName, spec)))
    fail("building");
  times.build = watch.lap();

  if (failed(convertKernelsToLLVM(*module)))
    fail("lowering to the LLVM dialect");
  times.lower = watch.lap();

  llvmContext.setDiscardValueNames(true);
  mlir::registerBuiltinDialectTranslation(context);
  mlir::registerLLVMDialectTranslation(context);
  auto llvmModule = mlir::translateModuleToLLVMIR(*module, llvmContext);
  if (!llvmModule)
    fail("translation to LLVM IR");
  llvmModule->setDataLayout(machine.createDataLayout());
  llvmModule->setTargetTriple(machine.getTargetTriple());
  times.translate = watch.lap();

  optimizeKernelModule(*llvmModule, machine);
  times.optimize = watch.lap();
  return llvmModule;
}

llvm::SmallVector<char, 0> emitFile(llvm::Module &module, llvm::TargetMachine &machine,
                                    llvm::CodeGenFileType type) {
  llvm::SmallVector<char, 0> bytes;
  llvm::raw_svector_ostream stream(bytes);
  llvm::legacy::PassManager codegen;
  if (!addKernelEmission(codegen, machine, stream, type))
    fail("the target cannot emit code");
  codegen.run(module);
  return bytes;
}

void initializeTargets() {
  static bool done = [] {
    llvm::InitializeNativeTarget();
    llvm::InitializeNativeTargetAsmPrinter();
    return true;
  }();
  (void)done;
}

} // namespace

void CompileTimes::keepLeast(const CompileTimes &other) {
  for (double CompileTimes::*part :
       {&CompileTimes::build, &CompileTimes::lower, &CompileTimes::translate,
        &CompileTimes::optimize, &CompileTimes::codegen, &CompileTimes::link})
    this->*part = std::min(this->*part, other.*part);
}

CompiledKernel::CompiledKernel() = default;
CompiledKernel::~CompiledKernel() = default;

std::unique_ptr<CompiledKernel> CompiledKernel::compile(const ContractionKernelSpec &spec) {
  initializeTargets();
  auto host = check(llvm::orc::JITTargetMachineBuilder::detectHost());
  host.setCodeGenOptLevel(llvm::CodeGenOptLevel::Aggressive);
  host.setRelocationModel(llvm::Reloc::PIC_);
  host.setCodeModel(llvm::CodeModel::Small);
  auto machine = check(host.createTargetMachine());

  std::unique_ptr<CompiledKernel> kernel(new CompiledKernel);
  llvm::LLVMContext llvmContext;
  auto module = optimizedModule(spec, *machine, llvmContext, kernel->times);
  Stopwatch watch;
  auto object = std::make_unique<llvm::SmallVectorMemoryBuffer>(
      emitFile(*module, *machine, llvm::CodeGenFileType::ObjectFile), false);
  kernel->times.codegen = watch.lap();
  kernel->jit = check(llvm::orc::LLJITBuilder().create());
  if (auto error = kernel->jit->addObjectFile(std::move(object)))
    fail(llvm::toString(std::move(error)));
  auto address = check(kernel->jit->lookup(("_mlir_ciface_" + kName).str()));
  kernel->entry = address.toPtr<void (*)(void *, void *, void *, void *, void *)>();
  kernel->times.link = watch.lap();
  return kernel;
}

std::string CompiledKernel::assembly(const ContractionKernelSpec &spec, llvm::StringRef triple,
                                     llvm::StringRef cpu, llvm::StringRef features) {
  initializeTargets();
  auto builder = check(llvm::orc::JITTargetMachineBuilder::detectHost());
  if (!triple.empty())
    builder = llvm::orc::JITTargetMachineBuilder(llvm::Triple(triple));
  if (!cpu.empty()) {
    builder.setCPU(cpu.str());
    builder.setFeatures(features);
  }
  builder.setCodeGenOptLevel(llvm::CodeGenOptLevel::Aggressive);
  builder.setRelocationModel(llvm::Reloc::PIC_);
  builder.setCodeModel(llvm::CodeModel::Small);
  auto machine = check(builder.createTargetMachine());
  llvm::LLVMContext llvmContext;
  CompileTimes times;
  auto module = optimizedModule(spec, *machine, llvmContext, times);
  auto text = emitFile(*module, *machine, llvm::CodeGenFileType::AssemblyFile);
  return std::string(text.begin(), text.end());
}

void CompiledKernel::operator()(const void *a, const void *b, void *c, std::vector<int64_t> &words,
                                void *workspace, int64_t workspaceBytes) const {
  struct Descriptor {
    void *allocated, *aligned;
    int64_t offset, size, stride;
  };
  constexpr int64_t kUnbounded = INT64_MAX / 16;
  auto describe = [](const void *data, int64_t size) {
    void *pointer = const_cast<void *>(data);
    return Descriptor{pointer, pointer, 0, size, 1};
  };
  Descriptor arguments[] = {describe(a, kUnbounded), describe(b, kUnbounded),
                            describe(c, kUnbounded),
                            describe(words.data(), static_cast<int64_t>(words.size())),
                            describe(workspace, workspaceBytes)};
  entry(&arguments[0], &arguments[1], &arguments[2], &arguments[3], &arguments[4]);
}

} // namespace tenon::cpu
