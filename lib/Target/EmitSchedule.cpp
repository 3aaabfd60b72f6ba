//===- EmitSchedule.cpp - From a schedule in the IR to a table --------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Target/EmitSchedule.h"

#include "AffineIndex.h"
#include "tenon/Dialect/TN/IR/FusedMark.h"
#include "tenon/Dialect/TN/IR/TN.h"

#include "tenon-runtime/ScheduleBuilder.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Complex/IR/Complex.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace tenon;
namespace rt = tenon::runtime;

namespace {
class Emitter {
public:
  explicit Emitter(func::FuncOp function) : function(function) {}
  FailureOr<EmittedSchedule> emit();

private:
  LogicalResult checkRanks();
  LogicalResult bindArguments();
  LogicalResult emitBlock(Block &block);
  LogicalResult emitOp(Operation &op);

  // Views of memory.
  LogicalResult emitView(memref::ViewOp op);
  LogicalResult emitSubview(memref::SubViewOp op);
  LogicalResult emitTranspose(memref::TransposeOp op);
  LogicalResult emitExpand(memref::ExpandShapeOp op);
  LogicalResult emitCollapse(memref::CollapseShapeOp op);
  LogicalResult emitGlobal(memref::GetGlobalOp op);
  void shift(rt::ViewSpec &view, const rt::ViewDim &dim, const AffineIndex &distance);

  // Steps.
  LogicalResult emitFill(linalg::FillOp op);
  LogicalResult emitCopy(memref::CopyOp op);
  LogicalResult emitCall(func::CallOp op);
  LogicalResult emitContraction(tn::CallContractionOp op);
  LogicalResult emitFor(scf::ForOp op);
  LogicalResult emitForall(scf::ForallOp op);

  int32_t viewNumber(Value value) { return builder.addView(views.find(value)->second); }
  int32_t kernelNumber(StringRef name);

  func::FuncOp function;
  rt::ScheduleBuilder builder;
  llvm::DenseMap<Value, rt::ViewSpec> views;
  llvm::DenseMap<Operation *, int32_t> constants;
  llvm::StringMap<int32_t> kernels;
  std::vector<std::string> kernelNames;
  AffineIndexResolver indices;
  Value arena;
};
} // namespace

/// The runtime would call a table that exceeds its limit damaged.
LogicalResult Emitter::checkRanks() {
  auto check = [&](Value value, Location loc, const Twine &what) -> LogicalResult {
    auto type = dyn_cast<MemRefType>(value.getType());
    if (!type || type.getRank() <= rt::kMaxRank)
      return success();
    return emitError(loc) << what << " has " << type.getRank() << " dimensions; a compiled network has tensors of at most "
                          << rt::kMaxRank << ": merge dimensions that always occur together, or contract some earlier";
  };
  for (BlockArgument argument : function.getArguments())
    if (failed(check(argument, function.getLoc(), "argument or result " + Twine(argument.getArgNumber()))))
      return failure();
  return success(!function
                      .walk([&](Operation *op) {
                        for (Value result : op->getResults())
                          if (failed(check(result, op->getLoc(), "an intermediate tensor")))
                            return WalkResult::interrupt();
                        return WalkResult::advance();
                      })
                      .wasInterrupted());
}

