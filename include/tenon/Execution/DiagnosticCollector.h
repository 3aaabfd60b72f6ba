//===- DiagnosticCollector.h - MLIR diagnostics as an error -------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "mlir/IR/Diagnostics.h"
#include "llvm/Support/Error.h"

#include <optional>
#include <string>

namespace tenon {

/// While it lives, keeps the errors of a context instead of printing them.
class DiagnosticCollector : public mlir::ScopedDiagnosticHandler {
public:
  explicit DiagnosticCollector(mlir::MLIRContext &context);

  /// An error with what was collected, each message after its location; `otherwise` where nothing was. A CompileFailure
  /// where a memory limit cannot be kept.
  llvm::Error takeError(const llvm::Twine &otherwise);
  std::string takeText(const llvm::Twine &otherwise);

private:
  std::string text;
  std::optional<int64_t> smallestMemoryLimit; ///< of a diagnostic that has this mark
};

} // namespace tenon
