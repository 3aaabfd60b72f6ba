//===- KernelConversion.cpp - From kernels to the LLVM dialect ------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Codegen/CPU/KernelConversion.h"

#include "mlir/Conversion/ArithToLLVM/ArithToLLVM.h"
#include "mlir/Conversion/ControlFlowToLLVM/ControlFlowToLLVM.h"
#include "mlir/Conversion/FuncToLLVM/ConvertFuncToLLVM.h"
#include "mlir/Conversion/LLVMCommon/ConversionTarget.h"
#include "mlir/Conversion/LLVMCommon/Pattern.h"
#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/Conversion/MemRefToLLVM/MemRefToLLVM.h"
#include "mlir/Conversion/SCFToControlFlow/SCFToControlFlow.h"
#include "mlir/Conversion/VectorToLLVM/ConvertVectorToLLVM.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlow.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Dialect/Vector/Transforms/LoweringPatterns.h"
#include "llvm/ADT/TypeSwitch.h"

#include <algorithm>
#include <optional>
#include <type_traits>

using namespace mlir;

namespace {

/// How elements of a type are aligned: as they are large.
unsigned alignmentOf(const LLVMTypeConverter &types, Type element) {
  return std::max(types.convertType(element).getIntOrFloatBitWidth() / 8, 1U);
}

/// An index as a sum with a constant.
struct Displaced {
  Value rest;
  int32_t number;
};

/// What is added to the index of an access becomes a displacement from an address that neighbouring
/// accesses share. Added to the index of each, it would be found by the code generator, which takes
/// several steps for every access.
std::optional<Displaced> displacementOf(MemRefType memory, ValueRange indices) {
  if (indices.size() != 1)
    return std::nullopt;
  auto sum = indices.front().getDefiningOp<arith::AddIOp>();
  std::optional<int64_t> number = sum ? getConstantIntValue(sum.getRhs()) : std::nullopt;
  if (!number || !llvm::isInt<32>(*number) || !memory.isLastDimUnitStride())
    return std::nullopt;
  return Displaced{sum.getLhs(), static_cast<int32_t>(*number)};
}

/// Sums that are nothing but indices of displaced accesses, whose patterns see their operands.
class DisplacedIndex : public ConvertOpToLLVMPattern<arith::AddIOp> {
public:
  explicit DisplacedIndex(const LLVMTypeConverter &types)
      : ConvertOpToLLVMPattern(types, /*benefit=*/2) {}

