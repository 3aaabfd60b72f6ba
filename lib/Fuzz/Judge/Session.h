//===- Session.h - A context and what lives with it -------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Fuzz/BufferRunner.h"
#include "tenon/Fuzz/Judge.h"

#include "mlir/Pass/PassManager.h"
#include "llvm/ADT/StringMap.h"

namespace tenon::fuzz {

/// A context without threads that prints nothing, and the pipelines that were made for it. Errors
/// are kept by a DiagnosticCollector around what may fail; other diagnostics are dropped.
class Session {
public:
  explicit Session(const JudgeOptions &options);

  mlir::MLIRContext &context() { return *owned; }
  /// The pass manager of a textual pipeline of modules, without a verifier. Made once: making one
  /// takes longer than running a small pass. Null, with the reason in `error`, where the text means
  /// no pipeline.
  mlir::PassManager *pipeline(llvm::StringRef text, std::string &error);

  /// Runs functions on buffers. Made when it is first asked for; null where the machine cannot be
  /// compiled for.
  BufferRunner *buffers();

private:
  struct Entry {
    std::unique_ptr<mlir::PassManager> manager;
    std::string error;
  };
  std::unique_ptr<mlir::MLIRContext> owned;
  llvm::StringMap<Entry> pipelines;
  std::unique_ptr<BufferRunner> runner;
};

} // namespace tenon::fuzz
