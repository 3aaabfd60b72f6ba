//===- ContractionScheduleTest.cpp - Tables made without a compiler -------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Random networks with every kind of index, run and compared with the definition. Values are small
// integers, so that every order of sums is exact in every type.
//
//===----------------------------------------------------------------------===//
#include "tenon/QuickStart/ContractionSchedule.h"
#include "tenon/QuickStart/QuickNetwork.h"

#include "ScheduleImage.h"
#include "tenon-runtime/Entry.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <complex>
#include <cstring>
#include <memory>
#include <random>

using namespace tenon;
using namespace tenon::quick;
using planner::IndexId;
using planner::NodeId;

namespace {
using Complex = std::complex<double>;

struct ContextDeleter {
  void operator()(tenon_context *context) const { tenon_context_destroy(context); }
};
struct NetworkDeleter {
  void operator()(tenon_rt_network *network) const { tenon_rt_network_destroy(network); }
};

/// An array with room around it and strides of any order and sign.
struct Array {
  std::vector<int64_t> extents, strides;
  std::vector<char> memory;
  int64_t origin = 0; ///< bytes
  tenon_dtype dtype;

  Array(tenon_dtype dtype, std::vector<int64_t> shape, std::mt19937 *random)
      : extents(std::move(shape)), strides(extents.size()), dtype(dtype) {
    std::vector<size_t> order(extents.size());
    for (size_t i = 0; i < order.size(); ++i)
      order[i] = order.size() - 1 - i;
    if (random)
      std::shuffle(order.begin(), order.end(), *random);
    int64_t stride = 1, low = 0;
    for (size_t dim : order) {
      if (random && (*random)() % 4 == 0)
        stride *= 2;
      bool isReversed = random && (*random)() % 4 == 0;
      strides[dim] = isReversed ? -stride : stride;
      if (isReversed && extents[dim] > 0)
        low += stride * (extents[dim] - 1);
      stride *= std::max<int64_t>(1, extents[dim]);
    }
    memory.assign(static_cast<size_t>((stride + 1) * bytes()), 0x5a);
    origin = low * bytes();
  }

