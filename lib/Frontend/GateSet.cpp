//===- GateSet.cpp - Gates and their matrices -----------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Entries that are 0 or 1 by definition are written as such and never computed, because the
// conversion to a network recognizes diagonal wires by exact zeros.
//
//===----------------------------------------------------------------------===//
#include "tenon/Frontend/GateSet.h"

#include "tenon/Support/Assert.h"
#include "llvm/ADT/STLExtras.h"

#include <cmath>
#include <numbers>

using namespace tenon::frontend;

using Params = llvm::ArrayRef<double>;
using Matrix = llvm::MutableArrayRef<Complex>;

static constexpr Complex kI{0, 1};
static constexpr double kInvSqrt2 = std::numbers::sqrt2 / 2;

static Complex phase(double angle) { return {std::cos(angle), std::sin(angle)}; }

static void assign(Matrix matrix, std::initializer_list<Complex> elements) {
  llvm::copy(elements, matrix.begin());
}

static void diagonal(Matrix matrix, std::initializer_list<Complex> elements) {
  for (auto [i, element] : llvm::enumerate(elements))
    matrix[i * (elements.size() + 1)] = element;
}

// Single-qubit matrices.
static void fillId(Params, Matrix m) { diagonal(m, {1, 1}); }
static void fillX(Params, Matrix m) { assign(m, {0, 1, 1, 0}); }
static void fillY(Params, Matrix m) { assign(m, {0, -kI, kI, 0}); }
static void fillZ(Params, Matrix m) { diagonal(m, {1, -1}); }
static void fillH(Params, Matrix m) { assign(m, {kInvSqrt2, kInvSqrt2, kInvSqrt2, -kInvSqrt2}); }
static void fillS(Params, Matrix m) { diagonal(m, {1, kI}); }
static void fillSdg(Params, Matrix m) { diagonal(m, {1, -kI}); }
static void fillT(Params, Matrix m) { diagonal(m, {1, {kInvSqrt2, kInvSqrt2}}); }
static void fillTdg(Params, Matrix m) { diagonal(m, {1, {kInvSqrt2, -kInvSqrt2}}); }
static void fillP(Params p, Matrix m) { diagonal(m, {1, phase(p[0])}); }
static void fillSx(Params, Matrix m) {
  assign(m, {{0.5, 0.5}, {0.5, -0.5}, {0.5, -0.5}, {0.5, 0.5}});
}
static void fillSxdg(Params, Matrix m) {
  assign(m, {{0.5, -0.5}, {0.5, 0.5}, {0.5, 0.5}, {0.5, -0.5}});
}
static void fillRz(Params p, Matrix m) { diagonal(m, {phase(-p[0] / 2), phase(p[0] / 2)}); }
static void fillRx(Params p, Matrix m) {
  double c = std::cos(p[0] / 2), s = std::sin(p[0] / 2);
  assign(m, {c, -kI * s, -kI * s, c});
}
static void fillRy(Params p, Matrix m) {
  double c = std::cos(p[0] / 2), s = std::sin(p[0] / 2);
  assign(m, {c, -s, s, c});
}
static void fillRxy(Params p, Matrix m) {
  double c = std::cos(p[1] / 2), s = std::sin(p[1] / 2);
  assign(m, {c, -kI * s * phase(-p[0]), -kI * s * phase(p[0]), c});
}
static void fillU3(Params p, Matrix m) {
  double c = std::cos(p[0] / 2), s = std::sin(p[0] / 2);
  assign(m, {c, -phase(p[2]) * s, phase(p[1]) * s, phase(p[1] + p[2]) * c});
}
static void fillU2(Params p, Matrix m) {
  assign(m, {kInvSqrt2, -phase(p[1]) * kInvSqrt2, phase(p[0]) * kInvSqrt2,
             phase(p[0] + p[1]) * kInvSqrt2});
}
static void fillU3WithPhase(Params p, Matrix m) {
  fillU3(p, m);
  for (Complex &element : m)
    element *= phase(p[3]);
}
static void fillSqrtX(Params, Matrix m) {
  assign(m, {kInvSqrt2, -kI * kInvSqrt2, -kI * kInvSqrt2, kInvSqrt2});
}
static void fillSqrtY(Params, Matrix m) {
  assign(m, {kInvSqrt2, -kInvSqrt2, kInvSqrt2, kInvSqrt2});
}
static void fillSqrtW(Params, Matrix m) {
  assign(m, {kInvSqrt2, {-0.5, -0.5}, {0.5, -0.5}, kInvSqrt2});
}

