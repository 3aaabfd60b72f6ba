//===- Sketch.h - A program that is being drawn -----------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "Edit.h"

#include <optional>

namespace tenon::fuzz {

/// Element types that go together in one program, and the semiring of most of its contractions.
struct Types {
  Element element;    ///< of most values
  Element accumulate; ///< element, or what rounds to it
  Semiring semiring;
  bool isUnsigned;
};
Types drawTypes(Arithmetic arithmetic, Random &random);
/// A semiring that the type has, but for one; that one where there is no other.
Semiring drawOtherSemiring(Semiring but, Element element, Random &random);

/// What the leaves of one program are like.
enum class LeafStyle : uint8_t {
  Any,
  ManyConstants, ///< every second leaf is a constant
  Degenerate,    ///< zeros, ones and NaN, and nothing that leaves terms of sums out
  Large          ///< one type, and constants whose products with one another are infinite
};

/// An operand as a contraction wants it: labels, whose extents the sketch knows.
using Labels = std::vector<uint16_t>;

/// Nodes with the shapes of their results, and ways to draw further ones.
class Sketch {
public:
  Sketch(Arithmetic arithmetic, Random &random);

  /// A label of the next contraction. Extents shrink where the products of all would take too long.
  uint16_t addLabel(uint32_t extent);
  uint16_t addLabel() { return addLabel(drawSide()); }
  /// An extent, in some programs the same one most of the time: squares and cubes are where
  /// dimensions can be taken for one another.
  uint32_t drawSide() { return side != 0 && !random.oneIn(6) ? side : drawExtent(random); }
  /// A label for each dimension of an earlier value.
  Labels addLabelsOf(uint16_t node);
  /// Asks for an operand of these labels in the next contraction: a new leaf, or an earlier value
  /// of that shape.
  void addOperand(Labels labels) { wanted.push_back({kAny, std::move(labels)}); }
  void addOperand(uint16_t node, Labels labels) { wanted.push_back({node, std::move(labels)}); }
  /// Makes the contraction, of so many multiplications at most, and starts the next one; one in
  /// `slicesIn` is a sum over slices. Its number.
  uint16_t contract(Labels output, uint64_t work = GenomeLimits().work / 8, unsigned slicesIn = 6);
  /// Writes a contraction as loops, in one step, which is what it may be written as (Form).
  void writeAsLoops(uint16_t contraction);
  /// An earlier contraction once more, in another semiring or of another signedness, accumulation
  /// type or order.
  uint16_t addVariant(uint16_t contraction);

  /// A value that somebody may use, the later the likelier. There is one if size() > 0.
  uint16_t drawValue();
  size_t size() const { return genome.nodes.size(); }
  const std::vector<uint32_t> &shapeOf(uint16_t node) const { return shapes[node]; }
  const Node &nodeOf(uint16_t number) const { return genome.nodes[number]; }
  /// An elementwise or shape-changing operation on a value; the value itself where none fits.
  uint16_t addUnary(uint16_t node);

  /// A new leaf of the sketch's types.
  uint16_t addLeaf(const std::vector<uint32_t> &shape);
  /// A new leaf with orthonormal columns.
  uint16_t addIsometry();
  uint16_t addConj(uint16_t node);
  /// The dimensions of a value in another order, by a contraction of one operand.
  uint16_t addReordering(uint16_t node);
  /// An elementwise operation on values of one type and shape, of which Neg reads the first alone.
  /// There is none on complex numbers.
  uint16_t addMap(MapOp op, uint16_t first, uint16_t second);
  /// The same, written into the second, which is also read in another order at times.
  uint16_t addUpdate(MapOp op, uint16_t first, uint16_t second);

  /// The genome, with results among its values.
  Genome finish();

  /// Other types from here on, where the program is not of one.
  void changeTypes();
  bool isOfOneType() const { return style == LeafStyle::Large; }

  Random &random;
  Types types;

private:
  static constexpr uint16_t kAny = 0xffff;

  uint16_t add(Node node, std::vector<uint32_t> shape);
  uint16_t addPart(const std::vector<uint32_t> &shape);
  uint16_t addOperandLeaf(const std::vector<uint32_t> &shape);
  uint16_t addDelta(const std::vector<uint32_t> &shape);
  bool mayBeDelta(const std::vector<uint32_t> &shape) const;
  void drawContent(Node &leaf);
  void drawLayout(Layout &layout, size_t rank);
  uint16_t valueFor(const Operand &operand);
  Element drawOperandElement();
  void shrinkLabels(uint64_t work);
  bool mayBeConstant() const;
  std::optional<uint16_t> emptyIndex(const Labels &output);

  bool isConstant(uint16_t node) const { return nodeOf(node).kind == NodeKind::Constant; }

  bool hasArgument = true; ///< whether the next contraction has an operand that is no constant
  LeafStyle style;
  uint32_t side; ///< of most dimensions; 0: each has an extent of its own
  Genome genome;
  std::vector<std::vector<uint32_t>> shapes;
  std::vector<uint32_t> extents; ///< of labels of the next contraction
  std::vector<Operand> wanted;
};

} // namespace tenon::fuzz