  int64_t bytes() const {
    switch (dtype) {
    case TENON_F32:
      return 4;
    case TENON_F64:
    case TENON_C64:
      return 8;
    default:
      return 16;
    }
  }
  tenon_tensor tensor() {
    return {memory.data() + origin, dtype, static_cast<int32_t>(extents.size()), extents.data(),
            strides.data()};
  }
  char *at(const std::vector<int64_t> &position) {
    int64_t offset = 0;
    for (size_t dim = 0; dim < position.size(); ++dim)
      offset += position[dim] * strides[dim];
    return memory.data() + origin + offset * bytes();
  }
  void set(const std::vector<int64_t> &position, Complex value) {
    char *place = at(position);
    if (dtype == TENON_F32)
      store(place, static_cast<float>(value.real()));
    else if (dtype == TENON_F64)
      store(place, value.real());
    else if (dtype == TENON_C64)
      store(place, std::complex<float>(value));
    else
      store(place, value);
  }
  Complex get(const std::vector<int64_t> &position) {
    char *place = at(position);
    if (dtype == TENON_F32)
      return load<float>(place);
    if (dtype == TENON_F64)
      return load<double>(place);
    if (dtype == TENON_C64)
      return Complex(load<std::complex<float>>(place));
    return load<Complex>(place);
  }
  template <typename T> static void store(char *place, T value) {
    std::memcpy(place, &value, sizeof(value));
  }
  template <typename T> static T load(const char *place) {
    T value;
    std::memcpy(&value, place, sizeof(value));
    return value;
  }
};

std::vector<int64_t> extentsOf(const planner::Network &network, std::span<const IndexId> indices) {
  std::vector<int64_t> extents;
  for (IndexId index : indices)
    extents.push_back(network.extent(index));
  return extents;
}

/// Calls `visit` for every position in an array of these extents.
template <typename Visit>
void forEachPosition(const std::vector<int64_t> &extents, const Visit &visit) {
  if (std::find(extents.begin(), extents.end(), 0) != extents.end())
    return;
  std::vector<int64_t> position(extents.size(), 0);
  for (;;) {
    visit(position);
    size_t dim = extents.size();
    while (dim > 0 && ++position[dim - 1] == extents[dim - 1])
      position[--dim] = 0;
    if (dim == 0)
      return;
  }
}

/// The result by the definition, row-major.
std::vector<Complex> evaluate(const planner::Network &network, std::vector<Array> &operands) {
  // An index that no tensor has is no part of the network.
  std::vector<int64_t> all(network.numIndices(), 1), shape = extentsOf(network, network.output());
  for (NodeId t = 0; t < network.numTensors(); ++t)
    for (IndexId index : network.tensor(t))
      all[index] = network.extent(index);
  int64_t size = 1;
  for (int64_t extent : shape)
    size *= extent;
  std::vector<Complex> result(static_cast<size_t>(size));
  forEachPosition(all, [&](const std::vector<int64_t> &values) {
    auto select = [&](std::span<const IndexId> indices) {
      std::vector<int64_t> position;
      for (IndexId index : indices)
        position.push_back(values[index]);
      return position;
    };
    Complex product = 1;
    for (NodeId t = 0; t < network.numTensors(); ++t)
      product *= operands[t].get(select(network.tensor(t)));
    int64_t place = 0;
    for (IndexId index : network.output())
      place = place * network.extent(index) + values[index];
    result[static_cast<size_t>(place)] += product;
  });
  return result;
}

planner::ContractionTree randomTree(NodeId leaves, std::mt19937 &random) {
  std::vector<NodeId> alive;
  for (NodeId leaf = 0; leaf < leaves; ++leaf)
    alive.push_back(leaf);
  std::vector<planner::Step> steps;
  while (alive.size() > 1) {
    std::shuffle(alive.begin(), alive.end(), random);
    steps.push_back({alive[0], alive[1]});
    alive.erase(alive.begin(), alive.begin() + 2);
    alive.push_back(leaves + static_cast<NodeId>(steps.size()) - 1);
  }
  return {leaves, std::move(steps)};
}

planner::Network randomNetwork(NodeId tensors, int maxExtent, std::mt19937 &random) {
  planner::Network network(16);
  IndexId indices = 1 + random() % (tensors + 3);
  for (IndexId index = 0; index < indices; ++index)
    network.addIndex(random() % 40 == 0 ? 0 : 1 + random() % static_cast<unsigned>(maxExtent));
  std::vector<bool> used(indices, false);
  for (NodeId t = 0; t < tensors; ++t) {
    std::vector<IndexId> list;
    for (unsigned rank = random() % 5; rank > 0; --rank)
      list.push_back(static_cast<IndexId>(random() % indices)); // may repeat
    for (IndexId index : list)
      used[index] = true;
    network.addTensor(list);
  }
  std::vector<IndexId> output;
  for (IndexId index = 0; index < indices; ++index)
    if (used[index] && random() % 3 == 0)
      output.push_back(index);
  std::shuffle(output.begin(), output.end(), random);
  network.setOutput(output);
  return network;
}

/// A copy of a table where it can be read.
struct AlignedTable {
  std::unique_ptr<char, decltype(&std::free)> memory;
  runtime::ScheduleImage image;

