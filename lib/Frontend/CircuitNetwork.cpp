//===- CircuitNetwork.cpp - Amplitudes as networks ------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Frontend/CircuitNetwork.h"

#include "Unicode.h"
#include "tenon/Support/Assert.h"
#include "llvm/ADT/STLExtras.h"

using namespace tenon::frontend;
using llvm::Error;
using llvm::Twine;

llvm::Expected<std::vector<std::string>>
tenon::frontend::parseBitstrings(llvm::StringRef text, int32_t numQubits,
                                 llvm::StringRef fileName) {
  SourceText source(text, fileName);
  std::vector<std::string> patterns;
  llvm::StringRef rest = text;
  while (true) {
    auto [item, tail] = rest.split(',');
    llvm::StringRef pattern = item.trim();
    size_t offset = pattern.data() - text.data();
    size_t stray = pattern.find_first_not_of("01?");
    if (stray != llvm::StringRef::npos)
      return source.error(offset + stray, "expected 0, 1, or ? for an open qubit, found " +
                                              describeCharacter(pattern.drop_front(stray)));
    if (pattern.size() != static_cast<size_t>(numQubits))
      return source.error(offset, "the bit string has " + Twine(pattern.size()) +
                                      " characters, but the circuit has " + Twine(numQubits) +
                                      " qubits");
    for (size_t qubit = 0; !patterns.empty() && qubit < pattern.size(); ++qubit)
      if ((pattern[qubit] == '?') != (patterns.front()[qubit] == '?'))
        return source.error(offset + qubit, "qubit " + Twine(qubit) +
                                                " is open in one bit string and not in another; "
                                                "a batch has the same open qubits throughout");
    patterns.push_back(pattern.str());
    if (item.size() == rest.size())
      return patterns;
    rest = tail;
  }
}

namespace {
class NetworkBuilder {
public:
  NetworkBuilder(const Circuit &circuit, llvm::ArrayRef<std::string> patterns,
                 const CircuitNetworkOptions &options)
      : circuit(circuit), patterns(patterns), options(options), pool(network.constants) {}

  NetworkDescription build() {
    network.name = circuit.name;
    network.elementType = options.elementType;
    for (int32_t qubit = 0; qubit < circuit.numQubits; ++qubit)
      addKet(qubit);
    for (const Gate &gate : circuit.gates)
      addGate(gate);
    addOutputs();
    return std::move(network);
  }

private:
  int32_t newIndex(std::string name, int64_t extent) {
    network.indexNames.push_back(std::move(name));
    network.extents.push_back(extent);
    return static_cast<int32_t>(network.extents.size() - 1);
  }
  int32_t newWire(int32_t qubit) {
    return newIndex("q" + std::to_string(qubit) + "_" + std::to_string(wireCounts[qubit]++), 2);
  }
  void addOperand(std::string name, llvm::SmallVector<int32_t, 4> indices,
                  std::vector<Complex> elements);
  void addKet(int32_t qubit);
  void addGate(const Gate &gate);
  void addBra(int32_t qubit);
  void addOutputs();
  bool agree(int32_t qubit) const {
    return llvm::all_of(patterns, [&](const std::string &pattern) {
      return pattern[qubit] == patterns.front()[qubit];
    });
  }

  const Circuit &circuit;
  llvm::ArrayRef<std::string> patterns;
  const CircuitNetworkOptions &options;
  NetworkDescription network;
  ConstantPool pool;
  /// By qubit: its current index, and how many it has had.
  std::vector<int32_t> wires;
  std::vector<unsigned> wireCounts;
};
} // namespace

void NetworkBuilder::addOperand(std::string name, llvm::SmallVector<int32_t, 4> indices,
                                std::vector<Complex> elements) {
  Constant constant;
  for (int32_t index : indices)
    constant.shape.push_back(network.extents[index]);
  constant.elements = std::move(elements);
  network.operands.push_back(
      {std::move(indices), pool.intern(std::move(constant)), std::move(name)});
}

void NetworkBuilder::addKet(int32_t qubit) {
  wireCounts.push_back(0);
  wires.push_back(newWire(qubit));
  addOperand("ket" + std::to_string(qubit), {wires[qubit]}, {1, 0});
}

