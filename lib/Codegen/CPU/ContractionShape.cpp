//===- ContractionShape.cpp - Extents and strides of a contraction --------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Codegen/CPU/ContractionShape.h"

#include "tenon-runtime/ShortRun.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace tenon::cpu {

int64_t ContractionShape::size(Group group) const {
  int64_t product = 1;
  for (const ContractionDim &dim : groups[group])
    product *= dim.extent;
  return product;
}

int64_t ContractionShape::rank() const {
  int64_t rank = 0;
  for (const auto &group : groups)
    rank += static_cast<int64_t>(group.size());
  return rank;
}

namespace {

/// Whether C, and one operand or both, lie side by side along the innermost dimension of a group.
bool readsRuns(const std::vector<ContractionDim> &group) {
  if (group.empty())
    return false;
  const ContractionDim &dim = group.back();
  bool runsA = dim.strideA == 1 || dim.strideA == 0, runsB = dim.strideB == 1 || dim.strideB == 0;
  return dim.strideC == 1 && runsA && runsB;
}

/// Whether the products are matrices, with rows of C side by side and B along n or along k.
bool areMatrices(const ContractionShape &shape) {
  const auto &n = shape[ContractionShape::N], &k = shape[ContractionShape::K];
  if (shape[ContractionShape::M].size() > 1 || n.size() != 1 || k.size() != 1)
    return false;
  return n[0].strideC == 1 && (n[0].strideB == 1 || k[0].strideB == 1);
}

/// Elements of a vector where the number of lanes is not known.
constexpr int64_t kVector = 16;

/// Dimensions of C of more than one index, of whatever group, innermost first.
std::vector<ContractionDim> dimsOfResult(const ContractionShape &shape) {
  std::vector<ContractionDim> dims;
  for (auto group : {ContractionShape::Batch, ContractionShape::M, ContractionShape::N})
    for (const ContractionDim &dim : shape[group])
      if (dim.extent > 1)
        dims.push_back(dim);
  std::stable_sort(dims.begin(), dims.end(), [](const ContractionDim &x, const ContractionDim &y) {
    return std::abs(x.strideC) < std::abs(y.strideC);
  });
  return dims;
}

/// The innermost dimensions of C, of whatever group, as they make up a vector.
struct StreamLanes {
  bool fill = false;        ///< a vector exactly: powers of two, the last of which may be cut
  bool areTogether = false; ///< four of them or more lie side by side in the large operand
  bool areElsewhere = true; ///< the large operand has none of these dimensions
};

StreamLanes findStreamLanes(const ContractionShape &shape, int64_t ContractionDim::*large) {
  constexpr int64_t kTogether = 4;
  StreamLanes result;
  int64_t lanes = 1, together = 1;
  for (const ContractionDim &dim : dimsOfResult(shape)) {
    if (dim.strideC != lanes || lanes == kVector)
      break;
    if (dim.*large == lanes && together == lanes)
      together *= dim.extent;
    result.areElsewhere &= dim.*large == 0;
    if (lanes * dim.extent > kVector)
      lanes = kVector;
    else if (kVector % (lanes * dim.extent) == 0)
      lanes *= dim.extent;
    else
      break;
  }
  result.fill = lanes == kVector;
  result.areTogether = together >= kTogether;
  return result;
}

/// Whether a product is streamed whose large operand has these strides. Lanes that are apart there
/// are loaded one by one, again for each m and k: other kernels are faster where these are many.
bool isStreamOf(const ContractionShape &shape, const ContractionSizes &sizes,
                int64_t ContractionDim::*large) {
  constexpr int64_t kMostApart = 8;
  if (!isTinyTimesLarge(sizes))
    return false;
  StreamLanes lanes = findStreamLanes(shape, large);
  bool areFew = sizes.m * sizes.k <= kMostApart && sizes.k < kMostApart;
  return lanes.fill && !lanes.areElsewhere && (lanes.areTogether || areFew);
}

/// Whether both operands are better gathered than read in the loops of direct kernels, along runs
/// in which all three tensors lie side by side or steps of k in which the operands do. Those loops
/// take fewer instructions for a step, and more for each run.
bool isScattered(const ContractionShape &shape, const ContractionSizes &sizes) {
  constexpr int64_t kLongRun = 48, kLongWork = 64, kLongSum = 8, kSharedRows = 4, kSharedSteps = 5;
  if (!isLittleForMany(sizes))
    return false;
  std::vector<ContractionDim> dims = dimsOfResult(shape);
  int64_t sideBySide = 1;
  for (const ContractionDim &dim : dims) {
    if (dim.strideC != sideBySide || sideBySide >= kVector)
      break;
    sideBySide *= dim.extent;
  }
  if (sideBySide < kVector)
    return false;
  // What a run costs by itself is shared by its steps, and by the rows of a tile.
  const int64_t rows = std::min({sizes.m, sizes.n, kSharedRows}), run = dims.front().extent;
  const int64_t least = run < kVector ? kLongWork : 2 * kLongWork;
  if (readsRuns({dims.front()}) && (run >= kLongRun || run * sizes.k * rows >= least))
    return false;
  // Of several rows, loops gather each vector once.
  if (rows == kSharedRows && sizes.k >= kSharedSteps)
    return false;
  const auto &k = shape[ContractionShape::K];
  bool isSum = !k.empty() && k.back().strideA == 1 && k.back().strideB == 1;
  return !isSum || k.back().extent < kLongSum;
}

} // namespace

