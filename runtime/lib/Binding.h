//===- Binding.h - A program bound to argument strides ------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Holds what one run at a time needs: the frames, and everything that depends on the strides of the
// arguments but not on their addresses. A network keeps its bindings from call to call; a call
// whose arguments have the strides of the last one finds all of it in place.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "Program.h"
#include "StridedCopy.h"

#include <cstring>

namespace tenon::runtime {

/// The words that steps pass to kernels, and the loops' positions. The thread that starts a run
/// works in the master frame; inside a parallel loop each thread has one of its own.
struct Frame {
  Array<uint64_t> words;
  Array<void *> args;       ///< pointers to words
  Array<int64_t> positions; ///< by loop: the iteration that the pointers stand at
  int64_t remaining = 0;    ///< iterations of this thread's share of a nest that are yet to end

  [[nodiscard]] bool allocate(const Program &program);
};

class Binding {
public:
  explicit Binding(const Program &program) : program(program) {}
  ~Binding();
  Binding(const Binding &) = delete;
  Binding &operator=(const Binding &) = delete;

  /// Memory for all that does not depend on the number of threads. False when memory is out.
  [[nodiscard]] bool allocate();
  /// Makes frames for threads 0 … threads-1. False when memory is out.
  [[nodiscard]] bool ensureThreadFrames(int32_t threads);

  /// Whether the strides of all arguments, one after the other, are those last bound.
  bool isBoundTo(const Array<int64_t> &newStrides) const {
    return bound &&
           std::memcmp(newStrides.data(), strides.data(), newStrides.size() * sizeof(int64_t)) == 0;
  }
  /// Computes everything that depends on the strides. Time linear in the schedule.
  void bind(const Array<int64_t> &newStrides);

  /// Sets the pointers of the master frame to the first iteration of all loops. `bases`:
  /// Program::numBases() addresses.
  void patch(char *const *bases) {
    for (uint64_t i = 0; i < program.slots.size(); ++i) {
      const Slot &slot = program.slots[i];
      master.words[slot.word] = reinterpret_cast<uint64_t>(bases[slot.base]) + slotOffsets[i];
    }
  }

  /// Moves the pointers that depend on a loop's counter to another iteration.
  void seek(Frame &frame, uint64_t loop, int64_t position) const {
    auto distance = static_cast<uint64_t>(position - frame.positions[loop]);
    frame.positions[loop] = position;
    for (uint64_t i = program.firstPatch[loop], end = program.firstPatch[loop + 1]; i < end; ++i)
      frame.words[patches[i].word] += patches[i].stepBytes * distance;
  }

  /// An argument that a step reads: the word with its pointer, and where it lies from there on.
  struct FetchedOperand {
    uint64_t word = 0, first = 0, bytes = 0;
    uint64_t expected = 0; ///< bytes that a contraction before it asks for
    uint64_t there = 0;    ///< of these, what it has asked for
  };
  /// The arguments that step `number` should find in the second cache; of 0 bytes where it should
  /// not.
  const FetchedOperand *fetchedOperands(uint64_t number) const {
    return &fetched[number * kFetchedPerStep];
  }
  static constexpr uint64_t kFetchedPerStep = 2;
  static constexpr uint64_t kFetchedLineBytes = 64;

  /// What a contraction asks for while it computes: so many lines of an operand that a later step
  /// fetches, by its number among all fetched operands.
  struct FetchedAhead {
    uint64_t words = 0; ///< where the contraction is told: word of kSoonAddressWord
    uint64_t operand = 0, lines = 0;
  };
  /// Of 0 lines where nothing is fetched during step `number`.
  const FetchedAhead &fetchedAhead(uint64_t number) const { return ahead[number]; }
  FetchedOperand &operandOf(const FetchedAhead &each) { return fetched[each.operand]; }

  struct BoundPatch {
    uint64_t word;
    uint64_t stepBytes; ///< modulo 2^64
  };

  const Program &program;
  Frame master;
  Array<Frame *> threadFrames;
  Array<CopyPlan> plans;
  Array<CopyDim> planDims;
  /// Scratch of a run: addresses by base, and the strides of its arguments.
  Array<char *> bases;
  Array<int64_t> argumentStrides;
  Binding *next = nullptr; ///< among the idle bindings of a network

private:
  /// A stride in elements of the view: of a dimension, of a term, and that in bytes.
  uint64_t strideOf(const View &view, int64_t factor, DimSet sourceDims) const;
  uint64_t dimStride(const View &view, int32_t dim) const;
  uint64_t termBytes(const View &view, const OffsetTerm &term) const;
  uint64_t startOffset(const View &view) const;
  void bindCall(const Step &step, const PreparedStep &prepared);
  void bindContraction(const Step &step, const PreparedStep &prepared);
  void bindShapeWords(const Step &step, uint64_t *words);
  void bindCopy(const Step &step, const PreparedStep &prepared);
  void chooseFetched(const Step &step, const PreparedStep &prepared,
                     FetchedOperand *operands) const;
  void chooseAhead();
  bool isWholeContraction(uint64_t number) const;
  double contractionBytes(const Step &step) const;

  const View &operandView(const Step &step, uint64_t operand) const {
    return program.image.views()[static_cast<size_t>(program.image.operands(step)[operand])];
  }

  bool bound = false;
  Array<int64_t> strides;      ///< in elements of the arguments
  Array<uint64_t> slotOffsets; ///< bytes, modulo 2^64
  Array<BoundPatch> patches;
  Array<FetchedOperand> fetched; ///< two for each step
  Array<FetchedAhead> ahead;     ///< one for each step
};

} // namespace tenon::runtime
