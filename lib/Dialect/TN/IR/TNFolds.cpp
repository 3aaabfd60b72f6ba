//===- TNFolds.cpp - Folders and canonicalizations --------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Dialect/TN/IR/TN.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::tn;

OpFoldResult ConstantOp::fold(FoldAdaptor) { return getValue(); }

/// The conjugate of a constant, or null where the value is not inline.
static Attribute conjugate(Attribute attribute) {
  auto elements = dyn_cast_if_present<DenseElementsAttr>(attribute);
  if (!elements || !isa<ComplexType>(elements.getElementType()))
    return {};
  SmallVector<std::complex<APFloat>> values;
  for (std::complex<APFloat> value : elements.getValues<std::complex<APFloat>>())
    values.emplace_back(value.real(), -value.imag());
  return DenseElementsAttr::get(elements.getType(), values);
}

OpFoldResult ConjOp::fold(FoldAdaptor adaptor) {
  if (!isa<ComplexType>(cast<RankedTensorType>(getInput().getType()).getElementType()))
    return getInput();
  if (auto inner = getInput().getDefiningOp<ConjOp>())
    return inner.getInput();
  return conjugate(adaptor.getInput());
}

OpFoldResult ContractOp::fold(FoldAdaptor) {
  // One operand whose indices are distinct and go to the output in their order: nothing happens to
  // it.
  if (getInputs().size() != 1 || getInputs().front().getType() != getResult().getType())
    return {};
  ArrayRef<int64_t> list = getIndices();
  if (list != getResultIndices() || getNumIndices() != static_cast<int64_t>(list.size()))
    return {};
  // A detour through a wider accumulation type changes nothing: widening is exact, and rounding
  // back restores the value.
  return getInputs().front();
}

namespace {
/// Lets the result type know the extents that the operands know, behind a cast for the users.
struct RefineResultType : OpRewritePattern<ContractOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(ContractOp op, PatternRewriter &rewriter) const override {
    SmallVector<int64_t> extents = op.getIndexExtents(), shape;
    RankedTensorType type = op.getResultType();
    for (auto [index, extent] : llvm::zip_equal(op.getResultIndices(), type.getShape()))
      shape.push_back(ShapedType::isDynamic(extent) ? extents[index] : extent);
    if (shape == type.getShape())
      return failure();
    auto refined = RankedTensorType::get(shape, type.getElementType());
    auto copy = cast<ContractOp>(rewriter.clone(*op));
    copy.getResult().setType(refined);
    rewriter.replaceOpWithNewOp<tensor::CastOp>(op, type, copy.getResult());
    return success();
  }
};

/// Takes the operand of a cast that only forgets extents.
struct FoldCastIntoContract : OpRewritePattern<ContractOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(ContractOp op, PatternRewriter &rewriter) const override {
    bool changed = false;
    for (OpOperand &operand : op->getOpOperands()) {
      auto cast = operand.get().getDefiningOp<tensor::CastOp>();
      if (!cast || !tensor::canFoldIntoConsumerOp(cast))
        continue;
      rewriter.modifyOpInPlace(op, [&] { operand.set(cast.getSource()); });
      changed = true;
    }
    return success(changed);
  }
};

/// Conjugates before a cast that only forgets extents, so that they reach who uses the conjugate.
struct HoistConjOverCast : OpRewritePattern<ConjOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(ConjOp op, PatternRewriter &rewriter) const override {
    auto cast = op.getInput().getDefiningOp<tensor::CastOp>();
    if (!cast || !tensor::canFoldIntoConsumerOp(cast))
      return failure();
    Value source = cast.getSource();
    Value conj = ConjOp::create(rewriter, op.getLoc(), source.getType(), source);
    rewriter.replaceOpWithNewOp<tensor::CastOp>(op, op.getType(), conj);
    return success();
  }
};

/// A copy tensor whose extent turns out to be a constant.
struct MakeDeltaStatic : OpRewritePattern<DeltaOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(DeltaOp op, PatternRewriter &rewriter) const override {
    APInt extent;
    if (!op.getExtent() || !matchPattern(op.getExtent(), m_ConstantInt(&extent)))
      return failure();
    auto type = cast<RankedTensorType>(op.getType());
    SmallVector<int64_t> shape(type.getRank(), extent.getSExtValue());
    // Another static extent, a negative one or too many elements are errors of the program.
    if (extent.isNegative() || !getNumElements(shape) ||
        failed(verifyCompatibleShape(shape, type.getShape())))
      return failure();
    auto refined = RankedTensorType::get(shape, type.getElementType());
    Value delta =
        DeltaOp::create(rewriter, op.getLoc(), refined, /*extent=*/Value(), op.getSemiring());
    rewriter.replaceOpWithNewOp<tensor::CastOp>(op, type, delta);
    return success();
  }
};
} // namespace

void ContractOp::getCanonicalizationPatterns(RewritePatternSet &patterns, MLIRContext *context) {
  patterns.add<RefineResultType, FoldCastIntoContract>(context);
}

void ConjOp::getCanonicalizationPatterns(RewritePatternSet &patterns, MLIRContext *context) {
  patterns.add<HoistConjOverCast>(context);
}

void DeltaOp::getCanonicalizationPatterns(RewritePatternSet &patterns, MLIRContext *context) {
  patterns.add<MakeDeltaStatic>(context);
}
