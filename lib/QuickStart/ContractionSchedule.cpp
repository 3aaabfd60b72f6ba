//===- ContractionSchedule.cpp - From a contraction tree to a table -------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Two passes. The first walks the tree and notes what is to be done on which buffers, choosing
// kernels on the way; when it is through, the lives of all buffers are known and the arena is laid
// out. The second writes the table.
//
// What is not a contraction of two tensors becomes one, or copies:
//   * A dimension whose index only its own operand has is summed beforehand, by multiplying with
//     a constant 1. Complex numbers are summed as pairs of reals, which 1 leaves as they are.
//   * A network of one operand ends with a copy, if nothing is summed.
//
// A diagonal is read where it lies, through a view whose dimension walks several of the operand's.
//
// A step whose result only exists in tiles is made where it is read, in loops (FusedSteps.h). A
// small operand or result in whose order a large operand would be gathered is copied
// (Rearrangement.h).
//
//===----------------------------------------------------------------------===//
#include "tenon/QuickStart/ContractionSchedule.h"

#include "FusedSteps.h"
#include "Rearrangement.h"
#include "StoredOrders.h"

#include "tenon/Codegen/CPU/ContractionShape.h"
#include "tenon/Codegen/Common/ArenaLayout.h"
#include "tenon/KernelModel/ChainTiling.h"
#include "tenon/KernelModel/Split.h"

#include "tenon-runtime/ScheduleBuilder.h"

#include <algorithm>
#include <array>
#include <bit>
#include <functional>

using namespace tenon;
using namespace tenon::quick;
using namespace tenon::runtime;
using planner::IndexId;
using planner::NodeId;

namespace {
/// More bytes than that are no array: sums of them stay below 2^63.
constexpr int64_t kMostBytes = int64_t(1) << 60;
constexpr int32_t kNoBuffer = -1;
/// Bytes of copies in other orders that a contraction may add to the arena.
constexpr int64_t kMostCopiedBytes = int64_t(1) << 28;
/// Parts of the arena that threads write share no pair of cache lines.
constexpr int64_t kThreadAlignment = 128;

/// A strided array, before the arena has a layout.
struct Tensor {
  std::vector<IndexId> indices; ///< of each dimension; different ones
  ViewSpec view;                ///< of an arena buffer: offsets count from the buffer's start
  std::vector<int64_t> strides; ///< to plan with: a caller's array is taken to be row-major
  int32_t buffer = kNoBuffer;   ///< number of the arena buffer
};

struct Copy {
  ViewSpec from, to;
  int32_t fromBuffer, toBuffer;
};

/// How a contraction is done on tensors as they lie.
struct KernelChoice {
  cpu::ContractionShape shape; ///< with the operands as they were given
  bool swapped;                ///< the kernel takes the second operand as its first
  std::vector<LoopDim> rows;
  cpu::ContractionSizes sizes;
  cpu::Blocking blocking;
};

struct Call {
  KernelFunction kernel;
  ViewSpec a, b, c;
  int32_t bufferA, bufferB, bufferC;
  int64_t workspaceBytes;
  std::vector<LoopDim> rows;
  cpu::CallSplit split;
  cpu::CacheBlocks blocks;
  int32_t lane; ///< number of the parallel loop around; -1: none
};

/// A call or a copy by its number, or the beginning of a loop of so many iterations, or
/// its end.
struct Action {
  enum Kind { MakesCall, Copies, BeginsLoop, BeginsLanes, EndsLoop } kind;
  int64_t number = 0;
};

/// A loop over tiles of an index, and where it begins: offsets are a constant and factors of loops,
/// these by their number among the actions.
struct IndexLoop {
  IndexId index;
  int64_t begin, end, tile;
  std::vector<std::pair<int64_t, int32_t>> beginTerms;
};

/// What of an index a tile takes.
struct IndexPart {
  IndexId index;
  int64_t begin, size;
  std::vector<std::pair<int64_t, int32_t>> beginTerms;
};

class Scheduler {
public:
  Scheduler(const Problem &problem, const KernelSet &set, cpu::SumFormat format)
      : problem(problem), network(problem.network), tree(problem.tree), set(set), format(format),
        nodeIndices(network, tree),
        order(chooseStoredOrders(network, tree, nodeIndices, format, set.processor)),
        fused(chooseFusedSteps(network, tree, nodeIndices, order, format, set.processor,
                               problem.tileThreads)) {}

