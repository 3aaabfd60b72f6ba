//===- Calibration.cpp - From measurements to a table of times ------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Every probe is measured in several rounds with all the others between, so that what disturbs the
// machine for a while does not spoil all that is known of one shape.
//
//===----------------------------------------------------------------------===//
#include "Calibration.h"

#include "Probe.h"
#include "Shapes.h"

#include "tenon/Codegen/CPU/TargetDescription.h"
#include "tenon/KernelModel/Blocking.h"

#include "mlir/IR/MLIRContext.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/TargetParser/Host.h"

#include <cmath>
#include <map>
#include <tuple>

using namespace mlir;
using namespace tenon;
using namespace tenon::calibrate;
using planner::TimeTable;

namespace {

constexpr int kRounds = 3;

/// What a context keeps of its workspace from call to call (tenon-c/Runtime.h).
constexpr double kKeptWorkspaceBytes = 32 << 20;

/// Extents that rates are measured for. Where kernels change (below 4) and where overheads matter
/// they lie close together.
constexpr int64_t kBatches[] = {1, 8, 128, 4096};
constexpr int64_t kRows[] = {1, 2, 4, 8, 32, 256, 4096};
constexpr int64_t kSummed[] = {1, 2, 4, 8, 32, 256, 4096};

/// Orders of cut dimensions that are drawn for each shape.
constexpr uint64_t kCutOrders = 2;

/// A shape beyond these has the rate of the next smaller one that is within.
constexpr double kMostOps = 0x1p28, kMostBytes = 0x1p24;

bool isMeasured(const Sizes &sizes, int64_t elementBytes) {
  return sizes.ops() <= kMostOps && sizes.elements() * double(elementBytes) <= kMostBytes;
}

/// The next smaller extent on an axis.
template <size_t N> int64_t below(const int64_t (&axis)[N], int64_t extent) {
  int64_t smaller = 1;
  for (int64_t candidate : axis)
    if (candidate < extent)
      smaller = candidate;
  return smaller;
}

/// The largest shape of the grid that is measured and lies below this one, along its longest sides.
Sizes measuredShape(Sizes sizes, int64_t elementBytes) {
  while (!isMeasured(sizes, elementBytes)) {
    int64_t largest = std::max({sizes.batch, sizes.m, sizes.n, sizes.k});
    if (sizes.n == largest)
      sizes.n = below(kRows, sizes.n);
    else if (sizes.k == largest)
      sizes.k = below(kSummed, sizes.k);
    else if (sizes.batch == largest)
      sizes.batch = below(kBatches, sizes.batch);
    else
      sizes.m = below(kRows, sizes.m);
    if (sizes.m > sizes.n)
      std::swap(sizes.m, sizes.n);
  }
  return sizes;
}

/// Rows and columns that tiles of a kernel for this machine are multiples of.
std::pair<unsigned, unsigned> smallestTile(frontend::ElementType type) {
  cpu::TargetDescription host = cpu::hostTarget();
  int64_t bytes = bytesOf(type) / (frontend::isComplex(type) ? 2 : 1);
  // f16 and bf16 are widened while they are packed.
  bool isHalf = type == frontend::ElementType::F16 || type == frontend::ElementType::BF16;
  cpu::SumFormat sum{frontend::isComplex(type) ? 2 : 1, isHalf ? 4 : bytes, isHalf};
  cpu::Blocking least = cpu::chooseBlocking(sum, {4, host.lanes(8 * sum.bytes), 64}, host);
  return {static_cast<unsigned>(least.mr), static_cast<unsigned>(least.lanes)};
}

/// `count` matrices of 2 x 2 in a row.
frontend::NetworkDescription makeChain(int32_t count, frontend::ElementType type) {
  frontend::NetworkDescription network;
  network.elementType = type;
  for (int32_t number = 0; number <= count; ++number) {
    network.indexNames.push_back("i" + std::to_string(number));
    network.extents.push_back(2);
  }
  for (int32_t number = 0; number < count; ++number)
    network.operands.emplace_back().indices = {number, number + 1};
  network.output = {0, count};
  return network;
}

class Calibration {
public:
  Calibration(MLIRContext &context, const CalibrationRequest &request, StatusLine &status)
      : context(context), request(request), status(status) {}

  llvm::Expected<TimeTable> run();

private:
  using Probes = std::vector<std::unique_ptr<Probe>>;

