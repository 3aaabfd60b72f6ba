//===- KernelCase.h - Types and shapes of kernels under test ----*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#ifndef TENON_UNITTESTS_CODEGEN_KERNELCASE_H
#define TENON_UNITTESTS_CODEGEN_KERNELCASE_H

#include "ContractionCase.h"

namespace tenon::cpu {

/// Types as they are written in MLIR, complex ones as c64 and c128.
struct KernelCase {
  const char *name;
  const char *a, *b, *c, *acc;
  Semiring semiring;
  bool isUnsigned = false, conjA = false, conjB = false;
};

inline mlir::MLIRContext &context() {
  static mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  return context;
}

inline mlir::Type parseType(llvm::StringRef name) {
  mlir::Builder b(&context());
  if (name.consume_front("c"))
    return mlir::ComplexType::get(name == "64" ? b.getF32Type() : b.getF64Type());
  if (name == "f16")
    return b.getF16Type();
  if (name == "bf16")
    return b.getBF16Type();
  if (name == "f32")
    return b.getF32Type();
  if (name == "f64")
    return b.getF64Type();
  unsigned width = 0;
  name.drop_front().getAsInteger(10, width);
  return b.getIntegerType(width);
}

inline ContractionTypes typesOf(const KernelCase &one) {
  return {parseType(one.a), parseType(one.b), parseType(one.c), parseType(one.acc),
          one.semiring,     one.isUnsigned,   one.conjA,        one.conjB};
}

/// Products of a batch, row-major: `b,i,k; b,k,j; b,i,j`.
inline ContractionShape batchedShape(int64_t batch, int64_t m, int64_t n, int64_t k) {
  ContractionShape shape;
  shape[ContractionShape::Batch] = {{batch, m * k, k * n, m * n}};
  shape[ContractionShape::M] = {{m, k, 0, n}};
  shape[ContractionShape::N] = {{n, 0, 1, 1}};
  shape[ContractionShape::K] = {{k, 1, n, 0}};
  return shape;
}

/// The same products side by side: `i,k,b; k,j,b; i,j,b`.
inline ContractionShape interleavedShape(int64_t batch, int64_t m, int64_t n, int64_t k) {
  ContractionShape shape;
  shape[ContractionShape::Batch] = {{batch, 1, 1, 1}};
  shape[ContractionShape::M] = {{m, k * batch, 0, n * batch}};
  shape[ContractionShape::N] = {{n, 0, batch, batch}};
  shape[ContractionShape::K] = {{k, batch, n * batch, 0}};
  return shape;
}

/// A factor of 8 elements times a tensor of 2^17, with dimensions of all kinds inside of one
/// another: `b,i,k; j,b,k,l; j,b,i,l`.
inline ContractionShape streamedShape() {
  ContractionShape shape;
  shape[ContractionShape::Batch] = {{2, 4, 32, 32}};
  shape[ContractionShape::M] = {{2, 2, 0, 16}};
  shape[ContractionShape::N] = {{2048, 0, 64, 64}, {16, 0, 1, 1}};
  shape[ContractionShape::K] = {{2, 1, 16, 0}};
  return shape;
}

/// Runs of 3 and 9 elements, of which no two lie side by side in B: `m,k,b; k,b,n; n,m,b`.
inline ContractionShape gatheredShape() {
  ContractionShape shape;
  shape[ContractionShape::Batch] = {{3, 1, 4096, 1}};
  shape[ContractionShape::M] = {{3, 6, 0, 3}};
  shape[ContractionShape::N] = {{4096, 0, 1, 9}};
  shape[ContractionShape::K] = {{2, 3, 12288, 0}};
  return shape;
}

} // namespace tenon::cpu

#endif // TENON_UNITTESTS_CODEGEN_KERNELCASE_H
