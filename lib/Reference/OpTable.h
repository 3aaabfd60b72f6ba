//===- OpTable.h - Which function executes which operation --------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// One entry per kind of operation, keyed by its name. Each dialect's file fills in its own.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "Number.h"

#include "mlir/IR/Operation.h"
#include "llvm/ADT/StringMap.h"

namespace tenon::reference {

class Evaluator;

/// One application of a scalar operation.
struct ScalarCall {
  Evaluator &evaluator;
  mlir::Operation *op;
  /// The type of the result's elements, and of the first operand's (the result's where there is
  /// no operand).
  NumberType type;
  NumberType operandType;
  llvm::ArrayRef<Number> in;
  Number out;
};

/// Executes an operation: reads its operands from the evaluator, binds its results.
using OpFunction = llvm::LogicalResult (*)(Evaluator &, mlir::Operation *);
/// Computes `out` of an operation with one result from `in`. On tensors the evaluator applies it
/// to every element.
using ScalarFunction = llvm::LogicalResult (*)(ScalarCall &);

struct OpEntry {
  OpFunction function = nullptr;
  ScalarFunction scalar = nullptr;
};

class OpTable {
public:
  /// Every operation that the interpreter knows by name.
  static const OpTable &all();

  template <typename Op> void add(OpFunction function) {
    entries[Op::getOperationName()].function = function;
  }
  template <typename Op> void addScalar(ScalarFunction function) {
    entries[Op::getOperationName()].scalar = function;
  }

  const OpEntry *lookup(mlir::Operation *op) const {
    auto found = entries.find(op->getName().getStringRef());
    return found == entries.end() ? nullptr : &found->second;
  }

private:
  llvm::StringMap<OpEntry> entries;
};

void registerAffine(OpTable &table);
void registerArith(OpTable &table);
void registerComplex(OpTable &table);
void registerFunc(OpTable &table);
void registerLinalg(OpTable &table);
void registerMath(OpTable &table);
void registerSCF(OpTable &table);
void registerTN(OpTable &table);
void registerTensor(OpTable &table);

/// Executes any operation with the LinalgOp interface through its own region.
llvm::LogicalResult evaluateLinalgOp(Evaluator &evaluator, mlir::Operation *op);

} // namespace tenon::reference
