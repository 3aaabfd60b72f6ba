//===- Verify.h - Passes, and what they leave -------------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "Case.h"

#include "tenon/Fuzz/PassCatalog.h"

#include "mlir/IR/OperationSupport.h"

#include <optional>

namespace tenon::fuzz {

/// How a pass ended.
enum class PassEnd {
  Unchanged, ///< it left the program as it was
  Changed,
  Refused, ///< with a diagnostic, as its description allows; what it left is unspecified
  Failed   ///< a finding has been reported
};

/// The pipeline of modules that runs `step`: "func.func(tn-plan{seed=3})".
std::string pipelineOf(const PassStep &step, Session &session);

/// Runs one pass and the verifier. Reports under `Oracle::Verifier` where it fails and may not, and
/// where what it leaves does not verify. A pass of Tenon that may refuse says why. `print` is the
/// module's fingerprint, none where it is not known yet, and becomes that of what the pass leaves.
PassEnd runPass(Case &current, const PassStep &step, bool mayRefuse, mlir::ModuleOp module,
                std::optional<mlir::OperationFingerPrint> &print);

} // namespace tenon::fuzz
