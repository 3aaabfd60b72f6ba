//===- BufferLowering.cpp - From buffers to machine code --------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "BufferLowering.h"

#include "tenon/Execution/DiagnosticCollector.h"
#include "tenon/Target/ExpandBF16.h"

#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Linalg/Passes.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Dialect/SCF/Transforms/Passes.h"
#include "mlir/Dialect/Vector/Transforms/Passes.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/Target/TargetMachine.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::fuzz;

/// Writes a view of fewer dimensions as what it means. Upstream's expand-strided-metadata finds the
/// dropped dimensions by their strides, which say nothing where they are not known: of the unit
/// extents in 1x2x1 it may drop another one than gives 1x2, and take the wrong stride.
static void expandRankReducedView(memref::SubViewOp op) {
  MemRefType type = op.getType();
  auto dropped = computeRankReductionMask(op.getStaticSizes(), type.getShape());
  if (op.getSourceType().getRank() == type.getRank() || !dropped)
    return;
  OpBuilder builder(op);
  Location loc = op.getLoc();
  auto metadata = memref::ExtractStridedMetadataOp::create(builder, loc, op.getSource());
  auto toValue = [&](OpFoldResult number) {
    return getValueOrCreateConstantIndexOp(builder, loc, number);
  };
  Value offset = metadata.getOffset();
  SmallVector<OpFoldResult> sizes, strides;
  for (auto [dim, start, size, step] :
       llvm::enumerate(op.getMixedOffsets(), op.getMixedSizes(), op.getMixedStrides())) {
    Value stride = metadata.getStrides()[dim];
    Value distance = arith::MulIOp::create(builder, loc, toValue(start), stride);
    offset = arith::AddIOp::create(builder, loc, offset, distance);
    if (dropped->contains(static_cast<unsigned>(dim)))
      continue;
    sizes.push_back(size);
    strides.push_back(arith::MulIOp::create(builder, loc, toValue(step), stride).getResult());
  }
  SmallVector<int64_t> knownStrides;
  int64_t knownOffset = 0;
  if (failed(type.getStridesAndOffset(knownStrides, knownOffset)))
    return;
  for (auto [stride, known] : llvm::zip_equal(strides, knownStrides))
    if (!ShapedType::isDynamic(known))
      stride = builder.getIndexAttr(known);
  OpFoldResult start = offset;
  if (!ShapedType::isDynamic(knownOffset))
    start = builder.getIndexAttr(knownOffset);
  auto view = memref::ReinterpretCastOp::create(builder, loc, type, metadata.getBaseBuffer(), start,
                                                sizes, strides);
  op.replaceAllUsesWith(view.getResult());
  op.erase();
}

/// Loops as they are written, nothing fused, hoisted or folded.
static void addLoweringPasses(OpPassManager &passes) {
  passes.addPass(createConvertBufferizationToMemRefPass());
  passes.addNestedPass<func::FuncOp>(createConvertLinalgToLoopsPass());
  passes.addNestedPass<func::FuncOp>(createForallToForLoopPass());
  passes.addNestedPass<func::FuncOp>(vector::createLowerVectorMaskPass());
  passes.addNestedPass<func::FuncOp>(vector::createLowerVectorMultiReductionPass());
  passes.addNestedPass<func::FuncOp>(createConvertVectorToSCFPass());
  passes.addPass(memref::createExpandReallocPass());
  passes.addPass(memref::createExpandOpsPass());
  passes.addPass(memref::createExpandStridedMetadataPass());
  passes.addPass(createLowerAffinePass());
  passes.addPass(arith::createArithExpandOpsPass());
  passes.addNestedPass<func::FuncOp>(createConvertComplexToStandardPass());
  passes.addPass(createConvertMathToLLVMPass());
  passes.addPass(createConvertMathToLibmPass());
  passes.addPass(createConvertComplexToLibm());
  passes.addPass(createConvertComplexToLLVMPass());
  passes.addPass(createSCFToControlFlowPass());
  passes.addPass(createConvertVectorToLLVMPass());
  passes.addPass(createFinalizeMemRefToLLVMConversionPass());
  passes.addPass(createArithToLLVMConversionPass());
  passes.addPass(createConvertIndexToLLVMPass());
  passes.addPass(createUBToLLVMConversionPass());
  passes.addPass(createConvertControlFlowToLLVMPass());
  passes.addPass(createConvertFuncToLLVMPass());
  passes.addPass(createReconcileUnrealizedCastsPass());
}

/// The values that an argument of `type` has in a lowered function; 0 where it has no place in a
/// slot.
static unsigned countParameters(Type type) {
  if (auto buffer = dyn_cast<MemRefType>(type))
    return 3 + 2 * static_cast<unsigned>(buffer.getRank());
  return isa<UnrankedMemRefType>(type) ? 0 : 1;
}

