//===- Stage.h - What each pass leaves, interpreted -------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "Case.h"
#include "Interpretation.h"

namespace tenon::fuzz {

/// Compares what a function computes after each pass with what the source computes.
class StageOracle {
public:
  /// `truth` and `arguments` outlive the oracle.
  StageOracle(Case &current, llvm::StringRef function, llvm::ArrayRef<HostTensor> arguments,
              const Truth &truth);

  /// Called after each pass that changed the module. False where the pass is guilty, which has been
  /// reported.
  bool check(const PassStep &step, mlir::ModuleOp module);

private:
  bool judge(const PassStep &step, const Verdict &verdict);

  Case &current;
  std::string name;
  llvm::ArrayRef<HostTensor> arguments;
  const Truth &truth;
  llvm::SmallVector<HostTensor> last; ///< before the pass, in bound arithmetic
  bool hasLast = true;
};

} // namespace tenon::fuzz
