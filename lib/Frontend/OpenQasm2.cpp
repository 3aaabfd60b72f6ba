//===- OpenQasm2.cpp - OpenQASM 2.0 ---------------------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// The statements of a program. What a gate is and how it expands is QasmGates' business.
//
//===----------------------------------------------------------------------===//
#include "tenon/Frontend/OpenQasm2.h"

#include "QasmGates.h"
#include "llvm/ADT/STLExtras.h"

using namespace tenon::frontend;
using llvm::Error;
using llvm::StringRef;
using llvm::Twine;

namespace {
struct Register {
  bool isQuantum;
  int32_t first;
  int32_t size;
};

/// A register or one place of it, as a statement names it.
struct Argument {
  QasmToken name;
  Register of;
  /// -1: the whole register.
  int32_t element;

  bool isWhole() const { return element < 0; }
  int32_t at(int32_t i) const { return of.first + (isWhole() ? i : element); }
};

class OpenQasm2Parser {
public:
  OpenQasm2Parser(StringRef text, StringRef fileName)
      : source(text, fileName), lexer(source), gates(lexer, source) {}

  llvm::Expected<Circuit> parse() {
    circuit.name = source.getFileName().str();
    if (Error error = parseHeader())
      return error;
    while (lexer.peek().kind != QasmToken::End)
      if (Error error = parseStatement())
        return error;
    if (circuit.numQubits == 0)
      return source.error(lexer.peek().offset, "the program declares no qubits");
    return std::move(circuit);
  }

private:
  Error parseHeader();
  Error parseStatement();
  Error parseInclude();
  Error parseRegister(bool isQuantum);
  Error parseGateDefinition();
  Error parseBarrier();
  Error parseMeasure();
  Error parseApplication();

  llvm::Expected<Argument> parseArgument(bool isQuantum);
  /// The number of times that a statement over these arguments is carried out.
  llvm::Expected<int32_t> broadcastSize(llvm::ArrayRef<Argument> arguments);
  Error checkQubits(llvm::ArrayRef<Argument> arguments, llvm::ArrayRef<int32_t> qubits);

  SourceText source;
  QasmLexer lexer;
  QasmGates gates;
  Circuit circuit;
  llvm::StringMap<Register> registers;
  int32_t numBits = 0;
  std::vector<bool> isMeasured;
};
} // namespace

Error OpenQasm2Parser::parseHeader() {
  if (Error error = lexer.start())
    return error;
  if (!lexer.peek().is("OPENQASM"))
    return lexer.expected("'OPENQASM 2.0;' as the first statement");
  if (Error error = lexer.advance())
    return error;
  llvm::Expected<QasmToken> version = lexer.expect(QasmToken::Number, "the version, 2.0");
  if (!version)
    return version.takeError();
  if (version->text != "2.0" && version->text != "2")
    return source.error(version->offset,
                        "OpenQASM " + version->text + " is not supported, only 2.0 is");
  return lexer.expect(";");
}

Error OpenQasm2Parser::parseStatement() {
  QasmToken first = lexer.peek();
  if (first.kind != QasmToken::Identifier)
    return lexer.expected("a statement");
  if (first.is("opaque"))
    return source.error(first.offset, "an opaque gate has no matrix; give its definition with "
                                      "'gate'");
  if (first.is("reset") || first.is("if"))
    return source.error(first.offset,
                        "'" + first.text +
                            "' is not supported: the amplitudes of a circuit are defined for gates "
                            "alone, with measurements at the end");
  if (first.is("include"))
    return parseInclude();
  if (first.is("qreg") || first.is("creg"))
    return parseRegister(first.is("qreg"));
  if (first.is("gate"))
    return parseGateDefinition();
  if (first.is("barrier"))
    return parseBarrier();
  if (first.is("measure"))
    return parseMeasure();
  return parseApplication();
}