  llvm::Error measureCalls();
  llvm::Error measurePages();
  llvm::Error measureBandwidths();
  llvm::Error measureThreads();
  llvm::Error measureType(frontend::ElementType type);
  llvm::Error measureRates(TimeTable::Type &row, frontend::ElementType type);
  llvm::Error measureSingles(TimeTable::Type &row, frontend::ElementType type);
  llvm::Error measureOrders(TimeTable::Type &row, frontend::ElementType type);

  /// Adds probes of a contraction: in every order that tn-plan gives to whole dimensions, and in
  /// some of cut ones.
  llvm::Error addShape(Probes &probes, const Sizes &sizes, frontend::ElementType type);
  llvm::Error add(Probes &probes, const frontend::NetworkDescription &network, Workers &workers,
                  const ProbeSettings &settings = {});
  /// Runs all of them in rounds, for so long in all.
  llvm::Error measure(const Probes &probes, double seconds, const std::string &what);
  /// What a run of a contraction takes beside its only step.
  double withoutRun(double seconds) const { return std::max(seconds - runSeconds, seconds * 0.05); }

  MLIRContext &context;
  const CalibrationRequest &request;
  StatusLine &status;
  SharedArrays arrays;
  Workers alone{1};
  double runSeconds = 0;
  TimeTable table;
};

} // namespace

llvm::Error Calibration::add(Probes &probes, const frontend::NetworkDescription &network,
                             Workers &workers, const ProbeSettings &settings) {
  auto probe = Probe::create(context, network, workers, arrays, settings);
  if (!probe)
    return probe.takeError();
  probes.push_back(std::move(*probe));
  return llvm::Error::success();
}

llvm::Error Calibration::addShape(Probes &probes, const Sizes &sizes, frontend::ElementType type) {
  for (const Orders &orders : kPlannedOrders)
    if (llvm::Error error = add(probes, makeContraction(sizes, orders, type), alone))
      return error;
  for (uint64_t order = 0; order < kCutOrders; ++order)
    if (llvm::Error error = add(probes, makeCutContraction(sizes, order, type), alone))
      return error;
  return llvm::Error::success();
}

llvm::Error Calibration::measure(const Probes &probes, double seconds, const std::string &what) {
  double each = seconds / kRounds / static_cast<double>(probes.size());
  for (int round = 1; round <= kRounds; ++round) {
    for (size_t number = 0; number < probes.size(); ++number) {
      if (number % 32 == 0)
        status.show(what + ": round " + std::to_string(round) + " of " + std::to_string(kRounds) +
                    ", " + std::to_string(number) + "/" + std::to_string(probes.size()));
      if (llvm::Error error = probes[number]->measure(each))
        return error;
    }
  }
  return llvm::Error::success();
}

/// Seconds of a step, of a run beside its steps, and of a slice.
llvm::Error Calibration::measureCalls() {
  constexpr int32_t matrices = 65;
  constexpr int64_t slices = 4096;
  frontend::ElementType type = request.types.front();
  Probes probes;
  ProbeSettings sliced;
  sliced.plan = "min-slices=" + std::to_string(slices);
  llvm::Error error = add(probes, makeChain(2, type), alone);
  error = llvm::joinErrors(std::move(error), add(probes, makeChain(matrices, type), alone));
  error = llvm::joinErrors(
      std::move(error),
      add(probes, makeContraction({1, 2, 2, slices}, kPlannedOrders[0], type), alone, sliced));
  if (error)
    return error;
  if (llvm::Error error = measure(probes, 0.03 * request.seconds, "calls"))
    return error;
  double one = probes[0]->least(), many = probes[1]->least();
  table.call = std::max((many - one) / (matrices - 2), 1e-9);
  runSeconds = one;
  table.slice = std::max(probes[2]->least() / double(slices) - table.call, 1e-9);
  return llvm::Error::success();
}