/// Defines the entry, which takes `function`'s arguments out of their slots and stores what it
/// returns.
static llvm::Error addEntry(llvm::Module &module, llvm::Function &function, TypeRange arguments) {
  llvm::LLVMContext &context = module.getContext();
  llvm::Type *pointer = llvm::PointerType::getUnqual(context);
  auto *type = llvm::FunctionType::get(llvm::Type::getVoidTy(context), {pointer}, false);
  auto *entry =
      llvm::Function::Create(type, llvm::GlobalValue::ExternalLinkage, kEntrySymbol, module);
  llvm::IRBuilder<> builder(llvm::BasicBlock::Create(context, "", entry));
  auto loadSlot = [&](size_t number) {
    return builder.CreateLoad(
        pointer, builder.CreateConstInBoundsGEP1_64(pointer, entry->getArg(0), number));
  };
  SmallVector<llvm::Value *> values;
  for (auto [number, argument] : llvm::enumerate(arguments)) {
    llvm::Value *slot = loadSlot(number);
    for (unsigned word = 0, count = countParameters(argument); word < count; ++word) {
      if (values.size() >= function.arg_size())
        return llvm::createStringError("the lowered function has fewer parameters than expected");
      llvm::Value *address = builder.CreateConstInBoundsGEP1_64(builder.getInt64Ty(), slot, word);
      values.push_back(builder.CreateLoad(
          function.getArg(static_cast<unsigned>(values.size()))->getType(), address));
    }
  }
  if (values.size() != function.arg_size())
    return llvm::createStringError("the lowered function has more parameters than expected");
  llvm::CallInst *call = builder.CreateCall(&function, values);
  if (!function.getReturnType()->isVoidTy())
    builder.CreateStore(call, loadSlot(arguments.size()));
  builder.CreateRetVoid();
  return llvm::Error::success();
}

static void placeResults(const llvm::DataLayout &layout, llvm::Type *type, size_t numResults,
                         BufferObject &object) {
  if (type->isVoidTy())
    return;
  object.resultBytes = layout.getTypeAllocSize(type);
  if (numResults == 1) {
    object.resultOffsets = {0};
    return;
  }
  const llvm::StructLayout *places = layout.getStructLayout(cast<llvm::StructType>(type));
  for (unsigned i = 0; i < numResults; ++i)
    object.resultOffsets.push_back(places->getElementOffset(i));
}

llvm::Expected<BufferObject> tenon::fuzz::compileBuffers(func::FuncOp function,
                                                         llvm::TargetMachine &machine) {
  MLIRContext &context = *function.getContext();
  DiagnosticCollector diagnostics(context);
  auto source = function->getParentOfType<ModuleOp>();
  OwningOpRef<ModuleOp> module = source.clone();
  // An allocation that is aligned by a larger one does not end where its pages do.
  module->walk([](memref::AllocOp op) { op.removeAlignmentAttr(); });
  module->walk(expandRankReducedView);
  PassManager passes(&context);
  passes.enableVerifier(false);
  addLoweringPasses(passes);
  if (failed(passes.run(*module)))
    return diagnostics.takeError("the buffers do not lower to machine code");

  registerBuiltinDialectTranslation(context);
  registerLLVMDialectTranslation(context);
  llvm::LLVMContext llvmContext;
  std::unique_ptr<llvm::Module> llvmModule = translateModuleToLLVMIR(*module, llvmContext);
  if (!llvmModule)
    return diagnostics.takeError("the buffers do not translate to LLVM IR");
  llvmModule->setDataLayout(machine.createDataLayout());
  llvmModule->setTargetTriple(machine.getTargetTriple());
  llvm::Function *lowered = llvmModule->getFunction(function.getName());
  if (!lowered || lowered->isDeclaration())
    return llvm::createStringError("function '" + function.getName() + "' has no body");
  for (llvm::Function &other : *llvmModule)
    if (!other.isDeclaration())
      other.setLinkage(llvm::GlobalValue::InternalLinkage);
  BufferObject object;
  placeResults(llvmModule->getDataLayout(), lowered->getReturnType(), function.getNumResults(),
               object);
  if (llvm::Error error = addEntry(*llvmModule, *lowered, function.getArgumentTypes()))
    return std::move(error);
  expandBF16(*llvmModule);

  llvm::raw_svector_ostream stream(object.code);
  llvm::legacy::PassManager codegen;
  if (machine.addPassesToEmitFile(codegen, stream, nullptr, llvm::CodeGenFileType::ObjectFile))
    return llvm::createStringError("the target cannot emit object files");
  codegen.run(*llvmModule);
  return object;
}
