//===- Plan.cpp - The pass tn-plan ------------------------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "PlanWriteBack.h"
#include "TakenSteps.h"
#include "tenon/Dialect/TN/IR/PlaceInFile.h"
#include "tenon/Dialect/TN/Transforms/Passes.h"
#include "tenon/Dialect/TN/Transforms/PlannerInput.h"
#include "tenon/Support/Counters.h"
#include "tenon/Support/DebugLog.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/Support/JSON.h"

namespace tenon::tn {
#define GEN_PASS_DEF_TNPLAN
#include "tenon/Dialect/TN/Transforms/Passes.h.inc"
} // namespace tenon::tn

using namespace mlir;
using namespace tenon;
using namespace tenon::tn;

namespace {
struct PlanCounters : Counters {
  PlanCounters() : Counters("tn-plan") {}

  Counter networks{*this, "networks", "contractions planned"};
  Counter operands{*this, "operands", "their operands"};
  Counter given{*this, "given-paths", "networks that brought a path"};
  Counter steps{*this, "steps", "contractions of two operands that are computed"};
  Counter sharedSteps{*this, "shared-steps", "steps of plans that are not, since another one has their value"};
  Counter slicedNetworks{*this, "sliced-networks", "networks that are computed in slices"};
  Counter slicedIndices{*this, "sliced-indices", "indices that are sliced"};
  Counter trivial{*this, "trivial", "contractions of one or two operands, left as they are"};
};

/// What the function says of its plan.
struct Totals {
  llvm::json::Array contractions;
  /// Multiply-adds, and what they would be if nothing were shared.
  double operations = 0, operationsUnshared = 0;
  double slices = 1, peak = 0, seconds = 0;
  int64_t sharedSteps = 0;
};

struct TNPlanPass : tn::impl::TNPlanBase<TNPlanPass> {
  using Base::Base;

  /// Null where nobody can cancel. Outlives the pass.
  Cancellation *cancellation = nullptr;
  /// That packing buffers are counted for; empty: they are not.
  std::optional<cpu::Processor> processor;
  /// That seconds are predicted from.
  std::optional<planner::MeasuredTimes> times;

