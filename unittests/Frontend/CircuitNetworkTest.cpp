//===- CircuitNetworkTest.cpp - Amplitudes as networks --------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Frontend/CircuitNetwork.h"
#include "BruteForce.h"
#include "ExpectParseError.h"

#include <cmath>
#include <numbers>

using namespace tenon::frontend;

static constexpr double kTolerance = 1e-14;

static const GateDefinition &qsim(llvm::StringRef name) { return *findGate(qsimGates(), name); }
static const GateDefinition &qelib(llvm::StringRef name) { return *findGate(qelib1Gates(), name); }

/// A circuit that gives every qubit another state, so that exchanged qubits show.
static Circuit preparedCircuit(int32_t numQubits) {
  Circuit circuit;
  circuit.name = "test";
  circuit.numQubits = numQubits;
  for (int32_t qubit = 0; qubit < numQubits; ++qubit) {
    Gate gate = makeGate(qelib("u3"), {qubit});
    for (double &param : gate.params)
      param += 0.4 * qubit;
    circuit.gates.push_back(gate);
  }
  return circuit;
}

static NetworkDescription build(const Circuit &circuit, std::vector<std::string> patterns,
                                bool hyperedges = true) {
  CircuitNetworkOptions options;
  options.hyperedges = hyperedges;
  return expectParsed(buildCircuitNetwork(circuit, patterns, options));
}

TEST(CircuitNetwork, EveryGateEqualsItsSimulation) {
  for (llvm::ArrayRef<GateDefinition> gates : {qsimGates(), qelib1Gates(), openQasm2Builtins()})
    for (const GateDefinition &gate : gates)
      for (bool hyperedges : {true, false}) {
        SCOPED_TRACE(gate.name.str());
        // Qubits out of order, so that an exchanged pair shows.
        int32_t count = std::max(gate.numQubits(), 1u);
        Circuit circuit = preparedCircuit(count);
        llvm::SmallVector<int32_t> qubits;
        for (unsigned i = 0; i < gate.numQubits(); ++i)
          qubits.push_back((i + 1) % count);
        circuit.gates.push_back(makeGate(gate, qubits));
        NetworkDescription network = build(circuit, {std::string(count, '?')}, hyperedges);
        EXPECT_LT(distance(sumNetwork(network), simulate(circuit)), kTolerance);
        if (!hyperedges) {
          EXPECT_EQ(network.operands.back().indices.size(), 2 * gate.numQubits());
        }
      }
}

/// A circuit on three qubits with gates of all kinds in a row.
static Circuit mixedCircuit() {
  Circuit circuit = preparedCircuit(3);
  circuit.gates.push_back(makeGate(qsim("rz"), {2}));
  circuit.gates.push_back(makeGate(qsim("fs"), {2, 0}));
  circuit.gates.push_back(makeGate(qsim("cz"), {1, 2}));
  circuit.gates.push_back(makeGate(qelib("cx"), {2, 1}));
  circuit.gates.push_back(makeGate(qsim("hz_1_2"), {0}));
  circuit.gates.push_back(makeGate(qelib("cp"), {0, 1}));
  return circuit;
}

TEST(CircuitNetwork, FixedBitsPickOneAmplitude) {
  Circuit circuit = mixedCircuit();
  std::vector<Complex> state = simulate(circuit);
  for (size_t b = 0; b < 8; ++b) {
    std::string pattern{char('0' + (b >> 2 & 1)), char('0' + (b >> 1 & 1)), char('0' + (b & 1))};
    NetworkDescription network = build(circuit, {pattern});
    EXPECT_TRUE(network.output.empty());
    EXPECT_LT(distance(sumNetwork(network), state[b]), kTolerance) << pattern;
  }
}

TEST(CircuitNetwork, OpenQubitsAreOutputsInTheirOrder) {
  Circuit circuit = mixedCircuit();
  std::vector<Complex> state = simulate(circuit);
  NetworkDescription network = build(circuit, {"?1?"});
  ASSERT_EQ(network.output.size(), 2u);
  EXPECT_EQ(network.indexNames[network.output[0]].substr(0, 2), "q0");
  EXPECT_EQ(network.indexNames[network.output[1]].substr(0, 2), "q2");
  EXPECT_LT(distance(sumNetwork(network), {state[2], state[3], state[6], state[7]}), kTolerance);
}

TEST(CircuitNetwork, Batch) {
  Circuit circuit = mixedCircuit();
  std::vector<Complex> state = simulate(circuit);
  // Qubit 2 agrees in all patterns and needs no batch index.
  NetworkDescription network = build(circuit, {"011", "101", "001"});
  ASSERT_EQ(network.output.size(), 1u);
  EXPECT_EQ(network.indexNames[network.output[0]], "batch");
  EXPECT_EQ(network.extents[network.output[0]], 3);
  EXPECT_LT(distance(sumNetwork(network), {state[3], state[5], state[1]}), kTolerance);
  EXPECT_EQ(network.operands.back().indices.size(), 1u);
}

TEST(CircuitNetwork, BatchWithOpenQubits) {
  Circuit circuit = mixedCircuit();
  std::vector<Complex> state = simulate(circuit);
  NetworkDescription network = build(circuit, {"0?1", "1?1", "1?0"});
  EXPECT_LT(
      distance(sumNetwork(network), {state[1], state[3], state[5], state[7], state[4], state[6]}),
      kTolerance);
}

TEST(CircuitNetwork, BatchOfEqualPatterns) {
  Circuit circuit = mixedCircuit();
  std::vector<Complex> state = simulate(circuit);
  EXPECT_LT(distance(sumNetwork(build(circuit, {"?10", "?10"})),
                     {state[2], state[6], state[2], state[6]}),
            kTolerance);
}

