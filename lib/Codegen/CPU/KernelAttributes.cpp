//===- KernelAttributes.cpp - Kernel specifications in the IR ---------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Codegen/CPU/KernelAttributes.h"

using namespace mlir;
using namespace tenon;

tn::ContractionKernelAttr cpu::toAttribute(MLIRContext *context, const ContractionKernelSpec &spec) {
  return tn::ContractionKernelAttr::get(context, spec.typeA, spec.typeB, spec.typeC, spec.accType,
                                        toDialect(spec.semiring), spec.isUnsigned, spec.conjA, spec.conjB,
                                        strategyName(spec.strategy), spec.lanes, spec.dot, {spec.mr, spec.nr});
}

func::FuncOp cpu::declareKernel(OpBuilder &builder, Location loc, StringRef name, tn::ContractionKernelAttr attribute) {
  // The signature of the convention (tenon-runtime/Schedule.h): complex elements are pairs of reals, i1 is a byte.
  auto bufferOf = [&](Type type) -> Type {
    if (auto complexType = dyn_cast<ComplexType>(type))
      type = complexType.getElementType();
    else if (type.isInteger(1))
      type = builder.getI8Type();
    return MemRefType::get({ShapedType::kDynamic}, type);
  };
  auto type = builder.getFunctionType({bufferOf(attribute.getTypeA()), bufferOf(attribute.getTypeB()),
                                       bufferOf(attribute.getTypeC()), bufferOf(builder.getI64Type()),
                                       bufferOf(builder.getI8Type())},
                                      {});
  auto kernel = func::FuncOp::create(builder, loc, name, type);
  kernel.setPrivate();
  kernel->setAttr("tn.kernel", attribute);
  return kernel;
}

cpu::ContractionKernelSpec cpu::toSpec(tn::ContractionKernelAttr attribute) {
  ContractionKernelSpec spec;
  spec.typeA = attribute.getTypeA();
  spec.typeB = attribute.getTypeB();
  spec.typeC = attribute.getTypeC();
  spec.accType = attribute.getAccumulate();
  spec.semiring = fromDialect(attribute.getSemiring());
  spec.isUnsigned = attribute.getIsUnsigned();
  spec.conjA = attribute.getConjA();
  spec.conjB = attribute.getConjB();
  spec.strategy = *strategyFromName(attribute.getStrategy());
  spec.lanes = attribute.getLanes();
  spec.dot = attribute.getDot();
  spec.mr = attribute.getTile()[0];
  spec.nr = attribute.getTile()[1];
  return spec;
}
