//===- QsimTest.cpp - Circuit files of qsim -------------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Frontend/Qsim.h"
#include "BruteForce.h"
#include "ExpectParseError.h"
#include "tenon/Frontend/CircuitNetwork.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace tenon::frontend;

TEST(Qsim, ReadsGatesInOrder) {
  Circuit circuit =
      expectParsed(parseQsim("3\n0 h 2 \n\n0 fs 1 0 0.5 -1e-1\r\n1 rz 2 .25\n", "a.qsim"));
  EXPECT_EQ(circuit.name, "a.qsim");
  EXPECT_EQ(circuit.numQubits, 3);
  ASSERT_EQ(circuit.gates.size(), 3u);
  EXPECT_EQ(circuit.gates[0].definition->name, "h");
  EXPECT_EQ(circuit.gates[1].qubits, (llvm::SmallVector<int32_t, 3>{1, 0}));
  EXPECT_EQ(circuit.gates[1].params, (llvm::SmallVector<double, 3>{0.5, -0.1}));
  EXPECT_EQ(circuit.gates[1].position.line, 4u);
  EXPECT_EQ(circuit.gates[1].position.column, 3u);
  EXPECT_EQ(circuit.gates[2].params[0], 0.25);
}

TEST(Qsim, ControlledGate) {
  Circuit circuit = expectParsed(parseQsim("4\n0 c 3 1 fs 0 2 0.5 0.25", "a"));
  ASSERT_EQ(circuit.gates.size(), 1u);
  EXPECT_EQ(circuit.gates[0].extraControls, 2u);
  EXPECT_EQ(circuit.gates[0].qubits, (llvm::SmallVector<int32_t, 3>{3, 1, 0, 2}));
}

TEST(Qsim, TimesOnDifferentQubitsAreNotCompared) {
  EXPECT_EQ(expectParsed(parseQsim("2\n5 h 0\n3 h 1\n", "a")).gates.size(), 2u);
}

TEST(Qsim, GlobalPhaseHasNoQubits) {
  Circuit circuit = expectParsed(parseQsim("1\n0 p 0.5\n", "a"));
  EXPECT_TRUE(circuit.gates[0].qubits.empty());
}

TEST(Qsim, SampleFile) {
  auto buffer = llvm::MemoryBuffer::getFile(TENON_TEST_INPUTS "/mixed_n4.qsim");
  ASSERT_TRUE(bool(buffer));
  Circuit circuit = expectParsed(parseQsim((*buffer)->getBuffer(), "mixed_n4.qsim"));
  NetworkDescription network = expectParsed(buildCircuitNetwork(circuit, {"????"}));
  // Computed by a separate state-vector program in another language.
  std::vector<Complex> expected = {
      Complex(0.07900869177256414, 0.07372989022733274),
      Complex(0.5621711404029959, 0.11135818530891348),
      Complex(-0.16363626220946714, -0.11969336108582122),
      Complex(0.049215100582063395, -0.060413864855712776),
      Complex(0.0028910412106642955, -0.0028629314641037407),
      Complex(-0.06640403406458326, -0.0684204597399434),
      Complex(-0.22778775524045874, 0.30909445589884105),
      Complex(-0.0059272087787588905, -0.16564963950874118),
      Complex(-0.01944462077873104, 0.004842211048462795),
      Complex(-0.06866996600493219, -0.10013891319330041),
      Complex(-0.021335486911839334, 0.41755544292883406),
      Complex(0.1953813821490513, 0.17169654020499173),
      Complex(0.024918360019265118, 0.10364311206555848),
      Complex(-0.24411563571712203, -0.28877957450587655),
      Complex(-0.11218474082823857, -0.005066952378109307),
      Complex(-0.062433133611072805, 0.01536492842720244),
  };
  EXPECT_LT(distance(sumNetwork(network), expected), 1e-14);
}

TEST(Qsim, Errors) {
  ErrorCase cases[] = {
      {"", 1, 1, "expected the number of qubits, found the end of the file"},
      {"\n \n", 3, 1, "expected the number of qubits, found the end of the file"},
      {"three\n", 1, 1, "expected the number of qubits on the first line, found 'three'"},
      {"0 h 0\n", 1, 1, "a circuit needs at least one qubit"},
      {"-3\n", 1, 1, "expected the number of qubits on the first line, found '-3'"},
      {"2 h 0\n", 1, 3, "expected the end of the line after the number of qubits, found 'h'"},
      {"1048577\n", 1, 1, "at most 1048576 qubits"},
      {"99999999999999999999\n", 1, 1, "at most 1048576 qubits"},
      {"2\nh 0\n", 2, 1, "expected a time, a whole number from 0, found 'h'"},
      {"2\n-1 h 0\n", 2, 1, "expected a time"},
      {"2\n0\n", 2, 2, "expected the name of a gate, found the end of the line"},
      {"2\n0 hh 0\n", 2, 3, "unknown gate 'hh'; did you mean 'h'?"},
      {"2\n0 frobnicate 0\n", 2, 3, "unknown gate 'frobnicate'"},
      {"2\n0 cz 0\n", 2, 7, "expected a qubit, found the end of the line"},
      {"2\n0 h 2\n", 2, 5, "qubit 2 is out of range: the circuit has 2 qubits"},
      {"2\n0 h 99999999999\n", 2, 5, "qubit 99999999999 is out of range"},
      {"2\n0 h -1\n", 2, 5, "expected a qubit, a whole number from 0 to 1, found '-1'"},
      {"2\n0 cz 1 1\n", 2, 8, "qubit 1 is given twice"},
      {"2\n0 rz 1\n", 2, 7, "expected a parameter, found the end of the line"},
      {"2\n0 fs 1 0 0.5", 2, 13, "expected a parameter, found the end of the line"},
      {"2\n0 rz 1 0.5x\n", 2, 8, "expected a parameter, an angle in radians, found '0.5x'"},
      {"2\n0 rz 1 nan\n", 2, 8, "parameter nan is not finite"},
      {"2\n0 rz 1 -inf\n", 2, 8, "parameter -inf is not finite"},
      {"2\n0 rz 1 1e999\n", 2, 8, "parameter 1e999 is not finite"},
      {"2\n0 rz 1 0.5 7\n", 2, 12,
       "expected the end of the line after the 1 qubit(s) and 1 parameter(s) of 'rz', found '7'"},
      {"2\n4 h 0\n3 h 0\n", 3, 1, "time 3 is out of order: qubit 0 has an operation at time 4"},
      {"3\n4 cz 0 1\n4 cz 1 2\n", 3, 1, "time 4 is out of order: qubit 1"},
      {"2\n0 m 0\n1 h 0\n", 3, 5, "qubit 0 is measured before"},
      {"2\n0 m\n", 2, 4, "expected a qubit, found the end of the line"},
      {"2\n0 c h 0\n", 2, 5, "expected a qubit, a whole number from 0 to 1, found 'h'"},
      {"2\n0 c 0\n", 2, 6, "expected the name of the controlled gate, found the end"},
      {"2\n0 c 0 x 0\n", 2, 9, "qubit 0 is given twice"},
      {"12\n0 c 0 1 2 3 4 5 6 7 x 8\n", 2, 23, "a gate can act on at most 8 qubits"},
  };
  for (const ErrorCase &test : cases) {
    SCOPED_TRACE(test.text);
    expectParseError(parseQsim(test.text, "a"), test.line, test.column, test.message);
  }
}

TEST(Qsim, OverlongNumberIsRefused) {
  expectParseError(parseQsim("1\n0 rz 0 " + std::string(1000000, '1') + "\n", "a"), 2, 8,
                   "expected a parameter");
}
