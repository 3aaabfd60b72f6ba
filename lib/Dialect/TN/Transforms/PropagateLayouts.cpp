//===- PropagateLayouts.cpp - The pass tn-propagate-layouts -----------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "PackingModel.h"
#include "tenon/Dialect/TN/IR/PlaceInFile.h"
#include "tenon/Dialect/TN/Transforms/Passes.h"
#include "tenon/KernelModel/Layouts.h"
#include "tenon/Support/Counters.h"
#include "tenon/Support/DebugLog.h"
#include "tenon/Support/SeededBug.h"

#include "mlir/IR/Builders.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/Support/Format.h"

namespace tenon::tn {
#define GEN_PASS_DEF_TNPROPAGATELAYOUTS
#include "tenon/Dialect/TN/Transforms/Passes.h.inc"
} // namespace tenon::tn

using namespace mlir;
using namespace tenon;
using namespace tenon::tn;

namespace {
struct LayoutCounters : Counters {
  LayoutCounters() : Counters("tn-propagate-layouts") {}

  Counter intermediates{*this, "intermediates", "tensors whose order of dimensions is free"};
  Counter reordered{*this, "reordered", "of these, tensors that got another order"};
  Counter pinned{*this, "pinned", "tensors whose order tn.layout states"};
  Counter folded{*this, "folded-permutations", "permutations that producers and readers took over"};
  Counter before{*this, "nanoseconds-before",
                 "estimated cost of short runs in the orders that were found"};
  Counter after{*this, "nanoseconds-after", "the same in the orders that were chosen"};
};

/// The dimensions of values that get another order, outermost first.
using Orders = llvm::DenseMap<Value, SmallVector<int64_t>>;

struct PropagateLayoutsPass : tn::impl::TNPropagateLayoutsBase<PropagateLayoutsPass> {
  using Base::Base;

  void runOnOperation() override {
    func::FuncOp function = getOperation();
    std::optional<cpu::Processor> processor = cpu::Processor::fromText(packing);
    if (!processor) {
      function.emitError() << "tn-propagate-layouts: packing is six numbers of a processor, as in "
                              "512/32/1/32768/1048576/16777216 (vector bits, registers, memory "
                              "operands, bytes of three caches); "
                              "found '"
                           << packing << "'";
      return signalPassFailure();
    }
    if (rounds < 0 || candidates < 1) {
      function.emitError()
          << "tn-propagate-layouts: rounds is at least 0 and candidates at least 1; found "
          << rounds << " and " << candidates;
      return signalPassFailure();
    }
    LayoutCounters counters;
    foldPermutations(counters);
    SmallVector<ContractOp> steps;
    function.walk([&](ContractOp op) {
      if (isStep(op))
        steps.push_back(op);
    });
    Orders pins;
    for (ContractOp op : steps)
      if (failed(readPin(op, pins)))
        return signalPassFailure();
    counters.pinned += pins.size();
    reorder(steps, pins);
    reorder(steps, choose(steps, *processor, counters));
    Statistics::get().add(counters);
  }

private:
  /// Contractions that become one call of a kernel.
  static bool isStep(ContractOp op) {
    return (op.getInputs().size() == 1 || op.getInputs().size() == 2) &&
           op.getResultType().hasStaticShape() &&
           !llvm::any_of(op.getIndexExtents(), ShapedType::isDynamic);
  }

  /// Whether only steps read the value, so that its order is nobody else's concern.
  static bool isReadBySteps(Value value) {
    return !value.use_empty() && llvm::all_of(value.getUsers(), [](Operation *user) {
      auto contract = dyn_cast<ContractOp>(user);
      return contract && isStep(contract);
    });
  }

  //===--------------------------------------------------------------------===//
  // Permutations
  //===--------------------------------------------------------------------===//

  /// Whether the contraction only permutes the dimensions of its operand.
  static bool isPermutation(ContractOp op) {
    // Numbered by first appearance, no index of the operand is repeated where there are as many as
    // dimensions.
    return isStep(op) && op.getInputs().size() == 1 &&
           op.getNumIndices() == op.getInputType(0).getRank() &&
           op.getResultIndices().size() == op.getIndices().size() &&
           op.getInputType(0).getElementType() == op.getResultType().getElementType() &&
           !op->hasAttr(TNDialect::getLayoutAttrName());
  }

