//===- KernelEmitter.h - Short notation for emitting loops --------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Index arithmetic, loops, branches and memory access as the kernel generators write them. All
// memory is accessed as vectors, scalars as vectors of one lane: `memref.load` promises LLVM that
// indices are not negative, `vector.load` does not, and operands may have negative strides.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/STLFunctionalExtras.h"

namespace tenon::cpu {

using mlir::Type;
using mlir::Value;
using mlir::ValueRange;
using Values = llvm::SmallVector<Value>;

class KernelEmitter {
public:
  KernelEmitter(mlir::OpBuilder &builder, mlir::Location loc) : b(builder), loc(loc) {}

  mlir::OpBuilder &b;
  mlir::Location loc;

  /// While it lives, a function is written whose body begins with `entry`.
  class FunctionScope {
  public:
    FunctionScope(KernelEmitter &e, mlir::Block &entry);
    ~FunctionScope();
    FunctionScope(const FunctionScope &) = delete;
    FunctionScope &operator=(const FunctionScope &) = delete;

  private:
    KernelEmitter &e;
    mlir::Block *outerEntry;
    llvm::DenseMap<mlir::Attribute, Value> outerConstants;
  };

  /// Constants are made once in a function, at its start: without that they would be a third of its
  /// operations.
  Value constant(mlir::TypedAttr value);
  Value zero(Type type) { return constant(b.getZeroAttr(type)); }
  Value flag(bool value) { return constant(b.getBoolAttr(value)); }

  // Index arithmetic.
  Value idx(int64_t value) { return constant(b.getIndexAttr(value)); }
  /// Constants are added last: what differs by one is then a single number, and accesses to it are
  /// a single address with displacements.
  Value add(Value x, Value y);
  Value add(Value x, int64_t y) { return y == 0 ? x : add(x, idx(y)); }
  Value sub(Value x, Value y) { return fold<mlir::arith::SubIOp>(x, y); }
  Value sub(Value x, int64_t y) { return add(x, -y); }
  Value mul(Value x, Value y) { return fold<mlir::arith::MulIOp>(x, y); }
  Value mul(Value x, int64_t y) { return y == 1 ? x : mul(x, idx(y)); }
  /// Of numbers that are not negative.
  Value div(Value x, Value y) { return fold<mlir::arith::DivUIOp>(x, y); }
  Value rem(Value x, Value y) { return fold<mlir::arith::RemUIOp>(x, y); }
  Value min(Value x, Value y) { return fold<mlir::arith::MinSIOp>(x, y); }
  Value max(Value x, Value y) { return fold<mlir::arith::MaxSIOp>(x, y); }
  /// Quotient rounded up, for x >= 0 and y > 0.
  Value ceilDiv(Value x, Value y) { return div(add(x, sub(y, 1)), y); }
  /// The next multiple of `unit`, for x >= 0.
  Value roundUp(Value x, int64_t unit) { return mul(ceilDiv(x, idx(unit)), unit); }

  /// The same index, of which LLVM does not know how it comes about: what is computed from it in a
  /// loop stays there.
  Value opaque(Value index);

  // Conditions (i1).
  Value eq(Value x, Value y) { return cmp(mlir::arith::CmpIPredicate::eq, x, y); }
  Value lt(Value x, Value y) { return cmp(mlir::arith::CmpIPredicate::slt, x, y); }
  Value le(Value x, Value y) { return cmp(mlir::arith::CmpIPredicate::sle, x, y); }
  Value both(Value x, Value y) { return fold<mlir::arith::AndIOp>(x, y); }
  Value either(Value x, Value y) { return fold<mlir::arith::OrIOp>(x, y); }
  Value negate(Value x);
  Value select(Value c, Value x, Value y) { return fold<mlir::arith::SelectOp>(c, x, y); }

