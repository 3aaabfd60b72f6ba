//===- PassesHarness.h - Programs, passes, and both executions ----*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// A module with a function @main that is taken through passes and run by the interpreter or on
// buffers.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "../../Reference/Harness.h"

#include "tenon/Fuzz/BufferRunner.h"
#include "tenon/InitAll.h"

#include "mlir/Dialect/Affine/Transforms/Passes.h"
#include "mlir/Dialect/Linalg/Passes.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"

namespace tenon::fuzz::test {

using tenon::test::list;
using tenon::test::Numbers;
using tenon::test::numbers;
using tenon::test::Shape;
using tenon::test::shape;
using tenon::test::tensor;
using tenon::test::Tensors;

inline void registerTestPasses() {
  static const bool once = [] {
    registerAllPasses();
    mlir::affine::registerAffinePasses();
    mlir::registerLinalgPasses();
    return true;
  }();
  (void)once;
}

inline tenon_dtype parseType(llvm::StringRef name) {
  return llvm::StringSwitch<tenon_dtype>(name)
      .Case("f16", TENON_F16)
      .Case("bf16", TENON_BF16)
      .Case("f32", TENON_F32)
      .Case("f64", TENON_F64)
      .Case("i8", TENON_I8)
      .Case("i16", TENON_I16)
      .Case("i32", TENON_I32)
      .Default(TENON_I64);
}

/// One for the process, as in a worker.
inline BufferRunner &getRunner() {
  static std::unique_ptr<BufferRunner> runner = llvm::cantFail(BufferRunner::create());
  return *runner;
}

class Program {
public:
  explicit Program(llvm::StringRef text) {
    registerTestPasses();
    mlir::DialectRegistry registry;
    registerAllDialects(registry);
    context.appendDialectRegistry(registry);
    context.allowUnregisteredDialects();
    module = mlir::parseSourceString<mlir::ModuleOp>(text, &context);
    EXPECT_TRUE(module) << text.str();
  }

  /// Takes the module through a textual pipeline.
  void apply(llvm::StringRef pipeline) {
    mlir::PassManager passes(&context);
    ASSERT_TRUE(mlir::succeeded(mlir::parsePassPipeline(pipeline, passes)));
    ASSERT_TRUE(mlir::succeeded(passes.run(*module))) << pipeline.str();
  }

  Tensors interpret(const Tensors &arguments) {
    llvm::Expected<Tensors> results = reference::interpret(function(), arguments);
    if (results)
      return std::move(*results);
    ADD_FAILURE() << llvm::toString(results.takeError());
    return {};
  }

  Tensors runBuffers(const Tensors &arguments = {}, const BufferRunOptions &options = {}) {
    llvm::Expected<Tensors> results = getRunner().run(function(), arguments, options);
    if (results)
      return std::move(*results);
    ADD_FAILURE() << llvm::toString(results.takeError());
    return {};
  }

  std::string buffersError(const Tensors &arguments, BufferRunError::Kind kind) {
    llvm::Expected<Tensors> results = getRunner().run(function(), arguments);
    if (results) {
      ADD_FAILURE() << "expected an error";
      return {};
    }
    std::string text;
    llvm::handleAllErrors(results.takeError(), [&](const BufferRunError &error) {
      EXPECT_EQ(error.kind(), kind);
      text = error.message();
    });
    return text;
  }

private:
  mlir::func::FuncOp function() { return module->lookupSymbol<mlir::func::FuncOp>("main"); }

  mlir::MLIRContext context;
  mlir::OwningOpRef<mlir::ModuleOp> module;
};

} // namespace tenon::fuzz::test