  std::optional<ContractionSchedule> run();

private:
  // First pass.
  Tensor argument(Base base, int32_t number, std::vector<IndexId> indices) const;
  std::optional<Tensor> temporary(tenon_dtype dtype, std::vector<IndexId> indices,
                                  const std::function<int64_t(IndexId)> &extentOf);
  std::optional<Tensor> temporary(std::vector<IndexId> indices) {
    return temporary(problem.dtype, std::move(indices),
                     [this](IndexId index) { return network.extent(index); });
  }
  std::optional<Tensor> temporaryInOrder(const Tensor &tensor, const std::vector<int64_t> &order);
  Tensor result() const {
    return argument(Base::Output, 0, {network.output().begin(), network.output().end()});
  }
  /// The type of an element's parts.
  tenon_dtype realType() const { return format.bytes == 4 ? TENON_F32 : TENON_F64; }
  Tensor one() const;
  Tensor asReals(Tensor tensor) const;
  std::optional<Tensor> readLeaf(NodeId leaf);
  Tensor diagonalOf(NodeId leaf) const;
  bool sum(const Tensor &from, const Tensor &to);
  bool contract(const Tensor &a, const Tensor &b, const Tensor &c, tenon_dtype dtype,
                cpu::SumFormat sums);
  using Tensors = std::array<const Tensor *, 3>;
  using Copied = std::array<std::optional<Tensor>, 3>;
  KernelChoice chooseKernel(const Tensors &operands, cpu::SumFormat sums);
  bool callKernel(KernelChoice choice, const Tensors &tensors, tenon_dtype dtype,
                  cpu::SumFormat sums);
  std::optional<Copied> placesInOrder(const Tensors &tensors, const Rearrangement &rearrangement);
  void copy(const Tensor &from, const Tensor &to);
  bool finishSingle();
  bool makeStep(size_t step);
  bool fuse(size_t first, size_t second);
  int32_t beginLoop(Action::Kind kind, int64_t extent);
  void endLoop(int64_t extent);
  bool tileLoops(size_t first, size_t second, std::span<const IndexLoop> loops,
                 std::vector<IndexPart> &parts);
  bool makeTile(size_t first, size_t second, std::span<const IndexPart> parts);
  Tensor partOf(Tensor tensor, std::span<const IndexPart> parts) const;
  int32_t addBuffer(int64_t bytes);
  void use(int32_t buffer) {
    if (buffer != kNoBuffer)
      buffers[static_cast<size_t>(buffer)].last = now();
  }
  int64_t now() const { return static_cast<int64_t>(actions.size()); }

  // Second pass.
  int32_t place(ViewSpec view, int32_t buffer);
  void emit(const Copy &copy);
  void emit(const Call &call);
  void emit(const Action &action);
  int32_t kernelNumber(KernelFunction kernel);

  const Problem &problem;
  const planner::Network &network;
  const planner::ContractionTree &tree;
  const KernelSet &set;
  const cpu::SumFormat format;
  planner::NodeIndices nodeIndices;
  std::vector<std::vector<IndexId>> order;
  std::vector<std::vector<FusedLoop>> fused; ///< of the nodes that are made in tiles
  std::vector<Tensor> values;                ///< of the nodes, as they are made

  std::vector<Action> actions;
  std::vector<Copy> copies;
  std::vector<Call> calls;
  std::vector<BufferLife> buffers;
  std::vector<int64_t> offsets;
  /// Of all calls: they share the start of the arena, which stays in the cache so.
  int64_t largestWorkspace = 0;
  /// Of all calls in parallel loops: each thread has one of its own.
  int64_t laneWorkspace = 0;
  int32_t numLoops = 0, lane = -1; ///< loops so far, and the parallel one that is open
  int32_t openLoops = 0;
  std::vector<int32_t> counters; ///< of these loops, as the table numbers them
  bool needsOne = false;
  double operations = 0;
  double trips = 1; ///< of the loops that are open

  /// Scratch of `contract`: for each index, where each operand has it, and 0 between calls.
  struct Place {
    int32_t dims[3] = {-1, -1, -1};
  };
  std::vector<Place> places;

