//===- TestPasses.cpp - Passes that are wrong on purpose ------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "TestPasses.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/Pass.h"

using namespace mlir;

namespace {

/// A pass on functions that consists of one function.
template <void (*run)(func::FuncOp, bool &fails), const char *argument>
struct WrongPass : PassWrapper<WrongPass<run, argument>, OperationPass<func::FuncOp>> {
  StringRef getArgument() const final { return argument; }
  StringRef getDescription() const final { return "Is wrong, for a test"; }
  void runOnOperation() final {
    bool fails = false;
    run(this->getOperation(), fails);
    if (fails)
      this->signalPassFailure();
  }
  static llvm::StringRef getPassName() { return argument; }
};

void swapSubtraction(func::FuncOp function, bool &) {
  function.walk([](arith::SubFOp op) {
    Value left = op.getLhs();
    op.getLhsMutable().assign(op.getRhs());
    op.getRhsMutable().assign(left);
  });
}

void dropAddend(func::FuncOp function, bool &) {
  function.walk([](Operation *op) {
    if (isa<arith::AddFOp, arith::AddIOp>(op))
      op->getResult(0).replaceAllUsesWith(op->getOperand(0));
  });
}

void widenType(func::FuncOp function, bool &) {
  function.walk(
      [](arith::AddFOp op) { op.getResult().setType(Float64Type::get(op.getContext())); });
}

void failSilently(func::FuncOp, bool &fails) { fails = true; }

void countRuns(func::FuncOp function, bool &) {
  static int64_t runs = 0;
  function->setAttr("runs", Builder(function.getContext()).getI64IntegerAttr(runs++));
}

constexpr char kSwap[] = "test-swap-subtraction", kDrop[] = "test-drop-addend",
               kWiden[] = "test-widen-type", kSilent[] = "test-silent-failure",
               kUndecided[] = "test-undecided";

} // namespace

void tenon::fuzz::test::registerWrongPasses() {
  static const bool once = [] {
    PassRegistration<WrongPass<swapSubtraction, kSwap>>();
    PassRegistration<WrongPass<dropAddend, kDrop>>();
    PassRegistration<WrongPass<widenType, kWiden>>();
    PassRegistration<WrongPass<failSilently, kSilent>>();
    PassRegistration<WrongPass<countRuns, kUndecided>>();
    return true;
  }();
  (void)once;
}
