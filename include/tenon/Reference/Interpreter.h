//===- Interpreter.h - What the compiler must compute -------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// The reference interpreter executes functions of the tn dialect and of linalg, tensor, arith,
// math, complex, scf and func on tensors. It shares no code with any lowering; docs/reference.md
// states its semantics.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/HostTensor/HostTensor.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Location.h"
#include "llvm/Support/Error.h"

namespace tenon::reference {

/// How the multi-operand sum of a tn.contract is evaluated.
enum class ContractionMode {
  /// A loop over all indices, straight from the definition. Work: the product of all extents.
  Definition,
  /// Operands combined from left to right in the written order, in the accumulation type; an
  /// index is summed as soon as neither a later operand nor the output has it.
  Pairwise,
  /// The definition where it takes no more work than InterpreterOptions::definitionLimit,
  /// Pairwise otherwise.
  Auto
};

struct InterpreterOptions {
  /// Scalar operations that one call may take, over all functions it runs. A point of a
  /// contraction or of a linalg op counts each of its scalar operations, an op counts at least 1.
  uint64_t workLimit = uint64_t{1} << 33;
  /// Bytes that one tensor may have.
  uint64_t tensorLimit = uint64_t{1} << 33;
  /// Functions that may be active at once.
  unsigned callDepthLimit = 200;
  ContractionMode contraction = ContractionMode::Auto;
  /// See ContractionMode::Auto.
  uint64_t definitionLimit = uint64_t{1} << 20;
};

/// Why an interpretation stopped, and at which operation.
class InterpreterError : public llvm::ErrorInfo<InterpreterError> {
public:
  static char ID;
  InterpreterError(mlir::Location location, std::string message)
      : where(location), text(std::move(message)) {}

  mlir::Location location() const { return where; }
  /// The message without the location.
  llvm::StringRef description() const { return text; }

  void log(llvm::raw_ostream &stream) const override;
  std::error_code convertToErrorCode() const override { return llvm::inconvertibleErrorCode(); }

private:
  mlir::Location where;
  std::string text;
};

/// Runs `function`, which must be verified, on `args` and returns its results.
///
/// Arguments and results are tensors; a scalar is a tensor of rank 0. Their element types are
/// those of the function's type (index is I64, i1 is BOOL; `isUnsigned` of an argument is ignored,
/// results are signed unless they carry `tn.unsigned`). A dynamic extent is taken from the
/// argument; every other disagreement between `args` and the function's type is an error that names
/// both numbers.
///
/// Fails, with an InterpreterError, on an operation that it does not know, on undefined behaviour
/// that it can see (an index out of bounds, a division by zero, extents that disagree), past a
/// limit of `options`, and when memory is out. Deterministic.
llvm::Expected<llvm::SmallVector<HostTensor>> interpret(mlir::func::FuncOp function,
                                                        llvm::ArrayRef<HostTensor> args,
                                                        const InterpreterOptions &options = {});

} // namespace tenon::reference