  ScheduleBuilder builder;
  std::vector<KernelFunction> kernels;
};
} // namespace

//===----------------------------------------------------------------------===//
// Tensors
//===----------------------------------------------------------------------===//

Tensor Scheduler::argument(Base base, int32_t number, std::vector<IndexId> indices) const {
  Tensor tensor;
  tensor.view.base = base;
  tensor.view.baseIndex = number;
  tensor.view.dtype = problem.dtype;
  tensor.strides.resize(indices.size());
  int64_t stride = 1;
  for (size_t dim = indices.size(); dim-- > 0;) {
    tensor.strides[dim] = stride;
    stride *= std::max<int64_t>(1, network.extent(indices[dim]));
  }
  for (size_t dim = 0; dim < indices.size(); ++dim)
    tensor.view.dims.push_back(
        {network.extent(indices[dim]), 1, onlyDim(static_cast<int32_t>(dim))});
  tensor.indices = std::move(indices);
  return tensor;
}

int32_t Scheduler::addBuffer(int64_t bytes) {
  buffers.push_back({bytes, now(), now()});
  return static_cast<int32_t>(buffers.size() - 1);
}

/// A buffer of the arena; in a parallel loop, one for each thread.
std::optional<Tensor> Scheduler::temporary(tenon_dtype dtype, std::vector<IndexId> indices,
                                           const std::function<int64_t(IndexId)> &extentOf) {
  if (indices.size() > kMaxRank)
    return std::nullopt;
  std::vector<int64_t> extents;
  // An extent of 0 makes the product 0, however large the others are.
  const int64_t elementBytes = dtype == problem.dtype ? format.elementBytes() : format.bytes;
  __int128 bytes = elementBytes;
  bool isEmpty = false;
  for (IndexId index : indices) {
    extents.push_back(extentOf(index));
    isEmpty |= extents.back() == 0;
    bytes *= std::max<int64_t>(1, extents.back());
    if (bytes > kMostBytes)
      return std::nullopt;
  }
  Tensor tensor;
  tensor.view = ScheduleBuilder::arenaView(dtype, extents, 0);
  for (const ViewDim &dim : tensor.view.dims)
    tensor.strides.push_back(dim.factor);
  tensor.indices = std::move(indices);
  if (lane >= 0 && !isEmpty) {
    bytes = (bytes + kThreadAlignment - 1) / kThreadAlignment * kThreadAlignment;
    tensor.view.terms.push_back({static_cast<int64_t>(bytes) / elementBytes, lane, -1});
    bytes *= problem.threads;
    if (bytes > kMostBytes)
      return std::nullopt;
  }
  tensor.buffer = addBuffer(isEmpty ? 0 : static_cast<int64_t>(bytes));
  return tensor;
}

/// A buffer for a tensor's elements with its dimensions in another order. Those that `order` leaves
/// out have one index.
std::optional<Tensor> Scheduler::temporaryInOrder(const Tensor &tensor,
                                                  const std::vector<int64_t> &order) {
  std::vector<IndexId> indices;
  for (IndexId index : tensor.indices)
    if (std::ranges::find(order, int64_t(index)) == order.end())
      indices.push_back(index);
  for (int64_t index : order)
    indices.push_back(static_cast<IndexId>(index));
  return temporary(tensor.view.dtype, std::move(indices), [&](IndexId index) {
    auto dim = std::ranges::find(tensor.indices, index) - tensor.indices.begin();
    return tensor.view.dims[static_cast<size_t>(dim)].extent;
  });
}

/// The real number 1.
Tensor Scheduler::one() const {
  Tensor tensor;
  tensor.view = ScheduleBuilder::constantView(0, realType(), {});
  return tensor;
}

/// The parts of a tensor's elements as a last dimension, whose index is one past the network's; a
/// tensor of reals as it is.
Tensor Scheduler::asReals(Tensor tensor) const {
  if (format.parts == 1)
    return tensor;
  tensor.view.dtype = realType();
  for (ViewDim &dim : tensor.view.dims)
    dim.factor *= format.parts;
  for (OffsetTerm &term : tensor.view.terms)
    term.factor *= format.parts;
  for (int64_t &stride : tensor.strides)
    stride *= format.parts;
  tensor.view.dims.push_back({format.parts, 1, 0});
  tensor.strides.push_back(1);
  tensor.indices.push_back(network.numIndices());
  return tensor;
}