/// The bits of a row or column of the matrix that belong to qubits the gate may change.
static size_t changeableBits(llvm::ArrayRef<Complex> matrix, size_t dim) {
  size_t changed = 0;
  for (size_t out = 0; out < dim; ++out)
    for (size_t in = 0; in < dim; ++in)
      if (matrix[out * dim + in] != 0.0)
        changed |= out ^ in;
  return changed;
}

void NetworkBuilder::addGate(const Gate &gate) {
  size_t count = gate.qubits.size();
  size_t dim = size_t(1) << count;
  std::vector<Complex> matrix = gateMatrix(gate);
  size_t changed = options.hyperedges ? changeableBits(matrix, dim) : dim - 1;

  // The tensor is the matrix less the entries whose row and column differ in an unchanged bit.
  std::vector<Complex> elements;
  for (size_t out = 0; out < dim; ++out)
    for (size_t in = 0; in < dim; ++in)
      if (((out ^ in) & ~changed) == 0)
        elements.push_back(matrix[out * dim + in]);
  bool isIdentity = options.hyperedges && changed == 0 && count > 0 &&
                    llvm::all_of(elements, [](Complex element) { return element == 1.0; });
  if (isIdentity)
    return;

  llvm::SmallVector<int32_t, 4> outs, ins;
  for (auto [position, qubit] : llvm::enumerate(gate.qubits)) {
    if (changed >> (count - 1 - position) & 1) {
      ins.push_back(wires[qubit]);
      wires[qubit] = newWire(qubit);
    }
    outs.push_back(wires[qubit]);
  }
  outs.append(ins);
  addOperand(gate.definition->name.str(), std::move(outs), std::move(elements));
}

void NetworkBuilder::addBra(int32_t qubit) {
  bool isOne = patterns.front()[qubit] == '1';
  addOperand("bra" + std::to_string(qubit), {wires[qubit]},
             isOne ? std::vector<Complex>{0, 1} : std::vector<Complex>{1, 0});
}

void NetworkBuilder::addOutputs() {
  int32_t batch = -1;
  bool needsCarrier = false;
  if (patterns.size() > 1) {
    batch = newIndex("batch", static_cast<int64_t>(patterns.size()));
    network.output.push_back(batch);
    // Equal patterns: the first closed qubit still carries the batch index, because an output
    // index must be in some operand.
    needsCarrier = llvm::all_equal(patterns);
  }
  for (int32_t qubit = 0; qubit < circuit.numQubits; ++qubit) {
    if (patterns.front()[qubit] == '?') {
      network.output.push_back(wires[qubit]);
    } else if (agree(qubit) && !needsCarrier) {
      addBra(qubit);
    } else {
      std::vector<Complex> rows;
      for (const std::string &pattern : patterns) {
        rows.push_back(pattern[qubit] == '0');
        rows.push_back(pattern[qubit] == '1');
      }
      addOperand("bra" + std::to_string(qubit), {batch, wires[qubit]}, std::move(rows));
      needsCarrier = false;
    }
  }
}

llvm::Expected<NetworkDescription>
tenon::frontend::buildCircuitNetwork(const Circuit &circuit, llvm::ArrayRef<std::string> patterns,
                                     const CircuitNetworkOptions &options) {
  auto error = [](const Twine &message) {
    return llvm::createStringError(llvm::inconvertibleErrorCode(), message);
  };
  if (!isComplex(options.elementType))
    return error("amplitudes are complex: expected element type c64 or c128, found " +
                 elementTypeName(options.elementType));
  if (circuit.numQubits == 0)
    return error("the circuit has no qubits");
  TENON_ASSERT(!patterns.empty(), "at least one bit string");
  for (const std::string &pattern : patterns)
    TENON_ASSERT(pattern.size() == static_cast<size_t>(circuit.numQubits),
                 "a bit string has one character for each qubit");
  if (patterns.size() > 1 && patterns.front().find_first_of("01") == std::string::npos)
    return error("every qubit is open, so the " + Twine(patterns.size()) +
                 " bit strings of the batch do not differ; give one");
  return NetworkBuilder(circuit, patterns, options).build();
}
