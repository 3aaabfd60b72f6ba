//===- ScalarProgram.h - Bodies that run once for each element ----*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// The body of a linalg op, of tensor.generate or of tensor.pad. One that is straight-line scalar
// arithmetic, as almost all are, is turned into a list of steps over numbered slots, which runs
// without looking anything up; any other is run by the evaluator.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "Evaluator.h"

namespace tenon::reference {

class BodyRunner {
public:
  /// `op` is the operation that owns `body`. Numbers that the body takes from around it are read
  /// here.
  BodyRunner(Evaluator &evaluator, mlir::Operation *op, mlir::Block &body);

  /// Runs the body once. `indices` is what linalg.index reads. Counts the work.
  llvm::LogicalResult run(llvm::ArrayRef<Number> arguments, llvm::ArrayRef<int64_t> indices);
  /// What the last run yielded.
  llvm::ArrayRef<Number> results() const { return yielded; }
  /// The scalar operations of one run, those inside nested regions left out.
  uint64_t workPerRun() const { return work; }

private:
  struct Step {
    mlir::Operation *op;
    /// Null for linalg.index.
    ScalarFunction function;
    unsigned firstOperand;
    unsigned operandCount;
    unsigned result;
    unsigned dimension;
    NumberType type;
    NumberType operandType;
  };

  /// False when the body is more than scalar arithmetic.
  bool compile();
  unsigned slotOf(mlir::Value value);
  llvm::LogicalResult runGeneric(llvm::ArrayRef<Number> arguments, llvm::ArrayRef<int64_t> indices);

  Evaluator &evaluator;
  mlir::Operation *owner;
  mlir::Block &body;
  uint64_t work = 1;
  bool compiled = false;
  llvm::SmallVector<Step> steps;
  llvm::SmallVector<unsigned> operandSlots;
  llvm::SmallVector<unsigned> yieldSlots;
  llvm::SmallVector<Number> slots;
  llvm::DenseMap<mlir::Value, unsigned> slotNumbers;
  llvm::SmallVector<Number> yielded;
};

} // namespace tenon::reference
