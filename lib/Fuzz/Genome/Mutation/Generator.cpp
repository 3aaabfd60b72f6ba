//===- Generator.cpp - Draws programs from the grammar --------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "PassLists.h"
#include "Sketch.h"

using namespace tenon::fuzz;

namespace {

/// Every label that `keep` of 1 in n lets stay open, in any order.
Labels drawOutput(const Labels &labels, unsigned n, Random &random) {
  Labels output;
  for (uint16_t label : labels)
    if (random.oneIn(n) && output.size() < 5)
      output.push_back(label);
  shuffle(output, random);
  return output;
}

Labels joined(Labels a, const Labels &b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

/// A matrix product state or operator: tensors along a line, each with a bond to the next and some
/// dimensions of its own.
void addChain(Sketch &sketch) {
  Random &random = sketch.random;
  unsigned length = 1 + drawGeometric(3, 6, random), physical = unsigned(random.below(3));
  bool isRing = random.oneIn(4);
  Labels open;
  uint16_t bond = sketch.addLabel(), start = bond;
  for (unsigned i = 0; i < length; ++i) {
    Labels labels = i > 0 || isRing ? Labels{bond} : Labels{};
    for (unsigned p = 0; p < physical; ++p) {
      uint16_t label = sketch.addLabel(random.oneIn(2) ? 2 : drawExtent(random));
      labels.push_back(label);
      open.push_back(label);
    }
    bond = isRing && i + 1 == length ? start : i == 0 && !isRing ? bond : sketch.addLabel();
    if (i + 1 < length || isRing || physical == 0)
      labels.push_back(bond);
    if (random.oneIn(4))
      shuffle(labels, random);
    sketch.addOperand(std::move(labels));
  }
  if (physical == 0)
    open = {bond};
  sketch.contract(drawOutput(open, random.oneIn(2) ? 1 : 2, random));
}

/// Operands that meet in one hyperedge, each with dimensions of its
/// own.
void addStar(Sketch &sketch) {
  Random &random = sketch.random;
  uint16_t centre = sketch.addLabel();
  Labels open;
  for (unsigned left = 1 + drawGeometric(3, 5, random); left > 0; --left) {
    Labels labels{centre};
    if (!random.oneIn(3)) {
      labels.push_back(sketch.addLabel());
      open.push_back(labels.back());
    }
    if (random.oneIn(2))
      std::reverse(labels.begin(), labels.end());
    sketch.addOperand(std::move(labels));
  }
  if (random.oneIn(2))
    open.push_back(centre);
  sketch.contract(drawOutput(open, 1, random));
}

/// Operands with any of a few labels: traces, diagonals,
/// hyperedges, labels that one operand has alone.
void addHypergraph(Sketch &sketch) {
  Random &random = sketch.random;
  Labels pool;
  if (sketch.size() > 0 && random.oneIn(2)) {
    uint16_t value = sketch.drawValue();
    pool = sketch.addLabelsOf(value);
    sketch.addOperand(value, pool);
  }
  for (unsigned more = drawGeometric(4, 6, random); more > 0; --more)
    pool.push_back(sketch.addLabel());
  Labels used;
  for (unsigned left = drawGeometric(3, 5, random); left > 0; --left) {
    Labels labels;
    // Traces and diagonals.
    for (uint64_t rank = random.below(5); rank > 0; --rank)
      labels.push_back(!labels.empty() && random.oneIn(4) ? labels.back() : drawFrom(pool, random));
    used = joined(used, labels);
    sketch.addOperand(std::move(labels));
  }
  Labels distinct;
  for (uint16_t label : used)
    if (std::find(distinct.begin(), distinct.end(), label) == distinct.end())
      distinct.push_back(label);
  sketch.contract(drawOutput(distinct, 2, random));
}

/// Products of matrices one after another, as tn-fuse joins them, with a batch dimension at times.
/// Either operand may be the left one, and results may be transposed: kernels exchange operands.
void addProducts(Sketch &sketch) {
  Random &random = sketch.random;
  bool hasBatch = random.oneIn(3);
  uint16_t value = 0;
  for (unsigned left = drawGeometric(2, 4, random), i = 0; i < left; ++i) {
    Labels labels;
    if (i == 0) {
      for (unsigned rank = 2 + hasBatch; rank > 0; --rank)
        labels.push_back(sketch.addLabel());
    } else {
      labels = sketch.addLabelsOf(value);
    }
    Labels batch, row{labels[hasBatch]}, column{sketch.addLabel()};
    if (hasBatch)
      batch = {labels[0]};
    uint16_t inner = labels[hasBatch + 1];
    Labels right =
        joined(batch, random.oneIn(2) ? joined({inner}, column) : joined(column, {inner}));
    bool isFirst = !random.oneIn(4);
    if (!isFirst)
      sketch.addOperand(right);
    if (i == 0)
      sketch.addOperand(labels);
    else
      sketch.addOperand(value, labels);
    if (isFirst)
      sketch.addOperand(right);
    value =
        sketch.contract(joined(batch, random.oneIn(4) ? joined(column, row) : joined(row, column)));
    if (isComplex(sketch.nodeOf(value).element) && random.oneIn(2))
      value = sketch.addConj(value);
    else if (random.oneIn(6) && sketch.shapeOf(value).size() == 2u + hasBatch)
      if (uint16_t changed = sketch.addUnary(value);
          sketch.shapeOf(changed).size() == 2u + hasBatch)
        value = changed;
  }
}

/// A product of matrices that a packed kernel computes, with tails. What other motifs draw is left
/// to direct kernels. Half of the sums are longer than a block of any type (512 at most); extents
/// are short, so that two indices are summed.
void addLargeProduct(Sketch &sketch) {
  Random &random = sketch.random;
  constexpr GenomeLimits limits;
  constexpr uint64_t work = limits.work / 2;
  uint32_t depth = uint32_t(random.oneIn(2) ? 520 + random.below(400) : 64 + random.below(450));
  uint32_t outer = 14 + uint32_t(random.below(27)), inner = (depth + outer - 1) / outer;
  depth = outer * inner;
  auto drawSide = [&](uint64_t most) {
    most = std::min<uint64_t>({most, limits.elements / depth, 32});
    return uint32_t(3 + random.below(most - 2));
  };
  uint32_t rows = drawSide(32), columns = drawSide(work / depth / rows);
  uint16_t row = sketch.addLabel(rows), column = sketch.addLabel(columns);
  Labels sum{sketch.addLabel(outer), sketch.addLabel(inner)};
  sketch.addOperand(random.oneIn(2) ? joined({row}, sum) : joined(sum, {row}));
  sketch.addOperand(random.oneIn(2) ? joined(sum, {column}) : joined({column}, sum));
  sketch.contract(random.oneIn(4) ? Labels{column, row} : Labels{row, column}, work);
}

/// A product of matrices in the usual order, of which one factor goes through `change`. Its number.
template <typename Change> uint16_t addPlainProduct(Sketch &sketch, Change change) {
  Random &random = sketch.random;
  // None is shortened, which would tie the factors no more.
  constexpr uint32_t longest = 31;
  static_assert(uint64_t(longest) * longest * longest <= GenomeLimits().work / 8);
  auto drawShort = [&] { return std::min(sketch.drawSide(), longest); };
  uint32_t rows = drawShort(), inner = drawShort(), columns = drawShort();
  bool isLeft = random.oneIn(2);
  std::vector<uint32_t> shape{isLeft ? rows : inner, isLeft ? inner : columns};
  uint16_t factor = change(sketch.addLeaf(shape));
  uint16_t row = sketch.addLabel(rows), sum = sketch.addLabel(inner),
           column = sketch.addLabel(columns);
  if (isLeft)
    sketch.addOperand(factor, {row, sum});
  else
    sketch.addOperand(Labels{row, sum});
  if (isLeft)
    sketch.addOperand(Labels{sum, column});
  else
    sketch.addOperand(factor, {sum, column});
  return sketch.contract({row, column});
}

/// One whose factor is negated, or conjugated: what takes it for a plain product loses that.
void addSignedProduct(Sketch &sketch) {
  const Types types = sketch.types;
  sketch.types.semiring = Semiring::PlusTimes;
  addPlainProduct(sketch, [&](uint16_t factor) {
    return isComplex(sketch.nodeOf(factor).element) ? sketch.addConj(factor)
                                                    : sketch.addMap(MapOp::Neg, factor, factor);
  });
  sketch.types = types;
}

/// A product for a defect of upstream that more common ones hide where other products are: of a
/// sign, which is an operation of its own in floats alone, of bits, or of integers that are widened
/// without one.
void addLoneProduct(Sketch &sketch) {
  Random &random = sketch.random;
  auto unchanged = [](uint16_t factor) { return factor; };
  switch (random.below(4)) {
  case 0:
    sketch.types = {Element::I1, Element::I1, Semiring::PlusTimes, false};
    sketch.writeAsLoops(addPlainProduct(sketch, unchanged));
    return;
  case 1:
    sketch.types = {Element::I32, Element::I32, Semiring::PlusTimes, true};
    addPlainProduct(sketch, unchanged);
    return;
  default:
    Element element = drawFrom({Element::F32, Element::F64}, random);
    sketch.types = {element, element, Semiring::PlusTimes, false};
    addSignedProduct(sketch);
  }
}

/// A value with itself or its conjugate: Gram matrices, norms,
/// isometries that cancel.
void addPair(Sketch &sketch) {
  Random &random = sketch.random;
  // Where a conjugate is another number than the value.
  const Types types = sketch.types;
  if (isFloating(types.element) && !sketch.isOfOneType() && random.oneIn(2)) {
    Element element = random.oneIn(2) ? Element::C64 : Element::C128;
    sketch.types = {element, element, Semiring::PlusTimes, false};
  }
  if (sketch.size() == 0 || random.oneIn(3)) {
    Labels labels;
    for (uint64_t rank = 1 + random.below(3); rank > 0; --rank)
      labels.push_back(sketch.addLabel());
    sketch.addOperand(labels);
    sketch.contract(labels);
  }
  bool isIsometry = !sketch.isOfOneType() && random.oneIn(2);
  uint16_t value = isIsometry ? sketch.addIsometry() : sketch.drawValue();
  uint16_t other = random.oneIn(3) ? value
                   : isIsometry    ? sketch.addConj(value)
                                   : sketch.addUnary(value);
  // Whether the sum is over the rows of the isometry, and the columns are apart.
  bool cancels = isIsometry && random.below(4) > 0;
  Labels left = sketch.addLabelsOf(value), right, output = {};
  if (sketch.shapeOf(other) != sketch.shapeOf(value)) {
    right = sketch.addLabelsOf(other);
    output = drawOutput(joined(left, right), 2, random);
  } else {
    for (size_t d = 0; d < left.size(); ++d)
      if (cancels ? d == 1 : random.oneIn(3)) {
        right.push_back(sketch.addLabel(sketch.shapeOf(other)[d]));
        output = joined(output, {left[d], right.back()});
      } else {
        right.push_back(left[d]);
        if (!cancels && random.oneIn(4))
          output.push_back(left[d]);
      }
    shuffle(output, random);
  }
  sketch.addOperand(value, left);
  sketch.addOperand(other, right);
  sketch.contract(std::move(output));
  sketch.types = types;
}

MapOp drawMapOp(Random &random) { return MapOp(random.below(kNumMapOps)); }

/// Of a new value that is mapped: several vectors with a tail.
constexpr uint64_t kMapElements = 1024;

/// Elementwise operations on values of one shape, several of which read the same ones.
void addElementwise(Sketch &sketch) {
  Random &random = sketch.random;
  uint16_t value;
  if (sketch.size() > 0 && random.oneIn(2)) {
    value = sketch.drawValue();
  } else {
    std::vector<uint32_t> shape;
    uint64_t elements = 1;
    for (uint64_t rank = 1 + random.below(3); rank > 0; --rank) {
      uint32_t extent = drawExtent(random);
      shape.push_back(elements * extent <= kMapElements ? extent : 2);
      elements *= shape.back();
    }
    value = sketch.addLeaf(shape);
  }
  uint16_t other = value;
  for (unsigned left = 1 + drawGeometric(2, 4, random); left > 0; --left) {
    if (isComplex(sketch.nodeOf(value).element)) {
      value = sketch.addConj(value);
      continue;
    }
    // repair lets an operation read one value twice where the other is of another type.
    if (other == value || random.oneIn(2))
      other = sketch.addLeaf(sketch.shapeOf(value));
    uint16_t made = random.oneIn(2) ? sketch.addMap(drawMapOp(random), value, other)
                                    : sketch.addMap(drawMapOp(random), other, value);
    if (random.oneIn(2))
      other = value;
    value = made;
  }
}

/// x + x W: a value, and elementwise with it what a product makes of it. What is overwritten is
/// still read: by the product, and in squares by the operation itself in another order.
void addResidual(Sketch &sketch) {
  Random &random = sketch.random;
  std::vector<uint32_t> shape{drawExtent(random), drawExtent(random)};
  if (random.below(3) > 0)
    shape[1] = shape[0];
  uint16_t value = sketch.addLeaf(shape);
  Labels labels = sketch.addLabelsOf(value), output = labels;
  // Where it is the first dimension, every row of the product reads all of the value.
  size_t changed = random.oneIn(3) ? 1 : 0;
  output[changed] = sketch.addLabel(shape[changed]);
  Labels matrix{labels[changed], output[changed]};
  if (shape[0] == shape[1] && random.oneIn(2))
    std::swap(output[0], output[1]);
  if (random.oneIn(2))
    std::swap(matrix[0], matrix[1]);
  sketch.addOperand(value, labels);
  sketch.addOperand(matrix);
  uint16_t product = sketch.contract(output);
  if (isComplex(sketch.nodeOf(value).element) ||
      sketch.nodeOf(product).element != sketch.nodeOf(value).element ||
      sketch.shapeOf(product) != shape)
    return;
  if (random.below(3) > 0)
    sketch.addUpdate(drawMapOp(random), product, value);
  else if (random.oneIn(2))
    sketch.addMap(drawMapOp(random), value, product);
  else
    sketch.addMap(drawMapOp(random), product, value);
}

/// Parts that share no index, and scalars.
void addParts(Sketch &sketch) {
  Random &random = sketch.random;
  Labels open;
  for (unsigned left = 1 + drawGeometric(2, 4, random); left > 0; --left) {
    if (random.oneIn(3)) {
      sketch.addOperand(Labels{});
      continue;
    }
    uint16_t own = sketch.addLabel();
    if (random.oneIn(2)) {
      open.push_back(own);
      sketch.addOperand(Labels{own});
    } else {
      uint16_t tie = sketch.addLabel();
      open.push_back(own);
      sketch.addOperand(Labels{own, tie});
      sketch.addOperand(Labels{tie});
    }
  }
  sketch.contract(drawOutput(open, random.oneIn(2) ? 1 : 2, random));
}

/// Sums over one dimension of a value, in slices as often as not and in any semiring.
void addReductions(Sketch &sketch) {
  Random &random = sketch.random;
  const Types types = sketch.types;
  for (unsigned left = drawGeometric(2, 3, random); left > 0; --left) {
    sketch.types.semiring = types.semiring;
    if (!sketch.isOfOneType() && random.below(4) > 0)
      sketch.types.semiring = drawOtherSemiring(types.semiring, types.accumulate, random);
    sketch.types.isUnsigned = isInteger(types.element) && random.below(3) > 0;
    Labels labels;
    for (uint64_t rank = 2 + random.below(2); rank > 0; --rank)
      labels.push_back(sketch.addLabel());
    Labels output(labels.begin() + 1, labels.end());
    shuffle(labels, random);
    sketch.addOperand(labels);
    sketch.contract(output, GenomeLimits().work / 8, /*slicesIn=*/2);
  }
  sketch.types = types;
}

/// One network twice, with another meaning: the steps of one are not those of the other.
void addVariants(Sketch &sketch) {
  Random &random = sketch.random;
  uint16_t value = sketch.size() > 0 ? sketch.drawValue() : uint16_t(0);
  if (sketch.size() == 0 || random.oneIn(2) || !isContraction(sketch.nodeOf(value))) {
    Labels ends{sketch.addLabel()};
    uint16_t bond = ends.front();
    for (unsigned left = 1 + drawGeometric(2, 3, random); left > 0; --left) {
      uint16_t next = sketch.addLabel();
      sketch.addOperand(Labels{bond, next});
      bond = next;
    }
    ends.push_back(bond);
    value = sketch.contract(ends);
  }
  sketch.addVariant(value);
}

/// A value with its dimensions in another order, and a contraction that reads it so.
void addReordered(Sketch &sketch) {
  Random &random = sketch.random;
  uint16_t value = sketch.size() > 0 ? sketch.drawValue() : uint16_t(0);
  if (sketch.size() == 0 || sketch.shapeOf(value).size() < 3) {
    Labels labels;
    uint32_t shared = random.oneIn(2) ? sketch.drawSide() : 0;
    for (uint64_t rank = 3 + random.below(2); rank > 0; --rank)
      labels.push_back(sketch.addLabel(shared ? shared : sketch.drawSide()));
    // As it is, or what is left of a sum.
    Labels kept(labels);
    if (random.oneIn(2)) {
      labels.push_back(sketch.addLabel());
      shuffle(labels, random);
    }
    sketch.addOperand(labels);
    value = sketch.contract(kept);
  }
  value = sketch.addReordering(value);
  Labels labels = sketch.addLabelsOf(value), output = labels;
  sketch.addOperand(value, labels);
  size_t changed = random.below(labels.size());
  output[changed] = sketch.addLabel();
  sketch.addOperand(Labels{labels[changed], output[changed]});
  if (random.oneIn(2))
    shuffle(output, random);
  sketch.contract(output);
}

/// A product that two further ones may share.
void addShared(Sketch &sketch) {
  Random &random = sketch.random;
  uint16_t a = sketch.addLabel(), b = sketch.addLabel(), c = sketch.addLabel();
  sketch.addOperand(Labels{a, b});
  sketch.addOperand(Labels{b, c});
  uint16_t first = sketch.contract({a, c});
  uint16_t second = sketch.drawValue();
  for (uint16_t value : {first, second}) {
    Labels labels = sketch.addLabelsOf(value);
    sketch.addOperand(value, labels);
    Labels further = labels.empty() ? Labels{} : Labels{labels.back()};
    further.push_back(sketch.addLabel());
    sketch.addOperand(further);
    sketch.contract(drawOutput(joined(labels, {further.back()}), random.oneIn(2) ? 1 : 2, random));
  }
}

} // namespace

Genome tenon::fuzz::generate(Random &random, bool guards) {
  // Four fifths and more are compared exactly.
  Arithmetic arithmetic = random.oneIn(6)   ? Arithmetic::Bound
                          : random.oneIn(2) ? Arithmetic::Ring
                                            : Arithmetic::Exact;
  Sketch sketch(arithmetic, random);
  constexpr void (*motifs[])(Sketch &) = {
      addChain,    addStar,      addHypergraph, addHypergraph,  addProducts, addProducts,
      addPair,     addPair,      addParts,      addElementwise, addResidual, addShared,
      addVariants, addReordered, addReductions, addReductions};
  unsigned most = GenomeLimits().nodes;
  // They take long to interpret.
  if (random.oneIn(12))
    addLargeProduct(sketch);
  unsigned motifsLeft = drawGeometric(2, 5, random);
  if (guards && random.oneIn(12))
    addSignedProduct(sketch);
  if (!guards && random.oneIn(4)) {
    addLoneProduct(sketch);
    motifsLeft = 0;
  }
  for (unsigned left = motifsLeft; left > 0 && sketch.size() < most * 2 / 3; --left) {
    drawFrom(motifs, random)(sketch);
    while (random.oneIn(3) && sketch.size() < most)
      sketch.addUnary(sketch.drawValue());
    if (random.oneIn(8))
      sketch.changeTypes();
  }
  Genome genome = sketch.finish();
  genome.passes = drawPassList(guards, random);
  repair(genome);
  if (guards)
    removeGuarded(genome);
  return genome;
}
