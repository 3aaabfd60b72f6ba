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
//   * A diagonal is copied together, position by position, by a loop: the stride of a view comes
//     from one dimension of an argument only.
//   * A network of one operand ends with a copy, if nothing is summed.
//
//===----------------------------------------------------------------------===//
#include "tenon/QuickStart/ContractionSchedule.h"

#include "StoredOrders.h"

#include "tenon/Codegen/CPU/ContractionShape.h"
#include "tenon/Codegen/Common/ArenaLayout.h"
#include "tenon/KernelModel/Split.h"

#include "tenon-runtime/ScheduleBuilder.h"

#include <algorithm>

using namespace tenon;
using namespace tenon::quick;
using namespace tenon::runtime;
using planner::IndexId;
using planner::NodeId;

namespace {
/// More bytes than that are no array: sums of them stay below 2^63.
constexpr int64_t kMostBytes = int64_t(1) << 60;
constexpr int32_t kNoBuffer = -1;

/// A strided array, before the arena has a layout.
struct Tensor {
  std::vector<IndexId> indices; ///< of each dimension; different ones
  ViewSpec view;                ///< of an arena buffer: offsets count from the buffer's start
  std::vector<int64_t> strides; ///< to plan with: a caller's array is taken to be row-major
  int32_t buffer = kNoBuffer;   ///< number of the arena buffer
};

struct CopyLoops {
  std::vector<int64_t> extents; ///< outermost first
  ViewSpec from, to;            ///< terms name loops by their place in `extents`
  int32_t fromBuffer, toBuffer;
};

struct Call {
  KernelFunction kernel;
  ViewSpec a, b, c;
  int32_t bufferA, bufferB, bufferC;
  int64_t workspaceBytes;
  std::vector<LoopDim> rows;
  cpu::CallSplit split;
  cpu::CacheBlocks blocks;
};

/// One of both.
struct Action {
  bool isCall;
  size_t number;
};

class Scheduler {
public:
  Scheduler(const Problem &problem, const KernelSet &set, cpu::SumFormat format)
      : problem(problem), network(problem.network), tree(problem.tree), set(set), format(format),
        nodeIndices(network, tree),
        order(chooseStoredOrders(network, tree, nodeIndices, format, set.processor)) {}

  std::optional<ContractionSchedule> run();

private:
  // First pass.
  Tensor argument(Base base, int32_t number, std::vector<IndexId> indices) const;
  std::optional<Tensor> temporary(std::vector<IndexId> indices);
  Tensor result() const {
    return argument(Base::Output, 0, {network.output().begin(), network.output().end()});
  }
  /// The type of an element's parts.
  tenon_dtype realType() const { return format.bytes == 4 ? TENON_F32 : TENON_F64; }
  Tensor one() const;
  Tensor asReals(Tensor tensor) const;
  std::optional<Tensor> readLeaf(NodeId leaf);
  std::optional<Tensor> takeDiagonal(NodeId leaf);
  bool sum(const Tensor &from, const Tensor &to);
  bool contract(const Tensor &a, const Tensor &b, const Tensor &c, tenon_dtype dtype,
                cpu::SumFormat sums);
  void copy(const Tensor &from, const Tensor &to);
  bool finishSingle();
  int32_t addBuffer(int64_t bytes);
  void use(int32_t buffer) {
    if (buffer != kNoBuffer)
      buffers[static_cast<size_t>(buffer)].last = now();
  }
  int64_t now() const { return static_cast<int64_t>(actions.size()); }

  // Second pass.
  int32_t place(ViewSpec view, int32_t buffer);
  void emit(const CopyLoops &loops);
  void emit(const Call &call);
  int32_t kernelNumber(KernelFunction kernel);

  const Problem &problem;
  const planner::Network &network;
  const planner::ContractionTree &tree;
  const KernelSet &set;
  const cpu::SumFormat format;
  planner::NodeIndices nodeIndices;
  std::vector<std::vector<IndexId>> order;
  std::vector<Tensor> values; ///< of the nodes, as they are made

