//===- OpenQasm2ErrorTest.cpp - OpenQASM 2.0, ill-formed ------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "ExpectParseError.h"
#include "tenon/Frontend/OpenQasm2.h"

using namespace tenon::frontend;

/// Two lines, so that the body begins on line 3.
static const std::string kHeader = "OPENQASM 2.0;\ninclude \"qelib1.inc\";\n";

static void expectErrors(llvm::ArrayRef<ErrorCase> cases, const std::string &before) {
  for (const ErrorCase &test : cases) {
    SCOPED_TRACE(test.text);
    expectParseError(parseOpenQasm2(before + test.text, "a"), test.line, test.column, test.message);
  }
}

TEST(OpenQasm2Errors, Header) {
  expectErrors(
      {
          {"", 1, 1, "expected 'OPENQASM 2.0;' as the first statement, found the end of the file"},
          {"// c\nqreg q[1];", 2, 1, "expected 'OPENQASM 2.0;' as the first statement"},
          {"OPENQASM 3.0;", 1, 10, "OpenQASM 3.0 is not supported, only 2.0 is"},
          {"OPENQASM;", 1, 9, "expected the version, 2.0, found ';'"},
          {"OPENQASM 2.0", 1, 13, "expected ';', found the end of the file"},
          {"OPENQASM 2.0; include \"my.inc\";", 1, 23, "cannot include \"my.inc\""},
          {"OPENQASM 2.0; include qelib1;", 1, 23, "expected the name of a file in quotes"},
          {"OPENQASM 2.0; include \"qelib1.inc", 1, 23, "a string must end on its line"},
          {"OPENQASM 2.0; qreg q[1]; h q[0];", 1, 26, "gate 'h' is defined in qelib1.inc; add"},
          {"OPENQASM 2.0; gate h a {}\ninclude \"qelib1.inc\";", 2, 9,
           "qelib1.inc defines gate 'h'"},
          {"OPENQASM 2.0;\n", 2, 1, "the program declares no qubits"},
      },
      "");
}

TEST(OpenQasm2Errors, Declarations) {
  expectErrors(
      {
          {"qreg q[0];", 3, 8, "a register needs at least one place"},
          {"qreg q[2.5];", 3, 8, "expected the size of the register, a whole number"},
          {"qreg q[-1];", 3, 8, "expected the size of the register, found '-'"},
          {"qreg q[99999999999];", 3, 8, "the size of the register is too large: 99999999999"},
          {"qreg q[1048576]; qreg r[1];", 3, 25, "at most 1048576 qubits"},
          {"qreg q[2]; creg q[2];", 3, 17, "'q' is declared already"},
          {"qreg pi[2];", 3, 6, "'pi' is a word of the language"},
          {"qreg q[2]", 3, 10, "expected ';', found the end of the file"},
          {"qreg [2];", 3, 6, "expected the name of a register, found '['"},
          {"gate x a {}", 3, 6, "gate 'x' is defined already"},
          {"gate g a {}\ngate g a {}", 4, 6, "gate 'g' is defined already"},
          {"qreg g[1];\ngate g a {}", 4, 6, "'g' is declared already"},
          {"gate g a {}\nqreg g[1];", 4, 6, "'g' is declared already"},
          {"gate g(a,a) q {}", 3, 10, "'a' is given twice"},
          {"gate g a,a {}", 3, 10, "'a' is given twice"},
          {"gate g {}", 3, 8, "expected a qubit of the gate, found '{'"},
          {"gate g a { x a;", 3, 16, "expected a gate or '}', found the end of the file"},
          {"gate g a { g a; }", 3, 12, "gate 'g' uses itself"},
          {"gate g a { x b; }", 3, 14, "'b' is not a qubit of the gate 'g'"},
          {"gate g a { x a[0]; }", 3, 15, "expected ';', found '['"},
          {"gate g a,b { cx a,a; }", 3, 19, "qubit 'a' is given twice"},
          {"gate g a { cx a; }", 3, 12, "gate 'cx' acts on 2 qubit(s), found 1"},
          {"gate g a { rz a; }", 3, 12, "gate 'rz' takes 1 parameter(s), found 0"},
          {"gate g(t) a { rz(u) a; }", 3, 18, "unknown name 'u' in an expression"},
          {"opaque g(t) a;", 3, 1, "an opaque gate has no matrix"},
      },
      kHeader);
}

