//===- Plan.cpp - The pass tn-plan ------------------------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "PlanWriteBack.h"
#include "tenon/Dialect/TN/IR/MemoryLimit.h"
#include "tenon/Dialect/TN/IR/PlaceInFile.h"
#include "tenon/Dialect/TN/Transforms/Passes.h"
#include "tenon/Dialect/TN/Transforms/PlannerInput.h"
#include "tenon/Support/Counters.h"
#include "tenon/Support/DebugLog.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/Support/JSON.h"

namespace tenon::tn {
#define GEN_PASS_DEF_TNPLAN
#include "tenon/Dialect/TN/Transforms/Passes.h.inc"
} // namespace tenon::tn

using namespace mlir;
using namespace tenon;
using namespace tenon::tn;

static bool hasEmptyExtent(const planner::Network &network) {
  for (planner::IndexId index = 0; index < network.numIndices(); ++index)
    if (network.extent(index) == 0)
      return true;
  return false;
}

namespace {
struct PlanCounters : Counters {
  PlanCounters() : Counters("tn-plan") {}

  Counter networks{*this, "networks", "contractions planned"};
  Counter operands{*this, "operands", "their operands"};
  Counter given{*this, "given-paths", "networks that brought a path"};
  Counter steps{*this, "steps", "contractions of two operands that plans consist of"};
  Counter slicedNetworks{*this, "sliced-networks", "networks that are computed in slices"};
  Counter slicedIndices{*this, "sliced-indices", "indices that are sliced"};
  Counter trivial{*this, "trivial", "contractions of one or two operands, left as they are"};
};

struct TNPlanPass : tn::impl::TNPlanBase<TNPlanPass> {
  using Base::Base;

  /// Null where nobody can cancel. Outlives the pass.
  Cancellation *cancellation = nullptr;
  /// That packing buffers are counted for; empty: they are not.
  std::optional<cpu::Processor> processor;
  /// That seconds are predicted from.
  planner::TimeTable times;

  void runOnOperation() override {
    func::FuncOp function = getOperation();
    if (memoryLimit < 0 || minSlices < 1 || threads < 1 || restarts < 1) {
      function.emitError("tn-plan: memory-limit is at least 0; min-slices, threads and restarts at least 1");
      return signalPassFailure();
    }
    processor = cpu::Processor::fromText(packing);
    if (!processor && packing != "none") {
      function.emitError() << "tn-plan: packing is 'none' or six numbers of a processor, as in 512/32/1/32768/1048576/16777216 "
                              "(vector bits, registers, memory operands, bytes of three caches); found '"
                           << packing << "'";
      return signalPassFailure();
    }
    if (std::string wrong = checkNames(); !wrong.empty()) {
      function.emitError() << "tn-plan: " << wrong;
      return signalPassFailure();
    }
    planner::Result<planner::TimeTable> table = readTimeTable(timeTable);
    if (!table) {
      function.emitError() << "tn-plan: time-table: " << table.error();
      return signalPassFailure();
    }
    times = std::move(*table);
    SmallVector<ContractOp> networks, trivial;
    function.walk([&](ContractOp op) {
      bool isNetwork = op.getInputs().size() > 2 || op->hasAttr("tn.path");
      (isNetwork || mayNeedSlices(op) ? networks : trivial).push_back(op);
    });
    // Slices that are asked for are those of a network; of the only contraction where there is no other.
    if (minSlices > 1 && networks.empty() && trivial.size() == 1 && isSliceable(trivial.front()))
      std::swap(networks, trivial);
    // A function that was planned before keeps that plan's description.
    if (networks.empty() && (trivial.empty() || function->hasAttr("tn.plan")))
      return;
    PlanCounters counters;
    counters.trivial += trivial.size();
    llvm::json::Array contractions;
    double operations = 0, slices = 1, peak = 0, seconds = 0;
    for (ContractOp op : trivial) {
      FailureOr<planner::TimeModel> model = getTimeModel(op);
      if (failed(model))
        return signalPassFailure();
      operations += describeTrivial(op, contractions);
      seconds += predictSeconds(op, *model);
    }
    for (ContractOp op : networks) {
      bool isGiven = op->hasAttr("tn.path");
      size_t operands = op.getInputs().size();
      Location loc = op.getLoc();
      FailureOr<planner::Plan> plan = planAndReplace(op, contractions, seconds);
      if (failed(plan))
        return signalPassFailure();
      ++counters.networks;
      counters.operands += operands;
      counters.given += isGiven;
      counters.steps += plan->tree.numSteps();
      counters.slicedNetworks += !plan->sliced.empty();
      counters.slicedIndices += plan->sliced.size();
      if (isDebugged(DebugArea::Plan))
        DebugLine(DebugArea::Plan) << describePlace(loc) << ": " << operands << " operands, " << (isGiven ? "tn.path" : "method " + method.getValue())
                                   << ", 2^" << llvm::format("%.2f", plan->cost.log2Ops) << " multiply-adds, largest result 2^"
                                   << llvm::format("%.2f", std::log2(plan->cost.largest)) << " elements, peak "
                                   << static_cast<int64_t>(plan->cost.peakBytes) << " bytes, "
                                   << static_cast<int64_t>(plan->cost.slices) << " slices over " << plan->sliced.size() << " indices";
      operations += plan->cost.ops;
      slices = std::max(slices, plan->cost.slices);
      peak = std::max(peak, plan->cost.peakBytes);
    }
    Statistics::get().add(counters);
    llvm::json::Value summary = llvm::json::Object{{"contractions", std::move(contractions)},
                                                   {"operations", operations},
                                                   {"slices", slices},
                                                   {"peak_bytes", peak},
                                                   {"estimated_seconds", seconds}};
    std::string text;
    llvm::raw_string_ostream(text) << summary;
    function->setAttr("tn.plan", StringAttr::get(&getContext(), text));
  }