// Matrices of none and of two qubits.
static void fillGlobalPhase(Params p, Matrix m) { m[0] = phase(p[0]); }
static void fillId2(Params, Matrix m) { diagonal(m, {1, 1, 1, 1}); }
static void fillSwap(Params, Matrix m) { m[0] = m[6] = m[9] = m[15] = 1; }
static void fillISwap(Params, Matrix m) {
  m[0] = m[15] = 1;
  m[6] = m[9] = kI;
}
static void fillFSim(Params p, Matrix m) {
  m[0] = 1;
  m[5] = m[10] = std::cos(p[0]);
  m[6] = m[9] = -kI * std::sin(p[0]);
  m[15] = phase(-p[1]);
}
static void fillPMinus(Params p, Matrix m) { diagonal(m, {1, phase(-p[0])}); }
static void fillRxx(Params p, Matrix m) {
  double c = std::cos(p[0] / 2), s = std::sin(p[0] / 2);
  m[0] = m[5] = m[10] = m[15] = c;
  m[3] = m[6] = m[9] = m[12] = -kI * s;
}
static void fillRzz(Params p, Matrix m) {
  Complex even = phase(-p[0] / 2), odd = phase(p[0] / 2);
  diagonal(m, {even, odd, odd, even});
}

// The relative-phase Toffoli gates of qelib1.inc, what is left of them when the controls on which
// they act as the identity are taken off.
static void fillRccxTargets(Params, Matrix m) {
  m[0] = 1;
  m[5] = -1;
  m[11] = -kI;
  m[14] = kI;
}
static void fillRc3xTargets(Params, Matrix m) {
  m[0] = kI;
  m[5] = -kI;
  m[11] = 1;
  m[14] = -1;
}

static constexpr GateDefinition kQsimGates[] = {
    {"p", 0, 0, 1, fillGlobalPhase}, {"id", 0, 1, 0, fillId},       {"id1", 0, 1, 0, fillId},
    {"h", 0, 1, 0, fillH},           {"t", 0, 1, 0, fillT},         {"s", 0, 1, 0, fillS},
    {"x", 0, 1, 0, fillX},           {"y", 0, 1, 0, fillY},         {"z", 0, 1, 0, fillZ},
    {"x_1_2", 0, 1, 0, fillSqrtX},   {"y_1_2", 0, 1, 0, fillSqrtY}, {"hz_1_2", 0, 1, 0, fillSqrtW},
    {"rx", 0, 1, 1, fillRx},         {"ry", 0, 1, 1, fillRy},       {"rz", 0, 1, 1, fillRz},
    {"rxy", 0, 1, 2, fillRxy},       {"id2", 0, 2, 0, fillId2},     {"cz", 1, 1, 0, fillZ},
    {"cnot", 1, 1, 0, fillX},        {"cx", 1, 1, 0, fillX},        {"sw", 0, 2, 0, fillSwap},
    {"is", 0, 2, 0, fillISwap},      {"fs", 0, 2, 2, fillFSim},     {"cp", 1, 1, 1, fillPMinus},
};

