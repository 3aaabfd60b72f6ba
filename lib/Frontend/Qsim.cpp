//===- Qsim.cpp - The circuit files of qsim -------------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Frontend/Qsim.h"

#include "Number.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

#include <cmath>

using namespace tenon::frontend;
using llvm::Error;
using llvm::StringRef;
using llvm::Twine;

namespace {
class QsimParser {
public:
  QsimParser(StringRef text, StringRef fileName) : source(text, fileName) {}

  llvm::Expected<Circuit> parse() {
    circuit.name = source.getFileName().str();
    StringRef text = source.getText();
    bool hasCount = false;
    while (!text.empty()) {
      auto [content, tail] = text.split('\n');
      text = tail;
      line = content;
      skipBlanks();
      if (line.empty())
        continue;
      if (Error error = hasCount ? parseOperation() : parseQubitCount())
        return error;
      hasCount = true;
    }
    if (!hasCount)
      return source.error(source.getText().size(),
                          "expected the number of qubits, found the end of the file");
    return std::move(circuit);
  }

private:
  /// What is known of the operations on one qubit so far.
  struct QubitState {
    int64_t time = -1;
    bool isMeasured = false;
  };

  void skipBlanks() { line = line.ltrim(" \t\r\v\f"); }
  size_t offset() const { return line.data() - source.getText().data(); }
  size_t offset(StringRef field) const { return field.data() - source.getText().data(); }

  /// Takes the next field; it is empty at the end of the line.
  StringRef takeField() {
    StringRef field = line.take_until(llvm::isSpace);
    line = line.drop_front(field.size());
    skipBlanks();
    return field;
  }
  /// Takes a field that must be there.
  llvm::Expected<StringRef> takeField(const Twine &what) {
    if (line.empty())
      return source.error(offset(), "expected " + what + ", found the end of the line");
    return takeField();
  }
  Error expectEndOfLine(const Twine &after) {
    if (line.empty())
      return Error::success();
    return source.error(offset(), "expected the end of the line after " + after + ", found '" +
                                      line.take_until(llvm::isSpace) + "'");
  }

  Error parseQubitCount();
  Error parseOperation();
  Error parseControls();
  Error parseGate(StringRef name);
  Error parseMeasurement(StringRef name);
  Error parseQubit();
  Error parseParameter();
  Error checkTimes();

  SourceText source;
  Circuit circuit;
  std::vector<QubitState> states;
  /// What is left of the current line, and the operation on it.
  StringRef line;
  int64_t time = 0;
  StringRef timeField;
  Gate gate;
  llvm::SmallVector<StringRef, 4> qubitFields;
};
} // namespace

Error QsimParser::parseQubitCount() {
  StringRef field = takeField();
  int32_t count = 0;
  if (!llvm::all_of(field, llvm::isDigit))
    return source.error(offset(field),
                        "expected the number of qubits on the first line, found '" + field + "'");
  if (field.getAsInteger(10, count) || count > kMaxQubits)
    return source.error(offset(field), "a circuit can have at most " + Twine(kMaxQubits) +
                                           " qubits, found " + field);
  if (count == 0)
    return source.error(offset(field), "a circuit needs at least one qubit");
  circuit.numQubits = count;
  states.resize(count);
  return expectEndOfLine("the number of qubits");
}

Error QsimParser::parseOperation() {
  timeField = takeField();
  if (!llvm::all_of(timeField, llvm::isDigit) || timeField.getAsInteger(10, time))
    return source.error(offset(timeField),
                        "expected a time, a whole number from 0, found '" + timeField + "'");
  gate = Gate();
  qubitFields.clear();
  llvm::Expected<StringRef> name = takeField("the name of a gate");
  if (!name)
    return name.takeError();
  gate.position = source.locate(offset(*name));
  if (*name == "m")
    return parseMeasurement(*name);
  if (*name == "c") {
    if (Error error = parseControls())
      return error;
    name = takeField("the name of the controlled gate");
    if (!name)
      return name.takeError();
  }
  return parseGate(*name);
}

