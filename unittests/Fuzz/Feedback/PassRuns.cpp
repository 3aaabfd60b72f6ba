//===- PassRuns.cpp - Passes that tests put under feedback ------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "PassRuns.h"

#include "tenon/InitAll.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include "gtest/gtest.h"

using namespace mlir;

const char *const tenon::fuzz::kArithmetic = R"mlir(
func.func @sums(%x: i32) -> i32 {
  %c3 = arith.constant 3 : i32
  %c4 = arith.constant 4 : i32
  %a = arith.addi %x, %c3 : i32
  %b = arith.addi %a, %c4 : i32
  return %b : i32
}
func.func @products(%x: i32) -> i32 {
  %c3 = arith.constant 3 : i32
  %c4 = arith.constant 4 : i32
  %a = arith.muli %x, %c3 : i32
  %b = arith.muli %a, %c4 : i32
  return %b : i32
}
)mlir";

const char *const tenon::fuzz::kNetwork = R"mlir(
func.func @chain(%a: tensor<2x3xf64>, %b: tensor<3x5xf64>, %c: tensor<5x4xf64>) -> tensor<2x4xf64> {
  %0 = tn.contract (%a[i, j], %b[j, k], %c[k, l]) -> [i, l] : (tensor<2x3xf64>, tensor<3x5xf64>, tensor<5x4xf64>) -> tensor<2x4xf64>
  return %0 : tensor<2x4xf64>
}
)mlir";

std::string tenon::fuzz::runPasses(const char *module, const char *pipeline,
                                   const std::function<void(MLIRContext &)> &prepare) {
  registerAllPasses();
  DialectRegistry registry;
  registerAllDialects(registry);
  MLIRContext context(registry, MLIRContext::Threading::DISABLED);
  if (prepare)
    prepare(context);
  OwningOpRef<ModuleOp> parsed = parseSourceString<ModuleOp>(module, ParserConfig(&context));
  EXPECT_TRUE(parsed);
  if (!parsed)
    return "";
  PassManager passes(&context);
  bool isDone = succeeded(parsePassPipeline(pipeline, passes)) && succeeded(passes.run(*parsed));
  EXPECT_TRUE(isDone) << pipeline;
  if (!isDone)
    return "";
  std::string text;
  llvm::raw_string_ostream stream(text);
  parsed->print(stream);
  return text;
}

std::vector<uint32_t> tenon::fuzz::featuresOf(Feedback &feedback, const char *module,
                                              const char *pipeline,
                                              const std::function<void(MLIRContext &)> &prepare) {
  feedback.begin();
  runPasses(module, pipeline, prepare);
  std::vector<uint32_t> features;
  feedback.end(features);
  return features;
}
