//===- Compare.h - Whether results are what they must be --------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Fuzz/Genome.h"
#include "tenon/HostTensor/HostTensor.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"

#include <string>
#include <vector>

namespace tenon::fuzz {

/// What the results of a program must be.
struct Truth {
  Arithmetic arithmetic = Arithmetic::Ring;
  llvm::SmallVector<HostTensor> results;
  /// In bound arithmetic: for each result and element, what one correct evaluation may be off by.
  /// f64, of the results' shapes.
  std::vector<HostTensor> bounds;
  /// For each result a mask in f64: 1 where the element is a NaN in every order of evaluation
  /// (certainNaNs). Empty: of none that is known.
  std::vector<HostTensor> certainNaNs;
  /// Whether an infinity may occur on the way, though no element of the data is one: the zeros of
  /// tropical semirings are. Such a program may have a NaN in one order of evaluation and none in
  /// another.
  bool mayMeetInfinity = true;
};

/// What a comparison of all results says.
struct Verdict {
  uint32_t conclusive = 0;   ///< results that could have been found wrong
  uint32_t inconclusive = 0; ///< results of which more than half the elements could not
  std::string difference;    ///< the worst element, or the shapes; empty where the results agree
  std::string kind;          ///< of the difference, without numbers
};

/// Compares by the truth's arithmetic: ring: bit for bit; exact: as numbers, -0 equal to 0; bound:
/// within twice the bound, since either side may be off by it. NaN and infinities are judged only
/// where every order of evaluation has them alike.
Verdict compareWithTruth(llvm::ArrayRef<HostTensor> found, const Truth &truth);

/// Compares with what there was before a pass that reorders nothing: bit for bit, any NaN equal to
/// any other, and zeros of both signs. Of complex numbers that were not finite it is
/// asked, and that no part changes but into NaN or from it.
Verdict compareBits(llvm::ArrayRef<HostTensor> found, llvm::ArrayRef<HostTensor> before);

/// Copies; an empty list where memory is out.
llvm::SmallVector<HostTensor> cloneAll(llvm::ArrayRef<HostTensor> tensors);

/// Whether no element of floats is NaN or infinite.
bool isFinite(const HostTensor &tensor);

} // namespace tenon::fuzz
