//===- ReportJson.cpp - Plans for programs --------------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "ReportJson.h"

#include "tenon/Dialect/TN/IR/PlaceInFile.h"

#include <cmath>

using namespace mlir;
using namespace tenon;
using namespace tenon::plan;
namespace json = llvm::json;

json::Value plan::makePathJson(const planner::Path &path) {
  json::Array steps;
  for (const std::vector<int64_t> &step : path)
    steps.push_back(json::Array(step));
  return steps;
}

json::Value plan::makeEdgePathJson(const PlannedContraction &contraction) {
  tn::ContractOp op = contraction.op;
  json::Array names;
  for (planner::IndexId index : planner::toEdgePath(contraction.network, contraction.plan.tree))
    names.push_back(op.getIndexName(index));
  return names;
}

/// JSON has no infinities; null says that there is nothing to take the logarithm of.
static json::Value orNull(double value) {
  return std::isfinite(value) ? json::Value(value) : json::Value(nullptr);
}

static json::Array makeIndexList(std::span<const planner::IndexId> indices) {
  json::Array list;
  for (planner::IndexId index : indices)
    list.push_back(int64_t(index));
  return list;
}

/// The network in the form of the network JSON files, with the names of the indices.
static void describeNetwork(const PlannedContraction &contraction, json::Object &object) {
  const planner::Network &network = contraction.network;
  tn::ContractOp op = contraction.op;
  json::Array inputs, sizes, names;
  for (planner::NodeId tensor = 0; tensor < network.numTensors(); ++tensor)
    inputs.push_back(makeIndexList(network.tensor(tensor)));
  for (planner::IndexId index = 0; index < network.numIndices(); ++index) {
    sizes.push_back(network.extent(index));
    names.push_back(op.getIndexName(index));
  }
  object["inputs"] = std::move(inputs);
  object["output"] = makeIndexList(network.output());
  object["sizes"] = std::move(sizes);
  object["names"] = std::move(names);
}

static json::Array makeEvents(const PlannedContraction &contraction) {
  json::Array events;
  for (const SearchEvent &event : contraction.events)
    events.push_back(json::Object{
        {"seconds", event.seconds}, {"strategy", event.strategy}, {"log2_cost", event.log2Cost}});
  return events;
}

static json::Array makeSteps(const PlannedContraction &contraction) {
  const auto &[op, network, memory, plan, isGiven, seconds, predicted, threads, events] =
      contraction;
  std::vector<double> extents = contraction.log2SliceExtents();
  planner::NodeIndices indices(network, plan.tree);
  std::vector<double> runs = contraction.log2Runs();
  json::Array steps;
  for (const planner::LiveMoment &moment :
       planner::memoryOverTime(network, plan.tree, plan.sliced, memory)) {
    planner::StepSizes sizes = planner::stepSizes(plan.tree, indices, moment.step, extents);
    const planner::Step &step = plan.tree.step(moment.step);
    steps.push_back(json::Object{{"operands", json::Array{int64_t(step.lhs), int64_t(step.rhs)}},
                                 {"result", int64_t(plan.tree.resultOf(moment.step))},
                                 {"log2_operations", orNull(sizes.ops)},
                                 {"log2_elements", orNull(sizes.result)},
                                 {"log2_runs", orNull(runs[moment.step])},
                                 {"live_bytes", orNull(moment.bytes)}});
  }
  return steps;
}

static json::Object makeContraction(const PlannedContraction &contraction) {
  const auto &[op, network, memory, plan, isGiven, seconds, predicted, threads, events] =
      contraction;
  tn::ContractOp contract = op;
  json::Array sliced;
  for (planner::IndexId index : plan.sliced)
    sliced.push_back(json::Object{{"index", int64_t(index)},
                                  {"name", contract.getIndexName(index)},
                                  {"extent", network.extent(index)}});
  json::Object object{{"place", tn::describePlace(contract.getLoc())},
                      {"tensors", int64_t(network.numTensors())},
                      {"indices", int64_t(network.numIndices())},
                      {"given", isGiven},
                      {"search_seconds", seconds},
                      {"operations", plan.cost.ops},
                      {"log2_operations", orNull(plan.cost.log2Ops)},
                      {"expected_operations", plan.cost.expectedOps},
                      {"log2_expected_operations", orNull(plan.cost.log2ExpectedOps)},
                      {"hoisted_operations", plan.cost.hoistedOps},
                      {"largest_elements", plan.cost.largest},
                      {"log2_largest", orNull(plan.cost.log2Largest)},
                      {"writes", plan.cost.writes},
                      {"log2_writes", orNull(plan.cost.log2Writes)},
                      {"peak_bytes", plan.cost.peakBytes},
                      {"slices", plan.cost.slices},
                      {"sliced", std::move(sliced)},
                      {"estimated_seconds", orNull(predicted)},
                      {"path", makePathJson(planner::toLinearPath(plan.tree))},
                      {"ssa_path", makePathJson(planner::toSsaPath(plan.tree))},
                      {"steps", makeSteps(contraction)},
                      {"events", makeEvents(contraction)}};
  describeNetwork(contraction, object);
  return object;
}

void plan::printJson(const PlannedFunction &function, const PlanRequest &request, raw_ostream &os) {
  ArrayRef<PlannedContraction> contractions = function.contractions;
  const planner::GraphCost &cost = function.together;
  json::Array list;
  for (const PlannedContraction &contraction : contractions)
    list.push_back(makeContraction(contraction));
  json::Value summary = json::Object{{"input", request.input},
                                     {"method", request.method},
                                     {"minimize", request.minimize},
                                     {"seed", request.seed},
                                     {"threads", int64_t(contractions.front().threads)},
                                     {"operations", cost.ops},
                                     {"operations_unshared", cost.unsharedOps},
                                     {"steps", int64_t(cost.steps)},
                                     {"shared_steps", int64_t(cost.sharedSteps)},
                                     {"peak_bytes", cost.peakBytes},
                                     {"estimated_seconds", orNull(function.predictedSeconds)},
                                     {"contractions", std::move(list)}};
  os << llvm::formatv("{0}\n", summary);
}
