//===- KernelEmitter.cpp - Short notation for emitting loops --------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "KernelEmitter.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Transforms/RegionUtils.h"
#include "llvm/ADT/SetVector.h"

#include <functional>
#include <numeric>
#include <utility>

using namespace mlir;

namespace tenon::cpu {

KernelEmitter::FunctionScope::FunctionScope(KernelEmitter &e, Block &entry)
    : e(e), outerEntry(std::exchange(e.entry, &entry)),
      outerConstants(std::exchange(e.constants, llvm::DenseMap<Attribute, Value>())) {}

KernelEmitter::FunctionScope::~FunctionScope() {
  e.entry = outerEntry;
  e.constants = std::move(outerConstants);
}

Value KernelEmitter::constant(TypedAttr value) {
  Value &known = constants[value];
  if (!known) {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(entry);
    known = arith::ConstantOp::create(b, loc, value.getType(), value);
  }
  return known;
}

/// x as a sum of something and a constant; without the former where x is one.
static std::pair<Value, int64_t> splitSum(Value x) {
  if (std::optional<int64_t> number = getConstantIntValue(x))
    return {{}, *number};
  if (auto sum = x.getDefiningOp<arith::AddIOp>())
    if (std::optional<int64_t> number = getConstantIntValue(sum.getRhs()))
      return {sum.getLhs(), *number};
  return {x, 0};
}

Value KernelEmitter::add(Value x, Value y) {
  if (!x.getType().isIndex())
    return fold<arith::AddIOp>(x, y);
  auto [left, first] = splitSum(x);
  auto [right, second] = splitSum(y);
  const int64_t number = first + second;
  if (!left && !right)
    return idx(number);
  Value rest = !left ? right : !right ? left : fold<arith::AddIOp>(left, right);
  return number == 0 ? rest : fold<arith::AddIOp>(rest, idx(number));
}

Value KernelEmitter::negate(Value x) { return arith::XOrIOp::create(b, loc, x, flag(true)); }

Value KernelEmitter::opaque(Value index) {
  Value word = arith::IndexCastOp::create(b, loc, b.getI64Type(), index);
  auto dialect = LLVM::AsmDialectAttr::get(b.getContext(), LLVM::AsmDialect::AD_ATT);
  auto nothing = LLVM::InlineAsmOp::create(b, loc, b.getI64Type(), ValueRange{word}, "", "=r,0",
                                           /*has_side_effects=*/false, /*is_align_stack=*/false,
                                           LLVM::TailCallKind::None, dialect, ArrayAttr());
  return arith::IndexCastOp::create(b, loc, b.getIndexType(), nothing.getRes());
}

void KernelEmitter::loop(Value from, Value to, Value step, Body body) {
  auto forOp = scf::ForOp::create(b, loc, from, to, step);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPoint(forOp.getBody()->getTerminator());
  body(forOp.getInductionVar());
}

Values KernelEmitter::loopCarry(Value from, Value to, int64_t step, ValueRange inits,
                                CarryBody body) {
  auto forOp = scf::ForOp::create(b, loc, from, to, idx(step), inits,
                                  [&](OpBuilder &, Location, Value, ValueRange) {});
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToEnd(forOp.getBody());
  Values next = body(forOp.getInductionVar(), forOp.getRegionIterArgs());
  scf::YieldOp::create(b, loc, next);
  return Values(forOp.getResults());
}

Values KernelEmitter::whileLoop(ValueRange inits, llvm::function_ref<Value(ValueRange)> condition,
                                llvm::function_ref<Values(ValueRange)> body) {
  // Filled once it is part of the module, which apart() asks for.
  auto whileOp = scf::WhileOp::create(b, loc, inits.getTypes(), inits, nullptr, nullptr);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToEnd(whileOp.getBeforeBody());
  Value go = condition(whileOp.getBeforeArguments());
  scf::ConditionOp::create(b, loc, go, whileOp.getBeforeArguments());
  b.setInsertionPointToEnd(whileOp.getAfterBody());
  Values next = body(whileOp.getAfterArguments());
  scf::YieldOp::create(b, loc, next);
  return Values(whileOp.getResults());
}

void KernelEmitter::ifThen(Value condition, Region then) {
  auto ifOp = scf::IfOp::create(b, loc, condition, /*withElseRegion=*/false);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(ifOp.thenBlock());
  then();
}

void KernelEmitter::ifElse(Value condition, Region then, Region otherwise) {
  auto ifOp = scf::IfOp::create(b, loc, condition, /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(ifOp.thenBlock());
  then();
  b.setInsertionPointToStart(ifOp.elseBlock());
  otherwise();
}

Values KernelEmitter::ifValues(Value condition, llvm::function_ref<Values()> then,
                               llvm::function_ref<Values()> otherwise) {
  auto ifOp = scf::IfOp::create(
      b, loc, condition, [&](OpBuilder &, Location) { scf::YieldOp::create(b, loc, then()); },
      [&](OpBuilder &, Location) { scf::YieldOp::create(b, loc, otherwise()); });
  return Values(ifOp.getResults());
}

void KernelEmitter::apart(ModuleOp module, llvm::StringRef name, Region body) {
  auto region = scf::ExecuteRegionOp::create(b, loc, TypeRange());
  OpBuilder::InsertionGuard guard(b);
  Block &block = region.getRegion().emplaceBlock();
  b.setInsertionPointToStart(&block);
  {
    FunctionScope scope(*this, block);
    body();
  }
  llvm::SetVector<Value> used;
  getUsedValuesDefinedAbove(region.getRegion(), used);
  // Constants and views are made again where they are used: passing them would take longer.
  Values arguments, repeated;
  std::function<void(Value)> pass = [&](Value value) {
    Operation *op = value.getDefiningOp();
    if (op && isa<arith::ConstantOp, memref::ViewOp>(op)) {
      llvm::for_each(op->getOperands(), pass);
      repeated.push_back(value);
    } else if (!llvm::is_contained(arguments, value)) {
      arguments.push_back(value);
    }
  };
  llvm::for_each(used, pass);

  std::string unique = name.str();
  for (int64_t number = 1; module.lookupSymbol(unique); ++number)
    unique = (name + "_" + llvm::Twine(number)).str();
  b.setInsertionPointToEnd(module.getBody());
  auto function = func::FuncOp::create(
      b, loc, unique, b.getFunctionType(ValueRange(arguments).getTypes(), TypeRange()));
  function.setPrivate();
  function->setAttr("llvm.linkage",
                    LLVM::LinkageAttr::get(b.getContext(), LLVM::Linkage::Internal));
  function->setAttr("llvm.noinline", b.getUnitAttr());
  function.getBody().takeBody(region.getRegion());
  Block &entry = function.getBody().front();
  auto replace = [&](Value value, Value inside) {
    value.replaceUsesWithIf(
        inside, [&](OpOperand &use) { return function->isProperAncestor(use.getOwner()); });
  };
  for (Value value : llvm::reverse(repeated)) {
    b.setInsertionPointToStart(&entry);
    replace(value, b.clone(*value.getDefiningOp())->getResult(0));
  }
  for (Value value : arguments)
    replace(value, entry.addArgument(value.getType(), loc));
  b.setInsertionPointToEnd(&entry);
  func::ReturnOp::create(b, loc);
  b.setInsertionPoint(region);
  func::CallOp::create(b, loc, function, arguments);
  region.erase();
}

Value KernelEmitter::load(Value memory, Value position, int64_t lanes) {
  auto type = VectorType::get({lanes}, cast<MemRefType>(memory.getType()).getElementType());
  return vector::LoadOp::create(b, loc, type, memory, position);
}

void KernelEmitter::store(Value value, Value memory, Value position) {
  vector::StoreOp::create(b, loc, value, memory, position);
}

Value KernelEmitter::mask(Value count, int64_t lanes) {
  return vector::CreateMaskOp::create(b, loc, VectorType::get({lanes}, b.getI1Type()),
                                      ValueRange{count});
}

Value KernelEmitter::loadMasked(Value memory, Value position, int64_t lanes, Value count) {
  auto type = VectorType::get({lanes}, cast<MemRefType>(memory.getType()).getElementType());
  return loadWhere(mask(count, lanes), memory, position, zero(type));
}

void KernelEmitter::storeMasked(Value value, Value memory, Value position, Value count) {
  int64_t lanes = cast<VectorType>(value.getType()).getDimSize(0);
  storeWhere(mask(count, lanes), value, memory, position);
}

Value KernelEmitter::loadWhere(Value mask, Value memory, Value position, Value otherwise) {
  return vector::MaskedLoadOp::create(b, loc, cast<VectorType>(otherwise.getType()), memory,
                                      ValueRange{position}, mask, otherwise);
}

void KernelEmitter::storeWhere(Value mask, Value value, Value memory, Value position) {
  vector::MaskedStoreOp::create(b, loc, memory, ValueRange{position}, mask, value);
}

Value KernelEmitter::laneOffsets(Value stride, int64_t lanes) {
  auto type = VectorType::get({lanes}, b.getIndexType());
  Value number = vector::StepOp::create(b, loc, type);
  return mul(number, splat(stride, lanes));
}

Value KernelEmitter::gather(Value memory, Value position, Value stride, int64_t lanes,
                            Value count) {
  auto type = VectorType::get({lanes}, cast<MemRefType>(memory.getType()).getElementType());
  return vector::GatherOp::create(b, loc, type, memory, ValueRange{position},
                                  laneOffsets(stride, lanes), mask(count, lanes), zero(type));
}

void KernelEmitter::scatter(Value value, Value memory, Value position, Value stride, Value count) {
  int64_t lanes = cast<VectorType>(value.getType()).getDimSize(0);
  vector::ScatterOp::create(b, loc, /*resultType=*/Type(), memory, ValueRange{position},
                            laneOffsets(stride, lanes), mask(count, lanes), value);
}

Value KernelEmitter::loadIndex(Value memory, Value position) {
  Value value = memref::LoadOp::create(b, loc, memory, position);
  if (value.getType().isIndex())
    return value;
  return arith::IndexCastOp::create(b, loc, b.getIndexType(), value);
}

void KernelEmitter::storeIndex(Value value, Value memory, Value position) {
  Type element = cast<MemRefType>(memory.getType()).getElementType();
  if (value.getType() != element)
    value = arith::IndexCastOp::create(b, loc, element, value);
  memref::StoreOp::create(b, loc, value, memory, position);
}

Value KernelEmitter::address(Value memory) {
  return memref::ExtractAlignedPointerAsIndexOp::create(b, loc, memory);
}

Value KernelEmitter::view(Value bytes, Value shift, Type type) {
  auto viewType = MemRefType::get({ShapedType::kDynamic}, type);
  // The extent of a view is never read; the workspace's size is the caller's contract.
  return memref::ViewOp::create(b, loc, viewType, bytes, shift, ValueRange{idx(1)});
}

Value KernelEmitter::from(Value memory, Value position) {
  auto type = cast<MemRefType>(memory.getType());
  auto layout = StridedLayoutAttr::get(b.getContext(), ShapedType::kDynamic, {1});
  auto restType = MemRefType::get({1}, type.getElementType(), layout);
  return memref::ReinterpretCastOp::create(b, loc, restType, memory, OpFoldResult(position),
                                           llvm::ArrayRef<OpFoldResult>{b.getIndexAttr(1)},
                                           llvm::ArrayRef<OpFoldResult>{b.getIndexAttr(1)});
}

void KernelEmitter::prefetch(Value memory, Value position, Access access) {
  // As vectors and unlike memref.load, without a claim that the address does not wrap around.
  memref::PrefetchOp::create(b, loc, memory, ValueRange{position}, access == Access::Write,
                             /*localityHint=*/access == Access::ReadLater ? 2 : 3,
                             /*isDataCache=*/true);
}

Value KernelEmitter::everyOther(Value vector, Value next, int64_t first) {
  llvm::SmallVector<int64_t> lanes;
  for (int64_t lane = 0; lane < cast<VectorType>(vector.getType()).getDimSize(0); ++lane)
    lanes.push_back(2 * lane + first);
  return vector::ShuffleOp::create(b, loc, vector, next, lanes);
}

Value KernelEmitter::repeat(Value vector, int64_t times) {
  int64_t count = cast<VectorType>(vector.getType()).getDimSize(0);
  llvm::SmallVector<int64_t> lanes;
  for (int64_t lane = 0; lane < count * times; ++lane)
    lanes.push_back(lane % count);
  return vector::ShuffleOp::create(b, loc, vector, vector, lanes);
}

Value KernelEmitter::concatenate(ValueRange pieces) {
  Values vectors(pieces);
  while (vectors.size() > 1) {
    Values joined;
    for (size_t i = 0; i < vectors.size(); i += 2) {
      int64_t count = 2 * cast<VectorType>(vectors[i].getType()).getDimSize(0);
      llvm::SmallVector<int64_t> lanes(static_cast<size_t>(count));
      std::iota(lanes.begin(), lanes.end(), int64_t(0));
      joined.push_back(vector::ShuffleOp::create(b, loc, vectors[i], vectors[i + 1], lanes));
    }
    vectors = std::move(joined);
  }
  return vectors.front();
}

Value KernelEmitter::slice(Value vector, int64_t first, int64_t count) {
  if (first == 0 && count == cast<VectorType>(vector.getType()).getDimSize(0))
    return vector;
  llvm::SmallVector<int64_t> lanes;
  for (int64_t lane = first; lane < first + count; ++lane)
    lanes.push_back(lane);
  return vector::ShuffleOp::create(b, loc, vector, vector, lanes);
}

Value KernelEmitter::splat(Value scalar, int64_t lanes) {
  return vector::BroadcastOp::create(b, loc, VectorType::get({lanes}, scalar.getType()), scalar);
}

} // namespace tenon::cpu