  std::vector<Action> actions;
  std::vector<CopyLoops> copies;
  std::vector<Call> calls;
  std::vector<BufferLife> buffers;
  std::vector<int64_t> offsets;
  /// Of all calls: they share the start of the arena, which stays in the cache so.
  int64_t largestWorkspace = 0;
  bool needsOne = false;
  double operations = 0;

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
    tensor.view.dims.push_back({network.extent(indices[dim]), 1, static_cast<int32_t>(dim), 0});
  tensor.indices = std::move(indices);
  return tensor;
}

int32_t Scheduler::addBuffer(int64_t bytes) {
  buffers.push_back({bytes, now(), now()});
  return static_cast<int32_t>(buffers.size() - 1);
}

std::optional<Tensor> Scheduler::temporary(std::vector<IndexId> indices) {
  if (indices.size() > kMaxRank)
    return std::nullopt;
  std::vector<int64_t> extents;
  // An extent of 0 makes the product 0, however large the others are.
  __int128 bytes = format.elementBytes();
  bool isEmpty = false;
  for (IndexId index : indices) {
    extents.push_back(network.extent(index));
    isEmpty |= extents.back() == 0;
    bytes *= std::max<int64_t>(1, extents.back());
    if (bytes > kMostBytes)
      return std::nullopt;
  }
  Tensor tensor;
  tensor.view = ScheduleBuilder::arenaView(problem.dtype, extents, 0);
  for (const ViewDim &dim : tensor.view.dims)
    tensor.strides.push_back(dim.factor);
  tensor.indices = std::move(indices);
  tensor.buffer = addBuffer(isEmpty ? 0 : static_cast<int64_t>(bytes));
  return tensor;
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
  tensor.view.dims.push_back({format.parts, 1, -1, 0});
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
  const Tensor *operands[3] = {&a, &b, &c};
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
  Call call;
  constexpr Group groups[4] = {Group::Batch, Group::M, Group::N, Group::K};
  constexpr Shape::Group shapeGroups[4] = {Shape::Batch, Shape::M, Shape::N, Shape::K};
  for (size_t group = 0; group < 4; ++group)
    for (const cpu::ContractionDim &dim : ordered.shape[shapeGroups[group]]) {
      const Place &place = places[static_cast<IndexId>(dim.index)];
      call.rows.push_back(
          {groups[group], place.dims[first], place.dims[1 - first], place.dims[2], dim.extent});
    }
  for (const Tensor *operand : operands)
    for (IndexId index : operand->indices)
      places[index] = Place();

  Shape merged = cpu::mergeShape(ordered.shape);
  cpu::ContractionSizes sizes = merged.sizesOfCalls(static_cast<int64_t>(call.rows.size()));
  operations += double(sizes.m) * double(sizes.n) * double(sizes.k) * double(sizes.batch);
  cpu::Blocking blocking = cpu::chooseBlocking(sums, sizes, set.processor);
  call.kernel = set.find({dtype, blocking});
  if (!call.kernel)
    return false;
  call.blocks = blocking;
  call.split = cpu::chooseSplit(blocking, sizes, problem.threads);
  __int128 bytes = __int128(cpu::workspaceBytes(blocking, sums, sizes)) * call.split.ways;
  if (bytes > kMostBytes)
    return false;
  call.workspaceBytes = static_cast<int64_t>(bytes);
  largestWorkspace = std::max(largestWorkspace, call.workspaceBytes);
  const Tensor &lhs = *operands[first], &rhs = *operands[1 - first];
  call.a = lhs.view;
  call.b = rhs.view;
  call.c = c.view;
  call.bufferA = lhs.buffer;
  call.bufferB = rhs.buffer;
  call.bufferC = c.buffer;
  for (int32_t buffer : {call.bufferA, call.bufferB, call.bufferC})
    use(buffer);
  actions.push_back({true, calls.size()});
  calls.push_back(std::move(call));
  return true;
}

/// Adds up `from` over the indices that `to` lacks.
bool Scheduler::sum(const Tensor &from, const Tensor &to) {
  needsOne = true;
  return contract(asReals(from), one(), asReals(to), realType(), {1, format.bytes});
}

void Scheduler::copy(const Tensor &from, const Tensor &to) {
  CopyLoops step{{}, from.view, to.view, from.buffer, to.buffer};
  step.from.dims.clear();
  for (IndexId index : to.indices) {
    auto it = std::find(from.indices.begin(), from.indices.end(), index);
    step.from.dims.push_back(from.view.dims[static_cast<size_t>(it - from.indices.begin())]);
  }
  use(from.buffer);
  use(to.buffer);
  actions.push_back({false, copies.size()});
  copies.push_back(std::move(step));
}

/// A leaf's tensor with each index once.
std::optional<Tensor> Scheduler::takeDiagonal(NodeId leaf) {
  std::span<const IndexId> all = network.tensor(leaf);
  std::vector<IndexId> indices;
  std::vector<std::vector<int32_t>> dims; // of the operand, for each of them
  for (size_t dim = 0; dim < all.size(); ++dim) {
    size_t known =
        static_cast<size_t>(std::find(indices.begin(), indices.end(), all[dim]) - indices.begin());
    if (known == indices.size()) {
      indices.push_back(all[dim]);
      dims.emplace_back();
    }
    dims[known].push_back(static_cast<int32_t>(dim));
  }
  if (indices.size() == all.size())
    return argument(Base::Input, static_cast<int32_t>(leaf), std::move(indices));

  std::optional<Tensor> diagonal = temporary(std::move(indices));
  if (!diagonal)
    return std::nullopt;
  CopyLoops step{{}, {}, diagonal->view, kNoBuffer, diagonal->buffer};
  step.from.base = Base::Input;
  step.from.baseIndex = static_cast<int32_t>(leaf);
  step.from.dtype = problem.dtype;
  step.to.dims.clear();
  for (size_t i = 0; i < dims.size(); ++i) {
    const ViewDim &target = diagonal->view.dims[i];
    if (dims[i].size() == 1) {
      step.from.dims.push_back({target.extent, 1, dims[i].front(), 0});
      step.to.dims.push_back(target);
      continue;
    }
    auto loop = static_cast<int32_t>(step.extents.size());
    step.extents.push_back(target.extent);
    for (int32_t dim : dims[i])
      step.from.terms.push_back({1, loop, dim});
    step.to.terms.push_back({target.factor, loop, -1});
  }
  use(diagonal->buffer);
  actions.push_back({false, copies.size()});
  copies.push_back(std::move(step));
  return diagonal;
}

/// A leaf as the steps take it: without repeated indices and without those that nobody else has.
std::optional<Tensor> Scheduler::readLeaf(NodeId leaf) {
  std::optional<Tensor> tensor = takeDiagonal(leaf);
  if (!tensor || !nodeIndices.leafIsSummed(leaf))
    return tensor;
  std::vector<IndexId> kept;
  std::span<const IndexId> wanted = nodeIndices[leaf];
  for (IndexId index : tensor->indices)
    if (std::binary_search(wanted.begin(), wanted.end(), index))
      kept.push_back(index);
  std::optional<Tensor> summed = temporary(std::move(kept));
  if (!summed || !sum(*tensor, *summed))
    return std::nullopt;
  return summed;
}

/// A network of one operand.
bool Scheduler::finishSingle() {
  std::optional<Tensor> tensor = takeDiagonal(0);
  if (!tensor)
    return false;
  if (nodeIndices.leafIsSummed(0))
    return sum(*tensor, result());
  copy(*tensor, result());
  operations = 1;
  for (IndexId index : network.output())
    operations *= double(network.extent(index));
  return true;
}

//===----------------------------------------------------------------------===//
// The table
//===----------------------------------------------------------------------===//

int32_t Scheduler::place(ViewSpec view, int32_t buffer) {
  if (buffer != kNoBuffer)
    view.byteOffset += offsets[static_cast<size_t>(buffer)];
  return builder.addView(view);
}

void Scheduler::emit(const CopyLoops &loops) {
  int32_t first = 0;
  for (size_t i = 0; i < loops.extents.size(); ++i) {
    int32_t counter = builder.beginLoop(loops.extents[i]);
    if (i == 0)
      first = counter;
  }
  auto counting = [first](ViewSpec view) {
    for (OffsetTerm &term : view.terms)
      term.loop += first;
    return view;
  };
  builder.copy(place(counting(loops.from), loops.fromBuffer),
               place(counting(loops.to), loops.toBuffer));
  for (size_t i = 0; i < loops.extents.size(); ++i)
    builder.endLoop();
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
  spec.a = place(call.a, call.bufferA);
  spec.b = place(call.b, call.bufferB);
  spec.c = place(call.c, call.bufferC);
  spec.workspace = builder.addView(ScheduleBuilder::workspaceView(call.workspaceBytes, 0));
  spec.loopDims = call.rows;
  spec.blocks[0] = call.blocks.mc;
  spec.blocks[1] = call.blocks.nc;
  spec.blocks[2] = call.blocks.kc;
  spec.ways = static_cast<int32_t>(call.split.ways);
  spec.splitGroup = splitGroups[call.split.group];
  spec.splitGrain = call.split.grain;
  builder.callContraction(spec);
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
  for (size_t step = 0; step < tree.numSteps(); ++step) {
    auto [lhs, rhs] = tree.step(step);
    for (NodeId operand : {lhs, rhs})
      if (tree.isLeaf(operand)) {
        std::optional<Tensor> tensor = readLeaf(operand);
        if (!tensor)
          return std::nullopt;
        values[operand] = std::move(*tensor);
      }
    NodeId node = tree.resultOf(step);
    std::optional<Tensor> made = node == tree.root() ? result() : temporary(std::move(order[node]));
    if (!made || !contract(values[lhs], values[rhs], *made, problem.dtype, format))
      return std::nullopt;
    values[node] = std::move(*made);
    values[lhs] = values[rhs] = Tensor();
  }

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
    action.isCall ? emit(calls[action.number]) : emit(copies[action.number]);
  return ContractionSchedule{builder.finish(), std::move(kernels), operations};
}

std::optional<ContractionSchedule> quick::scheduleContraction(const Problem &problem,
                                                              const KernelSet &set) {
  std::optional<cpu::SumFormat> format = prebuiltSumFormat(problem.dtype);
  if (!format)
    return std::nullopt;
  return Scheduler(problem, set, *format).run();
}
