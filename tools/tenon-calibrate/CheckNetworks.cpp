//===- CheckNetworks.cpp - Predicted and measured times of networks -------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "CheckNetworks.h"

#include "ErrorQuartiles.h"
#include "Probe.h"
#include "Shapes.h"

#include "tenon/Planner/Plan.h"
#include "tenon/Tools/ReadNetwork.h"

#include "mlir/IR/MLIRContext.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Path.h"

#include <cmath>

using namespace mlir;
using namespace tenon;
using namespace tenon::calibrate;

namespace {

constexpr double kMostOps = 1e9, kMostBytes = double(int64_t(4) << 30);
constexpr int kRounds = 5;

constexpr llvm::StringLiteral kModels[] = {"flops", "time"};

/// A network as one of the models has it planned.
struct Planned {
  PlanFigures plan;
  std::unique_ptr<Probe> probe;
};

/// A planner's network, to see what a plan would take before anything is compiled.
planner::Network plannerNetwork(const frontend::NetworkDescription &description,
                                int64_t elementBytes) {
  planner::Network network(elementBytes);
  for (int64_t extent : description.extents)
    network.addIndex(extent);
  for (const frontend::Operand &operand : description.operands)
    network.addTensor(
        std::vector<planner::IndexId>(operand.indices.begin(), operand.indices.end()));
  network.setOutput({description.output.begin(), description.output.end()});
  return network;
}

/// Why a network is not measured in so many slices; empty where it is.
std::string reasonToSkip(const frontend::NetworkDescription &description, int64_t slices) {
  int64_t bytes = bytesOf(description.elementType);
  planner::Network network = plannerNetwork(description, bytes);
  planner::PlanOptions options;
  options.slicing.minSlices = slices;
  planner::Result<planner::Plan> plan =
      planner::planNetwork(network, options, planner::StrategyRegistry());
  if (!plan)
    return plan.error();
  double held = plan->cost.peakBytes;
  auto add = [&](std::span<const planner::IndexId> list) {
    double elements = 1;
    for (planner::IndexId index : list)
      elements *= static_cast<double>(network.extent(index));
    held += elements * static_cast<double>(bytes);
  };
  for (planner::NodeId tensor = 0; tensor < network.numTensors(); ++tensor)
    add(network.tensor(tensor));
  add(network.output());
  if (plan->cost.ops > kMostOps)
    return llvm::formatv("{0:e2} multiply-adds", plan->cost.ops).str();
  if (held > kMostBytes)
    return llvm::formatv("{0:f1} GiB", held / 0x1p30).str();
  return "";
}

llvm::Expected<Planned> planAndCompile(MLIRContext &context,
                                       const frontend::NetworkDescription &network,
                                       llvm::StringRef model, const CalibrateRequest &request,
                                       Workers &workers, SharedArrays &arrays) {
  ProbeSettings settings;
  settings.plan = ("minimize=" + model + " time-table='" + request.check +
                   "' min-slices=" + llvm::Twine(request.slices))
                      .str();
  auto probe = Probe::create(context, network, workers, arrays, settings);
  if (!probe)
    return probe.takeError();
  llvm::Expected<PlanFigures> plan = (*probe)->plan();
  if (!plan)
    return plan.takeError();
  return Planned{*plan, std::move(*probe)};
}

} // namespace

llvm::Error calibrate::checkNetworks(MLIRContext &context, const CalibrateRequest &request,
                                     StatusLine &status, llvm::raw_ostream &os) {
  Workers workers(request.threads);
  ErrorQuartiles errors[std::size(kModels)];
  double logOfSpeedups = 0;
  size_t measured = 0;
  os << "network                                    type   minimized  log10(ops)   predicted us"
        "    measured us  ratio\n";
  for (const std::string &path : request.networks) {
    std::string name = llvm::sys::path::stem(path).str();
    status.show(name);
    ImportRequest import;
    import.format = ImportFormat::Network;
    import.source = path;
    llvm::Expected<frontend::NetworkDescription> network = readNetwork(import, "tenon-calibrate");
    if (!network)
      return network.takeError();
    if (std::string reason = reasonToSkip(*network, request.slices); !reason.empty()) {
      status.clear();
      os << llvm::left_justify(name, 42) << " left out: " << reason << '\n';
      continue;
    }
    // What is read and written is made anew: networks differ in size by orders of magnitude.
    SharedArrays arrays;
    std::vector<Planned> plans;
    for (llvm::StringRef model : kModels) {
      auto planned = planAndCompile(context, *network, model, request, workers, arrays);
      if (planned) {
        plans.push_back(std::move(*planned));
        continue;
      }
      std::string message = llvm::toString(planned.takeError());
      // Simplified, a network may have too little left to slice.
      if (request.slices == 1)
        return llvm::createStringError(name + ": " + message);
      status.clear();
      os << llvm::left_justify(name, 42) << " left out: " << message << '\n';
      break;
    }
    if (plans.size() < std::size(kModels))
      continue;
    for (int round = 0; round < kRounds; ++round)
      for (Planned &planned : plans)
        if (llvm::Error error = planned.probe->measure(request.seconds / kRounds / 20))
          return error;
    status.clear();
    for (auto [number, planned] : llvm::enumerate(plans)) {
      double seconds = planned.probe->least();
      errors[number].add(planned.plan.seconds, seconds);
      os << llvm::left_justify(name, 42) << ' '
         << llvm::left_justify(frontend::elementTypeName(network->elementType), 6) << ' '
         << llvm::left_justify(kModels[number], 10)
         << llvm::format(" %10.2f %14.1f %14.1f %6.2f\n",
                         std::log10(std::max(planned.plan.operations, 1.0)),
                         1e6 * planned.plan.seconds, 1e6 * seconds, planned.plan.seconds / seconds);
    }
    logOfSpeedups += std::log(plans[0].probe->least() / plans[1].probe->least());
    ++measured;
    os.flush();
  }
  if (measured == 0)
    return llvm::createStringError("no network takes as few multiply-adds as are measured here");
  os << "\n|predicted / measured - 1|\n" << ErrorQuartiles::kHeader;
  for (auto [number, model] : llvm::enumerate(kModels))
    errors[number].print(("by " + model).str(), os);
  os << llvm::format(
      "plans by time are %.3f times as fast as plans by operations (geometric mean of %zu)\n",
      std::exp(logOfSpeedups / static_cast<double>(measured)), measured);
  return llvm::Error::success();
}
