//===- TimePrediction.cpp - How long a whole tree takes -------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Searches price a step by its sizes. Of a tree that is finished more is known: the orders in which
// inputs and output lie in memory, which inputs are summed by themselves, and what slices cut out
// of them. Intermediates have the order that suits their steps, which rates are measured in.
//
//===----------------------------------------------------------------------===//
#include "SliceState.h"
#include "TimeCurves.h"

#include <algorithm>
#include <optional>

using namespace tenon::planner;

namespace {

/// Bytes that memory is read and written in.
constexpr double kLineBytes = 64;

/// Runs of as many elements are vectors, if short ones.
constexpr double kShortVector = 4;

/// Contractions of so many multiply-adds, or so many where vectors would be gathered, and those of
/// fewer than four vectors of results read their operands where they lie (chooseBlocking of
/// lib/KernelModel).
constexpr double kLog2PackedFrom = 15, kLog2GatheredTo = 12, kLog2LeastVectors = 2;

/// A dimension of a tensor in memory.
struct Dim {
  IndexId index;
  double extent;
  double stride; ///< in elements
};

bool contains(std::span<const IndexId> ascending, IndexId index) {
  return std::binary_search(ascending.begin(), ascending.end(), index);
}

} // namespace

namespace tenon::planner {

class TimePrediction {
public:
  TimePrediction(const TimeModel &model, const Network &network, const ContractionTree &tree,
                 std::span<const IndexId> sliced)
      : model(model), t(*model.tables), network(network), tree(tree), indices(network, tree),
        state(network, tree, memory), isSliced(network.numIndices(), false) {
    for (IndexId index : sliced) {
      state.slice(index);
      isSliced[index] = true;
    }
  }

  /// As TimeModel::predict.
  double seconds(double peakBytes, const std::vector<bool> &isComputed);
  /// Of a contraction of one operand, whose indices may be repeated.
  double single(std::span<const IndexId> operand, std::span<const IndexId> result) const;

private:
  /// The distinct indices of a row-major tensor, innermost first, without those of extent 1.
  std::vector<Dim> dimsOf(std::span<const IndexId> list) const;
  /// The dimensions of a leaf as steps read it: summed by itself beforehand, it has lost some.
  std::vector<IndexId> keptOf(NodeId leaf) const;
  /// Elements side by side: of the innermost dimensions that `belongs` holds for, up to the first
  /// sliced one.
  template <typename Predicate> double runOf(std::span<const Dim> dims, Predicate &&belongs) const {
    double run = 1;
    for (const Dim &dim : dims) {
      if (isSliced[dim.index] || !belongs(dim.index))
        break;
      run *= dim.extent;
    }
    return run;
  }
  /// How many bytes are moved for each that is used: of a line, a run beside a sliced dimension is
  /// a part.
  double linesPerRun(std::span<const Dim> dims) const;
  /// The same where nothing is sliced and an index may be a diagonal, which steps over what lies
  /// between the runs.
  double linesOfDiagonal(std::span<const Dim> dims) const;
  /// Seconds beyond those of the orders that rates were measured in, of an input and of the output.
  double readInOrder(size_t step, NodeId operand, std::span<const Dim> dims) const;
  double writtenInOrder(size_t step) const;
  /// Whether neither an operand and the result nor the operands lie side by side along a dimension.
  bool isGathered(size_t step) const;
  bool isPacked(size_t step) const;
  /// What lines take that are read for a part of them, beyond their traffic.
  double oneByOne(double bytes, double lines) const {
    return lines > 1 ? bytes * lines / kLineBytes * t.turns.apart : 0;
  }
  /// What reading an input from where it lies takes longer than from where one step's tensors lie.
  double readFromAfar(size_t step, NodeId operand, std::span<const Dim> dims) const;
  /// Seconds of a step by itself, once, apart from its arithmetic and the traffic of whole lines.
  double besidesSizes(size_t step) const;
  /// Adding a slice to the output: it is read as well.
  double addedToOutput(size_t step) const;
  /// Of the output: the zeros before the slices, and the sum of what the threads have.
  double aroundSlices() const;
  bool runsInSlices(size_t step) const { return isSlicedAtAll() && !isHoisted(step); }
  bool isHoisted(size_t step) const { return state.isHoisted(tree.resultOf(step)); }
  bool isSlicedAtAll() const { return !state.slicedIndices().empty(); }
  bool isRoot(size_t step) const { return tree.resultOf(step) == tree.root(); }
  double log2BytesOfStep(size_t step) const {
    StepSizes sizes = state.sizes(step);
    return t.add(t.add(sizes.lhs, sizes.rhs), sizes.result) + t.log2Bytes;
  }
  double bytesOf(NodeId node) const {
    return saturate(state.elements(node) * std::exp2(t.log2Bytes));
  }
  /// Beyond what is in the rates of a network of such extents already.
  double beyondTypical(const RunCost &cost, double run) const {
    return std::max(cost(run) - cost(t.typicalExtent), 0.0);
  }