/// Controls go on until a field that is no number: the name of the gate.
Error QsimParser::parseControls() {
  do {
    if (Error error = parseQubit())
      return error;
  } while (!line.empty() && llvm::isDigit(line.front()));
  gate.extraControls = gate.qubits.size();
  return Error::success();
}

Error QsimParser::parseGate(StringRef name) {
  gate.definition = findGate(qsimGates(), name);
  if (!gate.definition) {
    StringRef closest = closestGateName(qsimGates(), name);
    return source.error(offset(name),
                        "unknown gate '" + name + "'" +
                            (closest.empty() ? Twine() : "; did you mean '" + closest + "'?"));
  }
  for (unsigned i = 0; i < gate.definition->numQubits(); ++i)
    if (Error error = parseQubit())
      return error;
  if (gate.qubits.size() > kMaxGateQubits)
    return source.error(offset(qubitFields[kMaxGateQubits]),
                        "a gate can act on at most " + Twine(kMaxGateQubits) + " qubits");
  for (unsigned i = 0; i < gate.definition->numParams; ++i)
    if (Error error = parseParameter())
      return error;
  if (Error error =
          expectEndOfLine("the " + Twine(gate.definition->numQubits()) + " qubit(s) and " +
                          Twine(gate.definition->numParams) + " parameter(s) of '" + name + "'"))
    return error;
  if (Error error = checkTimes())
    return error;
  if (circuit.gates.size() == kMaxGates)
    return source.error(offset(name), "the circuit has more than " + Twine(kMaxGates) + " gates");
  circuit.gates.push_back(std::move(gate));
  return Error::success();
}

Error QsimParser::parseMeasurement(StringRef name) {
  do {
    if (Error error = parseQubit())
      return error;
  } while (!line.empty());
  if (Error error = checkTimes())
    return error;
  for (int32_t qubit : gate.qubits)
    states[qubit].isMeasured = true;
  return Error::success();
}

Error QsimParser::parseQubit() {
  llvm::Expected<StringRef> taken = takeField("a qubit");
  if (!taken)
    return taken.takeError();
  StringRef field = *taken;
  if (!llvm::all_of(field, llvm::isDigit))
    return source.error(offset(field), "expected a qubit, a whole number from 0 to " +
                                           Twine(circuit.numQubits - 1) + ", found '" + field +
                                           "'");
  int32_t qubit = 0;
  if (field.getAsInteger(10, qubit) || qubit >= circuit.numQubits)
    return source.error(offset(field), "qubit " + field + " is out of range: the circuit has " +
                                           Twine(circuit.numQubits) + " qubits, numbered from 0");
  if (llvm::is_contained(gate.qubits, qubit))
    return source.error(offset(field), "qubit " + field + " is given twice");
  gate.qubits.push_back(qubit);
  qubitFields.push_back(field);
  return Error::success();
}

Error QsimParser::parseParameter() {
  llvm::Expected<StringRef> field = takeField("a parameter");
  if (!field)
    return field.takeError();
  std::optional<double> value = parseDecimal(*field);
  if (!value)
    return source.error(offset(*field), "expected a parameter, an angle in radians, found '" +
                                            field->take_front(kMaxNumberLength) + "'");
  if (!std::isfinite(*value))
    return source.error(offset(*field), "parameter " + *field + " is not finite");
  gate.params.push_back(*value);
  return Error::success();
}

Error QsimParser::checkTimes() {
  for (auto [qubit, field] : llvm::zip_equal(gate.qubits, qubitFields)) {
    QubitState &state = states[qubit];
    if (state.isMeasured)
      return source.error(offset(field),
                          "qubit " + field +
                              " is measured before; amplitudes need measurements at the end");
    if (time <= state.time)
      return source.error(offset(timeField), "time " + Twine(time) + " is out of order: qubit " +
                                                 field + " has an operation at time " +
                                                 Twine(state.time) + " already");
    state.time = time;
  }
  return Error::success();
}

llvm::Expected<Circuit> tenon::frontend::parseQsim(StringRef text, StringRef fileName) {
  return QsimParser(text, fileName).parse();
}
