//===- PrebuiltKernel.cpp - Kernels that are part of Tenon ------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "PrebuiltKernel.h"

#include "tenon/Codegen/CPU/KernelAttributes.h"
#include "tenon/QuickStart/PrebuiltKernels.h"
#include "tenon/Support/SeededBug.h"
#include "tenon/Target/EmitSchedule.h"

using namespace mlir;
using namespace tenon;

void *tenon::findPrebuiltKernel(func::FuncOp kernel) {
  auto attribute = kernel->getAttrOfType<tn::ContractionKernelAttr>("tn.kernel");
  const quick::KernelSet *set = quick::hostKernelSet();
  // Those were made when nothing was seeded.
  if (!attribute || !kernel.isDeclaration() || !set || isAnySeeded())
    return nullptr;
  cpu::ContractionKernelSpec spec = cpu::toSpec(attribute);
  std::optional<tenon_dtype> dtype = toDType(spec.accType);
  bool isOfOneType =
      spec.typeA == spec.accType && spec.typeB == spec.accType && spec.typeC == spec.accType;
  if (!dtype || !isOfOneType || spec.semiring != cpu::Semiring::PlusTimes || spec.isUnsigned ||
      spec.conjA || spec.conjB)
    return nullptr;
  return reinterpret_cast<void *>(set->find({*dtype, spec}));
}
