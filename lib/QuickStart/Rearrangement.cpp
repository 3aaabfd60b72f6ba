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
/// Elements side by side in two tensors from which on longer runs are no faster.
constexpr int64_t kLongRun = 64;

using Group = ContractionShape::Group;
using Stride = int64_t ContractionDim::*;
constexpr std::array<Stride, 3> kStrides = {&ContractionDim::strideA, &ContractionDim::strideB,
                                            &ContractionDim::strideC};

/// A dimension of the contraction, with strides by role: of the large operand, the other one and
/// the result; 0 where a tensor lacks it.
struct Dim {
  int64_t extent, large, small, result, index;
  bool isSummed() const { return result == 0; }
};

/// Dimensions that a tensor has, innermost first.
std::vector<Dim> dimsOf(const std::vector<Dim> &all, int64_t Dim::*stride) {
  std::vector<Dim> dims;
  for (const Dim &dim : all)
    if (dim.*stride != 0)
      dims.push_back(dim);
  std::stable_sort(dims.begin(), dims.end(), [&](const Dim &x, const Dim &y) {
    return std::abs(x.*stride) < std::abs(y.*stride);
  });
  return dims;
}

/// Whether vectors along the innermost dimension of the large operand are short in another tensor
/// that has it, and would not be if that tensor had the large one's order. All of them are summed,
/// or none.
bool breaksRuns(const std::vector<Dim> &large, int64_t Dim::*other, int64_t least) {
  int64_t inLarge = 1, inBoth = 1;
  for (const Dim &dim : large) {
    if (dim.*other == 0 || dim.isSummed() != large.front().isSummed() || dim.large != inLarge)
      break;
    if (dim.*other == inLarge && inBoth == inLarge)
      inBoth *= dim.extent;
    inLarge *= dim.extent;
  }
  return inLarge >= least && inBoth < std::min(inLarge, kLongRun);
}

/// The dimensions of a tensor in the order of the large operand, those that this lacks outermost.
std::vector<int64_t> orderOf(const std::vector<Dim> &all, const std::vector<Dim> &large,
                             int64_t Dim::*stride) {
  const std::vector<Dim> own = dimsOf(all, stride);
  std::vector<int64_t> order;
  for (auto dim = own.rbegin(); dim != own.rend(); ++dim)
    if (dim->large == 0)
      order.push_back(dim->index);
  for (auto dim = large.rbegin(); dim != large.rend(); ++dim)
    if ((*dim).*stride != 0)
      order.push_back(dim->index);
  return order;
}

bool isUnitInResult(const std::vector<ContractionDim> &dims, Stride stride) {
  return std::ranges::any_of(dims, [&](const ContractionDim &dim) {
    return dim.extent > 1 && dim.*stride == 1 && dim.strideC == 1;
  });
}

/// The dimensions of a group of more than one index, outermost first in a tensor.
std::vector<ContractionDim> inOrderOf(const std::vector<ContractionDim> &group, Stride stride) {
  std::vector<ContractionDim> dims;
  for (const ContractionDim &dim : group)
    if (dim.extent > 1)
      dims.push_back(dim);
  std::ranges::stable_sort(dims, std::greater<>(),
                           [&](const ContractionDim &dim) { return std::abs(dim.*stride); });
  return dims;
}

/// Whether dimensions in this order are one.
bool isOne(const std::vector<ContractionDim> &dims, Stride stride) {
  for (size_t i = 1; i < dims.size(); ++i)
    if (dims[i - 1].*stride != dims[i].*stride * dims[i].extent)
      return false;
  return true;
}

/// Products of a batch as matrices: rows, columns and steps one dimension each, rows of the result
/// side by side.
std::optional<Rearrangement> chooseMatrices(const ContractionShape &shape,
                                            cpu::KernelStrategy strategy) {
  const double m = double(shape.size(ContractionShape::M)),
               n = double(shape.size(ContractionShape::N)),
               k = double(shape.size(ContractionShape::K));
  auto isAlongBatch = [&](Stride stride) {
    return std::ranges::any_of(shape[ContractionShape::Batch], [&](const ContractionDim &dim) {
      return dim.extent > 1 && dim.*stride == 1;
    });
  };
  if (strategy == cpu::KernelStrategy::Packed) {
    if (std::ranges::none_of(kStrides, isAlongBatch))
      return std::nullopt;
  } else if (m * n * k < m * k + k * n + m * n) {
    return std::nullopt;
  }
  std::array<std::vector<ContractionDim>, 4> dims;
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
  auto place = [&](size_t tensor, Group outer, Group inner, bool suits) {
    const Stride stride = kStrides[tensor];
    if (suits && isOne(dims[outer], stride) && isOne(dims[inner], stride))
      return;
    isAny = true;
    for (Group group : {ContractionShape::Batch, outer, inner})
      for (const ContractionDim &dim : dims[group])
        result.orders[tensor].push_back(dim.index);
  };
  place(ofRows, rows, steps, !isAlongBatch(kStrides[ofRows]));
  place(ofColumns, steps, columns, isUnit(ofColumns, columns) || isUnit(ofColumns, steps));
  place(ofResult, rows, columns, isUnit(ofResult, columns));
  return isAny ? std::optional(std::move(result)) : std::nullopt;
}

/// One tensor in the order of the larger operand.
std::optional<Rearrangement> chooseRuns(const ContractionShape &shape, int64_t lanes) {
  const int64_t m = shape.size(ContractionShape::M), n = shape.size(ContractionShape::N),
                k = shape.size(ContractionShape::K);
  // Of two operands as large as each other, the one that suits the result stays.
  const auto &batch = shape[ContractionShape::Batch];
  const bool isLargeA = m > n || (m == n && isUnitInResult(batch, &ContractionDim::strideA) &&
                                  !isUnitInResult(batch, &ContractionDim::strideB));
  std::vector<Dim> all;
  for (const auto &group : shape.groups)
    for (const ContractionDim &dim : group)
      if (dim.extent > 1)
        all.push_back({dim.extent, isLargeA ? dim.strideA : dim.strideB,
                       isLargeA ? dim.strideB : dim.strideA, dim.strideC, dim.index});
  const std::vector<Dim> large = dimsOf(all, &Dim::large), result = dimsOf(all, &Dim::result);
  if (large.empty() || large.front().large != 1)
    return std::nullopt;
  // Vectors along a dimension of the small operand's own are as good, if they are full.
  const int64_t least = std::max<int64_t>(lanes / 2, 2);
  if (!result.empty()) {
    const Dim &inner = result.front();
    if (inner.large == 0 && inner.small == 1 && inner.result == 1 && inner.extent >= least)
      return std::nullopt;
  }
  Rearrangement choice;
  if (k >= kLeastSteps && breaksRuns(large, &Dim::result, least))
    choice.orders[2] = orderOf(all, large, &Dim::result);
  if (breaksRuns(large, &Dim::small, least))
    choice.orders[isLargeA ? 1 : 0] = orderOf(all, large, &Dim::small);
  bool isAny = std::ranges::any_of(choice.orders, [](const auto &order) { return !order.empty(); });
  return isAny ? std::optional(std::move(choice)) : std::nullopt;
}
} // namespace

std::optional<Rearrangement> quick::chooseRearrangement(const ContractionShape &shape,
                                                        cpu::KernelStrategy strategy,
                                                        int64_t lanes) {
  const bool packs = strategy == cpu::KernelStrategy::Packed;
  if (!packs && strategy != cpu::KernelStrategy::Direct &&
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
    return chooseMatrices(shape, strategy);
  return packs ? std::nullopt : chooseRuns(shape, lanes);
}