LogicalResult Emitter::bindArguments() {
  auto numInputs = function->getAttrOfType<IntegerAttr>("tn.num_inputs");
  auto workspace = function->getAttrOfType<IntegerAttr>("tn.workspace");
  if (!numInputs || !workspace || function.isDeclaration() || !function.getBody().hasOneBlock())
    return function.emitError("is not a schedule: expected the attributes tn.num_inputs and tn.workspace, which "
                              "tenon-destination-style and tenon-plan-arena add");
  Block &body = function.getBody().front();
  unsigned count = body.getNumArguments();
  if (count == 0 || numInputs.getInt() < 0 || numInputs.getInt() > count - 1 || workspace.getInt() < 0)
    return function.emitError("is not a schedule: expected inputs, outputs and an arena as arguments");
  for (BlockArgument argument : body.getArguments().drop_back()) {
    auto type = dyn_cast<MemRefType>(argument.getType());
    std::optional<tenon_dtype> dtype = type ? toDType(type.getElementType()) : std::nullopt;
    if (!dtype || !type.hasStaticShape())
      return function.emitError() << "is not a schedule: argument " << argument.getArgNumber() << " has type "
                                  << argument.getType() << ", expected a memref of static extents";
    std::span<const int64_t> shape(type.getShape().data(), type.getShape().size());
    if (argument.getArgNumber() < numInputs.getInt())
      views[argument] = builder.inputView(builder.addInput(*dtype, shape));
    else
      views[argument] = builder.outputView(builder.addOutput(*dtype, shape));
  }
  arena = body.getArguments().back();
  // A view of all of it folds into it.
  int64_t bytes = workspace.getInt();
  views[arena] = rt::ScheduleBuilder::arenaView(TENON_I8, {&bytes, 1}, 0);
  builder.setWorkspaceBytes(workspace.getInt());
  return success();
}

//===----------------------------------------------------------------------===//
// Views
//===----------------------------------------------------------------------===//

static bool isEmpty(const rt::ViewSpec &view) {
  return llvm::any_of(view.dims, [](const rt::ViewDim &dim) { return dim.extent == 0; });
}

/// Modulo 2^64: in an empty array the other extents may be anything, and its strides are never
/// followed.
static int64_t multiply(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) * static_cast<uint64_t>(b));
}

/// The dimension of the caller's buffer that `dim` walks; -1 in other memory. The compiler makes no diagonals.
static int32_t sourceOf(const rt::ViewDim &dim) { return dim.sourceDims ? llvm::countr_zero(dim.sourceDims) : -1; }

/// Moves a view by `distance` positions along `dim`.
void Emitter::shift(rt::ViewSpec &view, const rt::ViewDim &dim, const AffineIndex &distance) {
  int64_t offset = multiply(distance.constant, dim.factor);
  bool isCallers = view.base == rt::Base::Input || view.base == rt::Base::Output;
  if (offset != 0) {
    if (isCallers)
      view.terms.push_back({offset, -1, sourceOf(dim)});
    else
      view.byteOffset += multiply(offset, getDTypeBytes(view.dtype));
  }
  for (auto [factor, counter] : distance.terms)
    view.terms.push_back({multiply(factor, dim.factor), counter, sourceOf(dim)});
}

LogicalResult Emitter::emitView(memref::ViewOp op) {
  MemRefType type = op.getType();
  std::optional<tenon_dtype> dtype = toDType(type.getElementType());
  std::optional<AffineIndex> offset = indices.resolve(op.getByteShift());
  if (op.getSource() != arena || !dtype || !type.hasStaticShape() || !offset)
    return op.emitError("tn schedule: expected a view of the arena with static extents at an affine offset");
  std::span<const int64_t> shape(type.getShape().data(), type.getShape().size());
  rt::ViewSpec view = rt::ScheduleBuilder::arenaView(*dtype, shape, offset->constant);
  int64_t bytes = getDTypeBytes(*dtype);
  for (auto [factor, counter] : offset->terms) {
    if (factor % bytes != 0)
      return op.emitError("tn schedule: expected an offset that is a multiple of the element's size");
    view.terms.push_back({factor / bytes, counter, -1});
  }
  views[op] = std::move(view);
  return success();
}

LogicalResult Emitter::emitSubview(memref::SubViewOp op) {
  const rt::ViewSpec source = views.find(op.getSource())->second;
  rt::ViewSpec view = source;
  view.dims.clear();
  // Upstream's getDroppedDims compares strides where several extents are 1, and those of callers' buffers are unknown. Which of
  // them is dropped does not matter, as long as the extents that are left are those of the result.
  auto dropped = computeRankReductionMask(op.getStaticSizes(), op.getType().getShape());
  if (!dropped)
    return op.emitError("tn schedule: expected static sizes, and a result of those that are not dropped");
  for (auto [dim, offset, size, stride] :
       llvm::enumerate(op.getMixedOffsets(), op.getMixedSizes(), op.getMixedStrides())) {
    AffineIndex distance;
    if (auto constant = getConstantIntValue(offset)) {
      distance.constant = *constant;
    } else {
      std::optional<AffineIndex> resolved = indices.resolve(cast<Value>(offset));
      if (!resolved)
        return op.emitError("tn schedule: expected an offset that is affine in the slice counters");
      distance = *resolved;
    }
    shift(view, source.dims[dim], distance);
    std::optional<int64_t> extent = getConstantIntValue(size), step = getConstantIntValue(stride);
    if (!extent || !step)
      return op.emitError("tn schedule: expected static sizes and strides");
    if (dropped->contains(dim))
      continue;
    rt::ViewDim kept = source.dims[dim];
    kept.extent = *extent;
    kept.factor = multiply(kept.factor, *step);
    view.dims.push_back(kept);
  }
  views[op] = std::move(view);
  return success();
}