  void runOnOperation() override {
    func::FuncOp function = getOperation();
    if (memoryLimit < 0 || keptLimit < 0 || minSlices < 1 || threads < 1 || restarts < 1 || searchThreads < 0) {
      function.emitError("tn-plan: memory-limit, kept-limit and search-threads are at least 0; min-slices, threads and restarts at least 1");
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
    planner::Result<planner::MeasuredTimes> measured = readTimes(timeTable);
    if (!measured) {
      function.emitError() << "tn-plan: time-table: " << measured.error();
      return signalPassFailure();
    }
    times = std::move(*measured);
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
    Totals totals;
    // Contractions of two operands have steps to share, too.
    llvm::MapVector<Block *, SmallVector<ContractOp>> groups;
    DenseSet<Operation *> isNetwork;
    for (ContractOp op : networks) {
      isNetwork.insert(op);
      groups[op->getBlock()];
    }
    // So have two of the same values where there is no network.
    DenseSet<std::tuple<Block *, Value, Value>> pairs;
    for (ContractOp op : trivial)
      if (mayShare(op) && !pairs.insert(pairOf(op)).second)
        groups[op->getBlock()];
    WalkResult walked = function.walk([&](ContractOp op) {
      auto group = groups.find(op->getBlock());
      if (isNetwork.contains(op) || (group != groups.end() && mayShare(op)))
        group->second.push_back(op);
      else if (failed(describeTrivial(op, totals)))
        return WalkResult::interrupt();
      return WalkResult::advance();
    });
    if (walked.wasInterrupted())
      return signalPassFailure();
    for (auto &[block, members] : groups)
      if (failed(planTogether(members, isNetwork, totals, counters)))
        return signalPassFailure();
    counters.trivial += trivial.size();
    counters.sharedSteps += totals.sharedSteps;
    Statistics::get().add(counters);
    llvm::json::Object summary{{"contractions", std::move(totals.contractions)},
                               {"operations", totals.operations},
                               {"slices", totals.slices},
                               {"peak_bytes", totals.peak},
                               {"estimated_seconds", totals.seconds}};
    if (totals.sharedSteps > 0) {
      summary["shared_steps"] = totals.sharedSteps;
      summary["operations_unshared"] = totals.operationsUnshared;
    }
    std::string text;
    llvm::raw_string_ostream(text) << llvm::json::Value(std::move(summary));
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

  /// Whether an index of one operand alone is summed: a step of a plan does not count that, for a network has it taken out before.
  static bool sumsWithinOperand(ContractOp op) {
    SmallVector<unsigned> holders(op.getNumIndices(), 0);
    for (int64_t index : op.getResultIndices())
      holders[index] = 2;
    for (unsigned operand = 0; operand < op.getInputs().size(); ++operand) {
      llvm::SmallDenseSet<int64_t> own(op.getOperandIndices(operand).begin(), op.getOperandIndices(operand).end());
      for (int64_t index : own)
        ++holders[index];
    }
    return llvm::is_contained(holders, 1u);
  }

  /// Contractions of two operands whose result may be that of a step, or of another one.
  bool mayShare(ContractOp op) {
    return op.getInputs().size() == 2 && !getOperation()->hasAttr("tn.plan") && !llvm::any_of(op.getIndexExtents(), ShapedType::isDynamic) &&
           !sumsWithinOperand(op);
  }

  /// The operands of a contraction of two, whatever their order.
  static std::tuple<Block *, Value, Value> pairOf(ContractOp op) {
    Value lhs = op.getInputs()[0], rhs = op.getInputs()[1];
    if (rhs.getAsOpaquePointer() < lhs.getAsOpaquePointer())
      std::swap(lhs, rhs);
    return {op->getBlock(), lhs, rhs};
  }

  /// Contractions of two operands that are not sliced by a plan already.
  bool isSliceable(ContractOp op) {
    return op.getInputs().size() == 2 && !getOperation()->hasAttr("tn.plan") && !op->getParentOfType<SliceOp>() &&
           !llvm::any_of(op.getIndexExtents(), ShapedType::isDynamic);
  }

  /// Slices of a contraction of two operands pack less.
  bool mayNeedSlices(ContractOp op) { return (memoryLimit > 0 || leastMemory) && isSliceable(op); }

  planner::PlanOptions makeOptions() {
    planner::PlanOptions options;
    options.strategy = method;
    options.costModel = minimize;
    options.budget.seed = seed;
    options.budget.restarts = restarts;
    options.budget.threads = searchThreads > 0 ? searchThreads : threads;
    options.budget.cancellation = cancellation;
    options.slicing.seed = seed;
    options.slicing.minSlices = minSlices;
    options.slicing.smallestPeak = leastMemory;
    if (memoryLimit > 0 && !leastMemory)
      options.slicing.peakBytes = double(memoryLimit);
    if (keptLimit > 0)
      options.keptBytes = double(keptLimit);
    return options;
  }

  /// Plans contractions of one block. Those that are no `networks` have two operands, and stay unless their result is there already.
  LogicalResult planTogether(ArrayRef<ContractOp> ops, const DenseSet<Operation *> &networks, Totals &totals, PlanCounters &counters) {
    ContractionGraph graph(makeOptions(), threads, processor, *times);
    for (ContractOp op : ops) {
      FailureOr<planner::Network> network = makePlannerNetwork(op);
      if (failed(network))
        return failure();
      bool isNetwork = networks.contains(op);
      bool isDynamic = llvm::any_of(op.getIndexExtents(), ShapedType::isDynamic);
      auto given = op->getAttrOfType<DenseI64ArrayAttr>("tn.sliced");
      if (isNetwork && isDynamic && (memoryLimit > 0 || leastMemory || minSlices > 1 || (given && !given.empty())))
        return op.emitOpError("cannot be sliced while extents are dynamic; fix them first (tenon-specialize)");
      if (failed(graph.add(op, std::move(*network), /*isLimited=*/isNetwork)))
        return failure();
    }
    FailureOr<planner::GraphPlan> plan = graph.plan();
    if (failed(plan))
      return failure();
    WrittenNodes written(*plan);
    for (auto [number, member] : llvm::enumerate(ops)) {
      ContractOp op = member;
      const planner::PlannedNetwork &planned = plan->networks[number];
      if (failed(describe(op, planned.plan, totals.contractions)))
        return failure();
      countEqualResults(op, planned.plan.cost.ops, planned.plan.tree.numSteps(), totals);
      removeTakenSteps(op);
      if (networks.contains(op))
        count(op, planned, counters);
      totals.operations += planned.ops;
      totals.seconds += graph.timesOf(number).predict(graph.networks().networks[number].network, planned.plan.tree, planned.plan.sliced,
                                                      planned.plan.cost.peakBytes, planned.isComputed);
      totals.slices = std::max(totals.slices, planned.plan.cost.slices);
      // Two operands are a tree already; of networks, sums of single operands are taken out.
      bool isTree = op.getInputs().size() < (networks.contains(op) ? 2 : 3);
      replace(op, isTree, graph.networks().networks[number].network, *plan, number, written);
    }
    totals.peak = std::max(totals.peak, plan->cost.peakBytes);
    totals.sharedSteps += plan->cost.sharedSteps;
    totals.operationsUnshared += plan->cost.unsharedOps;
    return success();
  }

  void count(ContractOp op, const planner::PlannedNetwork &planned, PlanCounters &counters) {
    bool isGiven = op->hasAttr("tn.path");
    size_t operands = op.getInputs().size();
    const planner::Plan &plan = planned.plan;
    ++counters.networks;
    counters.operands += operands;
    counters.given += isGiven;
    counters.steps += planned.steps;
    counters.slicedNetworks += !plan.sliced.empty();
    counters.slicedIndices += plan.sliced.size();
    if (!isDebugged(DebugArea::Plan))
      return;
    DebugLine(DebugArea::Plan) << describePlace(op.getLoc()) << ": " << operands << " operands, "
                               << (isGiven ? "tn.path" : "method " + method.getValue()) << ", 2^" << llvm::format("%.2f", plan.cost.log2Ops)
                               << " multiply-adds, largest result 2^" << llvm::format("%.2f", std::log2(plan.cost.largest))
                               << " elements, peak " << static_cast<int64_t>(plan.cost.peakBytes) << " bytes, "
                               << static_cast<int64_t>(plan.cost.slices) << " slices over " << plan.sliced.size() << " indices, "
                               << plan.tree.numSteps() - planned.steps << " of " << plan.tree.numSteps() << " steps shared";
  }

  /// `isTree`: the operation may stay, if its result is not taken from another one.
  void replace(ContractOp op, bool isTree, const planner::Network &network, const planner::GraphPlan &plan, uint32_t number,
               WrittenNodes &written) {
    op->removeAttr("tn.path");
    op->removeAttr("tn.sliced");
    const planner::PlannedNetwork &planned = plan.networks[number];
    planner::NodeId root = planned.plan.tree.root();
    bool isWhole = planned.plan.sliced.empty() && planned.origins[root] == planner::NodeOrigin{number, root};
    if (isTree && isWhole) {
      written.add(number, root, op.getResult(), op.getResultIndices());
      return;
    }
    OpBuilder builder(op);
    Value result = writeBackPlan(builder, op, network, plan, number, written);
    // The type of the operation may know more or less of the extents than the operands do.
    if (result.getType() != op.getResultType())
      result = tensor::CastOp::create(builder, op.getLoc(), op.getResultType(), result);
    op.getResult().replaceAllUsesWith(result);
    op.erase();
  }

  /// JSON has no infinities; null is the logarithm of 0.
  static llvm::json::Value orNull(double log2) {
    return std::isfinite(log2) ? llvm::json::Value(log2) : llvm::json::Value(nullptr);
  }

  /// A contraction of one or two operands needs no plan; it counts all the same.
  LogicalResult describeTrivial(ContractOp op, Totals &totals) {
    planner::Result<planner::TimeModel> model = makeTimeModel(*times, op, threads);
    if (!model)
      return op.emitOpError() << "cannot be planned: " << model.error();
    double operations = op.getInputs().size() == 2 ? 1 : 0, elements = 1;
    for (int64_t extent : op.getIndexExtents())
      operations *= ShapedType::isDynamic(extent) ? 1 : double(extent);
    for (int64_t extent : op.getResultType().getShape())
      elements *= ShapedType::isDynamic(extent) ? 1 : double(extent);
    std::vector<planner::Step> steps;
    if (op.getInputs().size() == 2)
      steps.push_back({0, 1});
    planner::ContractionTree tree(op.getInputs().size(), std::move(steps));
    llvm::json::Object entry{{"operands", int64_t(op.getInputs().size())},
                             {"operations", operations},
                             {"log2_operations", orNull(std::log2(operations))},
                             {"largest_elements", elements},
                             {"writes", elements},
                             {"slices", 1.0},
                             {"peak_bytes", 0.0},
                             {"path", pathOf(tree)},
                             {"results", resultsOf(op)},
                             {"sliced", llvm::json::Array()}};
    if (failed(describeTaken(op, tree, entry)))
      return failure();
    countEqualResults(op, operations, tree.numSteps(), totals);
    removeTakenSteps(op);
    totals.operations += operations;
    totals.operationsUnshared += operations;
    totals.seconds += predictSeconds(op, *model);
    totals.contractions.push_back(std::move(entry));
    return success();
  }

  /// The results of the function that the operation computes, also by way of a rank that is restored or a type that says more.
  static llvm::json::Array resultsOf(ContractOp op) {
    SmallVector<int64_t> numbers;
    SmallVector<Value> worklist = {op.getResult()};
    while (!worklist.empty())
      for (OpOperand &use : worklist.pop_back_val().getUses()) {
        Operation *user = use.getOwner();
        if (isa<func::ReturnOp>(user))
          numbers.push_back(use.getOperandNumber());
        else if (isa<tensor::CastOp>(user) || (isa<tensor::InsertSliceOp>(user) && use.getOperandNumber() == 0))
          worklist.push_back(user->getResult(0));
      }
    llvm::sort(numbers);
    return llvm::json::Array(numbers);
  }

  /// A contraction that is several results shares all of its steps: equal ones became one before they were planned.
  static void countEqualResults(ContractOp op, double operations, size_t steps, Totals &totals) {
    size_t results = resultsOf(op).size();
    if (results < 2)
      return;
    totals.sharedSteps += (results - 1) * steps;
    totals.operationsUnshared += static_cast<double>(results - 1) * operations;
  }

  static llvm::json::Array pathOf(const planner::ContractionTree &tree) {
    llvm::json::Array path;
    for (const planner::Step &step : tree.steps())
      path.push_back(llvm::json::Array{int64_t(step.lhs), int64_t(step.rhs)});
    return path;
  }

  /// The path over the operands that tn-simplify read, where the contraction knows them.
  static LogicalResult describeTaken(ContractOp op, const planner::ContractionTree &tree, llvm::json::Object &entry) {
    if (!hasTakenSteps(op))
      return success();
    FailureOr<planner::ContractionTree> whole = addTakenSteps(op, tree);
    if (failed(whole))
      return failure();
    entry["original_operands"] = int64_t(whole->numLeaves());
    entry["original_path"] = pathOf(*whole);
    return success();
  }

  static LogicalResult describe(ContractOp op, const planner::Plan &plan, llvm::json::Array &report) {
    llvm::json::Array sliced;
    for (planner::IndexId index : plan.sliced)
      sliced.push_back(op.getIndexName(index));
    llvm::json::Object entry{{"operands", int64_t(op.getInputs().size())},
                             {"operations", plan.cost.ops},
                             {"log2_operations", orNull(plan.cost.log2Ops)},
                             {"largest_elements", plan.cost.largest},
                             {"writes", plan.cost.writes},
                             {"slices", plan.cost.slices},
                             {"peak_bytes", plan.cost.peakBytes},
                             {"path", pathOf(plan.tree)},
                             {"results", resultsOf(op)},
                             {"sliced", std::move(sliced)}};
    if (failed(describeTaken(op, plan.tree, entry)))
      return failure();
    report.push_back(std::move(entry));
    return success();
  }
};
} // namespace

std::unique_ptr<Pass> tn::createTNPlan(const TNPlanOptions &options, Cancellation *cancellation) {
  auto pass = std::make_unique<TNPlanPass>(options);
  pass->cancellation = cancellation;
  return pass;
}
