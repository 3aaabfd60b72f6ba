//===- Check.cpp - A table of times against measurements ------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Check.h"

#include "Probe.h"
#include "Shapes.h"

#include "tenon/Planner/Random.h"
#include "tenon/Planner/TimeModel.h"

#include "mlir/IR/MLIRContext.h"
#include "llvm/Support/Format.h"

#include <algorithm>
#include <cmath>

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

/// What share of the sorted `values` lies below the result.
double quantile(const std::vector<double> &values, double share) {
  return values[static_cast<size_t>(share * static_cast<double>(values.size() - 1) + 0.5)];
}

struct Sample {
  Sizes sizes;
  Orders orders;
  double predicted;
  std::unique_ptr<Probe> probe;
};

void printErrors(llvm::StringRef type, llvm::StringRef orders, const std::vector<Sample> &samples,
                 llvm::raw_ostream &os) {
  std::vector<double> ratios, errors;
  for (const Sample &sample : samples) {
    ratios.push_back(sample.predicted / sample.probe->least());
    errors.push_back(std::abs(ratios.back() - 1));
  }
  llvm::sort(ratios);
  llvm::sort(errors);
  os << llvm::format("%-5s %-8s %6zu %11.0f%% %7.0f%% %7.0f%% %7.0f%% %12.2f\n", type.str().c_str(),
                     orders.str().c_str(), samples.size(), 100 * quantile(errors, 0.25),
                     100 * quantile(errors, 0.5), 100 * quantile(errors, 0.75),
                     100 * quantile(errors, 0.9), quantile(ratios, 0.5));
}

double log2Of(int64_t extent) { return std::log2(static_cast<double>(extent)); }

planner::StepSizes stepSizesOf(const Sizes &sizes) {
  double b = log2Of(sizes.batch), m = log2Of(sizes.m), n = log2Of(sizes.n), k = log2Of(sizes.k);
  return {b + m + k, b + k + n, b + m + n, b + m + n + k};
}

void printSamples(llvm::StringRef type, const std::vector<Sample> &samples, llvm::raw_ostream &os) {
  for (const Sample &sample : samples) {
    const auto &[batch, m, n, k] = sample.sizes;
    std::string shape = std::to_string(batch) + " x " + std::to_string(m) + " x " +
                        std::to_string(n) + " x " + std::to_string(k);
    std::string orders =
        (sample.orders.lhs + "," + sample.orders.rhs + "->" + sample.orders.result).str();
    os << llvm::format("%-5s %-24s %-13s  predicted %10.3f us  measured %10.3f us  ratio %6.2f\n",
                       type.str().c_str(), shape.c_str(), orders.c_str(), 1e6 * sample.predicted,
                       1e6 * sample.probe->least(), sample.predicted / sample.probe->least());
  }
}

} // namespace

llvm::Error calibrate::checkTable(MLIRContext &context, const planner::TimeTable &table,
                                  const CalibrateRequest &request, StatusLine &status,
                                  llvm::raw_ostream &os) {
  Workers alone(1);
  SharedArrays arrays;
  os << "|predicted / measured - 1|, one thread, contractions of random sizes\n"
     << "type  orders   shapes  lower quartile  median   upper      9/10  median ratio\n";
  for (frontend::ElementType type : request.types) {
    std::string name = frontend::elementTypeName(type).str();
    planner::Result<planner::TimeModel> model =
        planner::TimeModel::make(table, {.type = name, .elementBytes = bytesOf(type)});
    if (!model)
      return llvm::createStringError(model.error());
    planner::Random random(request.seed);
    std::vector<Sample> planned, others;
    for (size_t shape = 0; shape < kShapes; ++shape) {
      if (shape % 16 == 0)
        status.show(name + ": compiling, " + std::to_string(shape) + "/" + std::to_string(kShapes));
      Sizes sizes = drawSizes(random, bytesOf(type));
      double predicted = std::exp2(model->step(stepSizesOf(sizes)));
      auto add = [&](llvm::ArrayRef<Orders> orders, std::vector<Sample> &samples) -> llvm::Error {
        const Orders &drawn = orders[random.below(orders.size())];
        auto probe = Probe::create(context, makeContraction(sizes, drawn, type), alone, arrays);
        if (!probe)
          return probe.takeError();
        samples.push_back({sizes, drawn, predicted, std::move(*probe)});
        return llvm::Error::success();
      };
      if (llvm::Error error = add(kPlannedOrders, planned))
        return error;
      if (llvm::Error error = add(kOtherOrders, others))
        return error;
    }
    for (int round = 1; round <= kRounds; ++round) {
      status.show(name + ": round " + std::to_string(round) + " of " + std::to_string(kRounds));
      for (const std::vector<Sample> *samples : {&planned, &others})
        for (const Sample &sample : *samples)
          if (llvm::Error error = sample.probe->measure(request.seconds / kRounds / (2 * kShapes)))
            return error;
    }
    status.clear();
    if (request.list) {
      printSamples(name, planned, os);
      printSamples(name, others, os);
    }
    printErrors(name, "planned", planned, os);
    printErrors(name, "others", others, os);
  }
  return llvm::Error::success();
}