TEST(OpenQasm2Errors, Statements) {
  expectErrors(
      {
          {"hh q[0];", 4, 1, "unknown gate 'hh'; did you mean"},
          {"frobnicate q[0];", 4, 1, "unknown gate 'frobnicate'"},
          {"x r[0];", 4, 3, "register 'r' is not declared"},
          {"x c[0];", 4, 3,
           "expected a quantum register or a qubit of one, found the classical register 'c'"},
          {"x q[3];", 4, 5, "'q[3]' is out of range: the register has 3 places"},
          {"cx q[1],q[1];", 4, 9, "qubit 'q[1]' is given twice"},
          {"cx q,q;", 4, 6, "qubit 'q[0]' is given twice"},
          {"cx q[1],q;", 4, 9, "qubit 'q[1]' is given twice"},
          {"cx q,s;", 4, 6, "register 's' has 2 places, but 'q' has 3"},
          {"cx q[1];", 4, 1, "gate 'cx' acts on 2 qubit(s), found 1"},
          {"rz q[1];", 4, 1, "gate 'rz' takes 1 parameter(s), found 0"},
          {"x(1) q[1];", 4, 1, "gate 'x' takes 0 parameter(s), found 1"},
          {"x q[1]", 4, 7, "expected ';', found the end of the file"},
          {"x q[1;", 4, 6, "expected ']', found ';'"},
          {"x q[1]; 7", 4, 9, "expected a statement, found '7'"},
          {"x q[1]; $", 4, 9, "unexpected '$'"},
          {"reset q[0];", 4, 1, "'reset' is not supported"},
          {"if (c==1) x q[0];", 4, 1, "'if' is not supported"},
          {"measure q[0] -> c[0]; x q[0];", 4, 25, "qubit 'q[0]' is measured before"},
          {"measure s -> c; h s;", 4, 19, "qubit 's[0]' is measured before"},
          {"measure q -> c;", 4, 14, "register 'c' has 2 places, but 'q' has 3"},
          {"measure q[0] -> c;", 4, 17, "a register is measured into a register"},
          {"measure q[0] c[0];", 4, 14, "expected '->', found 'c'"},
          {"measure q[0] -> s[0];", 4, 17, "expected a classical register or a bit of one"},
          {"barrier q, r;", 4, 12, "register 'r' is not declared"},
      },
      kHeader + "qreg q[3]; qreg s[2]; creg c[2];\n");
}

TEST(OpenQasm2Errors, Expressions) {
  expectErrors(
      {
          {"rz(1/0) q;", 4, 4, "the parameter has no finite value"},
          {"rz(1+ln(-1)) q;", 4, 4, "the parameter has no finite value"},
          {"rz(1e999) q;", 4, 4, "the number 1e999 is not finite"},
          {"rz(exp(1000)) q;", 4, 4, "the parameter has no finite value"},
          {"rz(1+) q;", 4, 6, "expected a number, pi, a parameter, a function or '(', found ')'"},
          {"rz((1) q;", 4, 8, "expected ')', found 'q'"},
          {"rz(1,) q;", 4, 6, "expected a number, pi"},
          {"rz(abs(1)) q;", 4, 4, "unknown name 'abs' in an expression"},
          {"rz(sin 1) q;", 4, 8, "expected '(', found '1'"},
          {"rz(1x) q;", 4, 4, "ill-formed number '1x'"},
          {"rz(1.2.3) q;", 4, 4, "ill-formed number '1.2.'"},
          {"rz(1e) q;", 4, 4, "ill-formed number '1e'"},
      },
      kHeader + "qreg q[1];\n");
}

TEST(OpenQasm2Errors, NonFiniteInABody) {
  expectParseError(
      parseOpenQasm2(kHeader + "gate g(t) a { rz(1/t) a; }\nqreg q[1];\ng(0) q[0];", "a"), 3, 18,
      "the parameter has no finite value");
}

TEST(OpenQasm2Errors, DeepNestingIsRefused) {
  std::string text = kHeader + "qreg q[1];\nrz(" + std::string(100000, '(');
  expectParseError(parseOpenQasm2(text, "a"), 4, 4 + 200, "nested deeper than 200 levels");
  text = kHeader + "qreg q[1];\nrz(" + std::string(100000, '-');
  expectParseError(parseOpenQasm2(text, "a"), 4, 4 + 200, "nested deeper than 200 levels");
}

TEST(OpenQasm2Errors, ChainsOfDefinitionsAreBounded) {
  std::string text = kHeader + "gate g0 a { x a; }\n";
  for (int i = 1; i <= 300; ++i)
    text += "gate g" + std::to_string(i) + " a { g" + std::to_string(i - 1) + " a; }\n";
  expectParseError(parseOpenQasm2(text, "a"), 3 + 200, 6, "nested deeper than 200 levels");
}

TEST(OpenQasm2Errors, ExplosiveExpansionIsRefused) {
  // 2^60 calls that end in a gate, and in nothing.
  for (const char *body : {"x a;", ""}) {
    std::string text = kHeader + "gate g0 a { " + body + " }\n";
    for (int i = 1; i <= 60; ++i) {
      std::string callee = "g" + std::to_string(i - 1) + " a; ";
      text += "gate g" + std::to_string(i) + " a { " + callee + callee + "}\n";
    }
    text += "qreg q[1];\ng60 q[0];\n";
    expectParseError(parseOpenQasm2(text, "a"), 65, 1, "the program expands to more than");
  }
}