LogicalResult Emitter::emitTranspose(memref::TransposeOp op) {
  const rt::ViewSpec source = views.find(op.getIn())->second;
  rt::ViewSpec view = source;
  for (auto [dim, expr] : llvm::enumerate(op.getPermutation().getResults()))
    view.dims[dim] = source.dims[cast<AffineDimExpr>(expr).getPosition()];
  views[op] = std::move(view);
  return success();
}

LogicalResult Emitter::emitExpand(memref::ExpandShapeOp op) {
  const rt::ViewSpec source = views.find(op.getSrc())->second;
  rt::ViewSpec view = source;
  ArrayRef<int64_t> shape = op.getResultType().getShape();
  view.dims.assign(shape.size(), {});
  for (auto [dim, group] : llvm::enumerate(op.getReassociationIndices())) {
    int64_t factor = source.dims[dim].factor;
    for (int64_t inner : llvm::reverse(group)) {
      view.dims[inner] = {shape[inner], factor, source.dims[dim].sourceDims};
      factor = multiply(factor, shape[inner]);
    }
  }
  // A result without a group, of rank 0 expanded to unit extents.
  for (auto [dim, extent] : llvm::zip_equal(view.dims, shape))
    if (dim.extent == 0 && extent == 1)
      dim = {1, 0, 0};
  views[op] = std::move(view);
  return success();
}

LogicalResult Emitter::emitCollapse(memref::CollapseShapeOp op) {
  const rt::ViewSpec source = views.find(op.getSrc())->second;
  rt::ViewSpec view = source;
  view.dims.clear();
  if (isEmpty(source)) {
    for (int64_t extent : op.getResultType().getShape())
      view.dims.push_back({extent, 1, 0});
    views[op] = std::move(view);
    return success();
  }
  for (const ReassociationIndices &group : op.getReassociationIndices()) {
    rt::ViewDim merged = {1, 0, 0};
    for (int64_t dim : llvm::reverse(group)) {
      const rt::ViewDim &inner = source.dims[dim];
      if (inner.extent == 1)
        continue;
      if (merged.extent != 1 &&
          (inner.sourceDims != merged.sourceDims || inner.factor != merged.factor * merged.extent))
        return op.emitError("tn schedule: the dimensions of a caller's buffer cannot be merged, since its strides are not known");
      merged = merged.extent == 1 ? inner : rt::ViewDim{merged.extent * inner.extent, merged.factor, merged.sourceDims};
    }
    view.dims.push_back(merged);
  }
  views[op] = std::move(view);
  return success();
}

LogicalResult Emitter::emitGlobal(memref::GetGlobalOp op) {
  auto global = SymbolTable::lookupNearestSymbolFrom<memref::GlobalOp>(op, op.getNameAttr());
  std::optional<tenon_dtype> dtype = toDType(op.getType().getElementType());
  auto value = global ? dyn_cast_if_present<ElementsAttr>(global.getInitialValueAttr()) : ElementsAttr();
  if (!value || !dtype)
    return op.emitError("tn schedule: expected a constant with a value");
  auto [it, isNew] = constants.try_emplace(global, 0);
  if (isNew) {
    std::optional<std::vector<char>> bytes = getElementBytes(value);
    if (!bytes)
      return op.emitError("tn schedule: the constant's bytes are missing; a resource has to be in the file");
    it->second = builder.addConstant(bytes->data(), bytes->size());
  }
  ArrayRef<int64_t> shape = op.getType().getShape();
  views[op] = rt::ScheduleBuilder::constantView(it->second, *dtype, {shape.data(), shape.size()});
  return success();
}