//===----------------------------------------------------------------------===//
// What is to be done
//===----------------------------------------------------------------------===//

/// Contracts `a` and `b` to `c`, whose indices are all on one of them; the others are summed.
bool Scheduler::contract(const Tensor &a, const Tensor &b, const Tensor &c, tenon_dtype dtype,
                         cpu::SumFormat sums) {
  Tensors tensors = {&a, &b, &c};
  KernelChoice choice = chooseKernel(tensors, sums);
  std::optional<Rearrangement> better;
  // Copies inside of loops would be made for each tile.
  if (openLoops == 0)
    better = chooseRearrangement(choice.shape, choice.blocking.strategy,
                                 choice.blocking.lanes / sums.parts);
  std::optional<Copied> copied;
  if (better)
    copied = placesInOrder(tensors, *better);
  if (!copied)
    return callKernel(std::move(choice), tensors, dtype, sums);
  for (size_t i = 0; i < 3; ++i) {
    std::optional<Tensor> &other = (*copied)[i];
    if (!other)
      continue;
    if (tensors[i] != &c)
      copy(*tensors[i], *other);
    tensors[i] = &*other;
  }
  // What is chosen for the copies is final: asked again, the rule may see another tensor as the one
  // that stays.
  if (!callKernel(chooseKernel(tensors, sums), tensors, dtype, sums))
    return false;
  if (tensors[2] != &c)
    copy(*tensors[2], c);
  return true;
}

/// Buffers for the tensors that are copied; nothing if they take more memory than that is worth.
std::optional<Scheduler::Copied> Scheduler::placesInOrder(const Tensors &tensors,
                                                          const Rearrangement &rearrangement) {
  Copied others;
  const size_t first = buffers.size();
  int64_t bytes = 0;
  for (size_t i = 0; i < 3; ++i) {
    if (rearrangement.orders[i].empty())
      continue;
    others[i] = temporaryInOrder(*tensors[i], rearrangement.orders[i]);
    if (!others[i] || (bytes += buffers.back().bytes) > kMostCopiedBytes) {
      buffers.resize(first);
      return std::nullopt;
    }
  }
  return others;
}

KernelChoice Scheduler::chooseKernel(const Tensors &operands, cpu::SumFormat sums) {
  const Tensor &a = *operands[0], &b = *operands[1];
  for (int32_t operand = 0; operand < 3; ++operand)
    for (size_t dim = 0; dim < operands[operand]->indices.size(); ++dim)
      places[operands[operand]->indices[dim]].dims[operand] = static_cast<int32_t>(dim);

  using Shape = cpu::ContractionShape;
  Shape shape;
  auto addDim = [&](IndexId index) {
    const Place &place = places[index];
    auto strideIn = [&](int32_t operand) {
      return place.dims[operand] < 0
                 ? 0
                 : operands[operand]->strides[static_cast<size_t>(place.dims[operand])];
    };
    bool inA = place.dims[0] >= 0, inB = place.dims[1] >= 0, inC = place.dims[2] >= 0;
    const Tensor &holder = inA ? a : b;
    int64_t extent = holder.view.dims[static_cast<size_t>(place.dims[inA ? 0 : 1])].extent;
    auto group = !inC ? Shape::K : inA && inB ? Shape::Batch : inA ? Shape::M : Shape::N;
    shape[group].push_back({extent, strideIn(0), strideIn(1), strideIn(2), int64_t(index)});
  };
  for (IndexId index : a.indices)
    addDim(index);
  for (IndexId index : b.indices)
    if (places[index].dims[0] < 0)
      addDim(index);

  cpu::NormalizedShape ordered = cpu::orderShape(shape);
  int32_t first = ordered.swapped ? 1 : 0;
  std::vector<LoopDim> rows;
  constexpr Group groups[4] = {Group::Batch, Group::M, Group::N, Group::K};
  constexpr Shape::Group shapeGroups[4] = {Shape::Batch, Shape::M, Shape::N, Shape::K};
  for (size_t group = 0; group < 4; ++group)
    for (const cpu::ContractionDim &dim : ordered.shape[shapeGroups[group]]) {
      const Place &place = places[static_cast<IndexId>(dim.index)];
      rows.push_back(
          {groups[group], place.dims[first], place.dims[1 - first], place.dims[2], dim.extent});
    }
  for (const Tensor *operand : operands)
    for (IndexId index : operand->indices)
      places[index] = Place();

  Shape merged = cpu::mergeShape(ordered.shape);
  cpu::ContractionSizes sizes = merged.sizesOfCalls(static_cast<int64_t>(rows.size()));
  cpu::Blocking blocking = cpu::chooseBlocking(sums, sizes, set.processor);
  return {std::move(shape), ordered.swapped, std::move(rows), sizes, blocking};
}

