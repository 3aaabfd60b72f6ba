//===- GateSetTest.cpp - Gates and their matrices -------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Matrices against what the formats' documents say, by another way than GateSet.cpp takes:
// rotations as exponential series, the rest as text.
//
//===----------------------------------------------------------------------===//
#include "BruteForce.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

using namespace tenon::frontend;
using Matrix = std::vector<Complex>;

static constexpr Complex kI{0, 1};
static constexpr double kTolerance = 1e-15;

static size_t dimOf(const Matrix &matrix) {
  return static_cast<size_t>(std::lround(std::sqrt(matrix.size())));
}

static Matrix product(const Matrix &a, const Matrix &b) {
  size_t dim = dimOf(a);
  Matrix result(a.size());
  for (size_t i = 0; i < dim; ++i)
    for (size_t j = 0; j < dim; ++j)
      for (size_t k = 0; k < dim; ++k)
        result[i * dim + k] += a[i * dim + j] * b[j * dim + k];
  return result;
}

static Matrix kronecker(const Matrix &a, const Matrix &b) {
  size_t m = dimOf(a), n = dimOf(b), dim = m * n;
  Matrix result(dim * dim);
  for (size_t i = 0; i < dim; ++i)
    for (size_t j = 0; j < dim; ++j)
      result[i * dim + j] = a[(i / n) * m + j / n] * b[(i % n) * n + j % n];
  return result;
}

/// exp(-i angle/2 · generator) by its series.
static Matrix rotation(double angle, const Matrix &generator) {
  size_t dim = dimOf(generator);
  Matrix sum(generator.size()), term(generator.size());
  for (size_t i = 0; i < dim; ++i)
    sum[i * (dim + 1)] = term[i * (dim + 1)] = 1;
  for (int order = 1; order < 40; ++order) {
    term = product(term, generator);
    for (size_t i = 0; i < term.size(); ++i) {
      term[i] *= -kI * (angle / 2 / order);
      sum[i] += term[i];
    }
  }
  return sum;
}

static Matrix matrixOf(llvm::ArrayRef<GateDefinition> gates, llvm::StringRef name) {
  const GateDefinition *definition = findGate(gates, name);
  if (!definition) {
    ADD_FAILURE() << name.str();
    return {};
  }
  std::vector<int32_t> qubits(definition->numQubits());
  std::iota(qubits.begin(), qubits.end(), 0);
  return gateMatrix(makeGate(*definition, qubits));
}

static const Matrix kX{0, 1, 1, 0};
static const Matrix kY{0, -kI, kI, 0};
static const Matrix kZ{1, 0, 0, -1};

static Matrix scaled(double factor, Matrix matrix) {
  for (Complex &element : matrix)
    element *= factor;
  return matrix;
}

TEST(GateSet, AllGatesAreUnitary) {
  for (llvm::ArrayRef<GateDefinition> gates : {qsimGates(), qelib1Gates(), openQasm2Builtins()})
    for (const GateDefinition &gate : gates) {
      Matrix matrix = matrixOf(gates, gate.name);
      size_t dim = dimOf(matrix);
      Matrix adjoint(matrix.size()), identity(matrix.size());
      for (size_t i = 0; i < dim; ++i) {
        identity[i * (dim + 1)] = 1;
        for (size_t j = 0; j < dim; ++j)
          adjoint[i * dim + j] = std::conj(matrix[j * dim + i]);
      }
      EXPECT_LT(distance(product(matrix, adjoint), identity), kTolerance) << gate.name.str();
    }
}

TEST(GateSet, SycamoreGatesAsPublished) {
  double r = 1 / std::sqrt(2.0);
  Complex sqrtI = std::sqrt(kI), sqrtMinusI = std::sqrt(-kI);
  EXPECT_LT(distance(matrixOf(qsimGates(), "x_1_2"), scaled(r, {1, -kI, -kI, 1})), kTolerance);
  EXPECT_LT(distance(matrixOf(qsimGates(), "y_1_2"), scaled(r, {1, -1, 1, 1})), kTolerance);
  EXPECT_LT(distance(matrixOf(qsimGates(), "hz_1_2"), scaled(r, {1, -sqrtI, sqrtMinusI, 1})),
            kTolerance);
  double t = 0.3, p = 1.1;
  Complex c = std::cos(t), s = -kI * std::sin(t);
  EXPECT_LT(distance(matrixOf(qsimGates(), "fs"),
                     {1, 0, 0, 0, 0, c, s, 0, 0, s, c, 0, 0, 0, 0, std::exp(-kI * p)}),
            kTolerance);
  EXPECT_LT(distance(matrixOf(qsimGates(), "rz"),
                     {std::exp(-kI * (t / 2)), 0, 0, std::exp(kI * (t / 2))}),
            kTolerance);
}