Error OpenQasm2Parser::parseInclude() {
  if (Error error = lexer.advance())
    return error;
  llvm::Expected<QasmToken> file = lexer.expect(QasmToken::String, "the name of a file in quotes");
  if (!file)
    return file.takeError();
  if (file->text != "qelib1.inc")
    return source.error(file->offset, "cannot include \"" + file->text +
                                          "\": only \"qelib1.inc\" is known; put the definitions "
                                          "into the program");
  if (Error error = gates.includeQelib1(file->offset))
    return error;
  return lexer.expect(";");
}

Error OpenQasm2Parser::parseRegister(bool isQuantum) {
  if (Error error = lexer.advance())
    return error;
  llvm::Expected<QasmToken> name = lexer.expect(QasmToken::Identifier, "the name of a register");
  if (!name)
    return name.takeError();
  if (isReservedQasmName(name->text))
    return source.error(name->offset, "'" + name->text + "' is a word of the language");
  if (registers.contains(name->text) || gates.isDefinedByProgram(name->text))
    return source.error(name->offset, "'" + name->text + "' is declared already");
  if (Error error = lexer.expect("["))
    return error;
  size_t sizeOffset = lexer.peek().offset;
  llvm::Expected<int32_t> size = lexer.expectWholeNumber("the size of the register");
  if (!size)
    return size.takeError();
  if (*size == 0)
    return source.error(sizeOffset, "a register needs at least one place");
  int32_t &count = isQuantum ? circuit.numQubits : numBits;
  if (*size > kMaxQubits - count)
    return source.error(sizeOffset, "a program can have at most " + Twine(kMaxQubits) +
                                        (isQuantum ? " qubits" : " bits"));
  registers[name->text] = {isQuantum, count, *size};
  count += *size;
  isMeasured.resize(circuit.numQubits);
  if (Error error = lexer.expect("]"))
    return error;
  return lexer.expect(";");
}

Error OpenQasm2Parser::parseGateDefinition() {
  if (Error error = lexer.advance())
    return error;
  const QasmToken &name = lexer.peek();
  if (name.kind == QasmToken::Identifier && registers.contains(name.text))
    return source.error(name.offset, "'" + name.text + "' is declared already");
  return gates.parseDefinition();
}

llvm::Expected<Argument> OpenQasm2Parser::parseArgument(bool isQuantum) {
  StringRef what =
      isQuantum ? "a quantum register or a qubit of one" : "a classical register or a bit of one";
  llvm::Expected<QasmToken> name = lexer.expect(QasmToken::Identifier, what);
  if (!name)
    return name.takeError();
  auto place = registers.find(name->text);
  if (place == registers.end())
    return source.error(name->offset, "register '" + name->text + "' is not declared");
  Argument argument{*name, place->second, -1};
  if (argument.of.isQuantum != isQuantum)
    return source.error(name->offset, "expected " + what + ", found the " +
                                          (isQuantum ? "classical" : "quantum") + " register '" +
                                          name->text + "'");
  llvm::Expected<bool> hasElement = lexer.consume("[");
  if (!hasElement)
    return hasElement.takeError();
  if (!*hasElement)
    return argument;
  size_t offset = lexer.peek().offset;
  llvm::Expected<int32_t> element = lexer.expectWholeNumber("a place in the register");
  if (!element)
    return element.takeError();
  if (*element >= argument.of.size)
    return source.error(offset, "'" + name->text + "[" + Twine(*element) +
                                    "]' is out of range: the register has " +
                                    Twine(argument.of.size) + " places, numbered from 0");
  argument.element = *element;
  if (Error error = lexer.expect("]"))
    return error;
  return argument;
}

llvm::Expected<int32_t> OpenQasm2Parser::broadcastSize(llvm::ArrayRef<Argument> arguments) {
  const Argument *whole = nullptr;
  for (const Argument &argument : arguments) {
    if (!argument.isWhole())
      continue;
    if (whole && argument.of.size != whole->of.size)
      return source.error(argument.name.offset, "register '" + argument.name.text + "' has " +
                                                    Twine(argument.of.size) + " places, but '" +
                                                    whole->name.text + "' has " +
                                                    Twine(whole->of.size));
    whole = whole ? whole : &argument;
  }
  return whole ? whole->of.size : 1;
}

