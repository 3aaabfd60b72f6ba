//===- KernelArithmetic.h - Elements, widening and semirings ------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// A kernel's number is one real vector, or two: real and imaginary parts are kept apart in
// registers and in packed panels, so that complex arithmetic is real arithmetic (the 4m method).
//
//===----------------------------------------------------------------------===//
#pragma once

#include "KernelEmitter.h"
#include "tenon/Codegen/CPU/ContractionKernel.h"

namespace tenon::cpu {

/// How elements of one operand lie in memory.
struct ElementLayout {
  Type real;                ///< scalar in memory: T for complex<T>, i8 for i1
  int64_t parts = 1;        ///< reals per element
  bool isBool = false;      ///< a byte that holds 0 or 1
  bool staysNarrow = false; ///< loaded as it is, not widened
  explicit ElementLayout(Type element);
};

/// Which elements of an operand the lanes of an accumulator are.
struct Lanes {
  int64_t width;     ///< lanes of the vector
  Value count = {};  ///< how many of them there are; null: all. The others are read as 0
  Value stride = {}; ///< reals from one element to the next; null: side by side. Asks for a count
};

/// A vector whose lanes lie in two runs, each side by side: lanes [0, cut) in the first one, [cut,
/// count) in the second. Lanes from `count` on are not there: they are read as 0.
struct BrokenLanes {
  int64_t width;       ///< lanes of the vector
  Value first, second; ///< where lane 0 is, or would be, by each of the runs, in reals
  Value cut, count;
};

class KernelArithmetic {
public:
  KernelArithmetic(KernelEmitter &emitter, const ContractionKernelSpec &spec);

  const ElementLayout layoutA, layoutB, layoutC;
  const Type compute;  ///< real scalar type of sums
  const Type panel;    ///< what packed panels are made of: such scalars, or words of two bf16
  const int64_t parts; ///< reals per accumulator
  const int64_t bytes; ///< of one compute scalar, and of one element of a panel
  const int64_t dot;   ///< steps of k that a panel has in one element, and a multiply-add takes

  /// `lanes` consecutive elements of an operand at `position` (in reals), widened to the
  /// accumulator: `parts` vectors.
  Values load(Value memory, Value position, int64_t lanes, const ElementLayout &layout,
              bool conjugate) const;
  /// A number's parts as one vector: real and imaginary ones in turn.
  Value interleaved(ValueRange value) const;
  /// The same for lanes that are left out or apart.
  Values load(Value memory, Value position, const Lanes &lanes, const ElementLayout &layout,
              bool conjugate) const;
  /// The same for lanes of two runs, which `position` is added to.
  Values load(Value memory, Value position, const BrokenLanes &lanes, const ElementLayout &layout,
              bool conjugate) const;
  /// Elements as they lie in memory, one after the other, widened: `parts` vectors.
  Values split(Value raw, const ElementLayout &layout, bool conjugate) const;
  /// Consecutive elements of C, as accumulators.
  Values loadC(Value memory, Value position, int64_t lanes) const;
  /// Words of the panels from lanes of bf16 at two steps of k, of which `mask`, a word, keeps the
  /// bits that are set.
  Value pairs(Value first, Value second, Value mask) const;
  /// The same from bf16 that lie side by side along k.
  Value pairs(Value sideBySide) const;
  /// Stores accumulators as consecutive elements of C.
  void storeC(ValueRange value, Value memory, Value position) const;
  void storeC(ValueRange value, Value memory, Value position, const Lanes &lanes) const;
  void storeC(ValueRange value, Value memory, Value position, const BrokenLanes &lanes) const;
  /// The first `count` of so many consecutive elements of C, and a store to elements that are
  /// there: one mask serves many vectors.
  Value maskOfC(Value count, int64_t lanes) const;
  void storeC(ValueRange value, Value memory, Value position, Value mask) const;

  /// The semiring's sum of x and y, and acc + a * b.
  Values sum(ValueRange x, ValueRange y) const;
  Values multiplyAdd(ValueRange acc, ValueRange a, ValueRange b) const;
  /// acc + a * b of real vectors; floats are rounded once where the target fuses them.
  Value multiplyAdd(Value acc, Value a, Value b) const;
  /// The neutral element of the semiring's sum.
  Values zero(int64_t lanes) const;
  /// Lanes from `count` on become factors whose products are neutral to the sum, if they were 0 in
  /// both operands.
  Values zeroOutside(ValueRange value, Value count) const;
  /// Sum over the lanes, as vectors of one lane.
  Values reduceLanes(ValueRange value) const;
  /// Lane 0 repeated.
  Values broadcast(ValueRange value, int64_t lanes) const;

private:
  Value plus(Value x, Value y) const;
  Value minus(Value x, Value y) const;
  Value times(Value x, Value y) const;
  Value plusDots(Value acc, Value a, Value b) const;
  Value roundToBF16(Value value) const;
  Value widen(Value value, const ElementLayout &layout) const;
  Values narrow(ValueRange value) const;
  struct BrokenMasks {
    Value first, second;
  };
  BrokenMasks masksOf(const BrokenLanes &lanes, int64_t parts) const;
  mlir::TypedAttr zeroAttr() const;

  KernelEmitter &e;
  const Semiring semiring;
  const bool isUnsigned;
  const bool isModulo2; ///< (+, x) on i1: exclusive or and and
};

} // namespace tenon::cpu