bool Scheduler::callKernel(KernelChoice choice, const Tensors &tensors, tenon_dtype dtype,
                           cpu::SumFormat sums) {
  const cpu::ContractionSizes &sizes = choice.sizes;
  const cpu::Blocking &blocking = choice.blocking;
  operations += trips * double(sizes.m) * double(sizes.n) * double(sizes.k) * double(sizes.batch);
  Call call;
  call.rows = std::move(choice.rows);
  call.kernel = set.find({dtype, blocking});
  if (!call.kernel)
    return false;
  call.blocks = blocking;
  call.lane = lane;
  call.split = cpu::chooseSplit(blocking, sizes, lane < 0 ? problem.threads : 1);
  __int128 bytes = __int128(cpu::workspaceBytes(blocking, sums, sizes)) * call.split.ways;
  if (bytes > kMostBytes)
    return false;
  call.workspaceBytes = static_cast<int64_t>(bytes);
  int64_t &workspace = lane < 0 ? largestWorkspace : laneWorkspace;
  workspace = std::max(workspace, call.workspaceBytes);
  const Tensor &lhs = *tensors[choice.swapped ? 1 : 0], &rhs = *tensors[choice.swapped ? 0 : 1],
               &c = *tensors[2];
  call.a = lhs.view;
  call.b = rhs.view;
  call.c = c.view;
  call.bufferA = lhs.buffer;
  call.bufferB = rhs.buffer;
  call.bufferC = c.buffer;
  for (int32_t buffer : {call.bufferA, call.bufferB, call.bufferC})
    use(buffer);
  actions.push_back({Action::MakesCall, static_cast<int64_t>(calls.size())});
  calls.push_back(std::move(call));
  return true;
}

/// Adds up `from` over the indices that `to` lacks.
bool Scheduler::sum(const Tensor &from, const Tensor &to) {
  needsOne = true;
  return contract(asReals(from), one(), asReals(to), realType(), {1, format.bytes});
}

void Scheduler::copy(const Tensor &from, const Tensor &to) {
  Copy step{from.view, to.view, from.buffer, to.buffer};
  step.from.dims.clear();
  for (IndexId index : to.indices) {
    auto it = std::find(from.indices.begin(), from.indices.end(), index);
    step.from.dims.push_back(from.view.dims[static_cast<size_t>(it - from.indices.begin())]);
  }
  use(from.buffer);
  use(to.buffer);
  actions.push_back({Action::Copies, static_cast<int64_t>(copies.size())});
  copies.push_back(std::move(step));
}

/// A leaf's tensor with each index once.
Tensor Scheduler::diagonalOf(NodeId leaf) const {
  std::span<const IndexId> all = network.tensor(leaf);
  Tensor whole = argument(Base::Input, static_cast<int32_t>(leaf), {all.begin(), all.end()});
  Tensor tensor = whole;
  tensor.indices.clear();
  tensor.view.dims.clear();
  tensor.strides.clear();
  for (size_t dim = 0; dim < all.size(); ++dim) {
    size_t known = static_cast<size_t>(
        std::find(tensor.indices.begin(), tensor.indices.end(), all[dim]) - tensor.indices.begin());
    if (known < tensor.indices.size()) {
      tensor.view.dims[known].sourceDims |= whole.view.dims[dim].sourceDims;
      tensor.strides[known] += whole.strides[dim];
      continue;
    }
    tensor.indices.push_back(all[dim]);
    tensor.view.dims.push_back(whole.view.dims[dim]);
    tensor.strides.push_back(whole.strides[dim]);
  }
  return tensor;
}

