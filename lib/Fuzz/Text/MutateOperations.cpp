//===- MutateOperations.cpp - Mutators of single operations -----------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "TextMutators.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::fuzz;

bool tenon::fuzz::eraseOperation(ModuleOp module, ModuleOp, Random &random) {
  Operation *op = pick(plainOperations(module), random);
  if (!op)
    return false;
  for (Value result : op->getResults()) {
    if (result.use_empty())
      continue;
    // What it was made of first: an operation between equal types then looks skipped.
    SmallVector<Value> operands = llvm::filter_to_vector(
        op->getOperands(), [&](Value v) { return v.getType() == result.getType(); });
    Value other = !operands.empty() && !random.oneIn(4)
                      ? pick(operands, random)
                      : findOrMakeValue(op, result.getType(), random);
    if (!other)
      return false;
    result.replaceAllUsesWith(other);
  }
  op->erase();
  return true;
}

bool tenon::fuzz::duplicateOperation(ModuleOp module, ModuleOp, Random &random) {
  Operation *op = pick(plainOperations(module), random);
  if (!op)
    return false;
  OpBuilder builder(op->getContext());
  builder.setInsertionPointAfter(op);
  Operation *copy = builder.clone(*op);
  for (auto [from, to] : llvm::zip_equal(op->getResults(), copy->getResults()))
    from.replaceUsesWithIf(to, [&](OpOperand &) { return random.oneIn(2); });
  return true;
}

bool tenon::fuzz::swapOperands(ModuleOp module, ModuleOp, Random &random) {
  SmallVector<std::pair<OpOperand *, OpOperand *>> pairs;
  for (Operation *op : allOperations(module))
    for (OpOperand &a : op->getOpOperands())
      for (OpOperand &b : op->getOpOperands().drop_front(a.getOperandNumber() + 1))
        if (a.get() != b.get() && a.get().getType() == b.get().getType())
          pairs.push_back({&a, &b});
  auto [a, b] = pick(pairs, random);
  if (!a)
    return false;
  Value first = a->get();
  a->set(b->get());
  b->set(first);
  return true;
}

bool tenon::fuzz::replaceOperand(ModuleOp module, ModuleOp, Random &random) {
  Operation *op = pick(allOperations(module), random);
  if (!op || op->getNumOperands() == 0)
    return false;
  OpOperand &operand = op->getOpOperand(static_cast<unsigned>(random.below(op->getNumOperands())));
  Value other = findOrMakeValue(op, operand.get().getType(), random, operand.get());
  if (!other)
    return false;
  operand.set(other);
  return true;
}

bool tenon::fuzz::moveOperation(ModuleOp module, ModuleOp, Random &random) {
  SmallVector<Operation *> movable = llvm::filter_to_vector(
      plainOperations(module), [](Operation *op) { return op->getPrevNode() != nullptr; });
  Operation *op = pick(movable, random);
  if (!op)
    return false;
  Operation *place = op;
  for (uint64_t steps = 1 + random.below(4); steps > 0 && place->getPrevNode(); --steps)
    place = place->getPrevNode();
  op->moveBefore(place);
  return true;
}

/// Operations of one line take the same operands and have the same results.
static const std::vector<std::vector<StringRef>> &getExchanges() {
  static const std::vector<std::vector<StringRef>> groups = {
      {"arith.addi",  "arith.subi",  "arith.muli",      "arith.andi",      "arith.ori",
       "arith.xori",  "arith.maxsi", "arith.minsi",     "arith.maxui",     "arith.minui",
       "arith.shli",  "arith.shrsi", "arith.shrui",     "arith.divsi",     "arith.divui",
       "arith.remsi", "arith.remui", "arith.ceildivsi", "arith.ceildivui", "arith.floordivsi"},
      {"arith.addf", "arith.subf", "arith.mulf", "arith.maximumf", "arith.minimumf",
       "arith.maxnumf", "arith.minnumf", "arith.divf", "arith.remf"},
      {"arith.extsi", "arith.extui"},
      {"arith.sitofp", "arith.uitofp"},
      {"arith.fptosi", "arith.fptoui"},
      {"arith.index_cast", "arith.index_castui"},
      {"arith.negf", "math.absf", "math.sqrt", "math.exp", "math.tanh", "math.floor"},
      {"complex.add", "complex.sub", "complex.mul", "complex.div"},
      {"complex.neg", "complex.conj", "complex.sqrt"},
      {"linalg.add", "linalg.sub", "linalg.mul", "linalg.max", "linalg.min", "linalg.div"},
      {"linalg.abs", "linalg.negf", "linalg.exp", "linalg.square", "linalg.floor"},
      {"affine.min", "affine.max"},
      {"memref.alloc", "memref.alloca"},
      {"vector.load", "memref.load"},
  };
  return groups;
}

bool tenon::fuzz::exchangeOperation(ModuleOp module, ModuleOp, Random &random) {
  SmallVector<std::pair<Operation *, const std::vector<StringRef> *>> known;
  for (Operation *op : plainOperations(module))
    for (const std::vector<StringRef> &group : getExchanges())
      if (llvm::is_contained(group, op->getName().getStringRef()))
        known.push_back({op, &group});
  auto [op, group] = pick(known, random);
  if (!op)
    return false;
  StringRef name = pick(*group, random);
  if (name == op->getName().getStringRef() || !OperationName(name, op->getContext()).isRegistered())
    return false;
  rebuild(op, name, op->getAttrDictionary().getValue());
  return true;
}

bool tenon::fuzz::wrapInCondition(ModuleOp module, ModuleOp, Random &random) {
  Operation *op = pick(plainOperations(module), random);
  // Control flow in the scalar body of an operation is another matter.
  if (!op || op->getNumRegions() > 1)
    return false;
  SmallVector<Value> others;
  for (Type type : op->getResultTypes()) {
    others.push_back(findOrMakeValue(op, type, random));
    if (!others.back())
      return false;
  }
  OpBuilder builder(op);
  Location loc = op->getLoc();
  Value condition = findOrMakeValue(op, builder.getI1Type(), random);
  const bool isThen = random.oneIn(2);
  auto choice = scf::IfOp::create(builder, loc, op->getResultTypes(), condition,
                                  /*addThenBlock=*/true, /*addElseBlock=*/true);
  op->replaceAllUsesWith(choice.getResults());
  Block *place = isThen ? choice.thenBlock() : choice.elseBlock();
  Block *opposite = isThen ? choice.elseBlock() : choice.thenBlock();
  place->clear();
  opposite->clear();
  op->moveBefore(place, place->end());
  builder.setInsertionPointToEnd(place);
  scf::YieldOp::create(builder, loc, op->getResults());
  builder.setInsertionPointToEnd(opposite);
  scf::YieldOp::create(builder, loc, others);
  return true;
}
