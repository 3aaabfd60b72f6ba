//===- NetworkDescription.h - A tensor network, no IR -----------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// What every importer produces: operands with indices, an output, extents, and constants that
// equal operands share. It knows no IR; the translation to the `tn` dialect reads it.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Frontend/ElementType.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"

#include <complex>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace tenon::frontend {

/// An extent that is known only when the network is called.
inline constexpr int64_t kDynamicExtent = -1;

/// `constant` of an operand that the caller passes at run time.
inline constexpr int32_t kArgument = -1;

/// A small dense array, row-major. Rank 0 has one element.
struct Constant {
  llvm::SmallVector<int64_t, 4> shape;
  std::vector<std::complex<double>> elements;
};

struct Operand {
  /// Index ids in the order of the axes; an id may repeat (a diagonal).
  llvm::SmallVector<int32_t, 4> indices;
  /// Position in `NetworkDescription::constants`, or kArgument.
  int32_t constant = kArgument;
  /// What the operand is, for a reader ("fs", "ket3"); may be empty and need not be unique.
  std::string name;
};

/// Invariants: every id is in [0, extents.size()); `indexNames` and `extents` have equal length;
/// no id stands twice in `output`, and each stands in some operand; a constant's shape agrees with
/// its operands' extents; the elements of one operand are fewer than 2^63.
struct NetworkDescription {
  std::string name;
  /// Where the network comes from, in words; may be empty.
  std::string source;
  ElementType elementType = ElementType::F32;
  std::vector<Operand> operands;
  llvm::SmallVector<int32_t, 8> output;
  /// By index id: the extent, or kDynamicExtent.
  std::vector<int64_t> extents;
  /// By index id: the user's name of the index.
  std::vector<std::string> indexNames;
  std::vector<Constant> constants;
};

/// Number of elements of an array, dynamic extents counted as 1; 1 for rank 0, 0 if any extent is
/// 0. Nothing if it is 2^63 or more.
std::optional<int64_t> elementCount(llvm::ArrayRef<int64_t> extents);

/// The extents as "3x4x?", or "scalar" for rank 0.
std::string shapeText(llvm::ArrayRef<int64_t> extents);

/// Gives equal constants one position. Equal means: same shape and the same bits, so that -0.0 and
/// 0.0 stay apart. Positions count up in the order of first use. O(elements · log constants).
class ConstantPool {
public:
  explicit ConstantPool(std::vector<Constant> &constants) : constants(constants) {}

  int32_t intern(Constant constant);

private:
  std::vector<Constant> &constants;
  std::map<std::vector<uint64_t>, int32_t> positions;
};

} // namespace tenon::frontend
