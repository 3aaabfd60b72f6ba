//===- Stage.h - What each pass leaves, interpreted -------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "Case.h"
#include "Interpretation.h"
#include "Signature.h"

namespace tenon::fuzz {

/// Compares what a function computes after each pass with what the source computes.
class StageOracle {
public:
  /// `truth` and `arguments` outlive the oracle.
  /// `source` is what the passes begin with.
  StageOracle(Case &current, mlir::ModuleOp source, llvm::StringRef function,
              llvm::ArrayRef<HostTensor> arguments, const Truth &truth);

  /// Called after each pass that changed the module. False where the pass is guilty, which has been
  /// reported.
  bool check(const PassStep &step, mlir::ModuleOp module);
  /// Called when the passes are over: runs what the last one on buffers left, and where that is
  /// wrong, what the ones before it left, to name the guilty pass. Only half the cases: compiling
  /// takes ten milliseconds. False where a pass is guilty.
  bool finish();

private:
  /// What a pass left on buffers.
  struct Stored {
    PassStep step;
    mlir::OwningOpRef<mlir::ModuleOp> module;
    /// For a finding.
    std::string pattern;
    OperationCounts before, after;
  };
  /// What is wrong with it, in words and as a kind; empty where it is right or cannot be run.
  Verdict runBuffers(Stored &stored);

  bool judge(const PassStep &step, const Verdict &verdict, const OperationCounts &before);

  Case &current;
  std::string name;
  llvm::ArrayRef<HostTensor> arguments;
  const Truth &truth;
  llvm::SmallVector<HostTensor> last; ///< before the pass, in bound arithmetic
  bool hasLast = true;
  OperationCounts operations; ///< that the last pass left
  std::vector<Stored> onBuffers;
};

} // namespace tenon::fuzz
