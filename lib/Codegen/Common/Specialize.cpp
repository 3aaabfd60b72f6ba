//===- Specialize.cpp - Static extents for a function -----------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Codegen/Common/Specialize.h"

#include "tenon/Codegen/Common/Passes.h"
#include "tenon/Dialect/TN/IR/TN.h"
#include "tenon/Support/Counters.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "llvm/ADT/SmallPtrSet.h"

namespace tenon {
#define GEN_PASS_DEF_SPECIALIZE
#include "tenon/Codegen/Common/Passes.h.inc"
} // namespace tenon

using namespace mlir;
using namespace tenon;

/// A type for `type` with these extents; null, after an error, where they contradict it.
static RankedTensorType withExtents(func::FuncOp function, unsigned number, RankedTensorType type, ArrayRef<int64_t> extents) {
  if (static_cast<int64_t>(extents.size()) != type.getRank()) {
    function.emitError() << "argument " << number << " of type " << type << " has rank " << type.getRank()
                         << ", but the given array has rank " << extents.size();
    return {};
  }
  for (auto [dim, extent, known] : llvm::enumerate(extents, type.getShape()))
    if (!ShapedType::isDynamic(known) && known != extent) {
      function.emitError() << "dimension " << dim << " of argument " << number << " has extent " << known
                           << ", but the given array has extent " << extent;
      return {};
    }
  return RankedTensorType::get(extents, type.getElementType());
}

namespace {
/// Operations that compute element by element, whose operands and results have one shape: an operand whose extents are known says
/// those of all. Upstream folds casts into none of them.
struct RefineElementwise : RewritePattern {
  explicit RefineElementwise(MLIRContext *context) : RewritePattern(MatchAnyOpTypeTag(), /*benefit=*/1, context) {}

  LogicalResult matchAndRewrite(Operation *op, PatternRewriter &rewriter) const override {
    if (!OpTrait::hasElementwiseMappableTraits(op) || op->getNumResults() != 1)
      return failure();
    auto type = dyn_cast<RankedTensorType>(op->getResult(0).getType());
    if (!type || type.hasStaticShape())
      return failure();
    std::optional<ArrayRef<int64_t>> shape;
    for (Value operand : op->getOperands())
      if (auto cast = operand.getDefiningOp<tensor::CastOp>())
        if (auto source = dyn_cast<RankedTensorType>(cast.getSource().getType()); source && source.hasStaticShape())
          shape = source.getShape();
    if (!shape)
      return failure();
    auto refined = [&](Type old) -> Type {
      auto tensor = dyn_cast<RankedTensorType>(old);
      return tensor ? RankedTensorType::get(*shape, tensor.getElementType()) : old;
    };
    SmallVector<Value> operands;
    for (Value operand : op->getOperands()) {
      Type wanted = refined(operand.getType());
      if (wanted != operand.getType())
        operand = rewriter.createOrFold<tensor::CastOp>(op->getLoc(), wanted, operand);
      operands.push_back(operand);
    }
    Operation *made = rewriter.create(op->getLoc(), op->getName().getIdentifier(), operands, refined(type), op->getAttrs());
    rewriter.replaceOpWithNewOp<tensor::CastOp>(op, type, made->getResult(0));
    return success();
  }
};
} // namespace

/// Extents that follow from the arguments' may be others than a type of the function says: an error then, in the words of the verifier.
static LogicalResult verifySpecialized(func::FuncOp function) {
  std::string message;
  {
    ScopedDiagnosticHandler collect(function.getContext(), [&](Diagnostic &diagnostic) {
      if (message.empty())
        message = diagnostic.str();
      return success();
    });
    if (succeeded(verify(function)))
      return success();
  }
  return function.emitError("the extents given for its arguments contradict its types: ") << message;
}

LogicalResult tenon::specializeExtents(func::FuncOp function, ArrayRef<SmallVector<int64_t>> extents) {
  if (!function.getBody().hasOneBlock())
    return function.emitError("cannot be specialised: a network has structured control flow (scf), found several blocks");
  Block &body = function.getBody().front();
  if (extents.size() != body.getNumArguments())
    return function.emitError() << "takes " << body.getNumArguments() << " arguments, but extents for " << extents.size()
                                << " are given";
  OpBuilder builder = OpBuilder::atBlockBegin(&body);
  for (auto [argument, wanted] : llvm::zip_equal(body.getArguments(), extents)) {
    auto type = dyn_cast<RankedTensorType>(argument.getType());
    if (!type)
      return function.emitError() << "argument " << argument.getArgNumber() << " is no ranked tensor, found " << argument.getType();
    RankedTensorType refined = withExtents(function, argument.getArgNumber(), type, wanted);
    if (!refined)
      return failure();
    if (refined == type)
      continue;
    argument.setType(refined);
    auto cast = tensor::CastOp::create(builder, argument.getLoc(), type, argument);
    argument.replaceAllUsesExcept(cast, cast);
    function.removeArgAttr(argument.getArgNumber(), tn::TNDialect::getHintAttrName());
  }
  // The canonicalizations of casts carry the extents to the results.
  RewritePatternSet patterns(function.getContext());
  function.getContext()->getLoadedDialect<tensor::TensorDialect>()->getCanonicalizationPatterns(patterns);
  for (RegisteredOperationName name : function.getContext()->getRegisteredOperations())
    if (isa<tn::TNDialect, tensor::TensorDialect>(name.getDialect()))
      name.getCanonicalizationPatterns(patterns, function.getContext());
  patterns.add<RefineElementwise>(function.getContext());
  if (failed(applyPatternsGreedily(function, std::move(patterns))))
    return function.emitError("its extents could not be propagated");
  auto ret = cast<func::ReturnOp>(body.getTerminator());
  for (OpOperand &operand : ret->getOpOperands()) {
    auto cast = operand.get().getDefiningOp<tensor::CastOp>();
    if (cast && llvm::cast<RankedTensorType>(cast.getSource().getType()).hasStaticShape()) {
      operand.set(cast.getSource());
      if (cast->use_empty())
        cast->erase();
    }
    auto type = dyn_cast<RankedTensorType>(operand.get().getType());
    if (!type || !type.hasStaticShape())
      return ret.emitError() << "the extents of result " << operand.getOperandNumber() << " do not follow from the arguments, found "
                             << operand.get().getType();
  }
  function.setType(builder.getFunctionType(body.getArgumentTypes(), ret->getOperandTypes()));
  return verifySpecialized(function);
}