/// A workspace of a large intermediate, kept and allocated anew.
llvm::Error Calibration::measurePages() {
  constexpr int64_t side = 4096;
  frontend::NetworkDescription network;
  network.elementType = request.types.front();
  network.indexNames = {"a", "b", "c"};
  network.extents = {side, 2, side};
  network.operands.resize(3);
  network.operands[0].indices = {0, 1};
  network.operands[1].indices = {1, 2};
  network.operands[2].indices = {2};
  network.output = {0};
  Probes probes;
  ProbeSettings settings;
  settings.path = {0, 1, 2, 3};
  llvm::Error error = add(probes, network, alone, settings);
  settings.keepsWorkspace = true;
  error = llvm::joinErrors(std::move(error), add(probes, network, alone, settings));
  if (error)
    return error;
  if (llvm::Error error = measure(probes, 0.05 * request.seconds, "fresh memory"))
    return error;
  double bytes = static_cast<double>(probes[0]->workspaceBytes());
  table.page = std::max(probes[0]->least() - probes[1]->least(), 0.0) / bytes;
  table.keptBytes = kKeptWorkspaceBytes;
  return llvm::Error::success();
}

/// Reading: a matrix times a vector. Writing: the product of a long and a short vector.
llvm::Error Calibration::measureBandwidths() {
  constexpr int64_t kLeast = 1 << 18, kMost = 1 << 28, vector = 256, shortVector = 16;
  frontend::ElementType type = request.types.front();
  Probes probes;
  std::vector<double> bytes;
  for (int64_t size = kLeast; size <= kMost; size *= 4) {
    int64_t elements = size / bytesOf(type);
    bytes.push_back(static_cast<double>(size));
    for (const Sizes &sizes :
         {Sizes{1, 1, elements / vector, vector}, Sizes{1, shortVector, elements / shortVector, 1}})
      if (llvm::Error error = add(probes, makeContraction(sizes, kPlannedOrders[0], type), alone))
        return error;
  }
  if (llvm::Error error = measure(probes, 0.15 * request.seconds, "bandwidth"))
    return error;
  for (size_t i = 0; i < bytes.size(); ++i) {
    auto rate = [&](size_t probe) { return bytes[i] / withoutRun(probes[probe]->least()); };
    table.bandwidths.push_back({bytes[i], rate(2 * i), rate(2 * i + 1)});
  }
  return llvm::Error::success();
}

llvm::Error Calibration::measureThreads() {
  table.threads.push_back({});
  if (request.threads == 1)
    return llvm::Error::success();
  frontend::ElementType type = request.types.front();
  Workers together(request.threads);
  // Runs are short, so that some of them have all processors to themselves on a machine with other
  // work. Arithmetic, memory, slices, and the smallest contraction that threads share.
  ProbeSettings whole, sliced;
  sliced.plan = "min-slices=128";
  const std::pair<Sizes, ProbeSettings> cases[] = {
      {{1, 256, 256, 256}, whole},
      {{int64_t(1) << 22, 1, 1, 1}, whole},
      {{1, 64, 64, cpu::kSharedFromOperations / (64 * 64)}, whole},
      {{128, 64, 64, 64}, sliced}};
  Probes probes;
  for (Workers *workers : {&alone, &together})
    for (const auto &[sizes, settings] : cases)
      if (llvm::Error error =
              add(probes, makeContraction(sizes, kPlannedOrders[0], type), *workers, settings))
        return error;
  if (llvm::Error error =
          measure(probes, 0.5 * request.seconds, std::to_string(together.count()) + " threads"))
    return error;
  constexpr size_t count = std::size(cases);
  auto speedup = [&](size_t probe) {
    return std::max(probes[probe]->least() / probes[probe + count]->least(), 0.1);
  };
  TimeTable::Threads row;
  row.count = static_cast<unsigned>(together.count());
  row.split = speedup(0);
  row.memory = speedup(1);
  row.slices = speedup(3);
  row.wake = std::max(probes[2 + count]->least() - probes[2]->least() / row.split, 0.0);
  table.threads.push_back(row);
  return llvm::Error::success();
}

