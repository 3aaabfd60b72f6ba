//===- ReferenceLinalg.cpp - Semantics of the linalg dialect --------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Every structured op, named or generic, is a loop nest over its region: the loops run in
// row-major order, outermost first, and each point reads, computes and writes once.
//
//===----------------------------------------------------------------------===//
#include "AffineEvaluation.h"
#include "Evaluator.h"
#include "ScalarProgram.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"

using namespace mlir;

namespace tenon::reference {
namespace {

/// How one operand of a structured op is accessed.
struct Access {
  /// Null for a scalar operand, whose value is `scalar`, and for an output, which `output` holds.
  const HostTensor *input = nullptr;
  std::shared_ptr<HostTensor> output;
  Number scalar;
  AffineMap map;
  /// For maps whose results are loops: the stride of each loop. Empty otherwise.
  SmallVector<int64_t> loopStrides;

  const HostTensor *tensor() const { return output ? output.get() : input; }
};

class StructuredOp {
public:
  StructuredOp(Evaluator &evaluator, linalg::LinalgOp op) : evaluator(evaluator), op(op) {}

  LogicalResult run() {
    if (!op.hasPureTensorSemantics())
      return evaluator.fail(op, "the reference interpreter works on tensors only, not on memrefs");
    if (failed(bindAccesses()) || failed(findExtents()))
      return failure();
    BodyRunner body(evaluator, op, *op.getBlock());
    const uint64_t estimate =
        llvm::SaturatingMultiply(saturatingProduct(extents), body.workPerRun());
    if (failed(evaluator.checkWork(op, estimate)))
      return failure();
    if (!llvm::is_contained(extents, 0) && failed(loop(body)))
      return failure();
    for (auto [result, access] : llvm::zip_equal(
             op->getResults(), MutableArrayRef(accesses).take_back(op.getNumDpsInits())))
      if (failed(evaluator.bindTensor(op, result, SharedTensor(std::move(access.output)))))
        return failure();
    return success();
  }

private:
  LogicalResult bindAccesses() {
    // Inputs keep their tensors alive while the outputs are taken over.
    for (OpOperand &operand : op->getOpOperands())
      if (!op.isDpsInit(&operand))
        held.push_back(evaluator.value(operand.get()).tensor);
    for (OpOperand &operand : op->getOpOperands()) {
      Access access;
      access.map = op.getMatchingIndexingMap(&operand);
      if (op.isDpsInit(&operand)) {
        access.output = evaluator.ownedTensor(operand);
        if (!access.output)
          return failure();
      } else if (const SharedTensor &tensor = evaluator.value(operand.get()).tensor) {
        access.input = tensor.get();
      } else {
        access.scalar = evaluator.number(operand.get());
      }
      accesses.push_back(std::move(access));
    }
    return success();
  }

  /// Each loop takes its extent from the first operand dimension that it alone runs over.
  LogicalResult findExtents() {
    extents.assign(op.getNumLoops(), -1);
    for (Access &access : accesses) {
      if (!access.tensor())
        continue;
      const ArrayRef<int64_t> shape = shapeOf(*access.tensor());
      for (auto [d, expression] : llvm::enumerate(access.map.getResults())) {
        auto loop = dyn_cast<AffineDimExpr>(expression);
        if (!loop)
          continue;
        int64_t &extent = extents[loop.getPosition()];
        if (extent >= 0 && extent != shape[d])
          return evaluator.fail(op, "loop " + Twine(loop.getPosition()) + " has the extent " +
                                        Twine(extent) + " in one operand and " + Twine(shape[d]) +
                                        " in another");
        extent = shape[d];
      }
    }
    for (auto [loop, extent] : llvm::enumerate(extents))
      if (extent < 0)
        return evaluator.fail(op, "no operand determines the extent of loop " + Twine(loop));
    for (Access &access : accesses)
      if (access.tensor() && access.map.isProjectedPermutation()) {
        const SmallVector<int64_t> strides = stridesOf(shapeOf(*access.tensor()));
        access.loopStrides.assign(extents.size(), 0);
        for (auto [d, expression] : llvm::enumerate(access.map.getResults()))
          access.loopStrides[cast<AffineDimExpr>(expression).getPosition()] = strides[d];
      }
    return success();
  }