Error OpenQasm2Parser::checkQubits(llvm::ArrayRef<Argument> arguments,
                                   llvm::ArrayRef<int32_t> qubits) {
  for (size_t i = 0; i < qubits.size(); ++i) {
    auto spelled = [&] {
      return (arguments[i].name.text + "[" + Twine(qubits[i] - arguments[i].of.first) + "]").str();
    };
    if (llvm::is_contained(qubits.take_front(i), qubits[i]))
      return source.error(arguments[i].name.offset, "qubit '" + spelled() + "' is given twice");
    if (isMeasured[qubits[i]])
      return source.error(arguments[i].name.offset,
                          "qubit '" + spelled() +
                              "' is measured before; amplitudes need measurements at the end");
  }
  return Error::success();
}

Error OpenQasm2Parser::parseBarrier() {
  bool goesOn = true;
  while (goesOn) {
    if (Error error = lexer.advance())
      return error;
    llvm::Expected<Argument> argument = parseArgument(/*isQuantum=*/true);
    if (!argument)
      return argument.takeError();
    goesOn = lexer.peek().is(",");
  }
  return lexer.expect(";");
}

Error OpenQasm2Parser::parseMeasure() {
  if (Error error = lexer.advance())
    return error;
  llvm::Expected<Argument> from = parseArgument(/*isQuantum=*/true);
  if (!from)
    return from.takeError();
  if (Error error = lexer.expect("->"))
    return error;
  llvm::Expected<Argument> to = parseArgument(/*isQuantum=*/false);
  if (!to)
    return to.takeError();
  if (from->isWhole() != to->isWhole())
    return source.error(to->name.offset, "a register is measured into a register, a qubit into a "
                                         "bit");
  llvm::Expected<int32_t> size = broadcastSize({*from, *to});
  if (!size)
    return size.takeError();
  for (int32_t i = 0; i < *size; ++i) {
    int32_t qubit = from->at(i);
    if (Error error = checkQubits(*from, qubit))
      return error;
    isMeasured[qubit] = true;
  }
  return lexer.expect(";");
}

Error OpenQasm2Parser::parseApplication() {
  QasmToken name = lexer.peek();
  llvm::Expected<QasmCallee> callee = gates.lookUp(name);
  if (!callee)
    return callee.takeError();
  if (Error error = lexer.advance())
    return error;
  llvm::Expected<llvm::SmallVector<QasmExpression, 1>> params =
      gates.parseParams(name, *callee, {});
  if (!params)
    return params.takeError();
  llvm::Expected<llvm::SmallVector<double, 3>> values = gates.evaluate(*params, {});
  if (!values)
    return values.takeError();

  llvm::SmallVector<Argument, 3> arguments;
  bool goesOn = true;
  while (goesOn) {
    llvm::Expected<Argument> argument = parseArgument(/*isQuantum=*/true);
    if (!argument)
      return argument.takeError();
    arguments.push_back(*argument);
    llvm::Expected<bool> comma = lexer.consume(",");
    if (!comma)
      return comma.takeError();
    goesOn = *comma;
  }
  if (arguments.size() != callee->numQubits())
    return source.error(name.offset, "gate '" + name.text + "' acts on " +
                                         Twine(callee->numQubits()) + " qubit(s), found " +
                                         Twine(arguments.size()));
  llvm::Expected<int32_t> size = broadcastSize(arguments);
  if (!size)
    return size.takeError();

  SourcePosition position = source.locate(name.offset);
  for (int32_t i = 0; i < *size; ++i) {
    llvm::SmallVector<int32_t, 3> qubits;
    for (const Argument &argument : arguments)
      qubits.push_back(argument.at(i));
    if (Error error = checkQubits(arguments, qubits))
      return error;
    if (Error error = gates.expand(*callee, *values, qubits, name.offset, position, circuit))
      return error;
  }
  return lexer.expect(";");
}

llvm::Expected<Circuit> tenon::frontend::parseOpenQasm2(StringRef text, StringRef fileName) {
  return OpenQasm2Parser(text, fileName).parse();
}
