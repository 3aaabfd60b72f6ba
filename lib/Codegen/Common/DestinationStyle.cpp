//===- DestinationStyle.cpp - Caller-owned buffers instead of tensors -------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Codegen/Common/Passes.h"
#include "tenon/Support/Counters.h"

#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"

namespace tenon {
#define GEN_PASS_DEF_DESTINATIONSTYLE
#include "tenon/Codegen/Common/Passes.h.inc"
} // namespace tenon

using namespace mlir;
using namespace tenon;

/// A memref of the tensor's extents and of any strides and offset.
static MemRefType getCallerBufferType(RankedTensorType type) {
  SmallVector<int64_t> strides(type.getRank(), ShapedType::kDynamic);
  auto layout = StridedLayoutAttr::get(type.getContext(), ShapedType::kDynamic, strides);
  return MemRefType::get(type.getShape(), type.getElementType(), layout);
}

/// MLIR 22.1 bufferizes linalg.map as if its body never read the init, and hands it a buffer that
/// nobody has written (docs/fuzzing.md, D5). As linalg.generic the same operation is bufferized as
/// it is.
static LogicalResult generalizeMapsThatReadTheirInit(func::FuncOp function) {
  SmallVector<linalg::MapOp> maps;
  function.walk([&](linalg::MapOp map) {
    // The interface's payloadUsesValueFromOperand is what is wrong.
    if (!map.getMapper().front().getArguments().back().use_empty())
      maps.push_back(map);
  });
  IRRewriter rewriter(function.getContext());
  for (linalg::MapOp map : maps) {
    rewriter.setInsertionPoint(map);
    if (failed(linalg::generalizeNamedOp(rewriter, map)))
      return failure();
  }
  return success();
}

/// Whether somebody needs a value once `op`, whose operand it is, has run.
static bool isNeededBehind(Operation *op, Value value) {
  return llvm::any_of(value.getUsers(), [&](Operation *user) {
    Operation *there = op->getBlock()->findAncestorOpInBlock(*user);
    if (!there)
      return !insideMutuallyExclusiveRegions(op, user);
    return there != op && !there->isBeforeInBlock(op);
  });
}

/// Calls `found` with each destination of a linalg operation in `function`, and whether it is read,
/// but for those that are empty.
static void forEachDestination(func::FuncOp function,
                               llvm::function_ref<void(OpOperand &, bool isRead)> found) {
  function.walk([&](linalg::LinalgOp op) {
    for (OpOperand &init : op.getDpsInitsMutable())
      if (isa<RankedTensorType>(init.get().getType()) &&
          !init.get().getDefiningOp<tensor::EmptyOp>())
        found(init, op.payloadUsesValueFromOperand(&init));
  });
}

/// A destination whose elements are not read is only a place to write to. Where others need what is
/// there, as convert-elementwise-to-linalg leaves it, bufferization would have to copy it first,
/// and refuses between results that share values.
static void freeUnreadDestinations(func::FuncOp function) {
  SmallVector<OpOperand *> unread;
  forEachDestination(function, [&](OpOperand &init, bool isRead) {
    bool isNeeded = llvm::any_of(init.get().getUsers(),
                                 [&](Operation *user) { return user != init.getOwner(); });
    if (!isRead && isNeeded && cast<RankedTensorType>(init.get().getType()).hasStaticShape())
      unread.push_back(&init);
  });
  for (OpOperand *init : unread) {
    OpBuilder builder(init->getOwner());
    auto type = cast<RankedTensorType>(init->get().getType());
    init->set(tensor::EmptyOp::create(builder, init->getOwner()->getLoc(), type.getShape(),
                                      type.getElementType()));
  }
}

/// A destination that is read, and that others need afterwards, has to be copied by bufferization.
/// eliminate-empty-tensors of MLIR 22.1 does not see that: it has the value and what replaces it
/// written where the same result goes, and bufferization refuses. Copied here, they are apart.
static void copyDestinationsNeededBehind(func::FuncOp function) {
  SmallVector<OpOperand *> read;
  forEachDestination(function, [&](OpOperand &init, bool isRead) {
    if (isRead && init.get().getDefiningOp() && isNeededBehind(init.getOwner(), init.get()))
      read.push_back(&init);
  });
  for (OpOperand *init : read) {
    OpBuilder builder(init->getOwner());
    init->set(bufferization::AllocTensorOp::create(builder, init->getOwner()->getLoc(),
                                                   cast<RankedTensorType>(init->get().getType()),
                                                   ValueRange(), init->get()));
  }
}

namespace {
struct DestinationCounters : Counters {
  DestinationCounters() : Counters("tenon-destination-style") {}

  Counter functions{*this, "functions", "functions that got buffers of their callers"};
  Counter inputs{*this, "inputs", "their inputs"};
  Counter outputs{*this, "outputs", "their outputs"};
};

struct DestinationStylePass : tenon::impl::DestinationStyleBase<DestinationStylePass> {
  using Base::Base;

