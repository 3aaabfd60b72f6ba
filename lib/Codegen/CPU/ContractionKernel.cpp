//===- ContractionKernel.cpp - The kernel function ------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Codegen/CPU/ContractionKernel.h"

#include "KernelParts.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace tenon::cpu {

/// Bytes of an element that AVX2 can mask.
static constexpr int64_t kNarrowest = 4;

static bool isNarrow(const ElementLayout &layout) {
  return layout.real.getIntOrFloatBitWidth() < 8 * kNarrowest;
}

bool usesMasks(const KernelContext &context, const ElementLayout &layout) {
  int64_t bytes = context.spec.lanes * context.arithmetic.bytes;
  // AVX-512 masks halves; those of bf16 reach LLVM's code generator where there are dots.
  if (isNarrow(layout))
    return bytes >= 64 && (layout.real.isF16() || (layout.real.isBF16() && context.spec.dot > 1));
  return bytes >= 32;
}

bool usesMasks(const KernelContext &context) {
  const KernelArithmetic &arithmetic = context.arithmetic;
  for (const ElementLayout *layout :
       {&arithmetic.layoutA, &arithmetic.layoutB, &arithmetic.layoutC})
    if (isNarrow(*layout) || !usesMasks(context, *layout))
      return false;
  return true;
}

bool loadsParts(const KernelContext &context) {
  constexpr int64_t kBytesOfMaskRegisters = 64; // AVX-512; masks of AVX2 are vectors
  return usesMasks(context) &&
         context.spec.lanes * context.arithmetic.bytes >= kBytesOfMaskRegisters;
}

Value liesInPlace(const KernelContext &context, int64_t rows, Value there, Value left) {
  KernelEmitter &e = context.e;
  if (loadsParts(context))
    return e.le(e.min(there, e.idx(rows)), left);
  return e.both(e.le(e.idx(rows), there), e.le(e.idx(rows), left));
}

FailureOr<func::FuncOp> buildContractionKernel(OpBuilder &builder, ModuleOp module,
                                               llvm::StringRef name,
                                               const ContractionKernelSpec &spec) {
  std::string problem = explainUnsupported(spec);
  if (!problem.empty())
    return module.emitError(problem);
  MLIRContext *context = builder.getContext();
  context->loadDialect<arith::ArithDialect, func::FuncDialect, LLVM::LLVMDialect,
                       memref::MemRefDialect, scf::SCFDialect, vector::VectorDialect>();

  KernelEmitter emitter(builder, module.getLoc());
  KernelArithmetic arithmetic(emitter, spec);
  auto memory = [](Type type) { return MemRefType::get({ShapedType::kDynamic}, type); };
  auto type = builder.getFunctionType(
      {memory(arithmetic.layoutA.real), memory(arithmetic.layoutB.real),
       memory(arithmetic.layoutC.real), memory(builder.getI64Type()), memory(builder.getI8Type())},
      {});

  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToEnd(module.getBody());
  auto function = func::FuncOp::create(builder, module.getLoc(), name, type);
  function->setAttr("llvm.emit_c_interface", builder.getUnitAttr());
  Block *entry = function.addEntryBlock();
  builder.setInsertionPointToStart(entry);
  KernelEmitter::FunctionScope scope(emitter, *entry);
  ShapeWords shape(emitter, entry->getArgument(3));
  KernelContext kernel{emitter,
                       spec,
                       arithmetic,
                       module,
                       entry->getArgument(0),
                       entry->getArgument(1),
                       entry->getArgument(2),
                       entry->getArgument(4),
                       shape};
  switch (spec.strategy) {
  case KernelStrategy::Packed:
    emitPackedContraction(kernel);
    break;
  case KernelStrategy::Direct:
    emitDirectContraction(kernel);
    break;
  case KernelStrategy::Batched:
    emitBatchedContraction(kernel);
    break;
  case KernelStrategy::Interleaved:
    emitInterleavedContraction(kernel);
    break;
  case KernelStrategy::Streamed:
    emitStreamedContraction(kernel);
    break;
  case KernelStrategy::Gathered:
    emitGatheredContraction(kernel);
    break;
  }
  func::ReturnOp::create(builder, module.getLoc());
  return function;
}

} // namespace tenon::cpu