  explicit AlignedTable(const std::vector<char> &table)
      : memory(static_cast<char *>(std::aligned_alloc(64, (table.size() + 63) / 64 * 64)),
               &std::free),
        image(memory.get()) {
    std::memcpy(memory.get(), table.data(), table.size());
  }
};

/// Bytes of the arena that a step touches, from its views at the first iteration of all loops to
/// the last element at the last one.
struct Span {
  int64_t begin, end;
  bool meets(const Span &other) const { return begin < other.end && other.begin < end; }
};

/// What the steps of a table read and write in the arena: no step may write over what an earlier
/// one wrote for a later one.
void expectBuffersKept(const std::vector<char> &table) {
  AlignedTable aligned(table);
  const runtime::ScheduleImage &image = aligned.image;
  std::vector<int64_t> loopExtent;
  for (const runtime::Step &step : image.steps())
    if (step.kind == runtime::StepKind::LoopBegin ||
        step.kind == runtime::StepKind::ParallelBegin) {
      loopExtent.resize(std::max<size_t>(loopExtent.size(), static_cast<size_t>(step.loop) + 1));
      loopExtent[static_cast<size_t>(step.loop)] = step.extent;
    }
  auto spanOf = [&](int32_t number) -> std::optional<Span> {
    const runtime::View &view = image.views()[static_cast<size_t>(number)];
    int64_t bytes = view.dtype == TENON_C128                             ? 16
                    : view.dtype == TENON_I8                             ? 1
                    : view.dtype == TENON_F64 || view.dtype == TENON_C64 ? 8
                                                                         : 4;
    if (view.base != runtime::Base::Arena)
      return std::nullopt;
    int64_t last = 1;
    for (const runtime::ViewDim &dim : image.dims(view)) {
      if (dim.extent == 0)
        return std::nullopt;
      last += dim.factor * (dim.extent - 1);
    }
    for (const runtime::OffsetTerm &term : image.terms(view))
      last += term.factor * (loopExtent[static_cast<size_t>(term.loop)] - 1);
    return Span{view.byteOffset, view.byteOffset + last * bytes};
  };
  struct Access {
    std::vector<Span> reads, writes;
  };
  std::vector<Access> accesses;
  for (const runtime::Step &step : image.steps()) {
    Access access;
    auto views = image.operands(step);
    bool isCall = step.kind == runtime::StepKind::CallContraction;
    if (!isCall && step.kind != runtime::StepKind::Copy)
      continue;
    for (size_t i = 0; i < views.size(); ++i)
      if (std::optional<Span> span = spanOf(views[i]))
        (i < (isCall ? 2u : 1u) ? access.reads : access.writes).push_back(*span);
    for (size_t i = 0; i < access.writes.size(); ++i) {
      for (size_t j = 0; j < i; ++j)
        EXPECT_FALSE(access.writes[i].meets(access.writes[j])) << "a result lies in the workspace";
      for (const Span &read : access.reads)
        EXPECT_FALSE(access.writes[i].meets(read)) << "a step writes what it reads";
    }
    accesses.push_back(std::move(access));
  }
  // Each read sees the whole of what was last written there.
  for (size_t reader = 0; reader < accesses.size(); ++reader)
    for (const Span &read : accesses[reader].reads) {
      bool isFound = false;
      for (size_t writer = reader; writer-- > 0 && !isFound;)
        for (const Span &write : accesses[writer].writes)
          if (write.meets(read)) {
            isFound = true;
            EXPECT_EQ(write.begin, read.begin) << "overwritten before step " << reader;
            EXPECT_EQ(write.end, read.end) << "overwritten before step " << reader;
          }
      EXPECT_TRUE(isFound) << "step " << reader << " reads what nobody wrote";
    }
}

void expectRight(const planner::Network &network, const planner::ContractionTree &tree,
                 tenon_dtype dtype, const KernelSet &set, int32_t threads, std::mt19937 &random) {
  Problem problem{network, tree, dtype, threads, threads};
  std::optional<ContractionSchedule> schedule = scheduleContraction(problem, set);
  ASSERT_TRUE(schedule);
  expectBuffersKept(schedule->table);
  std::vector<void *> kernels;
  for (KernelFunction kernel : schedule->kernels)
    kernels.push_back(reinterpret_cast<void *>(kernel));
  char message[512] = "";
  std::unique_ptr<tenon_rt_network, NetworkDeleter> loaded(
      tenon_rt_load(schedule->table.data(), schedule->table.size(), kernels.data(),
                    static_cast<int64_t>(kernels.size()), nullptr, message, sizeof(message)));
  ASSERT_TRUE(loaded) << message;

  bool isComplex = dtype == TENON_C64 || dtype == TENON_C128;
  std::vector<Array> operands;
  for (NodeId t = 0; t < network.numTensors(); ++t) {
    operands.emplace_back(dtype, extentsOf(network, network.tensor(t)), &random);
    forEachPosition(operands.back().extents, [&](const std::vector<int64_t> &position) {
      auto part = [&] { return double(int(random() % 5) - 2); };
      double real = part();
      operands.back().set(position, {real, isComplex ? part() : 0});
    });
  }
  std::vector<Complex> expected = evaluate(network, operands);
  Array result(dtype, extentsOf(network, network.output()), &random);
  std::vector<tenon_tensor> inputs;
  for (Array &operand : operands)
    inputs.push_back(operand.tensor());
  tenon_tensor output = result.tensor();
  std::unique_ptr<tenon_context, ContextDeleter> context(tenon_context_create(threads));
  ASSERT_EQ(tenon_rt_network_run(loaded.get(), context.get(), inputs.data(),
                                 static_cast<int64_t>(inputs.size()), &output, 1, nullptr, 0),
            TENON_OK)
      << tenon_context_error(context.get());
  size_t next = 0;
  forEachPosition(result.extents, [&](const std::vector<int64_t> &position) {
    EXPECT_EQ(result.get(position), expected[next]) << "element " << next;
    ++next;
  });
}

/// The sets that this processor can run.
std::vector<const KernelSet *> usableSets() {
  std::vector<const KernelSet *> sets;
  if (const KernelSet *host = hostKernelSet())
    for (const KernelSet *set : allKernelSets())
      if (set->processor.vectorBits <= host->processor.vectorBits)
        sets.push_back(set);
  return sets;
}

TEST(ContractionSchedule, RandomNetworksAreWhatTheirDefinitionSays) {
  std::mt19937 random(7);
  for (const KernelSet *set : usableSets())
    for (tenon_dtype dtype : {TENON_F32, TENON_F64, TENON_C64, TENON_C128})
      for (int round = 0; round < 150; ++round) {
        auto tensors = static_cast<NodeId>(1 + random() % 6);
        planner::Network network = randomNetwork(tensors, 3, random);
        SCOPED_TRACE(testing::Message() << set->name << ", dtype " << dtype << ", round " << round);
        expectRight(network, randomTree(tensors, random), dtype, *set, 1 + round % 2, random);
        if (testing::Test::HasFailure())
          return;
      }
}

TEST(ContractionSchedule, LargeStepsAreSharedByThreads) {
  std::mt19937 random(3);
  for (const KernelSet *set : usableSets())
    for (int32_t threads : {1, 2, 5}) {
      planner::Network network(4);
      for (int64_t extent : {3, 67, 91, 53})
        network.addIndex(extent);
      network.addTensor({0, 1, 2});
      network.addTensor({2, 3});
      network.setOutput({3, 0, 1});
      SCOPED_TRACE(testing::Message() << set->name << ", threads " << threads);
      planner::ContractionTree tree(2, {{0, 1}});
      expectRight(network, tree, TENON_F32, *set, threads, random);
      std::optional<ContractionSchedule> schedule =
          scheduleContraction({network, tree, TENON_F32, threads, threads}, *set);
      EXPECT_EQ(schedule->operations, 3. * 67 * 91 * 53);
    }
}

/// Points of a group of the first contraction in a table.
int64_t pointsOf(const ContractionSchedule &schedule, runtime::Group group) {
  AlignedTable aligned(schedule.table);
  const runtime::ScheduleImage &image = aligned.image;
  auto step =
      std::ranges::find(image.steps(), runtime::StepKind::CallContraction, &runtime::Step::kind);
  int64_t points = 1;
  for (const runtime::LoopDim &dim : image.loopDims(*step))
    points *= dim.group == group ? dim.extent : 1;
  return points;
}

/// A product of a long operand, whose rows have two indices, with a narrow one, and what reads it.
planner::Network narrowProduct(int64_t outer, int64_t inner, int64_t summed, bool summedInnermost) {
  planner::Network network(4);
  for (int64_t extent : {outer, inner, summed, int64_t(17), int64_t(2)})
    network.addIndex(extent);
  if (summedInnermost)
    network.addTensor({0, 1, 2});
  else
    network.addTensor({2, 0, 1});
  network.addTensor({2, 3});
  network.addTensor({0, 1, 4});
  network.setOutput({3, 4});
  return network;
}

TEST(ContractionSchedule, LanesOfNarrowProductsRunAlongTheLongerOperand) {
  std::mt19937 random(11);
  for (const KernelSet *set : usableSets())
    for (tenon_dtype dtype : {TENON_F32, TENON_F64, TENON_C64, TENON_C128})
      for (bool longerFirst : {true, false}) {
        SCOPED_TRACE(testing::Message() << set->name << ", dtype " << dtype);
        planner::ContractionTree tree(
            3, {longerFirst ? planner::Step{0, 1} : planner::Step{1, 0}, {3, 2}});
        auto pointsOfN = [&](bool summedInnermost) {
          std::optional<ContractionSchedule> schedule = scheduleContraction(
              {narrowProduct(20, 25, 400, summedInnermost), tree, dtype, 1, 1}, *set);
          return schedule ? pointsOf(*schedule, runtime::Group::N) : 0;
        };
        EXPECT_EQ(pointsOfN(false), 20 * 25);
        // Not where that operand lies side by side along what is summed: lanes along its rows would
        // have to be transposed, and as rows of a single tile of columns they are read as they lie.
        if (dtype == TENON_F32)
          EXPECT_EQ(pointsOfN(true), 17);
        for (bool summedInnermost : {false, true})
          expectRight(narrowProduct(3, 21, 37, summedInnermost), tree, dtype, *set, 1, random);
      }
}

/// Steps of a kind in a table.
int64_t countSteps(const ContractionSchedule &schedule, runtime::StepKind kind) {
  AlignedTable aligned(schedule.table);
  return std::ranges::count(aligned.image.steps(), kind, &runtime::Step::kind);
}

TEST(ContractionSchedule, SmallTensorsAreCopiedWhereALargeOneWouldBeGathered) {
  struct Case {
    const char *what;
    std::vector<int64_t> extents; ///< the last index is in no tensor of some cases
    std::vector<std::vector<IndexId>> tensors;
    std::vector<IndexId> output;
    int64_t copies;
  };
  const Case cases[] = {
      {"a vector whose indices are in another order",
       {24, 19, 101, 3},
       {{2, 1, 0}, {0, 1}},
       {2},
       1},
      {"two such vectors", {24, 19, 101, 2}, {{0, 3, 1}, {2, 1, 0}}, {2, 3}, 1},
      {"one for each point of a batch", {31, 17, 37, 3}, {{3, 1, 0}, {3, 2, 0, 1}}, {3, 2}, 1},
      {"a transposed result", {40, 33, 29, 1}, {{0, 1, 2}, {0}}, {2, 1}, 1},
      {"a transposed sum", {40, 33, 29, 1}, {{0, 1, 2}}, {2, 1}, 1},
      {"operands that lie side by side along the sum",
       {24, 19, 101, 1},
       {{2, 0, 1}, {0, 1}},
       {2},
       0},
      {"operand and result along the same index", {24, 19, 101, 1}, {{0, 1, 2}, {1, 0}}, {2}, 0},
      {"a result that is as large", {33, 35, 37, 1}, {{0, 1, 2}, {0, 1}}, {2, 1, 0}, 0},
      {"too little to do", {9, 8, 101, 1}, {{2, 1, 0}, {0, 1}}, {2}, 0},
      {"two tensors as large as each other", {37, 41, 39, 1}, {{0, 1, 2}, {1, 0, 2}}, {2}, 0},
      {"the same along a batch", {37, 41, 39, 1}, {{0, 1, 2}, {1, 2, 0}}, {2}, 1},
      {"one of them along a batch, the other along the sum",
       {20, 50, 40, 1},
       {{0, 1, 2}, {1, 2, 0}},
       {1, 2},
       0},
      {"the same with the operands exchanged", {20, 50, 40, 1}, {{1, 2, 0}, {0, 1, 2}}, {1, 2}, 0},
      // Chosen once: the result in the order of the first operand, and no other copy for that.
      {"the same into a transposed result", {20, 120, 112, 1}, {{0, 1, 2}, {1, 2, 0}}, {2, 1}, 1},
      {"a batch that comes first in the result only",
       {37, 41, 39, 1},
       {{1, 2, 0}, {2, 0}},
       {0, 1},
       1},
      {"products of a batch that comes last", {35, 7, 9, 17}, {{1, 3, 0}, {0, 3, 2}}, {2, 1, 0}, 2},
      {"products with the batch innermost in one",
       {35, 7, 9, 17},
       {{0, 1, 3}, {3, 2, 0}},
       {0, 1, 2},
       1},
      {"few rows that are packed", {65, 33, 4, 17}, {{3, 1, 0}, {3, 2}}, {0, 2, 1}, 1},
      {"sums of runs in another order", {65, 33, 127, 1}, {{1, 0, 2}, {2}}, {0, 1}, 1},
      {"an outer product", {19, 60, 40, 1}, {{0}, {2, 1}}, {0, 1, 2}, 1},
      {"one in the order of its operands", {19, 60, 40, 1}, {{0}, {1, 2}}, {0, 1, 2}, 0},
      {"products that are matrices", {35, 7, 9, 17}, {{0, 1, 3}, {0, 3, 2}}, {0, 1, 2}, 0},
      // Columns of two dimensions apart, of which the inner one fills vectors in both tensors.
      {"two rows", {4, 2, 64, 8, 64}, {{0, 1, 2}, {0, 3, 2, 4}}, {0, 1, 3, 4}, 0},
      {"two rows and half the run", {7, 2, 40, 6, 32}, {{0, 1, 2}, {0, 3, 2, 4}}, {0, 1, 3, 4}, 0},
      {"few rows and few steps", {7, 4, 8, 4, 64}, {{0, 1, 2}, {0, 3, 2, 4}}, {0, 1, 3, 4}, 0},
      // Another dimension of the columns is the innermost one.
      {"columns in another order", {200, 5, 8, 3, 5}, {{0, 1, 2}, {0, 4, 2, 3}}, {0, 1, 3, 4}, 1},
  };
  std::mt19937 random(17);
  for (const KernelSet *set : usableSets())
    for (tenon_dtype dtype : {TENON_F32, TENON_F64, TENON_C64, TENON_C128})
      for (const Case &one : cases)
        for (int32_t threads : {1, 2}) {
          SCOPED_TRACE(testing::Message() << one.what << ", " << set->name << ", dtype " << dtype
                                          << ", threads " << threads);
          planner::Network network(static_cast<IndexId>(one.extents.size()));
          for (int64_t extent : one.extents)
            network.addIndex(extent);
          for (const std::vector<IndexId> &tensor : one.tensors)
            network.addTensor(tensor);
          network.setOutput(one.output);
          std::vector<planner::Step> steps;
          if (one.tensors.size() > 1)
            steps.push_back({0, 1});
          planner::ContractionTree tree(static_cast<NodeId>(one.tensors.size()), steps);
          expectRight(network, tree, dtype, *set, threads, random);
          std::optional<ContractionSchedule> schedule =
              scheduleContraction({network, tree, dtype, threads, threads}, *set);
          ASSERT_TRUE(schedule);
          EXPECT_EQ(countSteps(*schedule, runtime::StepKind::Copy), one.copies);
          EXPECT_EQ(countSteps(*schedule, runtime::StepKind::CallContraction), 1);
          if (testing::Test::HasFailure())
            return;
        }
}

/// Columns of two dimensions apart, the inner one a vector and one element long.
TEST(ContractionSchedule, PartsOfVectorsAreCopiedWhereTheyAreReadOften) {
  for (const KernelSet *set : usableSets())
    for (int64_t rows : {4, 8}) {
      SCOPED_TRACE(testing::Message() << set->name << ", rows " << rows);
      planner::Network network(5);
      for (int64_t extent : {int64_t(200), rows, int64_t(12), int64_t(6),
                             int64_t(set->processor.vectorBits / 32 + 1)})
        network.addIndex(extent);
      network.addTensor({0, 1, 2});
      network.addTensor({0, 3, 2, 4});
      network.setOutput({0, 1, 3, 4});
      planner::ContractionTree tree(2, {{0, 1}});
      std::optional<ContractionSchedule> schedule =
          scheduleContraction({network, tree, TENON_F32, 1, 1}, *set);
      ASSERT_TRUE(schedule);
      EXPECT_EQ(countSteps(*schedule, runtime::StepKind::Copy), rows == 8 ? 1 : 0);
    }
}

/// Results that are better copied while they are small, too large for it, and too large for memory.
TEST(ContractionSchedule, WhatIsTooLargeForACopyIsWrittenAsItLies) {
  struct Case {
    int64_t rows, columns, copies;
  };
  for (const KernelSet *set : usableSets())
    for (const Case &one : {Case{1 << 11, 1 << 12, 1}, Case{1 << 12, 1 << 13, 0},
                            Case{int64_t(1) << 28, int64_t(1) << 29, 0}}) {
      SCOPED_TRACE(testing::Message() << set->name << ", rows " << one.rows);
      planner::Network network(3);
      for (int64_t extent : {one.rows, one.columns, int64_t(16)})
        network.addIndex(extent);
      network.addTensor({1, 0, 2});
      network.addTensor({2});
      network.setOutput({0, 1});
      planner::ContractionTree tree(2, {{0, 1}});
      std::optional<ContractionSchedule> schedule =
          scheduleContraction({network, tree, TENON_C128, 1, 1}, *set);
      ASSERT_TRUE(schedule);
      EXPECT_EQ(countSteps(*schedule, runtime::StepKind::Copy), one.copies);
      EXPECT_EQ(countSteps(*schedule, runtime::StepKind::CallContraction), 1);
    }
}

/// Two tensors over indices of every kind in any order, large enough for copies to be considered.
TEST(ContractionSchedule, CopiesOfRandomPairsAreWhatTheirDefinitionSays) {
  std::mt19937 random(23);
  int64_t copies = 0;
  for (const KernelSet *set : usableSets())
    for (tenon_dtype dtype : {TENON_F32, TENON_C128})
      for (int round = 0; round < 40; ++round) {
        planner::Network network(8);
        std::vector<IndexId> tensors[3];
        double size = 1;
        // An index is in the first operand, the second one and the result as the bits say.
        while (size < 33000 || tensors[0].empty() || tensors[1].empty()) {
          auto extent = static_cast<int64_t>(1 + random() % 37);
          constexpr unsigned kKinds[] = {3, 5, 6, 7};
          unsigned kind = kKinds[random() % 4];
          if (size * double(extent) > 150000)
            continue;
          size *= double(extent);
          IndexId index = network.addIndex(extent);
          for (unsigned tensor = 0; tensor < 3; ++tensor)
            if (kind >> tensor & 1)
              tensors[tensor].push_back(index);
        }
        for (std::vector<IndexId> &tensor : tensors)
          std::shuffle(tensor.begin(), tensor.end(), random);
        network.addTensor(tensors[0]);
        network.addTensor(tensors[1]);
        network.setOutput(tensors[2]);
        SCOPED_TRACE(testing::Message() << set->name << ", dtype " << dtype << ", round " << round);
        planner::ContractionTree tree(2, {{0, 1}});
        expectRight(network, tree, dtype, *set, 1 + round % 2, random);
        if (testing::Test::HasFailure())
          return;
        copies += countSteps(*scheduleContraction({network, tree, dtype, 1, 1}, *set),
                             runtime::StepKind::Copy);
      }
  if (!usableSets().empty())
    EXPECT_GT(copies, 20) << "the pairs test nothing";
}

TEST(ContractionSchedule, OperandsMayBeContiguousAlongDifferentSummedDimensions) {
  std::mt19937 random(13);
  for (const KernelSet *usable : usableSets())
    for (tenon_dtype dtype : {TENON_F32, TENON_C128})
      for (int round = 0; round < 16; ++round) {
        KernelSet set = *usable;
        // Runs of 16 in whole blocks of k, and runs of 20 that blocks cut.
        if (round % 2 == 1)
          set.processor.l1Bytes = 64 * 64 * set.processor.vectorBits / 512;
        planner::Network network(4);
        for (int64_t extent : round % 4 < 2 ? std::vector<int64_t>{9, 13, 48, 28}
                                            : std::vector<int64_t>{9, 13, 20, 56})
          network.addIndex(extent);
        network.addTensor({3, 0, 2});
        network.addTensor({1, 2, 3});
        network.setOutput({1, 0});
        SCOPED_TRACE(testing::Message() << set.name << ", dtype " << dtype << ", round " << round);
        expectRight(network, {2, {{0, 1}}}, dtype, set, 1, random);
        if (testing::Test::HasFailure())
          return;
      }
}

TEST(ContractionSchedule, StepsRunTileByTileWhereWhatIsBetweenFitsNoCache) {
  std::mt19937 random(9);
  for (const KernelSet *usable : usableSets())
    for (tenon_dtype dtype : {TENON_F32, TENON_F64})
      for (int32_t threads : {1, 2}) {
        KernelSet set = *usable;
        set.processor.l2Bytes = 128 << 10;
        set.processor.l3Bytes = 256 << 10;
        planner::Network network(4);
        // i, j, k, l and an index that may be cut as well.
        for (int64_t extent : {1155, 5, 40, 4, 2})
          network.addIndex(extent);
        network.addTensor({4, 0, 1});
        network.addTensor({1, 2});
        network.addTensor({3, 2});
        network.setOutput({3, 4, 0});
        planner::ContractionTree tree(3, {{0, 1}, {2, 3}});
        SCOPED_TRACE(testing::Message()
                     << set.name << ", dtype " << dtype << ", threads " << threads);
        expectRight(network, tree, dtype, set, threads, random);
        std::optional<ContractionSchedule> schedule =
            scheduleContraction({network, tree, dtype, threads, threads}, set);
        ASSERT_TRUE(schedule);
        EXPECT_EQ(schedule->operations, 1155. * 2 * 40 * (5 + 4));
        EXPECT_GT(countSteps(*schedule, runtime::StepKind::LoopBegin), 0) << "it is not fused";
        EXPECT_EQ(countSteps(*schedule, runtime::StepKind::ParallelBegin), threads > 1 ? 1 : 0);
        if (testing::Test::HasFailure())
          return;
      }
}

TEST(ContractionSchedule, SumsOfComplexNumbersTouchNoOtherPart) {
  // 1 times an infinite part of a complex number would be a NaN in the other one.
  for (const KernelSet *set : usableSets()) {
    planner::Network network(16);
    network.addIndex(3);
    network.addTensor({0});
    std::unique_ptr<QuickNetwork> quick = QuickNetwork::make({network, {1, {}}, TENON_C128, 1});
    ASSERT_TRUE(quick) << set->name;
    std::vector<Complex> values = {{1, 2}, {INFINITY, 3}, {5, -7}};
    Complex sum;
    int64_t extent = 3;
    tenon_tensor input = {values.data(), TENON_C128, 1, &extent, nullptr};
    tenon_tensor output = {&sum, TENON_C128, 0, nullptr, nullptr};
    std::unique_ptr<tenon_context, ContextDeleter> context(tenon_context_create(1));
    ASSERT_EQ(quick->run(context.get(), &input, 1, &output, 1, nullptr, 0), TENON_OK);
    EXPECT_EQ(sum.real(), INFINITY);
    EXPECT_EQ(sum.imag(), -2);
  }
}

TEST(ContractionSchedule, LeavesToTheLongerWayWhatItCannotDo) {
  std::vector<const KernelSet *> sets = usableSets();
  if (sets.empty())
    GTEST_SKIP() << "no kernels are prebuilt for this processor";
  planner::Network vectors(4);
  vectors.addIndex(int64_t(1) << 31);
  vectors.addIndex(int64_t(1) << 31);
  vectors.addTensor({0});
  vectors.addTensor({1});
  vectors.addTensor({0, 1});
  vectors.setOutput({});
  planner::ContractionTree outer(3, {{0, 1}, {2, 3}});
  EXPECT_FALSE(scheduleContraction({vectors, outer, TENON_F32, 1}, *sets.front()))
      << "an intermediate of 2^62 elements";
  planner::Network pair(4);
  pair.addIndex(3);
  pair.addTensor({0});
  pair.addTensor({0});
  pair.setOutput({});
  planner::ContractionTree tree(2, {{0, 1}});
  EXPECT_TRUE(scheduleContraction({pair, tree, TENON_F32, 1}, *sets.front()));
  EXPECT_FALSE(scheduleContraction({pair, tree, TENON_I32, 1}, *sets.front())) << "no such kernels";
  KernelSet empty = *sets.front();
  empty.kernels = {};
  EXPECT_FALSE(scheduleContraction({pair, tree, TENON_F32, 1}, empty)) << "no kernels at all";
  planner::Network wide(4);
  std::vector<IndexId> many;
  for (int i = 0; i < 65; ++i)
    many.push_back(wide.addIndex(1));
  wide.addTensor(many);
  wide.setOutput({});
  EXPECT_FALSE(scheduleContraction({wide, {1, {}}, TENON_F32, 1}, *sets.front()))
      << "65 dimensions";
}
} // namespace
