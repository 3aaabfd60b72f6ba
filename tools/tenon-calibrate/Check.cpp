//===- Check.cpp - A table of times against measurements ------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Check.h"

#include "ErrorQuartiles.h"
#include "Probe.h"
#include "Shapes.h"

#include "tenon/Planner/Random.h"
#include "tenon/Planner/TimeModel.h"

#include "mlir/IR/MLIRContext.h"
#include "llvm/Support/Format.h"

#include <algorithm>
#include <cmath>
#include <functional>

using namespace mlir;
using namespace tenon;
using namespace tenon::calibrate;

namespace {

constexpr size_t kShapes = 100;
constexpr int kRounds = 3;

/// Sizes between a microsecond or so and a tenth of a second.
constexpr double kLeastOps = 0x1p12, kMostOps = 0x1p28, kMostBytes = 0x1p27;

Sizes drawSizes(planner::Random &random, int64_t elementBytes) {
  auto draw = [&](double mostPower) {
    return static_cast<int64_t>(random.logUniform(1, std::exp2(mostPower)));
  };
  while (true) {
    Sizes sizes{random.below(3) == 0 ? draw(10) : 1, draw(13), draw(13), draw(13)};
    double ops = sizes.ops(), bytes = sizes.elements() * double(elementBytes);
    if (ops >= kLeastOps && ops <= kMostOps && bytes <= kMostBytes)
      return sizes;
  }
}

/// Bytes of a single operand.
constexpr double kLeastSingle = 0x1p12, kMostSingle = 0x1p26;

struct Sample {
  std::string shape, orders;
  double predicted;
  std::unique_ptr<Probe> probe;
};

void printErrors(const std::string &what, const std::vector<Sample> &samples,
                 llvm::raw_ostream &os) {
  ErrorQuartiles errors;
  for (const Sample &sample : samples)
    errors.add(sample.predicted, sample.probe->least());
  errors.print(what, os);
}

double log2Of(int64_t extent) { return std::log2(static_cast<double>(extent)); }

planner::StepSizes stepSizesOf(const Sizes &sizes) {
  double b = log2Of(sizes.batch), m = log2Of(sizes.m), n = log2Of(sizes.n), k = log2Of(sizes.k);
  return {b + m + k, b + k + n, b + m + n, b + m + n + k};
}

void printSamples(llvm::StringRef type, const std::vector<Sample> &samples, llvm::raw_ostream &os) {
  for (const Sample &sample : samples) {
    os << llvm::format("%-5s %-24s %-13s  predicted %10.3f us  measured %10.3f us  ratio %6.2f\n",
                       type.str().c_str(), sample.shape.c_str(), sample.orders.c_str(),
                       1e6 * sample.predicted, 1e6 * sample.probe->least(),
                       sample.predicted / sample.probe->least());
  }
}

std::string textOf(const Sizes &sizes) {
  const auto &[batch, m, n, k] = sizes;
  return std::to_string(batch) + " x " + std::to_string(m) + " x " + std::to_string(n) + " x " +
         std::to_string(k);
}

/// A network that is drawn, and in words.
struct Drawn {
  frontend::NetworkDescription network;
  std::string shape, orders;
};

/// A tensor of two to four dimensions, summed over some of them and permuted; none is the tensor
/// itself.
Drawn drawSingle(planner::Random &random, frontend::ElementType type) {
  constexpr llvm::StringLiteral letters = "abcd";
  while (true) {
    size_t rank = 2 + random.below(3);
    std::vector<int64_t> extents;
    double bytes = double(bytesOf(type));
    for (size_t dim = 0; dim < rank; ++dim) {
      extents.push_back(static_cast<int64_t>(random.logUniform(2, 4096)));
      bytes *= double(extents.back());
    }
    std::string all = letters.take_front(rank).str(), kept;
    for (char letter : all)
      if (random.below(3) > 0)
        kept.insert(kept.begin() + random.below(static_cast<uint32_t>(kept.size() + 1)), letter);
    if (bytes < kLeastSingle || bytes > kMostSingle || kept == all)
      continue;
    std::string shape;
    for (int64_t extent : extents)
      shape += (shape.empty() ? "" : " x ") + std::to_string(extent);
    auto extentOf = [&](char letter) { return extents[static_cast<size_t>(letter - 'a')]; };
    return {makeEinsum({all}, kept, extentOf, type), shape, all + "->" + kept};
  }
}

/// The contraction of such sizes in an order of its user, with one more dimension of `extent` in
/// some of the three tensors, in any place, for as much less of the longest side.
Drawn drawSliced(planner::Random &random, Sizes sizes, const Orders &orders, int64_t extent,
                 frontend::ElementType type) {
  int64_t &longest = std::max({std::ref(sizes.m), std::ref(sizes.n), std::ref(sizes.k)});
  longest = std::max<int64_t>(longest / extent, 1);
  std::string lists[] = {orders.lhs.str(), orders.rhs.str(), orders.result.str()};
  // Of one operand, of the other, summed or of all.
  constexpr int kHolders[][3] = {{1, 0, 1}, {0, 1, 1}, {1, 1, 0}, {1, 1, 1}};
  const auto &holders = kHolders[random.below(4)];
  for (size_t tensor = 0; tensor < 3; ++tensor)
    if (holders[tensor])
      lists[tensor].insert(lists[tensor].begin() + random.below(4), 's');
  auto extentOf = [&](char letter) {
    return letter == 's'   ? extent
           : letter == 'b' ? sizes.batch
           : letter == 'm' ? sizes.m
           : letter == 'n' ? sizes.n
                           : sizes.k;
  };
  return {makeEinsum({lists[0], lists[1]}, lists[2], extentOf, type), textOf(sizes),
          lists[0] + "," + lists[1] + "->" + lists[2]};
}

} // namespace

