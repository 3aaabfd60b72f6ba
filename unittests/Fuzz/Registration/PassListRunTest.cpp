//===- PassListRunTest.cpp - Lists of passes on generated programs --------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Fuzz/Mutate.h"
#include "tenon/Fuzz/PassCatalog.h"
#include "tenon/Fuzz/Program.h"
#include "tenon/Fuzz/RegisterPasses.h"

#include "mlir/IR/Diagnostics.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"

#include <gtest/gtest.h>

#include <map>

using namespace mlir;
using namespace tenon::fuzz;

namespace {

std::string pipelineOnModules(const PassStep &step) {
  return "builtin.module(" + pipelineOf(step) + ")";
}

/// Passes fail where the catalog says so, and nowhere else. Diagnostics of others are expectations
/// that the catalog misses.
TEST(PassListRunTest, PassesFailOnlyWhereTheyMay) {
  registerFuzzPasses();
  DialectRegistry registry;
  registerFuzzDialects(registry);
  std::map<std::string, unsigned> ran, refused;
  unsigned reachedBuffers = 0, failures = 0;
  for (uint64_t seed = 0; seed < 400; ++seed) {
    MLIRContext context(registry, MLIRContext::Threading::DISABLED);
    context.loadAllAvailableDialects();
    std::string diagnostics;
    ScopedDiagnosticHandler handler(
        &context, [&](Diagnostic &diagnostic) { diagnostics += diagnostic.str() + "\n"; });
    Random random(seed);
    Genome genome = generate(random);
    llvm::Expected<OwningOpRef<ModuleOp>> module = buildModule(genome, context);
    ASSERT_TRUE(bool(module)) << llvm::toString(module.takeError());
    for (size_t step = 0; step < genome.passes.size(); ++step) {
      PassManager passes(&context);
      ASSERT_TRUE(succeeded(parsePassPipeline(pipelineOnModules(genome.passes[step]), passes)))
          << pipelineOnModules(genome.passes[step]);
      diagnostics.clear();
      bool isDone = succeeded(passes.run(**module));
      const PassDescription *pass = findPass(genome.passes[step].name);
      ++ran[genome.passes[step].name];
      if (isDone && pass->to == Level::Buffer)
        ++reachedBuffers;
      if (isDone)
        continue;
      ++refused[genome.passes[step].name];
      if (!mayRefuse(genome, step) && ++failures <= 20)
        ADD_FAILURE() << "seed " << seed << ", " << pipelineOnModules(genome.passes[step]) << ": "
                      << llvm::StringRef(diagnostics).take_front(600).str();
      break;
    }
  }
  EXPECT_GE(ran.size(), passCatalog().size() * 3 / 4);
  EXPECT_GT(reachedBuffers, 10u);
}

} // namespace
