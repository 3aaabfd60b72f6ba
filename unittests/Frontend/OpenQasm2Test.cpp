//===- OpenQasm2Test.cpp - OpenQASM 2.0 -----------------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Frontend/OpenQasm2.h"
#include "BruteForce.h"
#include "ExpectParseError.h"
#include "tenon/Frontend/CircuitNetwork.h"
#include "llvm/Support/MemoryBuffer.h"

#include <cmath>
#include <numbers>
#include <numeric>

using namespace tenon::frontend;

static const std::string kHeader = "OPENQASM 2.0;\ninclude \"qelib1.inc\";\n";

static Circuit parse(const std::string &body) {
  return expectParsed(parseOpenQasm2(kHeader + body, "a.qasm"));
}

static double param(const std::string &expression) {
  Circuit circuit = parse("qreg q[1]; rz(" + expression + ") q[0];");
  return circuit.gates.size() == 1 ? circuit.gates[0].params[0] : std::nan("");
}

TEST(OpenQasm2, RegistersAreNumberedInOrder) {
  Circuit circuit = parse("qreg a[2];\ncreg c[9];\nqreg b[3];\n  cx b[1],a[1];\nx b[2];");
  EXPECT_EQ(circuit.numQubits, 5);
  ASSERT_EQ(circuit.gates.size(), 2u);
  EXPECT_EQ(circuit.gates[0].definition->name, "cx");
  EXPECT_EQ(circuit.gates[0].qubits, (llvm::SmallVector<int32_t, 3>{3, 1}));
  EXPECT_EQ(circuit.gates[0].position.line, 6u);
  EXPECT_EQ(circuit.gates[0].position.column, 3u);
  EXPECT_EQ(circuit.gates[1].qubits[0], 4);
}

TEST(OpenQasm2, Expressions) {
  EXPECT_EQ(param("pi"), std::numbers::pi);
  EXPECT_EQ(param("3*pi/4"), 3 * std::numbers::pi / 4);
  EXPECT_EQ(param("1/2"), 0.5);
  EXPECT_EQ(param("7-2-1"), 4);
  EXPECT_EQ(param("8/4/2"), 1);
  EXPECT_EQ(param("2^3^2"), 512);
  EXPECT_EQ(param("-2^2"), -4);
  EXPECT_EQ(param("2^-1"), 0.5);
  EXPECT_EQ(param("2*-3+ +4"), -2);
  EXPECT_EQ(param("-(1+2)*3"), -9);
  EXPECT_EQ(param("1.5e-1 + .5 + 2."), 0.15 + .5 + 2);
  EXPECT_EQ(param("sin(1)+cos(2)-tan(3)"), std::sin(1.) + std::cos(2.) - std::tan(3.));
  EXPECT_EQ(param("exp(1)*ln(2)/sqrt(3)"), std::exp(1.) * std::log(2.) / std::sqrt(3.));
}

TEST(OpenQasm2, Broadcasting) {
  Circuit circuit = parse("qreg a[2]; qreg b[2]; qreg c[1]; h a; cx a,b; ccx c[0],b,a;");
  ASSERT_EQ(circuit.gates.size(), 6u);
  EXPECT_EQ(circuit.gates[1].qubits, (llvm::SmallVector<int32_t, 3>{1}));
  EXPECT_EQ(circuit.gates[3].qubits, (llvm::SmallVector<int32_t, 3>{1, 3}));
  EXPECT_EQ(circuit.gates[5].qubits, (llvm::SmallVector<int32_t, 3>{4, 3, 1}));
}

TEST(OpenQasm2, GateDefinitionsAreExpanded) {
  Circuit circuit = parse("gate inner(t,u) x0,y0 { rz(t/u) y0; barrier x0,y0; cx y0,x0; }\n"
                          "gate outer(t) a,b,c { inner(t,2) c,a; inner(-t,4) a,b; }\n"
                          "gate nothing a { }\n"
                          "qreg q[3];\nouter(3) q[2],q[0],q[1];\nnothing q;");
  ASSERT_EQ(circuit.gates.size(), 4u);
  EXPECT_EQ(circuit.gates[0].params[0], 1.5);
  EXPECT_EQ(circuit.gates[0].qubits[0], 2);
  EXPECT_EQ(circuit.gates[1].qubits, (llvm::SmallVector<int32_t, 3>{2, 1}));
  EXPECT_EQ(circuit.gates[2].params[0], -0.75);
  EXPECT_EQ(circuit.gates[2].qubits[0], 0);
  EXPECT_EQ(circuit.gates[3].qubits, (llvm::SmallVector<int32_t, 3>{0, 2}));
  EXPECT_EQ(circuit.gates[3].position.line, 7u);
}