TEST(GateSet, Rotations) {
  double t = 0.3, p = 1.1;
  for (auto gates : {qsimGates(), qelib1Gates()}) {
    EXPECT_LT(distance(matrixOf(gates, "rx"), rotation(t, kX)), kTolerance);
    EXPECT_LT(distance(matrixOf(gates, "ry"), rotation(t, kY)), kTolerance);
    EXPECT_LT(distance(matrixOf(gates, "rz"), rotation(t, kZ)), kTolerance);
  }
  Matrix axis(4);
  for (size_t i = 0; i < 4; ++i)
    axis[i] = std::cos(t) * kX[i] + std::sin(t) * kY[i];
  EXPECT_LT(distance(matrixOf(qsimGates(), "rxy"), rotation(p, axis)), kTolerance);
  EXPECT_LT(distance(matrixOf(qelib1Gates(), "rxx"), rotation(t, kronecker(kX, kX))), kTolerance);
  EXPECT_LT(distance(matrixOf(qelib1Gates(), "rzz"), rotation(t, kronecker(kZ, kZ))), kTolerance);
}

TEST(GateSet, OtherQsimGates) {
  auto gate = [](llvm::StringRef name) { return matrixOf(qsimGates(), name); };
  double r = 1 / std::sqrt(2.0), t = 0.3;
  Complex sqrtI = std::sqrt(kI);
  EXPECT_LT(distance(gate("p"), {std::exp(kI * t)}), kTolerance);
  EXPECT_EQ(gate("id"), (Matrix{1, 0, 0, 1}));
  EXPECT_EQ(gate("id1"), (Matrix{1, 0, 0, 1}));
  EXPECT_EQ(gate("id2"), kronecker(gate("id"), gate("id")));
  EXPECT_LT(distance(gate("h"), scaled(r, {1, 1, 1, -1})), kTolerance);
  EXPECT_LT(distance(gate("t"), {1, 0, 0, sqrtI}), kTolerance);
  EXPECT_EQ(gate("s"), (Matrix{1, 0, 0, kI}));
  EXPECT_EQ(gate("x"), kX);
  EXPECT_EQ(gate("y"), kY);
  EXPECT_EQ(gate("z"), kZ);
  EXPECT_EQ(gate("cz"), (Matrix{1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, -1}));
  Matrix cnot{1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0};
  EXPECT_EQ(gate("cnot"), cnot);
  EXPECT_EQ(gate("cx"), cnot);
  EXPECT_EQ(gate("sw"), (Matrix{1, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1}));
  EXPECT_EQ(gate("is"), (Matrix{1, 0, 0, 0, 0, 0, kI, 0, 0, kI, 0, 0, 0, 0, 0, 1}));
  EXPECT_LT(distance(gate("cp"), {1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, std::exp(-kI * t)}),
            kTolerance);
}

TEST(GateSet, U3AsQiskitWritesIt) {
  double t = 0.3, p = 1.1, l = -0.7;
  Matrix expected{std::cos(t / 2), -std::exp(kI * l) * std::sin(t / 2),
                  std::exp(kI * p) * std::sin(t / 2), std::exp(kI * (p + l)) * std::cos(t / 2)};
  EXPECT_LT(distance(matrixOf(qelib1Gates(), "u3"), expected), kTolerance);
  EXPECT_LT(distance(matrixOf(qelib1Gates(), "u"), expected), kTolerance);
  EXPECT_LT(distance(matrixOf(openQasm2Builtins(), "U"), expected), kTolerance);
}

TEST(GateSet, SquareRootsOfX) {
  Matrix sx = matrixOf(qelib1Gates(), "sx"), sxdg = matrixOf(qelib1Gates(), "sxdg");
  EXPECT_EQ(product(sx, sx), kX);
  EXPECT_EQ(product(sx, sxdg), (Matrix{1, 0, 0, 1}));
  EXPECT_EQ(sx[0], Complex(0.5, 0.5));
}

TEST(GateSet, ClosestName) {
  EXPECT_EQ(closestGateName(qsimGates(), "hz_12"), "hz_1_2");
  EXPECT_EQ(closestGateName(qsimGates(), "cnto"), "cnot");
  EXPECT_EQ(closestGateName(qelib1Gates(), "frobnicate"), "");
  EXPECT_EQ(closestGateName(qelib1Gates(), std::string(1000000, 'c')), "");
}