  /// Who reads a permuted tensor reads the tensor instead; and who makes it makes it in that order.
  void foldPermutations(LayoutCounters &counters) {
    SmallVector<ContractOp> permutations;
    getOperation().walk([&](ContractOp op) {
      if (isPermutation(op))
        permutations.push_back(op);
    });
    for (ContractOp op : permutations) {
      Value from = op.getInputs().front();
      // Dimension d of the result is dimension order[d] of the operand: its indices are numbered by
      // their place.
      ArrayRef<int64_t> order = op.getResultIndices();
      for (OpOperand &use : llvm::make_early_inc_range(op.getResult().getUses())) {
        auto reader = dyn_cast<ContractOp>(use.getOwner());
        if (!reader)
          continue;
        SmallVector<SmallVector<int64_t>> lists = getLists(reader);
        SmallVector<int64_t> permuted = lists[use.getOperandNumber()];
        bool isWrong = isSeeded(SeededBug::LayoutNotInverted) &&
                       llvm::all_equal(op.getResultType().getShape());
        for (auto [place, dim] : llvm::enumerate(order))
          if (isWrong)
            lists[use.getOperandNumber()][place] = permuted[dim];
          else
            lists[use.getOperandNumber()][dim] = permuted[place];
        use.set(from);
        setIndices(reader, lists, SmallVector<int64_t>(reader.getResultIndices()));
      }
      auto maker = from.getDefiningOp<ContractOp>();
      if (!op.use_empty() && maker && isStep(maker) && from.hasOneUse() &&
          maker->getBlock() == op->getBlock() && !maker->hasAttr(TNDialect::getLayoutAttrName())) {
        Orders orders;
        orders[from].assign(order.begin(), order.end());
        op.replaceAllUsesWith(from);
        op.erase();
        reorder(maker, orders);
        ++counters.folded;
      } else if (op.use_empty()) {
        op.erase();
        ++counters.folded;
      }
    }
  }

  //===--------------------------------------------------------------------===//
  // Orders that users state
  //===--------------------------------------------------------------------===//

  LogicalResult readPin(ContractOp op, Orders &pins) {
    Attribute attribute = op->getAttr(TNDialect::getLayoutAttrName());
    if (!attribute)
      return success();
    auto layout = dyn_cast<LayoutAttr>(attribute);
    int64_t rank = op.getResultType().getRank();
    if (!layout || static_cast<int64_t>(layout.getOrder().size()) != rank)
      return op.emitOpError() << "'" << TNDialect::getLayoutAttrName()
                              << "' is a #tn.layout<…> of the " << rank
                              << " dimensions of the result, found " << attribute;
    for (Operation *user : op->getUsers())
      if (auto contract = dyn_cast<ContractOp>(user); !contract || !isStep(contract)) {
        InFlightDiagnostic error =
            op.emitOpError()
            << "'" << TNDialect::getLayoutAttrName()
            << "' is for tensors that only contractions of one or two operands read";
        error.attachNote(user->getLoc()) << "this operation needs the dimensions in their order";
        return error;
      }
    pins[op.getResult()].assign(layout.getOrder().begin(), layout.getOrder().end());
    // The result will be as the attribute says.
    op->setAttr(TNDialect::getLayoutAttrName(),
                LayoutAttr::get(&getContext(), llvm::to_vector(llvm::seq<int64_t>(0, rank))));
    return success();
  }

  //===--------------------------------------------------------------------===//
  // Orders that are chosen
  //===--------------------------------------------------------------------===//