/// Contractions of one operand: sums of 2^18 elements, and permutations.
llvm::Error Calibration::measureSingles(TimeTable::Type &row, frontend::ElementType type) {
  constexpr int64_t kLengths[] = {2, 8, 32, 128, 1024}, summed = 1 << 18, middle = 64;
  constexpr int kPowers[] = {16, 20, 24, 26};
  Probes probes;
  for (int64_t length : kLengths)
    for (auto [operand, result] :
         {std::pair("ac", "a"), std::pair("ac", "c"), std::pair("abc", "cb")}) {
      int64_t inner = llvm::StringRef(operand).size() == 3 ? middle * length : length;
      auto extentOf = [&](char letter) {
        return letter == 'a' ? summed / inner : letter == 'b' ? middle : length;
      };
      if (llvm::Error error = add(probes, makeEinsum({operand}, result, extentOf, type), alone))
        return error;
    }
  size_t sums = probes.size();
  for (int power : kPowers) {
    // Elements have a power of two of bytes.
    int ofElements = power - static_cast<int>(llvm::Log2_64(static_cast<uint64_t>(bytesOf(type))));
    auto extentOf = [&](char letter) {
      return int64_t(1) << (letter == 'a' ? ofElements / 2 : ofElements - ofElements / 2);
    };
    llvm::Error error = add(probes, makeEinsum({"ab"}, "ba", extentOf, type), alone);
    error = llvm::joinErrors(std::move(error),
                             add(probes, makeCutPermutation(ofElements, /*seed=*/1, type), alone));
    if (error)
      return error;
  }
  if (llvm::Error error = measure(probes, 0.1 * request.seconds, row.name + ", single operands"))
    return error;
  auto rate = [&](size_t probe, double elements) {
    return elements / withoutRun(probes[probe]->least());
  };
  for (size_t i = 0; i < std::size(kLengths); ++i)
    row.sums.push_back({double(kLengths[i]), rate(3 * i, summed), rate(3 * i + 1, summed),
                        rate(3 * i + 2, summed)});
  for (size_t i = 0; i < std::size(kPowers); ++i) {
    double bytes = std::exp2(kPowers[i]), elements = bytes / double(bytesOf(type));
    row.permutations.push_back(
        {bytes, rate(sums + 2 * i, elements), rate(sums + 2 * i + 1, elements)});
  }
  return llvm::Error::success();
}

/// What short runs cost: a packed product whose right-hand operand or result is much of the work,
/// against the same with whole rows.
llvm::Error Calibration::measureOrders(TimeTable::Type &row, frontend::ElementType type) {
  constexpr int64_t kLengths[] = {1, 2, 4, 8, 16, 32}, columns = 1 << 14, square = 1 << 7;
  struct Side {
    int64_t m, k;
    Orders whole, runs; ///< r: the columns of a run
    int64_t ProbeSettings::*spacing;
    double elements;
  };
  const Side read{
      16, 64, {"km", "knr", "mnr"}, {"km", "nkr", "mnr"}, &ProbeSettings::spacing, 64. * columns};
  const Side written{
      64,           16, {"km", "knr", "mnr"}, {"km", "knr", "nmr"}, &ProbeSettings::resultSpacing,
      64. * columns};
  Probes probes;
  auto addProduct = [&](const Side &side, const Orders &orders, int64_t length,
                        const ProbeSettings &settings = {}) {
    auto extentOf = [&](char letter) {
      return letter == 'm'   ? side.m
             : letter == 'k' ? side.k
             : letter == 'r' ? length
                             : columns / length;
    };
    // The operand whose elements may lie apart comes first.
    return add(probes, makeEinsum({orders.rhs, orders.lhs}, orders.result, extentOf, type), alone,
               settings);
  };
  for (const Side &side : {read, written}) {
    llvm::Error error = addProduct(side, side.whole, columns);
    for (int64_t length : kLengths) {
      // No order makes runs of one element that are not transposed: those of a slice are.
      ProbeSettings apart;
      apart.*side.spacing = 2;
      error = llvm::joinErrors(std::move(error), length == 1
                                                     ? addProduct(side, side.whole, columns, apart)
                                                     : addProduct(side, side.runs, length));
    }
    if (error)
      return error;
  }
  llvm::Error error = addProduct(read, {"km", "nrk", "mnr"}, square);
  error = llvm::joinErrors(std::move(error), addProduct(read, {"km", "krn", "mnr"}, square));
  // A matrix times a vector: vectors run along what is summed, or nothing lies side by side.
  constexpr double products = 1 << 17;
  auto extentOfVector = [](char letter) {
    return int64_t(letter == 'm' ? 64 : letter == 'k' ? 128 : 16);
  };
  for (llvm::StringRef vector : {"sk", "ks"})
    error = llvm::joinErrors(
        std::move(error),
        add(probes, makeEinsum({"msk", vector}, "m", extentOfVector, type), alone));
  // The same with one dimension fewer, of elements that lie 64 apart.
  auto extentOfShort = [](char letter) { return int64_t(letter == 'm' ? 64 : 128); };
  ProbeSettings apart;
  for (int64_t spacing : {1, 64}) {
    apart.spacing = spacing;
    error = llvm::joinErrors(
        std::move(error),
        add(probes, makeEinsum({"mk", "k"}, "m", extentOfShort, type), alone, apart));
  }
  if (error)
    return error;
  if (llvm::Error error = measure(probes, 0.1 * request.seconds, row.name + ", orders"))
    return error;
  constexpr size_t ofSide = 1 + std::size(kLengths);
  auto each = [&](size_t probe, size_t whole, double elements) {
    return std::max(probes[probe]->least() - probes[whole]->least(), 0.0) / elements;
  };
  for (size_t i = 0; i < std::size(kLengths); ++i)
    row.runs.push_back({double(kLengths[i]), each(1 + i, 0, read.elements),
                        each(ofSide + 1 + i, ofSide, written.elements)});
  row.turns = {each(2 * ofSide, 0, read.elements), each(2 * ofSide + 1, 0, read.elements),
               each(2 * ofSide + 3, 2 * ofSide + 2, products),
               each(2 * ofSide + 5, 2 * ofSide + 4, 64 * 128)};
  return llvm::Error::success();
}