namespace {
struct SpecializeCounters : Counters {
  SpecializeCounters() : Counters("tenon-specialize") {}

  Counter functions{*this, "functions", "functions looked at"};
  Counter arguments{*this, "arguments", "arguments whose extents were fixed"};
};

/// The functions with a body, each after those that it calls: what they return has known extents then.
SmallVector<func::FuncOp> calleesFirst(ModuleOp module) {
  SmallVector<func::FuncOp> order;
  llvm::SmallPtrSet<Operation *, 8> seen;
  auto visit = [&](auto &&self, func::FuncOp function) -> void {
    if (function.isDeclaration() || !seen.insert(function).second)
      return;
    function.walk([&](func::CallOp call) {
      if (auto callee = module.lookupSymbol<func::FuncOp>(call.getCallee()))
        self(self, callee);
    });
    order.push_back(function);
  };
  for (auto function : module.getOps<func::FuncOp>())
    visit(visit, function);
  return order;
}

/// The callers' types stay: what a call passes on is cast to the function's new types, and its results to the old ones.
LogicalResult castCalls(ModuleOp module, func::FuncOp function) {
  std::optional<SymbolTable::UseRange> uses = function.getSymbolUses(module);
  if (!uses)
    return function.emitError("tenon-specialize: its calls cannot be found");
  for (SymbolTable::SymbolUse use : *uses) {
    auto call = dyn_cast<func::CallOp>(use.getUser());
    if (!call)
      return use.getUser()->emitError() << "tenon-specialize: only calls of '" << function.getName()
                                        << "' can follow its new type, found another use";
    OpBuilder builder(call);
    for (auto [operand, type] : llvm::zip_equal(call->getOpOperands(), function.getArgumentTypes()))
      if (operand.get().getType() != type)
        operand.set(tensor::CastOp::create(builder, call.getLoc(), type, operand.get()));
    builder.setInsertionPointAfter(call);
    for (auto [result, type] : llvm::zip_equal(call.getResults(), function.getResultTypes())) {
      if (result.getType() == type)
        continue;
      Type old = result.getType();
      result.setType(type);
      auto cast = tensor::CastOp::create(builder, call.getLoc(), old, result);
      result.replaceAllUsesExcept(cast, cast);
    }
  }
  return success();
}

/// What one function gives and another takes may be hinted otherwise: each cast between them is valid, their chain is not.
LogicalResult verifyCasts(ModuleOp module) {
  WalkResult result = module.walk([](tensor::CastOp cast) {
    Value source = cast.getSource();
    while (auto before = source.getDefiningOp<tensor::CastOp>())
      source = before.getSource();
    Type given = source.getType(), wanted = cast.getType();
    if (succeeded(verifyCompatibleShape(given, wanted)))
      return WalkResult::advance();
    cast.emitError() << "tenon-specialize: the extents that hints fix contradict one another: a value of type " << given
                     << " is used as " << wanted;
    return WalkResult::interrupt();
  });
  return failure(result.wasInterrupted());
}

struct SpecializePass : tenon::impl::SpecializeBase<SpecializePass> {
  using Base::Base;

  void runOnOperation() override {
    for (func::FuncOp function : calleesFirst(getOperation())) {
      FunctionType before = function.getFunctionType();
      if (failed(specialize(function)) || (function.getFunctionType() != before && failed(castCalls(getOperation(), function))))
        return signalPassFailure();
    }
    if (failed(verifyCasts(getOperation())))
      signalPassFailure();
  }

  LogicalResult specialize(func::FuncOp function) {
    SpecializeCounters counters;
    ++counters.functions;
    SmallVector<SmallVector<int64_t>> extents;
    for (unsigned i = 0; i < function.getNumArguments(); ++i) {
      auto type = dyn_cast<RankedTensorType>(function.getArgumentTypes()[i]);
      if (!type)
        return function.emitError() << "tenon-specialize: argument " << i << " is no ranked tensor, found "
                                    << function.getArgumentTypes()[i];
      SmallVector<int64_t> shape(type.getShape());
      if (auto hint = function.getArgAttrOfType<DenseI64ArrayAttr>(i, tn::TNDialect::getHintAttrName()))
        shape.assign(hint.asArrayRef().begin(), hint.asArrayRef().end());
      if (llvm::any_of(shape, ShapedType::isDynamic))
        return function.emitError() << "tenon-specialize: argument " << i << " of type " << type
                                    << " has extents that are not known; give them as its attribute tn.hint = array<i64: …>";
      counters.arguments += !type.hasStaticShape();
      extents.push_back(std::move(shape));
    }
    if (failed(specializeExtents(function, extents)))
      return failure();
    Statistics::get().add(counters);
    return success();
  }
};
} // namespace
