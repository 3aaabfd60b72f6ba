//===- Rearrangement.cpp - Tensors that a step takes in another order -----===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Rearrangement.h"

#include <algorithm>
#include <cstdlib>
#include <functional>

using namespace tenon;
using namespace tenon::quick;
using cpu::ContractionDim;
using cpu::ContractionShape;

namespace {
/// Multiply-adds from which on a copy, which takes a tenth of a microsecond at least, may pay.
constexpr double kLeastOperations = 1 << 15;
/// Steps of k from which on it takes longer to gather what an element of the result is made of than
/// to copy that element.
constexpr int64_t kLeastSteps = 4;
/// Rows up to which a product that is packed reads its larger operand better in that one's order:
/// it is moved more than it is multiplied. More than a few only where it lies in long runs.
constexpr int64_t kFewRows = 8, kMostRows = 24;
/// Rows (or columns) from which on products read their larger operand often enough for a copy of
/// it, where parts of vectors can be read as it lies.
constexpr double kLeastReads = 3;
/// How many times more elements an outer product has than an operand that is copied for it.
constexpr double kTimesOperand = 4;
/// Elements of an operand that the first caches do not hold.
constexpr double kLargeElements = 1 << 18;
/// Elements of an operand that no cache holds beside another one.
constexpr double kManyElements = 1 << 21;
/// Elements side by side in two tensors from which on longer runs are no faster.
constexpr int64_t kLongRun = 64;

using Group = ContractionShape::Group;
using Stride = int64_t ContractionDim::*;
constexpr std::array<Stride, 3> kStrides = {&ContractionDim::strideA, &ContractionDim::strideB,
                                            &ContractionDim::strideC};

using Dims = std::vector<ContractionDim>;

/// The dimensions of more than one index that a tensor has, innermost first.
Dims dimsOf(const ContractionShape &shape, Stride stride) {
  Dims dims;
  for (const Dims &group : shape.groups)
    for (const ContractionDim &dim : group)
      if (dim.extent > 1 && dim.*stride != 0)
        dims.push_back(dim);
  std::ranges::stable_sort(dims, {},
                           [&](const ContractionDim &dim) { return std::abs(dim.*stride); });
  return dims;
}

double elementsOf(const Dims &dims) {
  double elements = 1;
  for (const ContractionDim &dim : dims)
    elements *= static_cast<double>(dim.extent);
  return elements;
}

/// Whether vectors along the innermost dimension of one tensor, whose dimensions these are, are
/// short in another one that has it, and would not be if that one had the first one's order. All of
/// them are summed, or none.
bool breaksRuns(const Dims &first, Stride inFirst, Stride inOther, int64_t least) {
  int64_t run = 1, inBoth = 1;
  const bool isSum = first.front().strideC == 0;
  for (const ContractionDim &dim : first) {
    if (dim.*inOther == 0 || (dim.strideC == 0) != isSum || dim.*inFirst != run)
      break;
    if (dim.*inOther == run && inBoth == run)
      inBoth *= dim.extent;
    run *= dim.extent;
  }
  return run >= least && inBoth < std::min(run, kLongRun);
}

/// The dimensions of a tensor in the order of another one, those that the other lacks outermost.
std::vector<int64_t> orderOf(const Dims &own, Stride inOwn, const Dims &other, Stride inOther) {
  std::vector<int64_t> order;
  for (auto dim = own.rbegin(); dim != own.rend(); ++dim)
    if ((*dim).*inOther == 0)
      order.push_back(dim->index);
  for (auto dim = other.rbegin(); dim != other.rend(); ++dim)
    if ((*dim).*inOwn != 0)
      order.push_back(dim->index);
  return order;
}

/// Whether two tensors have what they share in the same order.
bool haveSameOrder(const Dims &first, Stride inFirst, const Dims &second, Stride inSecond) {
  auto sharedOf = [](const Dims &dims, Stride other) {
    std::vector<int64_t> shared;
    for (const ContractionDim &dim : dims)
      if (dim.*other != 0)
        shared.push_back(dim.index);
    return shared;
  };
  return sharedOf(first, inSecond) == sharedOf(second, inFirst);
}

/// Elements that lie side by side along a group's innermost dimensions, which are in this order, in
/// two tensors.
int64_t runOf(const Dims &group, Stride first, Stride second) {
  int64_t run = 1;
  for (auto dim = group.rbegin(); dim != group.rend(); ++dim) {
    if ((*dim).*first != run || (*dim).*second != run)
      break;
    run *= dim->extent;
  }
  return run;
}

/// Whether a tensor lies side by side along a batch.
bool isAlongBatch(const ContractionShape &shape, Stride stride) {
  return std::ranges::any_of(shape[ContractionShape::Batch], [&](const ContractionDim &dim) {
    return dim.extent > 1 && dim.*stride == 1;
  });
}

/// Whether an operand that lies along the whole sum, in vectors, is read well beside another one of
/// its size: all lines that the vectors of the other one meet stay in the caches.
bool isAlongSum(const Dims &dims, Stride stride, int64_t k, int64_t lanes) {
  int64_t run = 1;
  for (const ContractionDim &dim : dims) {
    if (dim.strideC != 0 || dim.*stride != run)
      break;
    run *= dim.extent;
  }
  return run == k && k >= lanes && (k <= 2 * lanes || elementsOf(dims) < kManyElements);
}

/// The dimensions of a group of more than one index, outermost first in a tensor.
Dims inOrderOf(const Dims &group, Stride stride) {
  Dims dims;
  for (const ContractionDim &dim : group)
    if (dim.extent > 1)
      dims.push_back(dim);
  std::ranges::stable_sort(dims, std::greater<>(),
                           [&](const ContractionDim &dim) { return std::abs(dim.*stride); });
  return dims;
}

/// Whether dimensions in this order are one.
bool isOne(const Dims &dims, Stride stride) {
  for (size_t i = 1; i < dims.size(); ++i)
    if (dims[i - 1].*stride != dims[i].*stride * dims[i].extent)
      return false;
  return true;
}

/// Products of a batch as matrices: rows, columns and steps one dimension each, rows of the result
/// side by side.
std::optional<Rearrangement> chooseMatrices(const ContractionShape &shape,
                                            cpu::KernelStrategy strategy, int64_t lanes) {
  const double m = double(shape.size(ContractionShape::M)),
               n = double(shape.size(ContractionShape::N)),
               k = double(shape.size(ContractionShape::K));
  // Panels are packed from any order, but along a batch element by element, as tiles are stored.
  const bool packs = strategy == cpu::KernelStrategy::Packed;
  if (packs) {
    if (!isAlongBatch(shape, &ContractionDim::strideC))
      return std::nullopt;
  } else if (m * n * k < m * k + k * n + m * n) {
    return std::nullopt;
  }
  std::array<Dims, 4> dims;
  for (Group group : {ContractionShape::Batch, ContractionShape::M, ContractionShape::N})
    dims[group] = inOrderOf(shape[group], &ContractionDim::strideC);
  dims[ContractionShape::K] = inOrderOf(
      shape[ContractionShape::K], m > n ? &ContractionDim::strideA : &ContractionDim::strideB);
  // Columns are those of the operand that has the result's innermost dimension beside the batch.
  const bool columnsOfA =
      dims[ContractionShape::M].back().strideC < dims[ContractionShape::N].back().strideC;
  const Group rows = columnsOfA ? ContractionShape::N : ContractionShape::M,
              columns = columnsOfA ? ContractionShape::M : ContractionShape::N,
              steps = ContractionShape::K;
  const size_t ofRows = columnsOfA ? 1 : 0, ofColumns = 1 - ofRows, ofResult = 2;
  Rearrangement result;
  bool isAny = false;
  auto isUnit = [&](size_t tensor, Group group) {
    return dims[group].back().*kStrides[tensor] == 1;
  };
  auto place = [&](size_t tensor, Group outer, Group inner, bool suits, bool hasRuns) {
    const Stride stride = kStrides[tensor];
    const bool stays =
        packs ? !isAlongBatch(shape, stride)
              : hasRuns || (suits && isOne(dims[outer], stride) && isOne(dims[inner], stride));
    if (stays)
      return;
    isAny = true;
    for (Group group : {ContractionShape::Batch, outer, inner})
      for (const ContractionDim &dim : dims[group])
        result.orders[tensor].push_back(dim.index);
  };
  // Where two tensors lie side by side in full vectors, these are read as they lie. A copy of the
  // result, which is no larger than what is read for it, pays for longer ones, too; one of a large
  // operand that is read once or twice only for runs of a quarter of a vector, one that is read
  // often also for a vector and a part of one.
  const Stride inRows = kStrides[ofRows], inColumns = kStrides[ofColumns],
               inResult = kStrides[ofResult];
  const bool isLarge = ofColumns == (m > n ? 0 : 1);
  const int64_t ofSteps = runOf(dims[steps], inColumns, inRows),
                run = runOf(dims[columns], inColumns, inResult);
  const double reads = std::min(m, n);
  const bool isFull = run >= 2 * lanes || (run >= lanes && (reads < kFewRows || run % lanes == 0));
  place(ofRows, rows, steps, !isAlongBatch(shape, inRows),
        std::max(runOf(dims[steps], inRows, inRows), runOf(dims[rows], inRows, inRows)) >= lanes);
  place(ofColumns, steps, columns, isUnit(ofColumns, columns) || isUnit(ofColumns, steps),
        isFull || (isLarge && reads < kLeastReads && run > lanes / 4) || ofSteps >= lanes);
  place(ofResult, rows, columns, isUnit(ofResult, columns), run >= 2 * lanes);
  return isAny ? std::optional(std::move(result)) : std::nullopt;
}

/// Tensors in the order of the largest one: of the larger operand, or, of outer products, of the
/// result.
std::optional<Rearrangement> chooseRuns(const ContractionShape &shape, cpu::KernelStrategy strategy,
                                        int64_t lanes) {
  const bool packs = strategy == cpu::KernelStrategy::Packed;
  const int64_t m = shape.size(ContractionShape::M), n = shape.size(ContractionShape::N),
                k = shape.size(ContractionShape::K);
  // Of two operands as large as each other, the one along the batch stays: vectors of it meet
  // lines of the other one that are read whole.
  const bool isLargeA = m > n || (m == n && isAlongBatch(shape, &ContractionDim::strideA) &&
                                  !isAlongBatch(shape, &ContractionDim::strideB));
  constexpr size_t result = 2;
  const size_t large = isLargeA ? 0 : 1, small = 1 - large;
  const std::array<Dims, 3> dims = {dimsOf(shape, kStrides[0]), dimsOf(shape, kStrides[1]),
                                    dimsOf(shape, kStrides[2])};
  if (dims[large].empty())
    return std::nullopt;
  const bool isSum = dims[large].front().strideC == 0;
  int64_t least = std::max<int64_t>(isSum ? 2 * lanes : lanes / 2, 2);
  if (const int64_t rows = std::min(m, n); packs && rows > kFewRows) {
    if (rows > kMostRows || isSum)
      return std::nullopt;
    least = kLongRun;
  }
  const bool isOuter =
      k < kLeastSteps && elementsOf(dims[result]) >= kTimesOperand * elementsOf(dims[large]);
  const size_t first = isOuter ? result : large;
  if (dims[first].front().*kStrides[first] != 1)
    return std::nullopt;
  // Vectors along a dimension of the small operand's own are as good, if they are full.
  if (!isOuter && !dims[result].empty()) {
    const ContractionDim &inner = dims[result].front();
    if (inner.*kStrides[large] == 0 && inner.*kStrides[small] == 1 && inner.strideC == 1 &&
        inner.extent >= least)
      return std::nullopt;
  }
  Rearrangement choice;
  bool isAny = false;
  for (size_t other = 0; other < 3; ++other) {
    // Sums of runs are made in the order in which these lie in memory.
    const bool isSumOfMany =
        other == result && isSum && k >= kLeastSteps && elementsOf(dims[large]) >= kLargeElements &&
        !haveSameOrder(dims[large], kStrides[large], dims[result], kStrides[result]);
    if (m == n && other == small && !isSum && isAlongSum(dims[other], kStrides[other], k, lanes))
      continue;
    if (other == first ||
        (!isSumOfMany && !breaksRuns(dims[first], kStrides[first], kStrides[other], least)))
      continue;
    if (other == result && k < kLeastSteps)
      return std::nullopt;
    choice.orders[other] = orderOf(dims[other], kStrides[other], dims[first], kStrides[first]);
    isAny = true;
  }
  return isAny ? std::optional(std::move(choice)) : std::nullopt;
}
} // namespace

std::optional<Rearrangement> quick::chooseRearrangement(const ContractionShape &shape,
                                                        cpu::KernelStrategy strategy,
                                                        int64_t lanes) {
  if (strategy != cpu::KernelStrategy::Packed && strategy != cpu::KernelStrategy::Direct &&
      strategy != cpu::KernelStrategy::Gathered)
    return std::nullopt;
  double operations = 1;
  bool areProducts = true;
  for (Group group :
       {ContractionShape::Batch, ContractionShape::M, ContractionShape::N, ContractionShape::K}) {
    operations *= double(shape.size(group));
    areProducts &= shape.size(group) > 1;
  }
  if (operations < kLeastOperations)
    return std::nullopt;
  if (areProducts)
    return chooseMatrices(shape, strategy, lanes);
  return chooseRuns(shape, strategy, lanes);
}