/// A leaf as the steps take it: without repeated indices and without those that nobody else has.
std::optional<Tensor> Scheduler::readLeaf(NodeId leaf) {
  Tensor tensor = diagonalOf(leaf);
  if (!nodeIndices.leafIsSummed(leaf))
    return tensor;
  std::vector<IndexId> kept;
  std::span<const IndexId> wanted = nodeIndices[leaf];
  for (IndexId index : tensor.indices)
    if (std::binary_search(wanted.begin(), wanted.end(), index))
      kept.push_back(index);
  std::optional<Tensor> summed = temporary(std::move(kept));
  if (!summed || !sum(tensor, *summed))
    return std::nullopt;
  return summed;
}

/// A network of one operand.
bool Scheduler::finishSingle() {
  Tensor tensor = diagonalOf(0);
  if (nodeIndices.leafIsSummed(0))
    return sum(tensor, result());
  copy(tensor, result());
  operations = 1;
  for (IndexId index : network.output())
    operations *= double(network.extent(index));
  return true;
}

bool Scheduler::makeStep(size_t step) {
  auto [lhs, rhs] = tree.step(step);
  for (NodeId operand : {lhs, rhs})
    if (tree.isLeaf(operand)) {
      std::optional<Tensor> tensor = readLeaf(operand);
      if (!tensor)
        return false;
      values[operand] = std::move(*tensor);
    }
  NodeId node = tree.resultOf(step);
  // Made with the step that reads it, and its operands stay until then.
  if (!fused[node].empty())
    return true;
  std::optional<Tensor> made = node == tree.root() ? result() : temporary(order[node]);
  if (!made)
    return false;
  values[node] = std::move(*made);
  for (NodeId operand : {lhs, rhs})
    if (!fused[operand].empty())
      return fuse(operand - tree.numLeaves(), step);
  if (!contract(values[lhs], values[rhs], values[node], problem.dtype, format))
    return false;
  values[lhs] = values[rhs] = Tensor();
  return true;
}

//===----------------------------------------------------------------------===//
// Two steps in one loop
//===----------------------------------------------------------------------===//

int32_t Scheduler::beginLoop(Action::Kind kind, int64_t extent) {
  actions.push_back({kind, extent});
  trips *= double(extent);
  ++openLoops;
  return numLoops++;
}

void Scheduler::endLoop(int64_t extent) {
  actions.push_back({Action::EndsLoop});
  trips /= double(extent);
  --openLoops;
}

/// Step `first`, and `second`, which reads it, tile by tile.
bool Scheduler::fuse(size_t first, size_t second) {
  std::vector<IndexLoop> loops;
  size_t shared = 0;
  cpu::LoopShare best;
  for (const FusedLoop &loop : fused[tree.resultOf(first)]) {
    int64_t extent = network.extent(loop.index);
    cpu::LoopShare share = cpu::shareLoop(extent, loop.tile, problem.tileThreads);
    if (share.efficiency > best.efficiency) {
      best = share;
      shared = loops.size();
    }
    loops.push_back({loop.index, 0, extent, loop.tile, {}});
  }
  std::vector<IndexPart> parts;
  if (problem.tileThreads > 1 && best.share > 0) {
    std::vector<IndexLoop> ofLane = loops;
    const size_t outer = buffers.size();
    const int64_t begin = now();
    lane = beginLoop(Action::BeginsLanes, problem.threads);
    ofLane[shared].end = best.share;
    ofLane[shared].beginTerms.emplace_back(best.share, lane);
    if (!tileLoops(first, second, ofLane, parts))
      return false;
    endLoop(problem.threads);
    lane = -1;
    // One thread may be in any part of the loop while another one is in any other.
    for (BufferLife &buffer : std::span(buffers).subspan(outer)) {
      buffer.first = begin;
      buffer.last = now() - 1;
    }
    loops[shared].begin = best.share * problem.threads;
  }
  if (!tileLoops(first, second, loops, parts))
    return false;
  // All of them are in use to the last iteration.
  auto finish = [&](NodeId node) {
    if (int32_t buffer = values[node].buffer; buffer != kNoBuffer)
      buffers[static_cast<size_t>(buffer)].last = now() - 1;
    if (node != tree.resultOf(second))
      values[node] = Tensor();
  };
  for (size_t step : {first, second})
    for (NodeId node : {tree.step(step).lhs, tree.step(step).rhs, tree.resultOf(step)})
      finish(node);
  return true;
}

