//===- CancellablePasses.h - Pass pipelines that can be stopped ---*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Execution/CompileFailure.h"
#include "tenon/Execution/CompiledNetwork.h"
#include "tenon/Support/Cancellation.h"

#include "mlir/IR/MLIRContext.h"
#include "mlir/Pass/PassManager.h"

#include <optional>

namespace tenon {

/// While it lives, asks `options.cancelled` between the steps of passes on `context`, and skips the
/// passes that are left once the answer was to stop. Does nothing where there is no such callback.
/// The context has one handler of actions: a nested object takes it over and gives it back to
/// nobody, so there is one at a time.
class CancellablePasses {
public:
  CancellablePasses(mlir::MLIRContext &context, const CompileOptions &options) : context(context) {
    if (!options.cancelled)
      return;
    cancellation.emplace(options.cancelled);
    context.registerActionHandler(
        [this](llvm::function_ref<void()> run, const mlir::tracing::Action &action) {
          bool stop = cancellation->isRequested();
          // Parts of a pass (applications of patterns) are run: the pass expects them to be.
          if (!stop || !llvm::isa<mlir::PassExecutionAction>(action))
            run();
        });
  }
  ~CancellablePasses() {
    if (cancellation)
      context.registerActionHandler(nullptr);
  }

  /// Null where there is no callback.
  Cancellation *get() { return cancellation ? &*cancellation : nullptr; }

  /// Asks; the error of a compilation that is to stop, or success.
  llvm::Error check() {
    if (!cancellation || !cancellation->isRequested())
      return llvm::Error::success();
    return makeCancelled();
  }

private:
  mlir::MLIRContext &context;
  std::optional<Cancellation> cancellation;
};

} // namespace tenon
