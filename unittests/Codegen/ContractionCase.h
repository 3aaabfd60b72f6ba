//===- ContractionCase.h - Random contractions and their exact result -----===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Codegen/CPU/ContractionKernel.h"

#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace tenon::cpu {

/// Memory between two inaccessible pages. The data touches the page after it, or the one before it.
class GuardedBuffer {
public:
  GuardedBuffer(int64_t bytes, bool touchesEnd);
  ~GuardedBuffer();
  GuardedBuffer(const GuardedBuffer &) = delete;
  GuardedBuffer &operator=(const GuardedBuffer &) = delete;
  char *data() const { return start; }

private:
  char *mapping = nullptr, *start = nullptr;
  size_t mappedBytes = 0;
};

/// An element as exact integers.
struct Exact {
  int64_t real = 0, imag = 0;
};

/// Stores an exact number in an element type: floats round to nearest even, integers wrap.
void encode(Exact value, mlir::Type type, bool isUnsigned, char *to);
Exact decode(mlir::Type type, bool isUnsigned, const char *from);
int64_t elementBytes(mlir::Type type);

/// One operand: its elements, and where element (0, ..., 0) is.
struct Operand {
  mlir::Type type;
  std::vector<char> bytes;
  int64_t origin = 0; ///< in elements
  Exact at(int64_t offset, bool isUnsigned) const {
    return decode(type, isUnsigned, bytes.data() + (origin + offset) * elementBytes(type));
  }
};

/// A contraction with data, and the sub-range of it that is computed.
struct ContractionCase {
  ContractionShape shape;
  Operand a, b, c;
  bool accumulate = false;
  std::vector<int64_t> words;
  std::string describe() const;
};

/// How a random contraction is drawn.
struct CaseOptions {
  std::vector<int64_t> extents[4]; ///< of each dimension of Batch, M, N, K
  bool negativeStrides = false;
  bool broadcasts = false; ///< some strides of A and B are 0
  int sameInSteps = -1;    ///< operand (0: A, 1: B) that is the same in all steps of k; -1: none
  bool padded = false;     ///< gaps between rows
  bool subRanges = false;
  bool accumulate = false;
  bool nonNegative = false; ///< where the semiring is defined on non-negative values only
  bool rowMajor = false;    ///< dimensions keep their order, the last is contiguous
};

ContractionCase makeCase(const ContractionChoice &choice, const CaseOptions &options,
                         std::mt19937 &random);

/// C's bytes after the contraction, computed as the definition says: every untouched byte kept.
std::vector<char> expectedResult(const ContractionKernelSpec &spec, const ContractionCase &test);

} // namespace tenon::cpu