  LogicalResult matchAndRewrite(arith::AddIOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    bool isDisplacement = llvm::all_of(op->getUses(), [](OpOperand &use) {
      return llvm::TypeSwitch<Operation *, bool>(use.getOwner())
          .Case<vector::LoadOp, vector::StoreOp, vector::MaskedLoadOp, vector::MaskedStoreOp,
                memref::LoadOp, memref::StoreOp>([&](auto access) {
            return use.getOperandNumber() == access.getIndices().getBeginOperandIndex() &&
                   displacementOf(access.getMemRefType(), access.getIndices());
          })
          .Default(false);
    });
    if (!isDisplacement)
      return failure();
    rewriter.replaceOp(op, adaptor.getLhs());
    return success();
  }
};

/// A vector with this one lane.
Value singleLane(OpBuilder &b, Location loc, Type type, Value lane) {
  Value nothing = LLVM::PoisonOp::create(b, loc, type);
  Value first = LLVM::ConstantOp::create(b, loc, b.getI64Type(), b.getI64IntegerAttr(0));
  return LLVM::InsertElementOp::create(b, loc, type, nothing, lane, first);
}

/// Loads and stores of vectors, masked or not, and of indices. The patterns that come with the
/// vector dialect make an LLVMContext for each of them, to ask it for the alignment: a fifth of the
/// conversion. A vector of one lane is loaded as a scalar, which the code generator would make of
/// it.
template <typename Op> class AccessToLLVM : public ConvertOpToLLVMPattern<Op> {
public:
  explicit AccessToLLVM(const LLVMTypeConverter &types)
      : ConvertOpToLLVMPattern<Op>(types, /*benefit=*/2) {}

  LogicalResult matchAndRewrite(Op op, typename Op::Adaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    const LLVMTypeConverter &types = *this->getTypeConverter();
    Location loc = op.getLoc();
    MemRefType memory = op.getMemRefType();
    auto addressIn = [&](Value base) -> Value {
      std::optional<Displaced> displaced = displacementOf(memory, op.getIndices());
      ValueRange indices = adaptor.getIndices();
      Value rest = displaced ? rewriter.getRemappedValue(displaced->rest) : Value();
      Value address = this->getStridedElementPtr(rewriter, loc, memory, base,
                                                 rest ? ValueRange(rest) : indices);
      if (!displaced)
        return address;
      return LLVM::GEPOp::create(rewriter, loc, address.getType(),
                                 types.convertType(memory.getElementType()), address,
                                 ArrayRef<LLVM::GEPArg>{displaced->number});
    };
    if constexpr (std::is_same_v<Op, memref::LoadOp>) {
      rewriter.replaceOpWithNewOp<LLVM::LoadOp>(op, types.convertType(op.getType()),
                                                addressIn(adaptor.getMemref()));
    } else if constexpr (std::is_same_v<Op, memref::StoreOp>) {
      rewriter.replaceOpWithNewOp<LLVM::StoreOp>(op, adaptor.getValue(),
                                                 addressIn(adaptor.getMemref()));
    } else {
      unsigned alignment = alignmentOf(types, memory.getElementType());
      Value address = addressIn(adaptor.getBase());
      if constexpr (std::is_same_v<Op, vector::LoadOp>) {
        Type type = types.convertType(op.getType());
        bool isSingle = op.getVectorType().getShape() == ArrayRef<int64_t>{1};
        Type loaded = isSingle ? types.convertType(memory.getElementType()) : type;
        Value value = LLVM::LoadOp::create(rewriter, loc, loaded, address, alignment);
        rewriter.replaceOp(op, isSingle ? singleLane(rewriter, loc, type, value) : value);
      } else if constexpr (std::is_same_v<Op, vector::StoreOp>) {
        rewriter.replaceOpWithNewOp<LLVM::StoreOp>(op, adaptor.getValueToStore(), address,
                                                   alignment);
      } else if constexpr (std::is_same_v<Op, vector::MaskedLoadOp>) {
        rewriter.replaceOpWithNewOp<LLVM::MaskedLoadOp>(op, types.convertType(op.getType()),
                                                        address, adaptor.getMask(),
                                                        adaptor.getPassThru(), alignment);
      } else {
        rewriter.replaceOpWithNewOp<LLVM::MaskedStoreOp>(op, adaptor.getValueToStore(), address,
                                                         adaptor.getMask(), alignment);
      }
    }
    return success();
  }
};

} // namespace

LogicalResult tenon::cpu::convertKernelsToLLVM(ModuleOp module) {
  MLIRContext &context = *module.getContext();
  context.loadDialect<arith::ArithDialect, cf::ControlFlowDialect, LLVM::LLVMDialect>();
  LLVMTypeConverter types(&context);
  RewritePatternSet patterns(&context);
  populateSCFToControlFlowConversionPatterns(patterns);
  // Kernels count the lanes of a mask, which 32 bits hold.
  constexpr bool kNarrowLanes = true;
  vector::populateVectorMaskMaterializationPatterns(patterns, kNarrowLanes);
  vector::populateVectorStepLoweringPatterns(patterns);
  populateVectorToLLVMConversionPatterns(types, patterns, /*reassociateFPReductions=*/false,
                                         kNarrowLanes);
  patterns.add<AccessToLLVM<vector::LoadOp>, AccessToLLVM<vector::StoreOp>,
               AccessToLLVM<vector::MaskedLoadOp>, AccessToLLVM<vector::MaskedStoreOp>,
               AccessToLLVM<memref::LoadOp>, AccessToLLVM<memref::StoreOp>, DisplacedIndex>(types);
  populateFinalizeMemRefToLLVMConversionPatterns(types, patterns);
  arith::populateArithToLLVMConversionPatterns(types, patterns);
  cf::populateControlFlowToLLVMConversionPatterns(types, patterns);
  populateFuncToLLVMConversionPatterns(types, patterns);
  LLVMConversionTarget target(context);
  target.addLegalOp<ModuleOp>();
  ConversionConfig config;
  // What folds is folded when it is made.
  config.foldingMode = DialectConversionFoldingMode::Never;
  return applyFullConversion(module, target, std::move(patterns), config);
}