//===----------------------------------------------------------------------===//
// Steps
//===----------------------------------------------------------------------===//

int32_t Emitter::kernelNumber(StringRef name) {
  auto [it, isNew] = kernels.try_emplace(name, 0);
  if (isNew) {
    it->second = builder.addKernel();
    kernelNames.push_back(name.str());
  }
  return it->second;
}

/// The bytes of a scalar constant, as an element of its type.
static std::optional<std::vector<char>> getScalarBytes(Type type, Attribute value) {
  auto tensorType = RankedTensorType::get({}, type);
  if (auto parts = dyn_cast<ArrayAttr>(value)) {
    std::complex<APFloat> number(cast<FloatAttr>(parts[0]).getValue(), cast<FloatAttr>(parts[1]).getValue());
    return getElementBytes(DenseElementsAttr::get(tensorType, ArrayRef(number)));
  }
  return getElementBytes(DenseElementsAttr::get(tensorType, value));
}

LogicalResult Emitter::emitFill(linalg::FillOp op) {
  Attribute value;
  Value scalar = op.getInputs().front();
  std::optional<std::vector<char>> bytes;
  if (matchPattern(scalar, m_Constant(&value)))
    bytes = getScalarBytes(scalar.getType(), value);
  if (!bytes)
    return op.emitError("tn schedule: expected a fill with a constant");
  builder.fill(viewNumber(op.getOutputs().front()), bytes->data());
  return success();
}

LogicalResult Emitter::emitCopy(memref::CopyOp op) {
  int32_t from = viewNumber(op.getSource()), to = viewNumber(op.getTarget());
  // Bufferization may copy a buffer to itself.
  if (from != to)
    builder.copy(from, to);
  return success();
}

LogicalResult Emitter::emitCall(func::CallOp op) {
  SmallVector<int32_t> operands;
  for (Value operand : op.getOperands()) {
    if (!views.contains(operand))
      return op.emitError("tn schedule: expected a call of a kernel on buffers");
    operands.push_back(viewNumber(operand));
  }
  builder.callViews(kernelNumber(op.getCallee()), {operands.data(), operands.size()});
  return success();
}

LogicalResult Emitter::emitContraction(tn::CallContractionOp op) {
  rt::ContractionSpec spec;
  spec.kernel = kernelNumber(op.getCallee());
  spec.a = viewNumber(op.getA());
  spec.b = viewNumber(op.getB());
  spec.c = viewNumber(op.getC());
  spec.workspace = viewNumber(op.getWorkspace());
  spec.accumulate = op.getAccumulate();
  llvm::copy(op.getBlocks(), spec.blocks);
  spec.ways = op.getWays();
  spec.splitGrain = op.getSplitGrain();
  spec.splitGroup = static_cast<rt::Group>(op.getSplitGroup());
  SmallVector<int64_t> extents = op.getExtents();
  auto dimOf = [](ArrayRef<int64_t> list, int64_t index) -> int32_t {
    const int64_t *it = llvm::find(list, index);
    return it == list.end() ? -1 : it - list.begin();
  };
  for (int64_t index : op.getOrder()) {
    rt::LoopDim dim;
    dim.dimA = dimOf(op.getIndicesA(), index);
    dim.dimB = dimOf(op.getIndicesB(), index);
    dim.dimC = dimOf(op.getIndicesC(), index);
    dim.extent = extents[index];
    if (dim.dimC < 0)
      dim.group = rt::Group::K;
    else
      dim.group = dim.dimA < 0 ? rt::Group::N : dim.dimB < 0 ? rt::Group::M : rt::Group::Batch;
    spec.loopDims.push_back(dim);
  }
  llvm::stable_sort(spec.loopDims, [](const rt::LoopDim &a, const rt::LoopDim &b) { return a.group < b.group; });
  builder.callContraction(spec);
  return success();
}