  Orders choose(ArrayRef<ContractOp> steps, const cpu::Processor &processor,
                LayoutCounters &counters) {
    cpu::LayoutProblem problem;
    problem.processor = processor;
    SmallVector<Value> values;
    llvm::DenseMap<Value, int32_t> numbers;
    auto operandOf = [&](Value value, ArrayRef<int64_t> indices) {
      auto [found, isNew] = numbers.try_emplace(value, static_cast<int32_t>(values.size()));
      if (isNew) {
        auto type = cast<RankedTensorType>(value.getType());
        auto maker = value.getDefiningOp<ContractOp>();
        bool isFree = maker && isStep(maker) && isReadBySteps(value) &&
                      !maker->hasAttr(TNDialect::getLayoutAttrName());
        counters.intermediates += isFree;
        values.push_back(value);
        problem.tensors.push_back({std::vector<int64_t>(type.getShape()),
                                   getElementBytes(type.getElementType()), !isFree});
      }
      return cpu::LayoutOperand{found->second,
                                std::vector<int32_t>(indices.begin(), indices.end())};
    };
    for (ContractOp op : steps) {
      cpu::LayoutStep step;
      step.sum = getSumFormat(op.getAccumulationType());
      for (auto [number, input] : llvm::enumerate(op.getInputs()))
        step.operands.push_back(operandOf(input, op.getOperandIndices(number)));
      step.result = operandOf(op.getResult(), op.getResultIndices());
      problem.steps.push_back(std::move(step));
    }
    cpu::LayoutOptions options;
    options.rounds = rounds;
    options.candidates = candidates;
    cpu::LayoutChoice choice = cpu::chooseLayouts(problem, options);
    counters.before += static_cast<int64_t>(choice.costAsWritten);
    counters.after += static_cast<int64_t>(choice.cost);
    Orders orders;
    for (auto [value, order] : llvm::zip_equal(values, choice.orders)) {
      if (llvm::is_sorted(order))
        continue;
      orders[value].assign(order.begin(), order.end());
      ++counters.reordered;
      if (isDebugged(DebugArea::Layouts))
        describe(value.getDefiningOp<ContractOp>(), order);
    }
    if (isDebugged(DebugArea::Layouts))
      DebugLine(DebugArea::Layouts)
          << describePlace(getOperation().getLoc()) << ": " << orders.size() << " of "
          << counters.intermediates.get() << " intermediates reordered in " << choice.rounds
          << " rounds, short runs " << llvm::format("%.0f", choice.costAsWritten) << " ns before, "
          << llvm::format("%.0f", choice.cost) << " ns after";
    return orders;
  }

  static void describe(ContractOp op, ArrayRef<int32_t> order) {
    DebugLine line(DebugArea::Layouts);
    line << describePlace(op.getLoc()) << ": [";
    auto write = [&](auto dims) {
      for (auto [place, dim] : llvm::enumerate(dims))
        line << (place == 0 ? "" : ", ") << op.getIndexName(op.getResultIndices()[dim]);
    };
    write(llvm::seq<int32_t>(0, static_cast<int32_t>(order.size())));
    line << "] becomes [";
    write(order);
    line << "]";
  }

  //===--------------------------------------------------------------------===//
  // Rewriting
  //===--------------------------------------------------------------------===//

  static SmallVector<SmallVector<int64_t>> getLists(ContractOp op) {
    SmallVector<SmallVector<int64_t>> lists;
    for (ArrayRef<int64_t> list : op.getOperandIndexLists())
      lists.emplace_back(list);
    return lists;
  }

  /// Gives a contraction lists in other orders: indices are numbered by first appearance again, and
  /// names follow. The type of the result follows from the operands, whose types are the new ones.
  static void setIndices(ContractOp op, ArrayRef<SmallVector<int64_t>> lists,
                         ArrayRef<int64_t> result) {
    Builder builder(op.getContext());
    SmallVector<int64_t> number(op.getNumIndices(), -1), indices, results;
    SmallVector<StringAttr> names;
    for (ArrayRef<int64_t> list : lists)
      for (int64_t index : list) {
        if (number[index] < 0) {
          number[index] = static_cast<int64_t>(names.size());
          names.push_back(builder.getStringAttr(op.getIndexName(index)));
        }
        indices.push_back(number[index]);
      }
    for (int64_t index : result)
      results.push_back(number[index]);
    if (getIndexNames(op.getLoc()))
      op->setLoc(withIndexNames(op.getLoc(), IndexNamesAttr::get(op.getContext(), names)));
    op.setIndices(indices);
    op.setResultIndices(results);
  }

  /// `list` in a value's new order, where it has one.
  static SmallVector<int64_t> reordered(ArrayRef<int64_t> list, Value value, const Orders &orders) {
    auto order = orders.find(value);
    if (order == orders.end())
      return SmallVector<int64_t>(list);
    SmallVector<int64_t> result;
    for (int64_t dim : order->second)
      result.push_back(list[dim]);
    return result;
  }

  static void reorder(ContractOp op, const Orders &orders) {
    SmallVector<SmallVector<int64_t>> lists = getLists(op);
    for (auto [list, input] : llvm::zip_equal(lists, op.getInputs()))
      list = reordered(list, input, orders);
    RankedTensorType type = op.getResultType();
    SmallVector<int64_t> result = reordered(op.getResultIndices(), op.getResult(), orders);
    SmallVector<int64_t> shape = reordered(type.getShape(), op.getResult(), orders);
    setIndices(op, lists, result);
    op.getResult().setType(RankedTensorType::get(shape, type.getElementType()));
  }

  static void reorder(ArrayRef<ContractOp> steps, const Orders &orders) {
    if (orders.empty())
      return;
    for (ContractOp op : steps)
      reorder(op, orders);
  }
};
} // namespace
