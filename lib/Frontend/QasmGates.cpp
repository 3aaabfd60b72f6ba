//===- QasmGates.cpp - Gates of an OpenQASM program -----------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "QasmGates.h"

#include "llvm/ADT/STLExtras.h"

#include <cmath>

using namespace tenon::frontend;
using llvm::Error;
using llvm::StringRef;
using llvm::Twine;

/// Steps of expansion in one program. A chain of definitions, each using the one before twice,
/// would otherwise run for ever on a short text.
static constexpr size_t kMaxWork = size_t(1) << 26;

/// Parameters or qubits of one gate: names are compared pair by pair.
static constexpr size_t kMaxNames = 1000;

unsigned QasmCallee::numParams() const { return library ? library->numParams : user->numParams; }
unsigned QasmCallee::numQubits() const { return library ? library->numQubits() : user->numQubits; }

bool tenon::frontend::isReservedQasmName(StringRef name) {
  static constexpr llvm::StringLiteral kReserved[] = {
      "OPENQASM", "include", "qreg", "creg", "gate", "opaque", "if",  "reset", "measure", "barrier",
      "pi",       "U",       "CX",   "sin",  "cos",  "tan",    "exp", "ln",    "sqrt"};
  return llvm::is_contained(kReserved, name);
}

Error QasmGates::includeQelib1(size_t offset) {
  for (const GateDefinition &gate : qelib1PaperGates())
    if (!hasQelib1 && userGates.contains(gate.name))
      return source.error(offset, "qelib1.inc defines gate '" + gate.name +
                                      "', which the program has defined already");
  hasQelib1 = true;
  return Error::success();
}

llvm::Expected<QasmCallee> QasmGates::lookUp(const QasmToken &name) {
  if (auto place = userGates.find(name.text); place != userGates.end())
    return QasmCallee{nullptr, place->second};
  if (const GateDefinition *builtin = findGate(openQasm2Builtins(), name.text))
    return QasmCallee{builtin, nullptr};
  const GateDefinition *library = findGate(qelib1Gates(), name.text);
  if (library && hasQelib1)
    return QasmCallee{library, nullptr};
  if (name.text == currentName)
    return source.error(name.offset, "gate '" + name.text +
                                         "' uses itself; a gate can only use gates that are "
                                         "defined before it");
  if (library)
    return source.error(name.offset, "gate '" + name.text +
                                         "' is defined in qelib1.inc; add: include "
                                         "\"qelib1.inc\";");
  StringRef closest = closestGateName(hasQelib1 ? qelib1Gates() : openQasm2Builtins(), name.text);
  return source.error(name.offset,
                      "unknown gate '" + name.text + "'" +
                          (closest.empty() ? Twine() : "; did you mean '" + closest + "'?"));
}

/// Parses names joined by ','; at least one.
llvm::Expected<llvm::SmallVector<StringRef, 4>> QasmGates::parseNames(const Twine &what) {
  llvm::SmallVector<StringRef, 4> names;
  while (true) {
    llvm::Expected<QasmToken> name = lexer.expect(QasmToken::Identifier, what);
    if (!name)
      return name.takeError();
    if (isReservedQasmName(name->text))
      return source.error(name->offset, "'" + name->text + "' is a word of the language");
    if (llvm::is_contained(names, name->text))
      return source.error(name->offset, "'" + name->text + "' is given twice");
    if (names.size() == kMaxNames)
      return source.error(name->offset, "a gate can have at most " + Twine(kMaxNames) +
                                            " parameters and as many qubits");
    names.push_back(name->text);
    llvm::Expected<bool> goesOn = lexer.consume(",");
    if (!goesOn)
      return goesOn.takeError();
    if (!*goesOn)
      return names;
  }
}

Error QasmGates::parseDefinition() {
  llvm::Expected<QasmToken> name = lexer.expect(QasmToken::Identifier, "the name of the gate");
  if (!name)
    return name.takeError();
  if (isReservedQasmName(name->text))
    return source.error(name->offset, "'" + name->text + "' is a word of the language");
  if (userGates.contains(name->text) || (hasQelib1 && findGate(qelib1PaperGates(), name->text)))
    return source.error(name->offset, "gate '" + name->text + "' is defined already");

  llvm::SmallVector<StringRef, 4> parameters;
  llvm::Expected<bool> hasList = lexer.consume("(");
  if (!hasList)
    return hasList.takeError();
  if (*hasList) {
    if (!lexer.peek().is(")")) {
      llvm::Expected<llvm::SmallVector<StringRef, 4>> names = parseNames("a parameter");
      if (!names)
        return names.takeError();
      parameters = std::move(*names);
    }
    if (Error error = lexer.expect(")"))
      return error;
  }
  llvm::Expected<llvm::SmallVector<StringRef, 4>> qubits = parseNames("a qubit of the gate");
  if (!qubits)
    return qubits.takeError();

  QasmUserGate gate;
  gate.numParams = parameters.size();
  gate.numQubits = qubits->size();
  currentName = name->text;
  if (Error error = parseBody(gate, parameters, *qubits))
    return error;
  currentName = "";
  if (gate.nesting > kMaxQasmNesting)
    return source.error(name->offset, "gate definitions are nested deeper than " +
                                          Twine(kMaxQasmNesting) + " levels");
  definitions.push_back(std::move(gate));
  userGates[name->text] = &definitions.back();
  return Error::success();
}