/// `min(t * share, total)` and `min(t * share + share, total)` for the counter t of the parallel loop around: the share, or
/// nullopt where the bounds are not of that form.
static std::optional<int64_t> matchShare(scf::ForOp op, int64_t total) {
  auto forall = dyn_cast<scf::ForallOp>(op->getParentOp());
  auto low = op.getLowerBound().getDefiningOp<affine::AffineMinOp>(),
       high = op.getUpperBound().getDefiningOp<affine::AffineMinOp>();
  if (!forall || !low || !high || forall.getRank() != 1)
    return std::nullopt;
  std::optional<int64_t> share;
  auto matches = [&](affine::AffineMinOp bound, bool isHigh) {
    AffineMap map = bound.getAffineMap();
    if (map.getNumResults() != 2 || bound.getOperands().size() != 1 || bound.getOperands().front() != forall.getInductionVar(0))
      return false;
    bool sawTotal = false, sawShare = false;
    for (AffineExpr expr : map.getResults()) {
      if (auto constant = dyn_cast<AffineConstantExpr>(expr)) {
        sawTotal = constant.getValue() == total;
        continue;
      }
      // Evaluate at t = 0 and t = 1: the expression is affine.
      auto at = [&](int64_t t) -> std::optional<int64_t> {
        SmallVector<AffineExpr> values = {getAffineConstantExpr(t, expr.getContext())};
        AffineExpr value = map.getNumDims() == 1 ? expr.replaceDims(values) : expr.replaceSymbols(values);
        auto constant = dyn_cast<AffineConstantExpr>(value);
        return constant ? std::optional(constant.getValue()) : std::nullopt;
      };
      if (!expr.isPureAffine() || !at(0) || !at(1) || !at(2) || *at(2) - *at(1) != *at(1) - *at(0))
        return false;
      int64_t slope = *at(1) - *at(0);
      if (share && *share != slope)
        return false;
      share = slope;
      sawShare = *at(0) == (isHigh ? slope : 0);
    }
    return sawTotal && sawShare;
  };
  if (!matches(low, false) || !matches(high, true) || *share < 1)
    return std::nullopt;
  return share;
}

LogicalResult Emitter::emitFor(scf::ForOp op) {
  if (op.getNumResults() != 0 || getConstantIntValue(op.getStep()) != 1)
    return op.emitError("tn schedule: expected a loop of step 1 without results");
  // A slice loop counts all slices; its counters are the digits of that number.
  affine::AffineDelinearizeIndexOp split;
  SmallVector<int64_t> extents;
  if (op.getInductionVar().hasOneUse())
    split = dyn_cast<affine::AffineDelinearizeIndexOp>(*op.getInductionVar().user_begin());
  if (split) {
    for (OpFoldResult extent : split.getMixedBasis()) {
      std::optional<int64_t> value = getConstantIntValue(extent);
      if (!value)
        return split.emitError("tn schedule: expected static extents of the slice loop");
      extents.push_back(*value);
    }
    if (extents.size() != split.getNumResults())
      return split.emitError("tn schedule: expected an extent for each counter of the slice loop");
  }
  std::optional<int64_t> low = getConstantIntValue(op.getLowerBound()), high = getConstantIntValue(op.getUpperBound());
  int32_t first;
  if (low && high) {
    if (*low != 0 || *high < 0)
      return op.emitError("tn schedule: expected a loop that starts at 0");
    if (!split)
      extents = {*high};
    if (computeProduct(extents) != *high)
      return op.emitError("tn schedule: expected the slice loop to count all slices");
    first = builder.beginLoop(extents.front());
    for (int64_t extent : ArrayRef(extents).drop_front())
      builder.beginLoop(extent);
  } else {
    // Without a split, the extent of the only counter is the bound in the minimum.
    if (!split)
      if (auto bound = op.getUpperBound().getDefiningOp<affine::AffineMinOp>())
        for (AffineExpr expr : bound.getAffineMap().getResults())
          if (auto constant = dyn_cast<AffineConstantExpr>(expr))
            extents = {constant.getValue()};
    std::optional<int64_t> share = extents.empty() ? std::nullopt : matchShare(op, computeProduct(extents));
    if (!share)
      return op.emitError("tn schedule: expected constant bounds, or a share of the slices of a parallel loop");
    first = builder.beginSharedNest({extents.data(), extents.size()}, *share);
  }
  if (split) {
    for (auto [i, counter] : llvm::enumerate(split.getResults()))
      indices.bind(counter, first + static_cast<int32_t>(i));
  } else {
    indices.bind(op.getInductionVar(), first);
  }
  if (failed(emitBlock(*op.getBody())))
    return failure();
  bool countsSlices = !op->getParentOfType<scf::ForOp>() && !op->hasAttr(tn::kFusedMark);
  for (size_t i = 0; i < extents.size(); ++i)
    builder.endLoop(/*countsSlice=*/countsSlices && i == 0);
  return success();
}

