//===- KernelObjectTest.cpp - Kernels that a processor cannot run ---------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Target/KernelObject.h"

#include "tenon/Codegen/CPU/KernelAttributes.h"
#include "tenon/Dialect/TN/IR/TN.h"

#include "mlir/IR/Diagnostics.h"
#include "llvm/Target/TargetMachine.h"

#include "gtest/gtest.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::cpu;

#if defined(__x86_64__)
TEST(KernelObjectTest, DotsNeedAProcessorThatHasThem) {
  MLIRContext context(MLIRContext::Threading::DISABLED);
  context.loadDialect<tn::TNDialect, func::FuncDialect>();
  OpBuilder builder(&context);
  OwningOpRef<ModuleOp> module = ModuleOp::create(builder.getUnknownLoc());
  builder.setInsertionPointToEnd(module->getBody());
  Type bf16 = builder.getBF16Type(), f32 = builder.getF32Type();
  ContractionKernelSpec spec{{bf16, bf16, f32, f32}, {KernelStrategy::Packed, 16, 12, 32, 2}};
  func::FuncOp kernel =
      declareKernel(builder, builder.getUnknownLoc(), "product", toAttribute(&context, spec));
  std::string message;
  ScopedDiagnosticHandler keep(&context, [&](Diagnostic &diagnostic) {
    message += diagnostic.str();
    return success();
  });
  auto compileFor = [&](const char *cpu) {
    auto machine = createTargetMachine({cpu, ""});
    EXPECT_TRUE(bool(machine));
    return compileKernelObject(kernel, "product", **machine);
  };
  EXPECT_TRUE(failed(compileFor("skylake-avx512")));
  EXPECT_EQ(message, "this kernel multiplies pairs of bf16 (dot = 2), for which the processor "
                     "'skylake-avx512' has no instruction (avx512bf16); choose kernels for another "
                     "target (target=avx512)");
  message.clear();
  EXPECT_TRUE(succeeded(compileFor("cooperlake")));
  EXPECT_EQ(message, "");
}

/// Kernels for one processor are kept apart from those for another in the same cache.
TEST(KernelObjectTest, KeysTellOfDots) {
  MLIRContext context(MLIRContext::Threading::DISABLED);
  context.loadDialect<tn::TNDialect, func::FuncDialect>();
  OpBuilder builder(&context);
  OwningOpRef<ModuleOp> module = ModuleOp::create(builder.getUnknownLoc());
  builder.setInsertionPointToEnd(module->getBody());
  Type bf16 = builder.getBF16Type(), f32 = builder.getF32Type();
  ContractionKernelSpec spec{{bf16, bf16, f32, f32}, {KernelStrategy::Packed, 16, 12, 32, 2}};
  auto keyOf = [&](llvm::StringRef name) {
    return getKernelKey(
        declareKernel(builder, builder.getUnknownLoc(), name, toAttribute(&context, spec)));
  };
  std::string dots = keyOf("dots");
  EXPECT_EQ(toSpec(toAttribute(&context, spec)), spec);
  spec.dot = 1;
  EXPECT_NE(keyOf("others"), dots);
}
#endif