ContractionSizes ContractionShape::sizes() const {
  ContractionSizes sizes{size(M), size(N), size(K), size(Batch), rank()};
  bool alongProduct = readsRuns(groups[N]) || readsRuns(groups[M]);
  bool alongBatch = !alongProduct && readsRuns(groups[Batch]);
  sizes.readsRuns = alongProduct || alongBatch;
  // Shorter runs leave vectors part empty.
  sizes.runsAlongBatch = alongBatch && groups[Batch].back().extent >= kVector;
  sizes.areMatrices = areMatrices(*this);
  sizes.isStream = isStreamOf(*this, sizes, &ContractionDim::strideB);
  sizes.isScattered = isScattered(*this, sizes);
  const auto &n = groups[N];
  bool isRun = !n.empty() && n.back().strideC == 1 && n.back().strideB == 1;
  sizes.runOfN = isRun ? n.back().extent : 0;
  return sizes;
}

ContractionSizes ContractionShape::sizesOfCalls(int64_t dims) const {
  ContractionSizes result = sizes();
  result.rank = dims + 2;
  return result;
}

std::vector<int64_t> ContractionShape::words(bool accumulate, const CacheBlocks &blocks) const {
  std::vector<int64_t> words;
  for (const auto &group : groups)
    words.push_back(static_cast<int64_t>(group.size()));
  words.insert(words.end(), {accumulate ? 1 : 0, 0, size(M), 0, size(N), 0, size(Batch), blocks.mc,
                             blocks.nc, blocks.kc, 0, 0});
  for (const auto &group : groups)
    for (const ContractionDim &dim : group)
      words.insert(words.end(), {dim.extent, dim.strideA, dim.strideB, dim.strideC});
  return words;
}

