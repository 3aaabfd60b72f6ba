//===- BruteForce.cpp - Definitions, executed -----------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "BruteForce.h"

#include <gtest/gtest.h>

using namespace tenon::frontend;

static size_t offsetOf(const NetworkDescription &network, llvm::ArrayRef<int32_t> indices,
                       const std::vector<int64_t> &values) {
  size_t offset = 0;
  for (int32_t index : indices)
    offset = offset * network.extents[index] + values[index];
  return offset;
}

std::vector<Complex> tenon::frontend::sumNetwork(const NetworkDescription &network) {
  size_t outputSize = 1;
  for (int32_t index : network.output)
    outputSize *= network.extents[index];
  std::vector<Complex> result(outputSize);

  std::vector<int64_t> values(network.extents.size(), 0);
  while (true) {
    Complex product = 1;
    for (const Operand &operand : network.operands)
      product *=
          network.constants[operand.constant].elements[offsetOf(network, operand.indices, values)];
    result[offsetOf(network, network.output, values)] += product;
    size_t index = 0;
    while (index < values.size() && ++values[index] == network.extents[index])
      values[index++] = 0;
    if (index == values.size())
      return result;
  }
}

std::vector<Complex> tenon::frontend::applyMatrix(llvm::ArrayRef<Complex> matrix,
                                                  llvm::ArrayRef<int32_t> qubits, int32_t numQubits,
                                                  llvm::ArrayRef<Complex> state) {
  size_t dim = size_t(1) << qubits.size();
  std::vector<Complex> result(state.size());
  for (size_t position = 0; position < state.size(); ++position) {
    size_t in = 0;
    for (int32_t qubit : qubits)
      in = in * 2 + (position >> (numQubits - 1 - qubit) & 1);
    for (size_t out = 0; out < dim; ++out) {
      size_t target = position;
      for (size_t i = 0; i < qubits.size(); ++i) {
        size_t bit = size_t(1) << (numQubits - 1 - qubits[i]);
        bool value = out >> (qubits.size() - 1 - i) & 1;
        target = value ? target | bit : target & ~bit;
      }
      result[target] += matrix[out * dim + in] * state[position];
    }
  }
  return result;
}

std::vector<Complex> tenon::frontend::simulate(const Circuit &circuit) {
  std::vector<Complex> state(size_t(1) << circuit.numQubits);
  state[0] = 1;
  for (const Gate &gate : circuit.gates)
    state = applyMatrix(gateMatrix(gate), gate.qubits, circuit.numQubits, state);
  return state;
}

std::vector<Complex> tenon::frontend::circuitMatrix(const Circuit &circuit) {
  size_t dim = size_t(1) << circuit.numQubits;
  std::vector<Complex> matrix(dim * dim);
  for (size_t in = 0; in < dim; ++in) {
    std::vector<Complex> column(dim);
    column[in] = 1;
    for (const Gate &gate : circuit.gates)
      column = applyMatrix(gateMatrix(gate), gate.qubits, circuit.numQubits, column);
    for (size_t out = 0; out < dim; ++out)
      matrix[out * dim + in] = column[out];
  }
  return matrix;
}

Gate tenon::frontend::makeGate(const GateDefinition &definition, llvm::ArrayRef<int32_t> qubits) {
  static constexpr double kParams[] = {0.3, 1.1, -0.7, 2.3};
  Gate gate;
  gate.definition = &definition;
  gate.params.assign(kParams, kParams + definition.numParams);
  gate.qubits.assign(qubits.begin(), qubits.end());
  return gate;
}

double tenon::frontend::distance(llvm::ArrayRef<Complex> a, llvm::ArrayRef<Complex> b) {
  EXPECT_EQ(a.size(), b.size());
  double largest = 0;
  for (size_t i = 0; i < std::min(a.size(), b.size()); ++i)
    largest = std::max(largest, std::abs(a[i] - b[i]));
  return largest;
}