TEST(OpenQasm2, BuiltinsNeedNoInclude) {
  Circuit circuit = expectParsed(
      parseOpenQasm2("OPENQASM 2.0;\ngate h a { U(pi/2,0,pi) a; }\nqreg q[2];\nh q[0];\n"
                     "CX q[0],q[1];\nU(0,0,pi) q[1];",
                     "a"));
  ASSERT_EQ(circuit.gates.size(), 3u);
  EXPECT_EQ(circuit.gates[0].definition->name, "U");
  EXPECT_EQ(circuit.gates[1].definition->name, "CX");
}

TEST(OpenQasm2, ProgramMayDefineWhatThePapersLibraryLacks) {
  Circuit circuit = parse("gate rzz(t) a,b { cx a,b; u1(t) b; cx a,b; }\nqreg q[2];\n"
                          "rzz(0.5) q[0],q[1];");
  EXPECT_EQ(circuit.gates.size(), 3u);
}

TEST(OpenQasm2, MeasurementAtTheEndIsIgnored) {
  EXPECT_EQ(parse("qreg q[2]; creg c[2]; h q; measure q[0] -> c[1]; h q[1]; measure q[1]->c[0];")
                .gates.size(),
            3u);
}

/// What the file defines, in the words of arXiv:1707.03429, against the matrices of the library.
TEST(OpenQasm2, LibraryGatesEqualTheirDefinitions) {
  struct {
    llvm::StringLiteral name;
    const char *definition;
    bool upToPhase = false;
  } cases[] = {
      {"u2", "(p,l) q { U(pi/2,p,l) q; }"},
      {"u1", "(l) q { U(0,0,l) q; }"},
      {"u0", "(g) q { U(0,0,0) q; }"},
      {"p", "(l) q { U(0,0,l) q; }"},
      {"cx", " c,t { CX c,t; }"},
      {"id", " a { U(0,0,0) a; }"},
      {"x", " a { u3(pi,0,pi) a; }"},
      {"y", " a { u3(pi,pi/2,pi/2) a; }"},
      {"z", " a { u1(pi) a; }"},
      {"h", " a { u2(0,pi) a; }"},
      {"s", " a { u1(pi/2) a; }"},
      {"sdg", " a { u1(-pi/2) a; }"},
      {"t", " a { u1(pi/4) a; }"},
      {"tdg", " a { u1(-pi/4) a; }"},
      {"sx", " a { sdg a; h a; sdg a; }", true},
      {"sxdg", " a { s a; h a; s a; }", true},
      {"rx", "(t) a { u3(t,-pi/2,pi/2) a; }"},
      {"ry", "(t) a { u3(t,0,0) a; }"},
      {"rz", "(t) a { u1(t) a; }", true},
      {"cz", " a,b { h b; cx a,b; h b; }"},
      {"cy", " a,b { sdg b; cx a,b; s b; }"},
      {"swap", " a,b { cx a,b; cx b,a; cx a,b; }"},
      {"ch", " a,b { h b; sdg b; cx a,b; h b; t b; cx a,b; t b; h b; s b; x b; s a; }", true},
      {"ccx", " a,b,c { h c; cx b,c; tdg c; cx a,c; t c; cx b,c; tdg c; cx a,c; t b; t c; h c;"
              " cx a,b; t a; tdg b; cx a,b; }"},
      {"cswap", " a,b,c { cx c,b; ccx a,b,c; cx c,b; }"},
      {"crx", "(l) a,b { u1(pi/2) b; cx a,b; u3(-l/2,0,0) b; cx a,b; u3(l/2,-pi/2,0) b; }"},
      {"cry", "(l) a,b { ry(l/2) b; cx a,b; ry(-l/2) b; cx a,b; }"},
      {"crz", "(l) a,b { u1(l/2) b; cx a,b; u1(-l/2) b; cx a,b; }"},
      {"cu1", "(l) a,b { u1(l/2) a; cx a,b; u1(-l/2) b; cx a,b; u1(l/2) b; }"},
      {"cp", "(l) a,b { p(l/2) a; cx a,b; p(-l/2) b; cx a,b; p(l/2) b; }"},
      {"cu3", "(t,p,l) c,q { u1((l+p)/2) c; u1((l-p)/2) q; cx c,q; u3(-t/2,0,-(p+l)/2) q; cx c,q;"
              " u3(t/2,p,0) q; }"},
      {"cu", "(t,p,l,g) c,q { p(g) c; p((l+p)/2) c; p((l-p)/2) q; cx c,q; u(-t/2,0,-(p+l)/2) q;"
             " cx c,q; u(t/2,p,0) q; }"},
      {"csx", " a,b { h b; cu1(pi/2) a,b; h b; }"},
      {"rxx", "(t) a,b { h a; h b; cx a,b; rz(t) b; cx a,b; h b; h a; }"},
      {"rzz", "(t) a,b { cx a,b; u1(t) b; cx a,b; }", true},
      {"rccx", " a,b,c { u2(0,pi) c; u1(pi/4) c; cx b,c; u1(-pi/4) c; cx a,c; u1(pi/4) c; cx b,c;"
               " u1(-pi/4) c; u2(0,pi) c; }"},
      {"rc3x", " a,b,c,d { u2(0,pi) d; u1(pi/4) d; cx c,d; u1(-pi/4) d; u2(0,pi) d; cx a,d;"
               " u1(pi/4) d; cx b,d; u1(-pi/4) d; cx a,d; u1(pi/4) d; cx b,d; u1(-pi/4) d;"
               " u2(0,pi) d; u1(pi/4) d; cx c,d; u1(-pi/4) d; u2(0,pi) d; }"},
      {"c3sqrtx",
       " a,b,c,d { h d; cu1(pi/8) a,d; h d; cx a,b; h d; cu1(-pi/8) b,d; h d; cx a,b;"
       " h d; cu1(pi/8) b,d; h d; cx b,c; h d; cu1(-pi/8) c,d; h d; cx a,c; h d; cu1(pi/8) c,d;"
       " h d; cx b,c; h d; cu1(-pi/8) c,d; h d; cx a,c; h d; cu1(pi/8) c,d; h d; }"},
      {"c3x", " a,b,c,d { c3sqrtx a,b,c,d; c3sqrtx a,b,c,d; }"},
      {"c4x", " a,b,c,d,e { h e; cu1(pi/2) d,e; h e; c3x a,b,c,d; h e; cu1(-pi/2) d,e; h e;"
              " c3x a,b,c,d; c3sqrtx a,b,c,e; }"},
  };
  // u3 and u are tested as matrices of their own.
  EXPECT_EQ(std::size(cases) + 2, qelib1Gates().size());
  for (const auto &test : cases) {
    SCOPED_TRACE(test.name.str());
    const GateDefinition *gate = findGate(qelib1Gates(), test.name);
    ASSERT_TRUE(gate);
    std::vector<int32_t> qubits(gate->numQubits());
    std::iota(qubits.begin(), qubits.end(), 0);
    std::string call = "mine(0.3,1.1,-0.7,2.3";
    static constexpr size_t kCallLengths[] = {4, 8, 12, 17, 21};
    call.resize(kCallLengths[gate->numParams]);
    call += gate->numParams ? ") " : " ";
    for (int32_t qubit : qubits)
      call += (qubit ? ",q[" : "q[") + std::to_string(qubit) + "]";
    Circuit circuit = parse("gate mine" + std::string(test.definition) + "\nqreg q[" +
                            std::to_string(qubits.size()) + "];\n" + call + ";");
    std::vector<Complex> expected = circuitMatrix(circuit);
    std::vector<Complex> actual = gateMatrix(makeGate(*gate, qubits));
    if (test.upToPhase && std::abs(expected[0]) > 0.1) {
      Complex phase = actual[0] / expected[0];
      EXPECT_NEAR(std::abs(phase), 1, 1e-14);
      for (Complex &element : expected)
        element *= phase / std::abs(phase);
    }
    EXPECT_LT(distance(actual, expected), 4e-15);
  }
}

TEST(OpenQasm2, SampleFile) {
  auto buffer = llvm::MemoryBuffer::getFile(TENON_TEST_INPUTS "/qft_n4.qasm");
  ASSERT_TRUE(bool(buffer));
  Circuit circuit = expectParsed(parseOpenQasm2((*buffer)->getBuffer(), "qft_n4.qasm"));
  EXPECT_EQ(circuit.gates.size(), 14u);
  // The transform of |5>: e^{2 pi i 5 k / 16} / 4.
  std::vector<Complex> expected;
  for (int k = 0; k < 16; ++k)
    expected.push_back(std::polar(0.25, 2 * std::numbers::pi * 5 * k / 16));
  NetworkDescription network = expectParsed(buildCircuitNetwork(circuit, {"????"}));
  EXPECT_LT(distance(sumNetwork(network), expected), 1e-15);
}