  const TimeModel &model;
  const TimeModel::Tables &t;
  const Network &network;
  const ContractionTree &tree;
  const NodeIndices indices;
  const MemoryModel memory;
  SliceState state;
  std::vector<bool> isSliced;
  /// log2 of the bytes of all inputs, and of those that a slice reads of them.
  double log2Inputs = 0, log2InputsOfSlice = 0;
};

} // namespace tenon::planner

std::vector<Dim> TimePrediction::dimsOf(std::span<const IndexId> list) const {
  std::vector<Dim> dims;
  double stride = 1;
  for (size_t i = list.size(); i-- > 0;) {
    auto extent = static_cast<double>(network.extent(list[i]));
    if (extent == 1)
      continue;
    auto found = std::find_if(dims.begin(), dims.end(),
                              [&](const Dim &dim) { return dim.index == list[i]; });
    // A diagonal steps along several dimensions at once.
    if (found != dims.end())
      found->stride += stride;
    else
      dims.push_back({list[i], extent, stride});
    stride = saturate(stride * extent);
  }
  return dims;
}

std::vector<IndexId> TimePrediction::keptOf(NodeId leaf) const {
  std::vector<IndexId> kept;
  for (IndexId index : network.tensor(leaf))
    if (contains(indices[leaf], index) && std::find(kept.begin(), kept.end(), index) == kept.end())
      kept.push_back(index);
  return kept;
}

double TimePrediction::linesPerRun(std::span<const Dim> dims) const {
  double element = std::exp2(t.log2Bytes);
  double run = element;
  for (size_t i = 0; i < dims.size() && run < kLineBytes; ++i) {
    if (!isSliced[dims[i].index]) {
      run *= dims[i].extent;
      continue;
    }
    double span = run;
    for (; i < dims.size() && isSliced[dims[i].index]; ++i)
      span *= dims[i].extent;
    // Beyond the outermost dimension nothing follows.
    return i == dims.size() ? 1 : std::min(span, kLineBytes) / run;
  }
  return 1;
}

double TimePrediction::linesOfDiagonal(std::span<const Dim> dims) const {
  double run = 1;
  auto next = dims.begin();
  for (; next != dims.end() && next->stride == run; ++next)
    run = saturate(run * next->extent);
  if (next == dims.end())
    return 1;
  // The strides of a diagonal's dimensions are sums: the next one need not be the least.
  double step = next->stride;
  for (; next != dims.end(); ++next)
    step = std::min(step, next->stride);
  // Where runs begin and end has nothing to do with lines.
  double element = std::exp2(t.log2Bytes), bytes = run * element;
  if (!std::isfinite(bytes))
    return 1;
  return std::min(step * element, bytes + kLineBytes - element) / bytes;
}