  /// The linear position that `access` has at `position`; -1 after a failure.
  int64_t locate(const Access &access, ArrayRef<int64_t> position) {
    int64_t linear = 0;
    if (!access.loopStrides.empty()) {
      for (auto [index, stride] : llvm::zip_equal(position, access.loopStrides))
        linear += index * stride;
      return linear;
    }
    const ArrayRef<int64_t> shape = shapeOf(*access.tensor());
    for (auto [d, expression] : llvm::enumerate(access.map.getResults())) {
      const std::optional<int64_t> index = evaluate(expression, position);
      if (!index || *index < 0 || *index >= shape[d]) {
        (void)evaluator.fail(op, "an indexing map leads to the index " +
                                     (index ? Twine(*index) : Twine("(undefined)")) +
                                     " of dimension " + Twine(d) + ", whose extent is " +
                                     Twine(shape[d]));
        return -1;
      }
      linear = linear * shape[d] + *index;
    }
    return linear;
  }

  LogicalResult loop(BodyRunner &body) {
    // Some named ops do not hand the old value of an output to their body.
    const size_t argumentCount = op.getBlock()->getNumArguments();
    const size_t firstOutput = accesses.size() - static_cast<size_t>(op.getNumDpsInits());
    SmallVector<Number> arguments(accesses.size());
    SmallVector<int64_t> linear(accesses.size(), 0);
    SmallVector<int64_t> position(extents.size(), 0);
    do {
      for (auto [i, access] : llvm::enumerate(accesses)) {
        if (!access.tensor()) {
          arguments[i] = access.scalar;
          continue;
        }
        linear[i] = locate(access, position);
        if (linear[i] < 0)
          return failure();
        arguments[i] = load(*access.tensor(), linear[i]);
      }
      if (failed(body.run(ArrayRef(arguments).take_front(argumentCount), position)))
        return failure();
      for (auto [k, value] : llvm::enumerate(body.results()))
        store(*accesses[firstOutput + k].output, linear[firstOutput + k], value);
    } while (nextPosition(position, extents));
    return success();
  }