  // Control.
  using Body = llvm::function_ref<void(Value)>;
  using CarryBody = llvm::function_ref<Values(Value, ValueRange)>;
  using Region = llvm::function_ref<void()>;
  void loop(Value from, Value to, Value step, Body body);
  void loop(Value from, Value to, int64_t step, Body body) { loop(from, to, idx(step), body); }
  Values loopCarry(Value from, Value to, int64_t step, ValueRange inits, CarryBody body);
  /// `while (condition(values)) values = body(values)`.
  Values whileLoop(ValueRange inits, llvm::function_ref<Value(ValueRange)> condition,
                   llvm::function_ref<Values(ValueRange)> body);
  void ifThen(Value condition, Region then);
  void ifElse(Value condition, Region then, Region otherwise);
  /// An if with results of the given types.
  Values ifValues(Value condition, llvm::function_ref<Values()> then,
                  llvm::function_ref<Values()> otherwise);

  /// Makes `body` a function of its own, which is called here with all values that it uses: code
  /// that runs once has then no share in the registers of the rest, nor in the time to assign them.
  void apart(mlir::ModuleOp module, llvm::StringRef name, Region body);

  // Memory. `memory` is a rank-1 memref; positions are in its elements.
  Value load(Value memory, Value position, int64_t lanes);
  /// The memory from a position on. Made before a loop whose accesses differ from iteration to
  /// iteration by a number that many of them share, it saves an addition for each.
  Value from(Value memory, Value position);
  void store(Value value, Value memory, Value position);
  /// Vectors of which only the first `count` lanes are there: no other memory is touched. Other
  /// lanes are read as 0.
  Value loadMasked(Value memory, Value position, int64_t lanes, Value count);
  void storeMasked(Value value, Value memory, Value position, Value count);
  /// Vectors of which only the lanes are there where `mask` is set; others are read as those of
  /// `otherwise`.
  Value loadWhere(Value mask, Value memory, Value position, Value otherwise);
  void storeWhere(Value mask, Value value, Value memory, Value position);
  /// The same with `stride` elements from one lane to the next.
  Value gather(Value memory, Value position, Value stride, int64_t lanes, Value count);
  void scatter(Value value, Value memory, Value position, Value stride, Value count);
  /// i1: lanes below `count`.
  Value mask(Value count, int64_t lanes);
  /// One element of a memref of index or i64, as an index.
  Value loadIndex(Value memory, Value position);
  void storeIndex(Value value, Value memory, Value position);
  /// Where the memory begins, as a number.
  Value address(Value memory);
  /// Elements of `type` starting at byte `shift` of a byte buffer.
  Value view(Value bytes, Value shift, Type type);
  /// ReadLater: into the second cache, where the first would lose it.
  enum class Access { Read, ReadLater, Write };
  /// Asks for the cache line at `position`, any address.
  void prefetch(Value memory, Value position, Access access);

  Value splat(Value scalar, int64_t lanes);
  /// 0, stride, 2 * stride, ... as indices.
  Value laneOffsets(Value stride, int64_t lanes);
  /// Lanes first, first + 2, ... of two vectors, one after the other; `first`: 0 or 1.
  Value everyOther(Value vector, Value next, int64_t first);
  /// The lanes of a vector again and again.
  Value repeat(Value vector, int64_t times);
  /// The lanes of vectors of one type, one vector after the other; a power of two of them.
  Value concatenate(ValueRange pieces);
  /// Lanes [first, first + count) of a vector.
  Value slice(Value vector, int64_t first, int64_t count);

private:
  mlir::Block *entry = nullptr;
  llvm::DenseMap<mlir::Attribute, Value> constants;

  template <typename Op> Value fold(auto... operands) {
    return b.createOrFold<Op>(loc, operands...);
  }
  Value cmp(mlir::arith::CmpIPredicate predicate, Value x, Value y) {
    return b.createOrFold<mlir::arith::CmpIOp>(loc, predicate, x, y);
  }
};

} // namespace tenon::cpu
