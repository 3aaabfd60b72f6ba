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
/// Declares kernels that multiply pairs of bf16.
class KernelObjectTest : public testing::Test {
protected:
  KernelObjectTest() {
    context.loadDialect<tn::TNDialect, func::FuncDialect>();
    builder.setInsertionPointToEnd(module->getBody());
  }
  func::FuncOp declare(llvm::StringRef name) {
    return declareKernel(builder, builder.getUnknownLoc(), name, toAttribute(&context, spec));
  }

  MLIRContext context{MLIRContext::Threading::DISABLED};
  OpBuilder builder{&context};
  OwningOpRef<ModuleOp> module{ModuleOp::create(builder.getUnknownLoc())};
  ContractionKernelSpec spec{
      {builder.getBF16Type(), builder.getBF16Type(), builder.getF32Type(), builder.getF32Type()},
      {KernelStrategy::Packed, 16, 12, 32, 2}};
};

TEST_F(KernelObjectTest, DotsNeedAProcessorThatHasThem) {
  func::FuncOp kernel = declare("product");
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
TEST_F(KernelObjectTest, KeysTellOfDots) {
  std::string dots = getKernelKey(declare("dots"));
  EXPECT_EQ(toSpec(toAttribute(&context, spec)), spec);
  spec.dot = 1;
  EXPECT_NE(getKernelKey(declare("others")), dots);
}
#endif