double TimePrediction::single(std::span<const IndexId> operand,
                              std::span<const IndexId> result) const {
  std::vector<Dim> dims = dimsOf(operand), kept = dimsOf(result);
  auto isKept = [&](IndexId index) {
    return std::any_of(kept.begin(), kept.end(), [&](auto &dim) { return dim.index == index; });
  };
  auto log2Elements = [](std::span<const Dim> list) {
    double sum = 0;
    for (const Dim &dim : list)
      sum += std::log2(dim.extent);
    return sum;
  };
  double elements = log2Elements(dims), bytes = elements + t.log2Bytes;
  double lines = std::log2(linesOfDiagonal(dims));
  double written = log2Elements(kept) + t.log2Bytes, moved = log2Add(bytes + lines, written);
  double seconds = log2Add(bytes + lines - t.read.log2At(moved), written - t.written.log2At(moved));
  bool stepsByDiagonal =
      !dims.empty() && std::count(operand.begin(), operand.end(), dims.front().index) > 1;
  bool isSum =
      std::any_of(dims.begin(), dims.end(), [&](const Dim &dim) { return !isKept(dim.index); });
  if (isSum) {
    // Loops run in the order of the operand, the innermost one along its rows.
    IndexId innermost = dims.front().index;
    const RateCurve &rate = !isKept(innermost)                ? t.along
                            : kept.front().index == innermost ? t.across
                                                              : t.scattered;
    // What is added to one element, one after the other, is one row.
    double run = isKept(innermost) ? dims.front().extent
                                   : runOf(dims, [&](IndexId index) { return !isKept(index); });
    seconds = std::max(seconds, elements - rate.log2At(std::log2(run)));
  } else if (stepsByDiagonal) {
    // Position by position, as sums along rows are. Rows beside a diagonal are copied.
    seconds = std::max(seconds, elements - t.along.log2At(std::log2(dims.front().extent)));
  } else {
    // What follows one another in both tensors is one dimension.
    size_t pieces = 0;
    for (size_t i = 0; i < kept.size(); ++i) {
      auto from = std::find_if(dims.begin(), dims.end(),
                               [&](const Dim &dim) { return dim.index == kept[i].index; });
      bool follows = i > 0 && from != dims.begin() && (from - 1)->index == kept[i - 1].index;
      pieces += !follows;
    }
    bool isRowWise = !dims.empty() && dims.front().index == kept.front().index &&
                     dims.front().extent * std::exp2(t.log2Bytes) >= kLineBytes;
    if (pieces > 1 && !isRowWise) {
      double cut = t.cutWeight(elements / static_cast<double>(pieces));
      double rate = (1 - cut) * t.turned.log2At(bytes) + cut * t.shuffled.log2At(bytes);
      seconds = std::max(seconds, elements - rate);
    }
  }
  return saturate(std::exp2(log2Add(seconds, t.log2Call)));
}

double TimePrediction::readInOrder(size_t step, NodeId operand, std::span<const Dim> dims) const {
  if (dims.empty())
    return 0;
  auto [lhs, rhs] = tree.step(step);
  std::span<const IndexId> other = indices[operand == lhs ? rhs : lhs];
  std::span<const IndexId> result = indices[tree.resultOf(step)];
  enum class Role { Summed, Kept, Batch };
  auto roleOf = [&](IndexId index) {
    return !contains(result, index) ? Role::Summed
           : contains(other, index) ? Role::Batch
                                    : Role::Kept;
  };
  IndexId innermost = dims.front().index;
  Role role = roleOf(innermost);
  auto runOfRole = [&] { return runOf(dims, [&](IndexId i) { return roleOf(i) == role; }); };
  double each = 0;
  // The dimension that vectors of the output run along, if it is known and of this operand.
  std::vector<Dim> written;
  if (isRoot(step))
    written = dimsOf(network.output());
  bool givesLanes = !written.empty() && roleOf(written.front().index) == Role::Kept &&
                    contains(indices[operand], written.front().index);
  if (isSliced[innermost] || role == Role::Batch)
    each = beyondTypical(t.readRuns, 1);
  else if (role == Role::Summed && runOfRole() >= kShortVector)
    each = t.turns.summed;
  else if (role == Role::Kept && givesLanes && written.front().index != innermost &&
           runOfRole() >= kShortVector)
    each = t.turns.kept;
  else
    each = beyondTypical(t.readRuns, runOfRole());
  return state.elements(operand) * each;
}