TEST(CircuitNetwork, DiagonalGatesKeepTheIndex) {
  struct {
    llvm::StringLiteral name;
    size_t rank;
  } cases[] = {{"rz", 1},  {"z", 1},    {"s", 1},   {"sdg", 1},    {"t", 1},    {"tdg", 1},
               {"u1", 1},  {"p", 1},    {"cz", 2},  {"cp", 2},     {"cu1", 2},  {"crz", 2},
               {"rzz", 2}, {"cx", 3},   {"cy", 3},  {"ch", 3},     {"crx", 3},  {"ccx", 4},
               {"c4x", 6}, {"swap", 4}, {"rxx", 4}, {"cswap", 5},  {"rccx", 4}, {"rc3x", 5},
               {"h", 2},   {"u3", 2},   {"rx", 2},  {"c3sqrtx", 5}};
  for (const auto &test : cases) {
    const GateDefinition &gate = qelib(test.name);
    Circuit circuit;
    circuit.numQubits = gate.numQubits();
    llvm::SmallVector<int32_t> qubits;
    for (int32_t i = 0; i < circuit.numQubits; ++i)
      qubits.push_back(i);
    circuit.gates.push_back(makeGate(gate, qubits));
    NetworkDescription network = build(circuit, {std::string(circuit.numQubits, '?')});
    EXPECT_EQ(network.operands.back().indices.size(), test.rank) << test.name.str();
  }
}

TEST(CircuitNetwork, IdentityVanishes) {
  Circuit circuit;
  circuit.numQubits = 2;
  circuit.gates.push_back(makeGate(qelib("id"), {1}));
  circuit.gates.push_back(makeGate(qsim("id2"), {1, 0}));
  EXPECT_EQ(build(circuit, {"00"}).operands.size(), 4u);
  EXPECT_EQ(build(circuit, {"00"}, /*hyperedges=*/false).operands.size(), 6u);
}

TEST(CircuitNetwork, ExtraControls) {
  Circuit circuit = preparedCircuit(4);
  Gate gate = makeGate(qsim("fs"), {0, 3});
  gate.extraControls = 2;
  gate.qubits = {2, 1, 3, 0};
  circuit.gates.push_back(gate);
  // By hand: fs on (3, 0) wherever qubits 1 and 2 are 1.
  std::vector<Complex> before = simulate(preparedCircuit(4));
  std::vector<Complex> turned =
      applyMatrix(gateMatrix(makeGate(qsim("fs"), {3, 0})), {3, 0}, 4, before);
  std::vector<Complex> expected = before;
  for (size_t i = 0; i < 16; ++i)
    if ((i & 6) == 6)
      expected[i] = turned[i];
  NetworkDescription network = build(circuit, {"????"});
  EXPECT_EQ(network.operands.back().indices.size(), 6u);
  EXPECT_LT(distance(sumNetwork(network), expected), kTolerance);
}

TEST(CircuitNetwork, EqualGatesShareOneConstant) {
  Circuit circuit;
  circuit.numQubits = 10;
  for (int i = 0; i < 100; ++i)
    for (int32_t qubit = 0; qubit < 10; ++qubit)
      circuit.gates.push_back(makeGate(qelib(i % 2 ? "h" : "t"), {qubit}));
  NetworkDescription network = build(circuit, {"0000000001"});
  EXPECT_EQ(network.operands.size(), 1020u);
  // |0> and <0| are one constant; then <1|, h and t.
  EXPECT_EQ(network.constants.size(), 4u);
}

TEST(CircuitNetwork, ConstantsHaveTheShapesOfTheirOperands) {
  NetworkDescription network = build(mixedCircuit(), {"0?1", "1?1", "1?0"});
  ASSERT_EQ(network.indexNames.size(), network.extents.size());
  for (const Operand &operand : network.operands) {
    const Constant &constant = network.constants[operand.constant];
    ASSERT_EQ(constant.shape.size(), operand.indices.size());
    for (size_t i = 0; i < operand.indices.size(); ++i)
      EXPECT_EQ(constant.shape[i], network.extents[operand.indices[i]]);
  }
}

TEST(CircuitNetwork, Errors) {
  Circuit circuit = mixedCircuit();
  auto message = [](llvm::Expected<NetworkDescription> result) {
    return result ? "" : llvm::toString(result.takeError());
  };
  CircuitNetworkOptions real;
  real.elementType = ElementType::F32;
  EXPECT_EQ(message(buildCircuitNetwork(circuit, {"000"}, real)),
            "amplitudes are complex: expected element type c64 or c128, found f32");
  EXPECT_EQ(message(buildCircuitNetwork(Circuit(), {""})), "the circuit has no qubits");
  EXPECT_EQ(message(buildCircuitNetwork(circuit, {"???", "???"})),
            "every qubit is open, so the 2 bit strings of the batch do not differ; give one");
}

TEST(Bitstrings, Reads) {
  EXPECT_EQ(expectParsed(parseBitstrings(" 01?, 11? ", 3)),
            (std::vector<std::string>{"01?", "11?"}));
}

TEST(Bitstrings, Errors) {
  ErrorCase cases[] = {
      {"01", 1, 1, "the bit string has 2 characters, but the circuit has 3 qubits"},
      {"011, 0110", 1, 6, "the bit string has 4 characters"},
      {"011,", 1, 5, "the bit string has 0 characters"},
      {"0a1", 1, 2, "expected 0, 1, or ? for an open qubit, found 'a'"},
      {"0?1,011", 1, 6, "qubit 1 is open in one bit string and not in another"},
  };
  for (const ErrorCase &test : cases) {
    SCOPED_TRACE(test.text);
    expectParseError(parseBitstrings(test.text, 3), test.line, test.column, test.message);
  }
}