  /// What is wrong with the names in the options, whether or not there is something to plan.
  std::string checkNames() {
    planner::StrategyRegistry registry;
    if (planner::Result<const planner::Strategy *> strategy = registry.find(method); !strategy)
      return strategy.error();
    // The model of time is made for the element type of a contraction.
    if (minimize == "time")
      return "";
    if (planner::Result<std::unique_ptr<planner::CostModel>> model = planner::makeCostModel(minimize); !model)
      return model.error();
    return "";
  }

  /// Contractions of two operands that are not sliced by a plan already.
  bool isSliceable(ContractOp op) {
    return op.getInputs().size() == 2 && !getOperation()->hasAttr("tn.plan") && !op->getParentOfType<SliceOp>() &&
           !llvm::any_of(op.getIndexExtents(), ShapedType::isDynamic);
  }

  /// Slices of a contraction of two operands pack less.
  bool mayNeedSlices(ContractOp op) { return (memoryLimit > 0 || leastMemory) && isSliceable(op); }

  FailureOr<planner::TimeModel> getTimeModel(ContractOp op) {
    planner::Result<planner::TimeModel> model = makeTimeModel(times, op, threads);
    if (!model)
      return op.emitOpError() << "cannot be planned: " << model.error();
    return *model;
  }

  /// Adds to `seconds` what the plan is predicted to take.
  FailureOr<planner::Plan> planAndReplace(ContractOp op, llvm::json::Array &report, double &seconds) {
    FailureOr<planner::Network> made = makePlannerNetwork(op);
    if (failed(made))
      return failure();
    const planner::Network &network = *made;
    bool isDynamic = llvm::any_of(op.getIndexExtents(), ShapedType::isDynamic);
    auto given = op->getAttrOfType<DenseI64ArrayAttr>("tn.sliced");
    if (isDynamic && (memoryLimit > 0 || leastMemory || minSlices > 1 || (given && !given.empty())))
      return op.emitOpError("cannot be sliced while extents are dynamic; fix them first (tenon-specialize)");
    planner::PlanOptions options;
    options.strategy = method;
    options.costModel = minimize;
    FailureOr<planner::TimeModel> time = getTimeModel(op);
    if (failed(time))
      return failure();
    options.time = *time;
    options.budget.seed = seed;
    options.budget.restarts = restarts;
    options.budget.threads = threads;
    options.budget.cancellation = cancellation;
    options.memory = makeMemoryModel(op, threads, processor);
    options.slicing.seed = seed;
    options.slicing.minSlices = minSlices;
    options.slicing.smallestPeak = leastMemory;
    if (memoryLimit > 0 && !leastMemory)
      options.slicing.peakBytes = double(memoryLimit);
    // With an extent of 0 nothing is computed, and there is nothing to slice.
    if (hasEmptyExtent(network)) {
      options.slicing = planner::SliceOptions();
      op->removeAttr("tn.sliced");
    }
    planner::Result<planner::Plan> plan = op->hasAttr("tn.path") ? followGivenPath(op, network, options)
                                                                 : planner::planNetwork(network, options, planner::StrategyRegistry());
    // What a search has found so far when it is stopped is no plan that equal inputs give again.
    if (cancellation && cancellation->wasRequested())
      return op.emitOpError("cannot be planned: the compilation was cancelled");
    if (!plan) {
      InFlightDiagnostic diagnostic = op.emitOpError() << "cannot be planned: " << plan.error();
      if (plan.fullError().smallestPeak > 0)
        markMemoryLimit(*diagnostic.getUnderlyingDiagnostic(), static_cast<int64_t>(std::ceil(plan.fullError().smallestPeak)));
      return diagnostic;
    }
    describe(op, *plan, report);
    seconds += time->predict(network, plan->tree, plan->sliced, plan->cost.peakBytes);
    OpBuilder builder(op);
    op->removeAttr("tn.path");
    op->removeAttr("tn.sliced");
    // One operand: there is nothing to split.
    if (plan->tree.numSteps() == 0)
      return std::move(*plan);
    Value result = writeBackPlan(builder, op, network, *plan);
    // The type of the operation may know more or less of the extents than the operands do.
    if (result.getType() != op.getResultType())
      result = tensor::CastOp::create(builder, op.getLoc(), op.getResultType(), result);
    op.getResult().replaceAllUsesWith(result);
    op.erase();
    return std::move(*plan);
  }

