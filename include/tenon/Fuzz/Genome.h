//===- Genome.h - What the fuzzer mutates -------------------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// A genome is a small program of tensor operations, the passes that it goes through and the data
// that it is run on, as a record that knows no MLIR. Every value of every field is allowed: repair()
// turns any record into the nearest one that means a valid program, so mutators need not know the
// rules of the dialect, and every string of bytes is a genome. docs/fuzzing.md has the design.
//
//===----------------------------------------------------------------------===//
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tenon::fuzz {

/// How values are drawn and results compared.
enum class Arithmetic : uint8_t {
  Ring,  ///< integers that wrap: results are equal bit for bit
  Exact, ///< floats that hold small integers, no sum of which is rounded: results are equal as numbers
  Bound  ///< any floats: results agree within the derived bound of docs/spec.md
};

enum class Element : uint8_t { F16, BF16, F32, F64, C64, C128, I1, I8, I16, I32, I64, Index };

enum class Semiring : uint8_t { PlusTimes, MaxPlus, MinPlus, OrAnd, MaxTimes };

enum class NodeKind : uint8_t {
  Argument, ///< of the function. Uses: extents, dynamic, element, isUnsigned, layout, facts, flavour (Random, or Special: with NaN)
  Constant, ///< tn.constant. Uses: extents, element, flavour (Content), facts
  Delta,    ///< tn.delta of extents.size() dimensions of extents[0]. Uses: element, semiring
  Contract, ///< tn.contract. Uses: operands with labels, output, element, accumulate, semiring, isUnsigned, path, sliced (tn.sliced), flavour (Form)
  Slice,    ///< tn.slice around such a contraction, over the labels `sliced`: summed ones are summed, open ones concatenated
  Conj,     ///< tn.conj of operand 0
  Map,      ///< arith on tensors, elementwise, of one or two operands of one type. Uses: flavour (MapOp)
  Widen,    ///< arith.ext* of operand 0 to `element`
  Permute,  ///< linalg.transpose of operand 0 by `output`
  Subtensor, ///< tensor.extract_slice of operand 0. Uses: numbers (offset, size, stride of each dimension)
  Update     ///< x op z, of operand 0 into operand 1, a destination z that the body reads, of one type: linalg.map. With an output
             ///< (an order of the dimensions that leaves the shape as it is) linalg.generic, of which z is also an input v that is read
             ///< in that order: (x op v) op z. Uses: flavour (MapOp, but Neg), isUnsigned
};
inline constexpr unsigned kNumNodeKinds = 11;

enum class Content : uint8_t {
  Random,
  Zeros,
  Ones,
  Identity,
  Splat,
  Sparse,
  Special,    ///< edges of the type; of free floats infinities and NaN too
  Triangular, ///< zeros on one side of the diagonal
  Large       ///< free real floats whose products with one another are infinite; else as Random
};
enum class MapOp : uint8_t { Add, Sub, Mul, Neg, Max, Min };
/// How a contraction is written.
enum class Form : uint8_t {
  Contraction, ///< tn.contract
  Loops        ///< linalg.generic of products and sums by arith, as somebody writes it by hand: of i1 by muli and addi, where
               ///< Tenon has andi and xori. Plus-times of one real or integer type, known extents, no path.
};

/// How an argument lies in memory where native code reads it. The interpreter does not see it.
struct Layout {
  std::vector<uint16_t> order; ///< dimensions from the outermost to the innermost; empty: as written
  uint8_t padding = 0;         ///< elements after each row of the innermost dimension
  uint8_t offset = 0;          ///< elements before the first one
  uint16_t reversed = 0;       ///< bit d: dimension d has a negative stride
  bool operator==(const Layout &) const = default;
};

/// An operand: the number of an earlier node, and for contractions the label of each dimension.
/// Labels are numbers of the contraction's own; equal labels are one index.
struct Operand {
  uint16_t node = 0;
  std::vector<uint16_t> labels;
  bool operator==(const Operand &) const = default;
};

struct Node {
  NodeKind kind = NodeKind::Argument;
  Element element = Element::F32;    ///< of the result
  Element accumulate = Element::F32;
  Semiring semiring = Semiring::PlusTimes;
  bool isUnsigned = false;
  uint8_t flavour = 0;
  uint8_t facts = 0;                 ///< 0: none; 1: diagonal; 2: isometric([1]); 3: permutation; 4: sparse(0.5)
  uint16_t dynamic = 0;              ///< bit d: dimension d of an argument is `?`
  std::vector<uint32_t> extents;     ///< of leaves; shapes of other nodes follow from their operands
  std::vector<Operand> operands;
  std::vector<uint16_t> output;      ///< labels of the result of a contraction; order of a Permute or Update
  std::vector<uint16_t> sliced;      ///< labels
  std::vector<uint16_t> path;        ///< tn.path: pairs of operand numbers in SSA form; empty: none
  std::vector<int32_t> numbers;
  Layout layout;
  bool operator==(const Node &) const = default;
};

/// Argument and Constant: nodes whose elements are drawn.
inline bool isDataLeaf(const Node &node) {
  return node.kind == NodeKind::Argument || node.kind == NodeKind::Constant;
}
/// Those and Delta: nodes without operands.
inline bool isLeaf(const Node &node) { return isDataLeaf(node) || node.kind == NodeKind::Delta; }
/// Contract, and Slice, which has the same fields.
inline bool isContraction(const Node &node) {
  return node.kind == NodeKind::Contract || node.kind == NodeKind::Slice;
}
/// A Contract that is a linalg.generic.
inline bool isWrittenAsLoops(const Node &node) {
  return node.kind == NodeKind::Contract && node.flavour == static_cast<uint8_t>(Form::Loops);
}

/// Map and Update: nodes whose flavour is a MapOp.
inline bool isMap(const Node &node) {
  return node.kind == NodeKind::Map || node.kind == NodeKind::Update;
}
/// An Update whose destination is also an input.
inline bool readsTwice(const Node &node) {
  return node.kind == NodeKind::Update && !node.output.empty();
}

/// One pass with its options as `name=value` words, as in a pipeline's text.
struct PassStep {
  std::string name;
  std::string options;
  bool operator==(const PassStep &) const = default;
};

struct Genome {
  Arithmetic arithmetic = Arithmetic::Ring;
  uint64_t dataSeed = 0;
  std::vector<Node> nodes;
  std::vector<uint16_t> results; ///< numbers of the nodes that the function returns; at least one
  std::vector<PassStep> passes;
  uint8_t threads = 1;           ///< of native runs: 1 or 2
  bool operator==(const Genome &) const = default;
};

/// What a program may take, so that thousands run in a second. repair() keeps to it.
struct GenomeLimits {
  unsigned nodes = 24;
  unsigned operands = 8;         ///< of one contraction
  unsigned rank = 6;
  unsigned passes = 16;
  uint32_t extent = 70;          ///< past two vectors of 32 lanes and a tail
  uint64_t elements = 1 << 14;   ///< of one tensor
  uint64_t work = 1 << 18;       ///< multiplications of all contractions, each over all its labels at once
};

/// The version of the encoding. Encodings of other versions are refused with a message by readers;
/// a corpus is carried over by `tenon-fuzz minimize-corpus`.
inline constexpr uint32_t kGenomeVersion = 1;

/// Makes a record a valid program, changing as little as it can; a valid one stays as it is (repair is
/// idempotent). A program is valid when ProgramBuilder makes a module of it that verifies, its passes are known to the
/// catalog and stand in an order that the levels of IR allow, and it keeps to `limits`.
void repair(Genome &genome, const GenomeLimits &limits = {});

/// The shape of each node's result. Of a repaired genome.
std::vector<std::vector<uint32_t>> shapesOf(const Genome &genome);

/// Any bytes make a valid genome. No header: what a byte-level fuzzer feeds.
Genome decodeBytes(std::span<const uint8_t> bytes, const GenomeLimits &limits = {});

/// Bytes with magic number, version and checksum, and back. Reading fails with a message on anything
/// but what writeGenome wrote in this version; what it returns is repaired.
std::vector<uint8_t> writeGenome(const Genome &genome);
bool readGenome(std::span<const uint8_t> bytes, Genome &genome, std::string &error);

/// The genome as text that a person can read and edit, and back: lossless both ways.
std::string printGenome(const Genome &genome);
bool parseGenome(std::string_view text, Genome &genome, std::string &error);

/// Equal for equal genomes on every platform.
uint64_t hashGenome(const Genome &genome);

std::string_view nameOf(NodeKind kind);
std::string_view nameOf(Element element);
std::string_view nameOf(Semiring semiring);
std::string_view nameOf(Arithmetic arithmetic);

} // namespace tenon::fuzz