llvm::Error Calibration::measureType(frontend::ElementType type) {
  TimeTable::Type row;
  row.name = frontend::elementTypeName(type).str();
  std::tie(row.rows, row.columns) = smallestTile(type);
  if (llvm::Error error = measureSingles(row, type))
    return error;
  if (llvm::Error error = measureOrders(row, type))
    return error;
  if (llvm::Error error = measureRates(row, type))
    return error;
  table.types.push_back(std::move(row));
  return llvm::Error::success();
}

llvm::Error Calibration::measureRates(TimeTable::Type &row, frontend::ElementType type) {
  const std::string &name = row.name;
  std::vector<Sizes> grid, measured;
  Probes probes;
  for (int64_t batch : kBatches)
    for (int64_t m : kRows)
      for (int64_t n : kRows)
        for (int64_t k : kSummed)
          if (m <= n)
            grid.push_back({batch, m, n, k});
  for (const Sizes &sizes : grid)
    if (isMeasured(sizes, bytesOf(type))) {
      if (measured.size() % 32 == 0)
        status.show(name + ": compiling, " + std::to_string(measured.size()) + " shapes");
      if (llvm::Error error = addShape(probes, sizes, type))
        return error;
      measured.push_back(sizes);
    }
  if (llvm::Error error = measure(probes, request.seconds, name))
    return error;
  std::map<Sizes, std::pair<double, double>> rateOf;
  constexpr size_t wholes = std::size(kPlannedOrders), orders = wholes + kCutOrders;
  for (size_t shape = 0; shape < measured.size(); ++shape) {
    auto rate = [&](size_t begin, size_t end) {
      double logs = 0;
      for (size_t order = begin; order < end; ++order)
        logs += std::log(withoutRun(probes[shape * orders + order]->least()));
      return measured[shape].ops() / std::exp(logs / static_cast<double>(end - begin));
    };
    rateOf[measured[shape]] = {rate(0, wholes), rate(wholes, orders)};
  }
  for (const Sizes &sizes : grid) {
    auto [whole, cut] = rateOf.at(measuredShape(sizes, bytesOf(type)));
    row.rates.push_back(
        {double(sizes.batch), double(sizes.m), double(sizes.n), double(sizes.k), whole, cut});
  }
  return llvm::Error::success();
}

llvm::Expected<TimeTable> Calibration::run() {
  table.machine = llvm::sys::getHostCPUName().str() + ", " + std::to_string(request.threads) +
                  (request.threads == 1 ? " thread" : " threads");
  if (llvm::Error error = measureCalls())
    return error;
  if (llvm::Error error = measurePages())
    return error;
  if (llvm::Error error = measureBandwidths())
    return error;
  if (llvm::Error error = measureThreads())
    return error;
  for (frontend::ElementType type : request.types)
    if (llvm::Error error = measureType(type))
      return error;
  return std::move(table);
}

llvm::Expected<TimeTable>
calibrate::calibrate(MLIRContext &context, const CalibrationRequest &request, StatusLine &status) {
  return Calibration(context, request, status).run();
}