  /// A contraction of one or two operands needs no plan; it counts all the same. Returns its multiply-adds.
  static double describeTrivial(ContractOp op, llvm::json::Array &report) {
    double operations = op.getInputs().size() == 2 ? 1 : 0, elements = 1;
    for (int64_t extent : op.getIndexExtents())
      operations *= ShapedType::isDynamic(extent) ? 1 : double(extent);
    for (int64_t extent : op.getResultType().getShape())
      elements *= ShapedType::isDynamic(extent) ? 1 : double(extent);
    llvm::json::Array path;
    if (op.getInputs().size() == 2)
      path.push_back(llvm::json::Array{0, 1});
    report.push_back(llvm::json::Object{{"operands", int64_t(op.getInputs().size())},
                                        {"operations", operations},
                                        {"log2_operations", operations > 0 ? std::log2(operations) : 0.0},
                                        {"largest_elements", elements},
                                        {"writes", elements},
                                        {"slices", 1.0},
                                        {"peak_bytes", 0.0},
                                        {"path", std::move(path)},
                                        {"sliced", llvm::json::Array()}});
    return operations;
  }

  static void describe(ContractOp op, const planner::Plan &plan, llvm::json::Array &report) {
    llvm::json::Array path, sliced;
    for (const planner::Step &step : plan.tree.steps())
      path.push_back(llvm::json::Array{int64_t(step.lhs), int64_t(step.rhs)});
    for (planner::IndexId index : plan.sliced)
      sliced.push_back(op.getIndexName(index));
    report.push_back(llvm::json::Object{{"operands", int64_t(op.getInputs().size())},
                                        {"operations", plan.cost.ops},
                                        {"log2_operations", plan.cost.log2Ops},
                                        {"largest_elements", plan.cost.largest},
                                        {"writes", plan.cost.writes},
                                        {"slices", plan.cost.slices},
                                        {"peak_bytes", plan.cost.peakBytes},
                                        {"path", std::move(path)},
                                        {"sliced", std::move(sliced)}});
  }
};
} // namespace

std::unique_ptr<Pass> tn::createTNPlan(const TNPlanOptions &options, Cancellation *cancellation) {
  auto pass = std::make_unique<TNPlanPass>(options);
  pass->cancellation = cancellation;
  return pass;
}
