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
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Dialect/Vector/Transforms/LoweringPatterns.h"

#include <algorithm>
#include <type_traits>

using namespace mlir;

namespace {

/// How elements of a type are aligned: as they are large.
unsigned alignmentOf(const LLVMTypeConverter &types, Type element) {
  return std::max(types.convertType(element).getIntOrFloatBitWidth() / 8, 1U);
}

/// Loads and stores of vectors, masked or not. The patterns that come with the dialect make an
/// LLVMContext for each of them, to ask it for the alignment: a fifth of the conversion.
template <typename Op> class AccessToLLVM : public ConvertOpToLLVMPattern<Op> {
public:
  explicit AccessToLLVM(const LLVMTypeConverter &types)
      : ConvertOpToLLVMPattern<Op>(types, /*benefit=*/2) {}

  LogicalResult matchAndRewrite(Op op, typename Op::Adaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    auto memory = cast<MemRefType>(op.getBase().getType());
    const LLVMTypeConverter &types = *this->getTypeConverter();
    unsigned alignment = alignmentOf(types, memory.getElementType());
    Value address = this->getStridedElementPtr(rewriter, op.getLoc(), memory, adaptor.getBase(),
                                               adaptor.getIndices());
    if constexpr (std::is_same_v<Op, vector::LoadOp>)
      rewriter.replaceOpWithNewOp<LLVM::LoadOp>(op, types.convertType(op.getType()), address,
                                                alignment);
    else if constexpr (std::is_same_v<Op, vector::StoreOp>)
      rewriter.replaceOpWithNewOp<LLVM::StoreOp>(op, adaptor.getValueToStore(), address, alignment);
    else if constexpr (std::is_same_v<Op, vector::MaskedLoadOp>)
      rewriter.replaceOpWithNewOp<LLVM::MaskedLoadOp>(op, types.convertType(op.getType()), address,
                                                      adaptor.getMask(), adaptor.getPassThru(),
                                                      alignment);
    else
      rewriter.replaceOpWithNewOp<LLVM::MaskedStoreOp>(op, adaptor.getValueToStore(), address,
                                                       adaptor.getMask(), alignment);
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
               AccessToLLVM<vector::MaskedLoadOp>, AccessToLLVM<vector::MaskedStoreOp>>(types);
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