llvm::Error calibrate::checkTable(MLIRContext &context, const planner::TimeTable &table,
                                  const CalibrateRequest &request, StatusLine &status,
                                  llvm::raw_ostream &os) {
  Workers alone(1);
  SharedArrays arrays;
  os << "|predicted / measured - 1|, one thread, contractions of random sizes\n"
     << ErrorQuartiles::kHeader;
  for (frontend::ElementType type : request.types) {
    std::string name = frontend::elementTypeName(type).str();
    planner::TimeModel::Setting setting;
    setting.type = name;
    setting.elementBytes = bytesOf(type);
    planner::Result<planner::TimeModel> cutModel = planner::TimeModel::make(table, setting);
    // Extents so large that nothing is cut.
    setting.log2Extent = 60;
    planner::Result<planner::TimeModel> wholeModel = planner::TimeModel::make(table, setting);
    if (!cutModel)
      return llvm::createStringError(cutModel.error());
    planner::Random random(request.seed);
    enum Kind { Planned, Cut, Other, Single, Sliced, NumKinds };
    std::vector<Sample> samples[NumKinds];
    for (size_t shape = 0; shape < kShapes; ++shape) {
      if (shape % 16 == 0)
        status.show(name + ": compiling, " + std::to_string(shape) + "/" + std::to_string(kShapes));
      Sizes sizes = drawSizes(random, bytesOf(type)), powers = sizes;
      for (int64_t *extent : {&powers.batch, &powers.m, &powers.n, &powers.k})
        *extent = static_cast<int64_t>(llvm::bit_floor(static_cast<uint64_t>(*extent)));
      auto add = [&](Kind kind, const Sizes &drawn, const frontend::NetworkDescription &network,
                     const std::string &orders, const planner::TimeModel &model) -> llvm::Error {
        auto probe = Probe::create(context, network, alone, arrays);
        if (!probe)
          return probe.takeError();
        double predicted = std::exp2(model.step(stepSizesOf(drawn)));
        samples[kind].push_back({textOf(drawn), orders, predicted, std::move(*probe)});
        return llvm::Error::success();
      };
      auto addWhole = [&](Kind kind, llvm::ArrayRef<Orders> choice) {
        const Orders &orders = choice[random.below(static_cast<uint32_t>(choice.size()))];
        std::string text = (orders.lhs + "," + orders.rhs + "->" + orders.result).str();
        return add(kind, sizes, makeContraction(sizes, orders, type), text, *wholeModel);
      };
      if (llvm::Error error = addWhole(Planned, kPlannedOrders))
        return error;
      if (llvm::Error error = addWhole(Other, kOtherOrders))
        return error;
      // No order that the table was made of.
      uint64_t order = 1000 + shape;
      if (llvm::Error error =
              add(Cut, powers, makeCutContraction(powers, order, type), "cut", *cutModel))
        return error;
      auto addPlanned = [&](Kind kind, const Drawn &drawn, const std::string &plan) -> llvm::Error {
        ProbeSettings settings;
        settings.plan = "time-table='" + request.check + "'" + plan;
        auto probe = Probe::create(context, drawn.network, alone, arrays, settings);
        if (!probe)
          return probe.takeError();
        llvm::Expected<PlanFigures> figures = (*probe)->plan();
        if (!figures)
          return figures.takeError();
        samples[kind].push_back({drawn.shape, drawn.orders, figures->seconds, std::move(*probe)});
        return llvm::Error::success();
      };
      if (llvm::Error error = addPlanned(Single, drawSingle(random, type), ""))
        return error;
      int64_t slices = int64_t(8) << random.below(3);
      const Orders &orders =
          kOtherOrders[random.below(static_cast<uint32_t>(std::size(kOtherOrders)))];
      if (llvm::Error error = addPlanned(Sliced, drawSliced(random, sizes, orders, slices, type),
                                         " min-slices=" + std::to_string(slices)))
        return error;
    }
    for (int round = 1; round <= kRounds; ++round) {
      status.show(name + ": round " + std::to_string(round) + " of " + std::to_string(kRounds));
      for (const std::vector<Sample> &kind : samples)
        for (const Sample &sample : kind)
          if (llvm::Error error =
                  sample.probe->measure(request.seconds / kRounds / (NumKinds * kShapes)))
            return error;
    }
    status.clear();
    if (request.list)
      for (const std::vector<Sample> &kind : samples)
        printSamples(name, kind, os);
    printErrors(name + " planned", samples[Planned], os);
    printErrors(name + " cut", samples[Cut], os);
    printErrors(name + " others", samples[Other], os);
    printErrors(name + " single", samples[Single], os);
    printErrors(name + " sliced", samples[Sliced], os);
  }
  return llvm::Error::success();
}
