//===- Evaluator.h - The state of one interpretation --------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Binds SSA values to numbers and tensors, runs blocks and calls, counts the work. The functions
// of OpTable.h see the running program through this class alone.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "OpTable.h"
#include "tenon/Reference/Interpreter.h"

#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/OpDefinition.h"
#include "llvm/ADT/DenseMap.h"

#include <memory>

namespace tenon::reference {

/// Tensors are values: whoever holds one may read it, and change it only while alone with it.
using SharedTensor = std::shared_ptr<const HostTensor>;

/// What an SSA value is bound to: a tensor where `tensor` is set, a number otherwise.
struct RuntimeValue {
  Number number;
  SharedTensor tensor;
};

class Evaluator {
public:
  using Values = llvm::SmallVector<RuntimeValue>;

  explicit Evaluator(const InterpreterOptions &options) : options(options) {}

  const InterpreterOptions &getOptions() const { return options; }

  // Errors and limits.

  /// Records why and where the interpretation stops; the first failure is the one reported.
  llvm::LogicalResult fail(mlir::Operation *op, const llvm::Twine &message);
  llvm::LogicalResult fail(mlir::Location location, const llvm::Twine &message);
  llvm::Error takeError();
  /// Counts `amount` scalar operations that `op` is about to do; fails past the limit.
  llvm::LogicalResult charge(mlir::Operation *op, uint64_t amount);
  /// Fails as charge() would, without counting: for work that is counted while it is done.
  llvm::LogicalResult checkWork(mlir::Operation *op, uint64_t amount);

  // Values.

  const RuntimeValue &value(mlir::Value value) const;
  Number number(mlir::Value operand) const { return value(operand).number; }
  const HostTensor &tensor(mlir::Value operand) const;
  /// An integer or index operand, or the integer attribute, sign-extended.
  int64_t integer(mlir::Value operand) const;
  int64_t integer(mlir::OpFoldResult operand) const;
  llvm::SmallVector<int64_t> integers(llvm::ArrayRef<mlir::OpFoldResult> operands) const;

  /// A tensor with the operand's content that nobody else sees: its own buffer where `operand` is
  /// the only use of a value of the same block, a copy otherwise. The operand must not be read
  /// afterwards. Null after a failure.
  std::shared_ptr<HostTensor> ownedTensor(mlir::OpOperand &operand);
  /// All zero, with the element type of `type`; nothing after a failure.
  std::optional<HostTensor> makeTensor(mlir::Operation *op, mlir::Type elementType,
                                       llvm::ArrayRef<int64_t> shape);

  /// Fails when the tensor's rank or an extent disagrees with a static one of `type`.
  llvm::LogicalResult checkType(mlir::Operation *op, const HostTensor &tensor, mlir::Type type);
  void bind(mlir::Value value, RuntimeValue bound);
  void bindNumber(mlir::Value value, const Number &number) { bind(value, {number, nullptr}); }
  /// Fails where checkType() does.
  llvm::LogicalResult bindTensor(mlir::Operation *op, mlir::Value value, SharedTensor tensor);
  llvm::LogicalResult bindTensor(mlir::Operation *op, mlir::Value value, HostTensor tensor);
  /// Binds results to values that a region or a function yielded.
  llvm::LogicalResult bindResults(mlir::Operation *op, mlir::ValueRange results, Values values);

  // Control.

  llvm::LogicalResult run(mlir::Operation *op);
  /// Runs a block up to its terminator, whose operands become `yielded`.
  llvm::LogicalResult run(mlir::Block &block, Values arguments, Values &yielded);
  /// Runs `function` in a frame of its own. `caller` is where an error of the call itself lies.
  llvm::LogicalResult call(mlir::Operation *caller, mlir::func::FuncOp function, Values arguments,
                           Values &results);

  /// While it lives, linalg.index reads `indices`.
  class IndexScope {
  public:
    IndexScope(Evaluator &evaluator, llvm::ArrayRef<int64_t> indices) : evaluator(evaluator) {
      evaluator.indexScopes.push_back(indices);
    }
    ~IndexScope() { evaluator.indexScopes.pop_back(); }
    IndexScope(const IndexScope &) = delete;
    IndexScope &operator=(const IndexScope &) = delete;

  private:
    Evaluator &evaluator;
  };
  /// The current indices of the innermost running linalg op.
  llvm::ArrayRef<int64_t> currentIndices() const { return indexScopes.back(); }

private:
  using Frame = llvm::DenseMap<mlir::Value, RuntimeValue>;

  llvm::LogicalResult runScalar(mlir::Operation *op, ScalarFunction function);
  llvm::LogicalResult runElementwise(mlir::Operation *op, ScalarFunction function);
  RuntimeValue take(mlir::OpOperand &operand);

  const InterpreterOptions &options;
  llvm::SmallVector<std::unique_ptr<Frame>> frames;
  llvm::SmallVector<llvm::ArrayRef<int64_t>> indexScopes;
  uint64_t work = 0;
  std::optional<mlir::Location> errorLocation;
  std::string errorText;
};

/// "4x5" or "a scalar's shape" for rank 0.
std::string describeShape(llvm::ArrayRef<int64_t> shape);

inline llvm::ArrayRef<int64_t> shapeOf(const HostTensor &tensor) {
  return {tensor.shape().data(), tensor.shape().size()};
}

/// The product of extents that are not negative; the largest number where it overflows.
uint64_t saturatingProduct(llvm::ArrayRef<int64_t> extents);

/// Row-major strides in elements.
llvm::SmallVector<int64_t> stridesOf(llvm::ArrayRef<int64_t> shape);

/// Moves `position` to the next point of a box in row-major order; false after the last.
bool nextPosition(llvm::MutableArrayRef<int64_t> position, llvm::ArrayRef<int64_t> extents);

} // namespace tenon::reference