LogicalResult Emitter::emitForall(scf::ForallOp op) {
  if (op.getNumResults() != 0 || op.getRank() != 1 || getConstantIntValue(op.getMixedLowerBound().front()) != 0 ||
      getConstantIntValue(op.getMixedStep().front()) != 1 || !getConstantIntValue(op.getMixedUpperBound().front()))
    return op.emitError("tn schedule: expected a parallel loop over one static range from 0, without results");
  indices.bind(op.getInductionVar(0), builder.beginParallelLoop(*getConstantIntValue(op.getMixedUpperBound().front())));
  if (failed(emitBlock(*op.getBody())))
    return failure();
  builder.endLoop();
  return success();
}

LogicalResult Emitter::emitOp(Operation &op) {
  for (Value operand : op.getOperands())
    if (isa<MemRefType>(operand.getType()) && !views.contains(operand))
      return op.emitError("tn schedule: no place in memory is known for the operand of type ")
             << operand.getType() << "; expected an argument, or a view of one, of the arena or of a constant";
  return TypeSwitch<Operation *, LogicalResult>(&op)
      .Case([&](memref::ViewOp view) { return emitView(view); })
      .Case([&](memref::SubViewOp view) { return emitSubview(view); })
      .Case([&](memref::TransposeOp view) { return emitTranspose(view); })
      .Case([&](memref::ExpandShapeOp view) { return emitExpand(view); })
      .Case([&](memref::CollapseShapeOp view) { return emitCollapse(view); })
      .Case([&](memref::GetGlobalOp view) { return emitGlobal(view); })
      .Case([&](memref::CastOp cast) {
        rt::ViewSpec view = views.find(cast.getSource())->second;
        views[cast] = std::move(view);
        return success();
      })
      .Case([&](linalg::FillOp step) { return emitFill(step); })
      .Case([&](memref::CopyOp step) { return emitCopy(step); })
      .Case([&](func::CallOp step) { return emitCall(step); })
      .Case([&](tn::CallContractionOp step) { return emitContraction(step); })
      .Case([&](scf::ForOp loop) { return emitFor(loop); })
      .Case([&](scf::ForallOp loop) { return emitForall(loop); })
      // Scalars of loops and fills are looked up where they are used.
      .Case<arith::ConstantOp, complex::ConstantOp, affine::AffineApplyOp, affine::AffineMinOp,
            affine::AffineDelinearizeIndexOp, func::ReturnOp, scf::YieldOp, scf::InParallelOp>(
          [](auto) { return success(); })
      .Default([](Operation *other) {
        return other->emitError("tn schedule: this operation has no place in a compiled network; supported are contractions, linalg "
                                "operations, views, fills, copies and slice loops");
      });
}

LogicalResult Emitter::emitBlock(Block &block) {
  for (Operation &op : block)
    if (failed(emitOp(op)))
      return failure();
  return success();
}

FailureOr<EmittedSchedule> Emitter::emit() {
  if (failed(checkRanks()) || failed(bindArguments()) || failed(emitBlock(function.getBody().front())))
    return failure();
  EmittedSchedule schedule;
  schedule.table = builder.finish();
  schedule.kernels = std::move(kernelNames);
  schedule.workspaceBytes = function->getAttrOfType<IntegerAttr>("tn.workspace").getInt();
  return schedule;
}

FailureOr<EmittedSchedule> tenon::emitSchedule(func::FuncOp function) { return Emitter(function).emit(); }
