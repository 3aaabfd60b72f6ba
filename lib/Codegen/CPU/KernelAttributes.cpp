//===- KernelAttributes.cpp - Kernel specifications in the IR ---------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Codegen/CPU/KernelAttributes.h"

using namespace mlir;
using namespace tenon;

tn::ContractionKernelAttr cpu::toAttribute(MLIRContext *context, const ContractionKernelSpec &spec) {
  StringRef strategy = spec.strategy == KernelStrategy::Packed ? "packed" : "direct";
  return tn::ContractionKernelAttr::get(context, spec.typeA, spec.typeB, spec.typeC, spec.accType,
                                        toDialect(spec.semiring), spec.isUnsigned, spec.conjA, spec.conjB,
                                        strategy, spec.lanes, {spec.mr, spec.nr});
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
  spec.strategy = attribute.getStrategy() == "packed" ? KernelStrategy::Packed : KernelStrategy::Direct;
  spec.lanes = attribute.getLanes();
  spec.mr = attribute.getTile()[0];
  spec.nr = attribute.getTile()[1];
  return spec;
}