bool TimePrediction::isPacked(size_t step) const {
  StepShape shape(state.sizes(step));
  return shape.isTiled() &&
         shape.m + shape.n + shape.k > (isGathered(step) ? kLog2GatheredTo : kLog2PackedFrom) &&
         shape.m + shape.n >= t.log2Columns + kLog2LeastVectors;
}

bool TimePrediction::isGathered(size_t step) const {
  // The dimension along which elements of a tensor lie side by side, if it is known; that of an
  // intermediate is the one that suits.
  struct Innermost {
    bool isKnown = false;
    std::optional<IndexId> index;
  };
  auto innermostOf = [&](std::span<const IndexId> list) {
    std::vector<Dim> dims = dimsOf(list);
    Innermost result{!dims.empty(), {}};
    if (!dims.empty() && !isSliced[dims.front().index])
      result.index = dims.front().index;
    return result;
  };
  Innermost operands[2], result;
  NodeId nodes[] = {tree.step(step).lhs, tree.step(step).rhs};
  for (size_t i = 0; i < 2; ++i)
    if (tree.isLeaf(nodes[i]))
      operands[i] = innermostOf(keptOf(nodes[i]));
  if (isRoot(step))
    result = innermostOf(network.output());
  auto isSame = [](const Innermost &a, const Innermost &b) {
    return !a.isKnown || !b.isKnown || (a.index && a.index == b.index);
  };
  std::span<const IndexId> kept = indices[tree.resultOf(step)];
  bool areDots = isSame(operands[0], operands[1]);
  for (const Innermost &operand : operands)
    areDots &= !operand.isKnown || (operand.index && !contains(kept, *operand.index));
  // Vectors of the result are made of vectors of those operands that have its innermost dimension;
  // where it is not known, that of the larger one.
  bool areRows = true;
  if (!result.isKnown) {
    const Innermost &larger = operands[state.elements(nodes[1]) > state.elements(nodes[0])];
    areRows = !larger.isKnown || (larger.index && contains(kept, *larger.index));
  }
  for (size_t i = 0; i < 2 && result.isKnown; ++i)
    areRows &= result.index &&
               (!contains(indices[nodes[i]], *result.index) || isSame(operands[i], result));
  return !areDots && !areRows;
}

double TimePrediction::writtenInOrder(size_t step) const {
  std::vector<Dim> dims = dimsOf(network.output());
  if (dims.empty())
    return 0;
  auto [lhs, rhs] = tree.step(step);
  auto holders = [&](IndexId index) {
    return std::pair(contains(indices[lhs], index), contains(indices[rhs], index));
  };
  auto owner = holders(dims.front().index);
  double run = runOf(dims, [&](IndexId index) { return holders(index) == owner; });
  return state.elements(tree.root()) * beyondTypical(t.writtenRuns, run);
}

double TimePrediction::readFromAfar(size_t step, NodeId operand, std::span<const Dim> dims) const {
  // What every slice reads stays where one slice's inputs fit; what a slice has of an input comes
  // from where the whole of it is.
  bool isAgain = runsInSlices(step) && state.isHoisted(operand);
  double afar = t.read.log2At(isAgain ? log2InputsOfSlice : log2Inputs);
  double near = t.read.log2At(log2BytesOfStep(step)), bytes = bytesOf(operand);
  double lines = linesPerRun(dims);
  return std::max(bytes * lines / std::exp2(afar) - bytes / std::exp2(near), 0.0) +
         oneByOne(bytes, lines);
}

double TimePrediction::besidesSizes(size_t step) const {
  bool packs = isPacked(step);
  double seconds =
      packs || !isGathered(step) ? 0 : std::exp2(state.sizes(step).ops) * t.turns.gathered;
  for (NodeId operand : {tree.step(step).lhs, tree.step(step).rhs})
    if (tree.isLeaf(operand)) {
      std::vector<Dim> dims = dimsOf(keptOf(operand));
      seconds += (packs ? readInOrder(step, operand, dims) : 0) + readFromAfar(step, operand, dims);
    }
  if (isRoot(step) && packs)
    seconds += writtenInOrder(step);
  if (isRoot(step) && runsInSlices(step))
    seconds += addedToOutput(step);
  return saturate(seconds);
}

