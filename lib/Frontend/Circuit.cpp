//===- Circuit.cpp - A circuit, gate by gate ------------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Frontend/Circuit.h"

#include "tenon/Support/Assert.h"

using namespace tenon::frontend;

std::vector<Complex> tenon::frontend::gateMatrix(const Gate &gate) {
  TENON_ASSERT(gate.qubits.size() == gate.extraControls + gate.definition->numQubits() &&
                   gate.params.size() == gate.definition->numParams,
               "a gate has the qubits and parameters that its definition takes");
  size_t targetDim = size_t(1) << gate.definition->numTargets;
  std::vector<Complex> target(targetDim * targetDim);
  gate.definition->fill(gate.params, target);

  // The controls are the most significant bits: only the last block is not the identity.
  size_t dim = size_t(1) << gate.qubits.size();
  std::vector<Complex> matrix(dim * dim);
  for (size_t i = 0; i < dim - targetDim; ++i)
    matrix[i * (dim + 1)] = 1;
  size_t first = dim - targetDim;
  for (size_t out = 0; out < targetDim; ++out)
    for (size_t in = 0; in < targetDim; ++in)
      matrix[(first + out) * dim + first + in] = target[out * targetDim + in];
  return matrix;
}