  Evaluator &evaluator;
  linalg::LinalgOp op;
  SmallVector<SharedTensor> held;
  SmallVector<Access> accesses;
  SmallVector<int64_t> extents;
};

LogicalResult evaluateIndex(Evaluator &evaluator, Operation *op) {
  auto index = cast<linalg::IndexOp>(op);
  const int64_t value = evaluator.currentIndices()[index.getDim()];
  evaluator.bindNumber(index, Number::integer(static_cast<uint64_t>(value)));
  return success();
}

/// How the packed and the plain tensor of linalg.pack and linalg.unpack belong together.
template <typename PackOp> struct Packing {
  SmallVector<int64_t> tiles;
  ArrayRef<int64_t> tiledDimensions;
  ArrayRef<int64_t> outerPermutation;

  Packing(Evaluator &evaluator, PackOp op)
      : tiles(evaluator.integers(op.getMixedTiles())), tiledDimensions(op.getInnerDimsPos()),
        outerPermutation(op.getOuterDimsPerm()) {}

  /// The position in the plain tensor of `packed`, a position in the packed one.
  void plainPosition(ArrayRef<int64_t> packed, MutableArrayRef<int64_t> plain) const {
    for (size_t d = 0; d < plain.size(); ++d)
      plain[outerPermutation.empty() ? d : static_cast<size_t>(outerPermutation[d])] = packed[d];
    for (size_t t = 0; t < tiles.size(); ++t) {
      int64_t &index = plain[static_cast<size_t>(tiledDimensions[t])];
      index = index * tiles[t] + packed[plain.size() + t];
    }
  }

  /// Fails unless the packed shape holds all of the plain one, and with whole tiles where there
  /// is no padding.
  LogicalResult check(Evaluator &evaluator, Operation *op, ArrayRef<int64_t> packed,
                      ArrayRef<int64_t> plain, bool needsWholeTiles) const {
    SmallVector<int64_t> expected(plain);
    for (size_t t = 0; t < tiles.size(); ++t) {
      int64_t &extent = expected[static_cast<size_t>(tiledDimensions[t])];
      if (tiles[t] <= 0)
        return evaluator.fail(op, "a tile must be positive, but it is " + Twine(tiles[t]));
      if (needsWholeTiles && extent % tiles[t] != 0)
        return evaluator.fail(op, "the extent " + Twine(extent) + " of dimension " +
                                      Twine(tiledDimensions[t]) + " is no multiple of the tile " +
                                      Twine(tiles[t]) + ", and there is no padding value");
      extent = llvm::divideCeilSigned(extent, tiles[t]);
    }
    SmallVector<int64_t> outer(expected);
    for (size_t d = 0; d < outerPermutation.size(); ++d)
      outer[d] = expected[static_cast<size_t>(outerPermutation[d])];
    llvm::append_range(outer, tiles);
    if (ArrayRef<int64_t>(outer) != packed)
      return evaluator.fail(op, "the packed tensor has the shape " + describeShape(packed) +
                                    ", but the plain one and its tiles make " +
                                    describeShape(outer));
    return success();
  }
};

LogicalResult evaluatePack(Evaluator &evaluator, Operation *op) {
  auto pack = cast<linalg::PackOp>(op);
  const Packing<linalg::PackOp> packing(evaluator, pack);
  const SharedTensor source = evaluator.value(pack.getSource()).tensor;
  const ArrayRef<int64_t> plainShape = shapeOf(*source);
  if (failed(packing.check(evaluator, op, shapeOf(evaluator.tensor(pack.getDest())), plainShape,
                           !pack.getPaddingValue())))
    return failure();
  const Number padding =
      pack.getPaddingValue() ? evaluator.number(pack.getPaddingValue()) : Number();
  std::shared_ptr<HostTensor> target = evaluator.ownedTensor(pack.getDestMutable());
  if (!target || failed(evaluator.charge(op, static_cast<uint64_t>(target->size()))))
    return failure();
  if (target->size() > 0) {
    SmallVector<int64_t> position(shapeOf(*target).size(), 0), plain(plainShape.size(), 0);
    int64_t linear = 0;
    do {
      packing.plainPosition(position, plain);
      bool inside = true;
      for (size_t d = 0; d < plain.size(); ++d)
        inside &= plain[d] < plainShape[d];
      store(*target, linear++, inside ? load(*source, source->linearIndex(plain)) : padding);
    } while (nextPosition(position, shapeOf(*target)));
  }
  return evaluator.bindTensor(op, op->getResult(0), SharedTensor(std::move(target)));
}

LogicalResult evaluateUnPack(Evaluator &evaluator, Operation *op) {
  auto unpack = cast<linalg::UnPackOp>(op);
  const Packing<linalg::UnPackOp> packing(evaluator, unpack);
  const SharedTensor source = evaluator.value(unpack.getSource()).tensor;
  if (failed(packing.check(evaluator, op, shapeOf(*source),
                           shapeOf(evaluator.tensor(unpack.getDest())), false)))
    return failure();
  std::shared_ptr<HostTensor> target = evaluator.ownedTensor(unpack.getDestMutable());
  if (!target || failed(evaluator.charge(op, static_cast<uint64_t>(source->size()))))
    return failure();
  if (source->size() > 0) {
    SmallVector<int64_t> position(shapeOf(*source).size(), 0), plain(shapeOf(*target).size(), 0);
    int64_t linear = 0;
    do {
      packing.plainPosition(position, plain);
      bool inside = true;
      for (size_t d = 0; d < plain.size(); ++d)
        inside &= plain[d] < target->shape()[d];
      if (inside)
        store(*target, target->linearIndex(plain), load(*source, linear));
      ++linear;
    } while (nextPosition(position, shapeOf(*source)));
  }
  return evaluator.bindTensor(op, op->getResult(0), SharedTensor(std::move(target)));
}

} // namespace

LogicalResult evaluateLinalgOp(Evaluator &evaluator, Operation *op) {
  return StructuredOp(evaluator, cast<linalg::LinalgOp>(op)).run();
}

void registerLinalg(OpTable &table) {
  table.add<linalg::IndexOp>(evaluateIndex);
  table.add<linalg::PackOp>(evaluatePack);
  table.add<linalg::UnPackOp>(evaluateUnPack);
}

} // namespace tenon::reference