static constexpr GateDefinition kQelib1Gates[] = {
    // The file as the OpenQASM 2.0 paper prints it (arXiv:1707.03429).
    {"u3", 0, 1, 3, fillU3},
    {"u2", 0, 1, 2, fillU2},
    {"u1", 0, 1, 1, fillP},
    {"cx", 1, 1, 0, fillX},
    {"id", 0, 1, 0, fillId},
    {"x", 0, 1, 0, fillX},
    {"y", 0, 1, 0, fillY},
    {"z", 0, 1, 0, fillZ},
    {"h", 0, 1, 0, fillH},
    {"s", 0, 1, 0, fillS},
    {"sdg", 0, 1, 0, fillSdg},
    {"t", 0, 1, 0, fillT},
    {"tdg", 0, 1, 0, fillTdg},
    {"rx", 0, 1, 1, fillRx},
    {"ry", 0, 1, 1, fillRy},
    {"rz", 0, 1, 1, fillRz},
    {"cz", 1, 1, 0, fillZ},
    {"cy", 1, 1, 0, fillY},
    {"ch", 1, 1, 0, fillH},
    {"ccx", 2, 1, 0, fillX},
    {"crz", 1, 1, 1, fillRz},
    {"cu1", 1, 1, 1, fillP},
    {"cu3", 1, 1, 3, fillU3},
    // What Qiskit's edition of the file adds.
    {"u0", 0, 1, 1, fillId},
    {"u", 0, 1, 3, fillU3},
    {"p", 0, 1, 1, fillP},
    {"sx", 0, 1, 0, fillSx},
    {"sxdg", 0, 1, 0, fillSxdg},
    {"swap", 0, 2, 0, fillSwap},
    {"cswap", 1, 2, 0, fillSwap},
    {"crx", 1, 1, 1, fillRx},
    {"cry", 1, 1, 1, fillRy},
    {"cp", 1, 1, 1, fillP},
    {"csx", 1, 1, 0, fillSx},
    {"cu", 1, 1, 4, fillU3WithPhase},
    {"rxx", 0, 2, 1, fillRxx},
    {"rzz", 0, 2, 1, fillRzz},
    {"rccx", 1, 2, 0, fillRccxTargets},
    {"rc3x", 2, 2, 0, fillRc3xTargets},
    {"c3x", 3, 1, 0, fillX},
    {"c3sqrtx", 3, 1, 0, fillSx},
    {"c4x", 4, 1, 0, fillX},
};

static constexpr size_t kQelib1PaperCount = 23;

static constexpr GateDefinition kOpenQasm2Builtins[] = {
    {"U", 0, 1, 3, fillU3},
    {"CX", 1, 1, 0, fillX},
};

llvm::ArrayRef<GateDefinition> tenon::frontend::qsimGates() { return kQsimGates; }
llvm::ArrayRef<GateDefinition> tenon::frontend::qelib1Gates() { return kQelib1Gates; }
llvm::ArrayRef<GateDefinition> tenon::frontend::qelib1PaperGates() {
  TENON_ASSERT(kQelib1Gates[kQelib1PaperCount - 1].name == "cu3" &&
                   kQelib1Gates[kQelib1PaperCount].name == "u0",
               "the paper's gates come first");
  return qelib1Gates().take_front(kQelib1PaperCount);
}
llvm::ArrayRef<GateDefinition> tenon::frontend::openQasm2Builtins() { return kOpenQasm2Builtins; }

const GateDefinition *tenon::frontend::findGate(llvm::ArrayRef<GateDefinition> gates,
                                                llvm::StringRef name) {
  const auto *place =
      llvm::find_if(gates, [&](const GateDefinition &gate) { return gate.name == name; });
  return place == gates.end() ? nullptr : place;
}

llvm::StringRef tenon::frontend::closestGateName(llvm::ArrayRef<GateDefinition> gates,
                                                 llvm::StringRef name) {
  // Edit distance is quadratic; no gate's name is near to one this long.
  if (name.size() > 32)
    return "";
  llvm::StringRef best;
  unsigned bestDistance = name.size() <= 2 ? 2 : 3;
  for (const GateDefinition &gate : gates) {
    unsigned distance = name.edit_distance(gate.name);
    if (distance < bestDistance) {
      bestDistance = distance;
      best = gate.name;
    }
  }
  return best;
}