  void runOnOperation() override {
    func::FuncOp function = getOperation();
    if (function.isDeclaration())
      return;
    for (Type type :
         llvm::concat<const Type>(function.getArgumentTypes(), function.getResultTypes())) {
      auto tensorType = dyn_cast<RankedTensorType>(type);
      if (!tensorType) {
        function.emitError() << "tenon-destination-style: arguments and results of a compiled "
                                "network are ranked tensors, found "
                             << type;
        return signalPassFailure();
      }
      if (!tensorType.hasStaticShape()) {
        function.emitError()
            << "tenon-destination-style: the extents of " << type
            << " are not known; specialise the function to the extents of its arguments first "
               "(--tenon-specialize)";
        return signalPassFailure();
      }
    }
    if (!function.getBody().hasOneBlock()) {
      function.emitError("tenon-destination-style: a compiled network has structured control flow "
                         "(scf), found several blocks");
      return signalPassFailure();
    }

    func::CallOp call;
    function.walk([&](func::CallOp op) { call = op; });
    if (call) {
      call.emitError() << "tenon-destination-style: a compiled network calls no other function, "
                          "found a call of '"
                       << call.getCallee() << "'; inline it first (--inline)";
      return signalPassFailure();
    }

    // The type of what it names is changed, too, unless it is declared only. Of that function,
    // which may be changed at the same time, nothing that is changed is looked at.
    func::ConstantOp name;
    function.walk([&](func::ConstantOp op) {
      auto named = SymbolTable::lookupNearestSymbolFrom<func::FuncOp>(op, op.getValueAttr());
      if (!named || !named.isDeclaration())
        name = op;
    });
    if (name) {
      name.emitError() << "tenon-destination-style: a compiled network names no other, found "
                          "the name of '"
                       << name.getValue() << "'; call and inline it (--inline), or drop the name";
      return signalPassFailure();
    }

    if (failed(generalizeMapsThatReadTheirInit(function)))
      return signalPassFailure();
    freeUnreadDestinations(function);
    copyDestinationsNeededBehind(function);

    OpBuilder builder(&getContext());
    Block &body = function.getBody().front();
    unsigned numInputs = body.getNumArguments();
    auto resultTypes = llvm::to_vector(function.getResultTypes());
    SmallVector<DictionaryAttr> attributes;
    for (unsigned i = 0; i < numInputs; ++i)
      attributes.push_back(function.getArgAttrDict(i));
    for (unsigned i = 0; i < resultTypes.size(); ++i)
      attributes.push_back(function.getResultAttrDict(i));

    builder.setInsertionPointToStart(&body);
    for (BlockArgument argument : body.getArguments()) {
      auto type = cast<RankedTensorType>(argument.getType());
      argument.setType(getCallerBufferType(type));
      auto toTensor = bufferization::ToTensorOp::create(builder, argument.getLoc(), type, argument,
                                                        /*restrict=*/true);
      argument.replaceAllUsesExcept(toTensor, toTensor);
    }
    // Each result is put into a tensor that is its buffer before it is put into the buffer itself:
    // the analysis of bufferization sees writes of tensors only, and empty-tensor elimination may
    // have placed in one buffer a value that another result still needs.
    auto ret = cast<func::ReturnOp>(body.getTerminator());
    SmallVector<Value> buffers, values;
    for (auto [value, type] : llvm::zip_equal(llvm::to_vector(ret.getOperands()), resultTypes)) {
      buffers.push_back(
          body.addArgument(getCallerBufferType(cast<RankedTensorType>(type)), ret.getLoc()));
      builder.setInsertionPointToStart(&body);
      auto destination = bufferization::ToTensorOp::create(
          builder, ret.getLoc(), type, buffers.back(), /*restrict=*/true, /*writable=*/true);
      builder.setInsertionPoint(ret);
      values.push_back(bufferization::MaterializeInDestinationOp::create(builder, ret.getLoc(),
                                                                         type, value, destination)
                           .getResult());
    }
    for (auto [value, buffer] : llvm::zip_equal(values, buffers)) {
      auto materialize = bufferization::MaterializeInDestinationOp::create(builder, ret.getLoc(),
                                                                           Type(), value, buffer);
      materialize.setRestrict(true);
      materialize.setWritable(true);
    }
    ret.getOperandsMutable().clear();

    function.setType(builder.getFunctionType(body.getArgumentTypes(), {}));
    function.removeResAttrsAttr();
    function.setAllArgAttrs(attributes);
    function->setAttr("tn.num_inputs", builder.getI64IntegerAttr(numInputs));
    DestinationCounters counters;
    ++counters.functions;
    counters.inputs += numInputs;
    counters.outputs += resultTypes.size();
    Statistics::get().add(counters);
  }
};
} // namespace