/// The tiles of `loops`, inside of those that `parts` says.
bool Scheduler::tileLoops(size_t first, size_t second, std::span<const IndexLoop> loops,
                          std::vector<IndexPart> &parts) {
  if (loops.empty())
    return makeTile(first, second, parts);
  const IndexLoop &loop = loops.front();
  auto walk = [&](IndexPart part) {
    parts.push_back(std::move(part));
    bool isMade = tileLoops(first, second, loops.subspan(1), parts);
    parts.pop_back();
    return isMade;
  };
  int64_t count = (loop.end - loop.begin) / loop.tile;
  int64_t rest = loop.begin + count * loop.tile;
  if (count > 0) {
    IndexPart part{loop.index, loop.begin, loop.tile, loop.beginTerms};
    part.beginTerms.emplace_back(loop.tile, beginLoop(Action::BeginsLoop, count));
    if (!walk(std::move(part)))
      return false;
    endLoop(count);
  }
  return rest == loop.end || walk({loop.index, rest, loop.end - rest, loop.beginTerms});
}

/// The part of a tensor that a tile takes.
Tensor Scheduler::partOf(Tensor tensor, std::span<const IndexPart> parts) const {
  const bool isCallers = tensor.view.base != Base::Arena;
  for (const IndexPart &part : parts)
    for (size_t dim = 0; dim < tensor.indices.size(); ++dim) {
      if (tensor.indices[dim] != part.index)
        continue;
      ViewDim &view = tensor.view.dims[dim];
      view.extent = part.size;
      auto shift = [&](int64_t distance, int32_t loop) {
        if (!view.sourceDims)
          tensor.view.terms.push_back({distance * view.factor, loop, -1});
        for (DimSet rest = view.sourceDims; rest; rest &= rest - 1)
          tensor.view.terms.push_back({distance * view.factor, loop, std::countr_zero(rest)});
      };
      if (!isCallers)
        tensor.view.byteOffset += part.begin * view.factor * format.elementBytes();
      else if (part.begin != 0)
        shift(part.begin, -1);
      for (auto [factor, loop] : part.beginTerms)
        shift(factor, loop);
    }
  return tensor;
}

bool Scheduler::makeTile(size_t first, size_t second, std::span<const IndexPart> parts) {
  NodeId between = tree.resultOf(first);
  auto extentOf = [&](IndexId index) {
    auto it = std::find_if(parts.begin(), parts.end(),
                           [&](const IndexPart &part) { return part.index == index; });
    return it == parts.end() ? network.extent(index) : it->size;
  };
  std::optional<Tensor> tile = temporary(problem.dtype, order[between], extentOf);
  if (!tile)
    return false;
  auto operand = [&](NodeId node) { return node == between ? *tile : partOf(values[node], parts); };
  auto [lhs, rhs] = tree.step(first);
  auto [left, right] = tree.step(second);
  return contract(operand(lhs), operand(rhs), *tile, problem.dtype, format) &&
         contract(operand(left), operand(right), partOf(values[tree.resultOf(second)], parts),
                  problem.dtype, format);
}

//===----------------------------------------------------------------------===//
// The table
//===----------------------------------------------------------------------===//

int32_t Scheduler::place(ViewSpec view, int32_t buffer) {
  if (buffer != kNoBuffer)
    view.byteOffset += offsets[static_cast<size_t>(buffer)];
  return builder.addView(view);
}

void Scheduler::emit(const Copy &copy) {
  builder.copy(place(copy.from, copy.fromBuffer), place(copy.to, copy.toBuffer));
}

int32_t Scheduler::kernelNumber(KernelFunction kernel) {
  auto it = std::find(kernels.begin(), kernels.end(), kernel);
  if (it != kernels.end())
    return static_cast<int32_t>(it - kernels.begin());
  kernels.push_back(kernel);
  return builder.addKernel();
}