namespace {

using Dims = std::vector<ContractionDim>;
using Stride = int64_t ContractionDim::*;

void dropUnitExtents(Dims &dims) {
  std::erase_if(dims, [](const ContractionDim &dim) { return dim.extent == 1; });
}

/// Largest stride first; dimensions that an operand lacks count as outermost. Equal strides keep
/// their order.
void sortByStride(Dims &dims, Stride stride) {
  std::vector<std::pair<int64_t, size_t>> order; // stride negated, position
  for (size_t i = 0; i < dims.size(); ++i) {
    int64_t distance = dims[i].*stride == 0 ? INT64_MAX : std::abs(dims[i].*stride);
    order.emplace_back(-distance, i);
  }
  std::sort(order.begin(), order.end());
  Dims sorted;
  for (auto [distance, i] : order)
    sorted.push_back(dims[i]);
  dims = std::move(sorted);
}

void mergeContiguous(Dims &dims) {
  Dims merged;
  for (const ContractionDim &dim : dims) {
    auto continues = [&](Stride stride) {
      return merged.back().*stride == dim.*stride * dim.extent;
    };
    if (!merged.empty() && continues(&ContractionDim::strideA) &&
        continues(&ContractionDim::strideB) && continues(&ContractionDim::strideC)) {
      int64_t outer = merged.back().extent;
      merged.back() = dim;
      merged.back().extent *= outer;
      continue;
    }
    merged.push_back(dim);
  }
  dims = std::move(merged);
}

bool hasUnitStride(const Dims &dims, Stride stride) {
  return std::any_of(dims.begin(), dims.end(),
                     [&](const ContractionDim &dim) { return dim.*stride == 1; });
}

/// Where one tensor is contiguous along the innermost dimension and a second one along another,
/// neither order suits both: the innermost dimension is cut into short runs, and the second one's
/// walks right outside of a run. Of n, packing then reads vectors of the second across runs; of k,
/// a cache line of it is used up while it is in the first cache.
void cutIntoRuns(Dims &dims, Stride first, Stride second) {
  if (dims.size() < 2 || dims.back().*first != 1 || dims.back().*second == 1)
    return;
  auto contiguous = std::find_if(dims.begin(), dims.end(),
                                 [&](const ContractionDim &dim) { return dim.*second == 1; });
  int64_t run = runtime::shortRun(dims.back().extent);
  if (contiguous == dims.end() || run == 0)
    return;
  ContractionDim across = *contiguous;
  dims.erase(contiguous);
  ContractionDim inner = dims.back();
  inner.extent = run;
  ContractionDim &outer = dims.back();
  outer.extent /= run;
  for (Stride stride :
       {&ContractionDim::strideA, &ContractionDim::strideB, &ContractionDim::strideC})
    outer.*stride *= run;
  if (outer.extent == 1)
    dims.pop_back();
  dims.push_back(across);
  dims.push_back(inner);
}

/// Whether k is long enough to be cut into runs.
bool cutsSteps(const ContractionShape &shape) {
  return runtime::cutsSteps(shape.size(ContractionShape::M), shape.size(ContractionShape::N),
                            shape.size(ContractionShape::K));
}

/// Whether it then is, B's dimension innermost: A and B are contiguous along different ones.
bool cutsStepsOfB(const ContractionShape &shape) {
  const Dims &k = shape[ContractionShape::K];
  auto contiguousInB =
      std::find_if(k.begin(), k.end(), [](const ContractionDim &dim) { return dim.strideB == 1; });
  return contiguousInB != k.end() && contiguousInB->strideA != 1 &&
         hasUnitStride(k, &ContractionDim::strideA) && cutsSteps(shape) &&
         runtime::shortRun(contiguousInB->extent) != 0;
}

void exchangeOperands(ContractionShape &shape) {
  for (Dims &dims : shape.groups)
    for (ContractionDim &dim : dims)
      std::swap(dim.strideA, dim.strideB);
  std::swap(shape[ContractionShape::M], shape[ContractionShape::N]);
}

/// Each group in the order that suits.
ContractionShape orderGroups(ContractionShape shape) {
  sortByStride(shape[ContractionShape::Batch], &ContractionDim::strideC);
  sortByStride(shape[ContractionShape::N], &ContractionDim::strideC);
  sortByStride(shape[ContractionShape::M], &ContractionDim::strideA);
  // An operand that is contiguous along k is read along its own order; the other one, contiguous
  // along its lanes, does not mind. Of two such operands it is B, of which more lanes are read
  // together, where k is cut for A; else, or of none, the larger one decides.
  bool unitA = hasUnitStride(shape[ContractionShape::K], &ContractionDim::strideA);
  bool unitB = hasUnitStride(shape[ContractionShape::K], &ContractionDim::strideB);
  bool largerB = shape.size(ContractionShape::N) >= shape.size(ContractionShape::M);
  bool byB = unitA == unitB ? largerB || cutsStepsOfB(shape) : unitB;
  sortByStride(shape[ContractionShape::K],
               byB ? &ContractionDim::strideB : &ContractionDim::strideA);
  return shape;
}

/// Whether kernels would rather have A and B exchanged.
bool isBetterExchanged(const ContractionShape &shape) {
  // A tiny operand is A, wherever C is contiguous.
  ContractionSizes sizes{shape.size(ContractionShape::M), shape.size(ContractionShape::N),
                         shape.size(ContractionShape::K), shape.size(ContractionShape::Batch)};
  ContractionSizes exchanged = sizes;
  std::swap(exchanged.m, exchanged.n);
  if (isTinyTimesLarge(sizes) || isTinyTimesLarge(exchanged)) {
    ContractionShape merged = mergeShape(orderGroups(shape));
    if (isStreamOf(merged, sizes, &ContractionDim::strideB))
      return false;
    if (isStreamOf(merged, exchanged, &ContractionDim::strideA))
      return true;
  }
  bool unitInM = hasUnitStride(shape[ContractionShape::M], &ContractionDim::strideC);
  bool unitInN = hasUnitStride(shape[ContractionShape::N], &ContractionDim::strideC);
  bool longerM = shape.size(ContractionShape::M) > shape.size(ContractionShape::N);
  return (unitInM && !unitInN) || (unitInM == unitInN && longerM);
}

} // namespace

NormalizedShape orderShape(const ContractionShape &original) {
  NormalizedShape result{original, false};
  for (Dims &dims : result.shape.groups)
    dropUnitExtents(dims);
  if (isBetterExchanged(result.shape)) {
    exchangeOperands(result.shape);
    result.swapped = true;
  }
  result.shape = orderGroups(std::move(result.shape));
  return result;
}

ContractionShape mergeShape(const ContractionShape &shape) {
  ContractionShape merged = shape;
  for (Dims &dims : merged.groups)
    mergeContiguous(dims);
  return merged;
}

NormalizedShape normalizeShape(const ContractionShape &original) {
  NormalizedShape result = orderShape(original);
  result.shape = mergeShape(result.shape);
  cutIntoRuns(result.shape[ContractionShape::N], &ContractionDim::strideC,
              &ContractionDim::strideB);
  if (cutsSteps(result.shape))
    cutIntoRuns(result.shape[ContractionShape::K], &ContractionDim::strideB,
                &ContractionDim::strideA);
  return result;
}

} // namespace tenon::cpu