double TimePrediction::addedToOutput(size_t step) const {
  double lines = linesPerRun(dimsOf(network.output())), bytes = bytesOf(tree.root());
  double read = std::exp2(t.read.log2At(log2BytesOfStep(step)));
  double written = std::exp2(t.written.log2At(log2BytesOfStep(step)));
  // The lines that are written whole are in the sizes of the step.
  return bytes * lines / read + bytes * (lines - 1) / written + oneByOne(bytes, lines);
}

double TimePrediction::aroundSlices() const {
  double bytes = std::exp2(t.log2Bytes);
  for (IndexId index : network.output())
    bytes = saturate(bytes * static_cast<double>(network.extent(index)));
  double written = bytes / std::exp2(t.written.log2At(std::log2(bytes)));
  double sets = std::min(static_cast<double>(t.threads.count), state.slices());
  if (sets < 2)
    return written;
  // Every thread clears its own, side by side; then all are read and added to one.
  return written / t.threads.memory * sets + written +
         sets * bytes / std::exp2(t.read.log2At(std::log2(sets * bytes)));
}

double TimePrediction::seconds(double peakBytes, const std::vector<bool> &isComputed) {
  auto isDone = [&](size_t step) { return isComputed.empty() || isComputed[step]; };
  Log2Sum inputs, inputsOfSlice;
  for (NodeId leaf = 0; leaf < tree.numLeaves(); ++leaf) {
    double log2 = t.log2Bytes;
    for (IndexId index : network.tensor(leaf))
      log2 += std::log2(static_cast<double>(network.extent(index)));
    inputs.add(log2);
    inputsOfSlice.add(std::log2(bytesOf(leaf)));
  }
  log2Inputs = inputs.log2();
  log2InputsOfSlice = inputsOfSlice.log2();

  double once = 0, inSlices = isSlicedAtAll() ? t.slice : 0;
  bool addsSlices = false;
  for (size_t step = 0; step < tree.numSteps(); ++step) {
    if (!isDone(step))
      continue;
    for (NodeId operand : {tree.step(step).lhs, tree.step(step).rhs})
      if (tree.isLeaf(operand) && network.tensor(operand).size() != indices[operand].size())
        once += single(network.tensor(operand), keptOf(operand));
    StepSizes sizes = state.sizes(step);
    bool isShared = !runsInSlices(step) && sizes.ops >= t.log2SharedFrom;
    double taken = std::exp2(model.log2Seconds(sizes, isShared)) +
                   besidesSizes(step) / (isShared ? t.threads.split : 1);
    (runsInSlices(step) ? inSlices : once) += taken;
    addsSlices |= isRoot(step) && runsInSlices(step);
  }
  if (addsSlices)
    once += aroundSlices();
  // In the last round some threads may have no slice to run; the others do not wait for memory
  // then, which is left out.
  double rounds = std::ceil(state.slices() / t.threads.count);
  double slices = rounds * t.threads.count / t.threads.slices;
  double fresh = peakBytes > t.keptBytes ? peakBytes * t.page : 0;
  return saturate(saturate(once) + saturate(slices * saturate(inSlices)) + fresh);
}

double TimeModel::predict(const Network &network, const ContractionTree &tree,
                          std::span<const IndexId> sliced, double peakBytes,
                          const std::vector<bool> &isComputed) const {
  for (NodeId tensor = 0; tensor < network.numTensors(); ++tensor)
    for (IndexId index : network.tensor(tensor))
      if (network.extent(index) == 0)
        return 0;
  if (!isComputed.empty() && std::count(isComputed.begin(), isComputed.end(), true) == 0)
    return 0;
  TimePrediction prediction(*this, network, tree, sliced);
  if (tree.numSteps() == 0)
    return prediction.single(network.tensor(0), network.output());
  return prediction.seconds(peakBytes, isComputed);
}