void Scheduler::emit(const Call &call) {
  constexpr Group splitGroups[3] = {Group::Batch, Group::M, Group::N};
  ContractionSpec spec;
  spec.kernel = kernelNumber(call.kernel);
  auto counting = [this](ViewSpec view) {
    for (OffsetTerm &term : view.terms)
      if (term.loop >= 0)
        term.loop = counters[static_cast<size_t>(term.loop)];
    return view;
  };
  spec.a = place(counting(call.a), call.bufferA);
  spec.b = place(counting(call.b), call.bufferB);
  spec.c = place(counting(call.c), call.bufferC);
  ViewSpec workspace = ScheduleBuilder::workspaceView(call.workspaceBytes, 0);
  if (call.lane >= 0)
    workspace.terms.push_back({laneWorkspace, call.lane, -1});
  spec.workspace = builder.addView(counting(workspace));
  spec.loopDims = call.rows;
  spec.blocks[0] = call.blocks.mc;
  spec.blocks[1] = call.blocks.nc;
  spec.blocks[2] = call.blocks.kc;
  spec.ways = static_cast<int32_t>(call.split.ways);
  spec.splitGroup = splitGroups[call.split.group];
  spec.splitGrain = call.split.grain;
  builder.callContraction(spec);
}

void Scheduler::emit(const Action &action) {
  switch (action.kind) {
  case Action::MakesCall:
    return emit(calls[static_cast<size_t>(action.number)]);
  case Action::Copies:
    return emit(copies[static_cast<size_t>(action.number)]);
  case Action::BeginsLoop:
    return counters.push_back(builder.beginLoop(action.number));
  case Action::BeginsLanes:
    return counters.push_back(builder.beginParallelLoop(action.number));
  case Action::EndsLoop:
    return builder.endLoop();
  }
}

std::optional<ContractionSchedule> Scheduler::run() {
  for (NodeId leaf = 0; leaf < tree.numLeaves(); ++leaf)
    if (network.tensor(leaf).size() > kMaxRank)
      return std::nullopt;
  if (network.output().size() + 1 > kMaxRank)
    return std::nullopt;
  // One more than the network has, for the parts of complex numbers.
  places.resize(network.numIndices() + 1);
  values.resize(tree.numNodes());
  if (tree.numSteps() == 0 && !finishSingle())
    return std::nullopt;
  for (size_t step = 0; step < tree.numSteps(); ++step)
    if (!makeStep(step))
      return std::nullopt;

  laneWorkspace = (laneWorkspace + kThreadAlignment - 1) / kThreadAlignment * kThreadAlignment;
  if (laneWorkspace > kMostBytes / problem.threads)
    return std::nullopt;
  largestWorkspace = std::max(largestWorkspace, laneWorkspace * problem.threads);
  std::optional<ArenaLayout> layout = layOutArena(buffers);
  if (!layout || layout->bytes > kMostBytes)
    return std::nullopt;
  offsets = std::move(layout->offsets);
  for (int64_t &offset : offsets)
    offset += largestWorkspace;
  auto extentsOf = [&](std::span<const IndexId> indices) {
    std::vector<int64_t> extents;
    for (IndexId index : indices)
      extents.push_back(network.extent(index));
    return extents;
  };
  for (NodeId leaf = 0; leaf < tree.numLeaves(); ++leaf)
    builder.addInput(problem.dtype, extentsOf(network.tensor(leaf)));
  builder.addOutput(problem.dtype, extentsOf(network.output()));
  if (needsOne) {
    const float single = 1;
    const double twice = 1;
    builder.addConstant(format.bytes == 4 ? static_cast<const void *>(&single) : &twice,
                        static_cast<uint64_t>(format.bytes));
  }
  builder.setWorkspaceBytes(largestWorkspace + layout->bytes);
  for (const Action &action : actions)
    emit(action);
  return ContractionSchedule{builder.finish(), std::move(kernels), operations};
}

std::optional<ContractionSchedule> quick::scheduleContraction(const Problem &problem,
                                                              const KernelSet &set) {
  std::optional<cpu::SumFormat> format = prebuiltSumFormat(problem.dtype);
  if (!format)
    return std::nullopt;
  return Scheduler(problem, set, *format).run();
}