Error QasmGates::parseBody(QasmUserGate &gate, llvm::ArrayRef<StringRef> parameters,
                           llvm::ArrayRef<StringRef> qubits) {
  if (Error error = lexer.expect("{"))
    return error;
  while (!lexer.peek().is("}"))
    if (Error error = parseBodyCall(gate, parameters, qubits))
      return error;
  return lexer.advance();
}

Error QasmGates::parseBodyCall(QasmUserGate &gate, llvm::ArrayRef<StringRef> parameters,
                               llvm::ArrayRef<StringRef> qubits) {
  llvm::Expected<QasmToken> name = lexer.expect(QasmToken::Identifier, "a gate or '}'");
  if (!name)
    return name.takeError();
  if (name->text == "barrier") {
    llvm::SmallVector<unsigned, 2> positions;
    if (Error error = parseBodyQubits(qubits, positions))
      return error;
    return lexer.expect(";");
  }
  llvm::Expected<QasmCallee> callee = lookUp(*name);
  if (!callee)
    return callee.takeError();
  QasmBodyCall call{*callee, {}, {}};
  llvm::Expected<llvm::SmallVector<QasmExpression, 1>> params =
      parseParams(*name, *callee, parameters);
  if (!params)
    return params.takeError();
  call.params = std::move(*params);
  if (Error error = parseBodyQubits(qubits, call.qubits))
    return error;
  if (call.qubits.size() != callee->numQubits())
    return source.error(name->offset, "gate '" + name->text + "' acts on " +
                                          Twine(callee->numQubits()) + " qubit(s), found " +
                                          Twine(call.qubits.size()));
  if (callee->user)
    gate.nesting = std::max(gate.nesting, callee->user->nesting + 1);
  gate.body.push_back(std::move(call));
  return lexer.expect(";");
}

Error QasmGates::parseBodyQubits(llvm::ArrayRef<StringRef> qubits,
                                 llvm::SmallVectorImpl<unsigned> &positions) {
  while (true) {
    llvm::Expected<QasmToken> name = lexer.expect(QasmToken::Identifier, "a qubit of the gate");
    if (!name)
      return name.takeError();
    const auto *place = llvm::find(qubits, name->text);
    if (place == qubits.end())
      return source.error(name->offset,
                          "'" + name->text + "' is not a qubit of the gate '" + currentName + "'");
    unsigned position = place - qubits.begin();
    if (llvm::is_contained(positions, position))
      return source.error(name->offset, "qubit '" + name->text + "' is given twice");
    positions.push_back(position);
    llvm::Expected<bool> goesOn = lexer.consume(",");
    if (!goesOn)
      return goesOn.takeError();
    if (!*goesOn)
      return Error::success();
  }
}

llvm::Expected<llvm::SmallVector<QasmExpression, 1>>
QasmGates::parseParams(const QasmToken &name, const QasmCallee &callee,
                       llvm::ArrayRef<StringRef> parameters) {
  llvm::SmallVector<QasmExpression, 1> params;
  llvm::Expected<bool> hasList = lexer.consume("(");
  if (!hasList)
    return hasList.takeError();
  if (*hasList && !lexer.peek().is(")")) {
    bool goesOn = true;
    while (goesOn) {
      llvm::Expected<QasmExpression> param = parseQasmExpression(lexer, source, parameters);
      if (!param)
        return param.takeError();
      params.push_back(std::move(*param));
      llvm::Expected<bool> comma = lexer.consume(",");
      if (!comma)
        return comma.takeError();
      goesOn = *comma;
    }
  }
  if (*hasList)
    if (Error error = lexer.expect(")"))
      return error;
  if (params.size() != callee.numParams())
    return source.error(name.offset, "gate '" + name.text + "' takes " + Twine(callee.numParams()) +
                                         " parameter(s), found " + Twine(params.size()));
  return params;
}

llvm::Expected<llvm::SmallVector<double, 3>>
QasmGates::evaluate(llvm::ArrayRef<QasmExpression> params, llvm::ArrayRef<double> parameters) {
  llvm::SmallVector<double, 3> values;
  for (const QasmExpression &param : params) {
    work += param.postfix.size();
    values.push_back(param.evaluate(parameters));
    if (!std::isfinite(values.back()))
      return source.error(param.offset, "the parameter has no finite value");
  }
  return values;
}

Error QasmGates::expand(const QasmCallee &callee, llvm::ArrayRef<double> params,
                        llvm::ArrayRef<int32_t> qubits, size_t offset, SourcePosition position,
                        Circuit &circuit) {
  work += 1 + qubits.size();
  if (circuit.gates.size() == kMaxGates || work > kMaxWork)
    return source.error(offset, "the program expands to more than " + Twine(kMaxGates) +
                                    " gates, or takes too long to expand");
  if (callee.library) {
    circuit.gates.push_back({callee.library, 0, llvm::SmallVector<double, 3>(params),
                             llvm::SmallVector<int32_t, 3>(qubits), position});
    return Error::success();
  }
  for (const QasmBodyCall &call : callee.user->body) {
    llvm::Expected<llvm::SmallVector<double, 3>> values = evaluate(call.params, params);
    if (!values)
      return values.takeError();
    llvm::SmallVector<int32_t, 3> actual;
    for (unsigned qubit : call.qubits)
      actual.push_back(qubits[qubit]);
    if (Error error = expand(call.callee, *values, actual, offset, position, circuit))
      return error;
  }
  return Error::success();
}
