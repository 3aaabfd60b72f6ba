//===- Sketch.cpp - A program that is being drawn -------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Sketch.h"

#include <numeric>

using namespace tenon::fuzz;

Semiring tenon::fuzz::drawOtherSemiring(Semiring but, Element element, Random &random) {
  std::vector<Semiring> others;
  for (unsigned i = 0; i < kNumSemirings; ++i)
    if (Semiring(i) != but && isLegalSemiring(Semiring(i), element))
      others.push_back(Semiring(i));
  return others.empty() ? but : drawFrom(others, random);
}

Types tenon::fuzz::drawTypes(Arithmetic arithmetic, Random &random) {
  Types types;
  if (arithmetic == Arithmetic::Ring)
    types.element = drawFrom({Element::I32, Element::I32, Element::I64, Element::I8, Element::I8,
                              Element::I16, Element::I1, Element::I1, Element::Index},
                             random);
  else
    types.element = drawFrom({Element::F32, Element::F32, Element::F32, Element::F64, Element::F64,
                              Element::F16, Element::BF16, Element::C64, Element::C64,
                              Element::C128, Element::C128},
                             random);
  std::vector<Element> wider =
      elementsWhere([&](Element to) { return to != types.element && roundsTo(to, types.element); });
  types.accumulate = wider.empty() || !random.oneIn(3) ? types.element : drawFrom(wider, random);
  types.semiring = random.oneIn(3)
                       ? drawOtherSemiring(Semiring::PlusTimes, types.accumulate, random)
                       : Semiring::PlusTimes;
  types.isUnsigned = isInteger(types.element) && random.oneIn(3);
  return types;
}

static LeafStyle drawLeafStyle(Arithmetic arithmetic, Random &random) {
  if (arithmetic != Arithmetic::Ring && random.oneIn(5))
    return LeafStyle::Degenerate;
  if (arithmetic == Arithmetic::Bound && random.oneIn(2))
    return LeafStyle::Large;
  return random.oneIn(3) ? LeafStyle::ManyConstants : LeafStyle::Any;
}

/// Real floats that are added up in their own type, which has room for large numbers.
static Types drawWideFloats(Random &random) {
  Element element = drawFrom({Element::F32, Element::F32, Element::F64, Element::BF16}, random);
  return {element, element, Semiring::PlusTimes, false};
}

Sketch::Sketch(Arithmetic arithmetic, Random &random)
    : random(random), types(drawTypes(arithmetic, random)),
      style(drawLeafStyle(arithmetic, random)),
      side(random.oneIn(4) ? drawFrom<uint32_t>({2, 3, 3, 4, 5}, random) : 0) {
  genome.arithmetic = arithmetic;
  if (isOfOneType())
    types = drawWideFloats(random);
}

void Sketch::changeTypes() {
  if (!isOfOneType())
    types = drawTypes(genome.arithmetic, random);
}

uint16_t Sketch::addLabel(uint32_t extent) {
  extents.push_back(extent);
  return uint16_t(extents.size() - 1);
}

Labels Sketch::addLabelsOf(uint16_t node) {
  Labels labels;
  for (uint32_t extent : shapes[node])
    labels.push_back(addLabel(extent));
  return labels;
}

uint16_t Sketch::add(Node node, std::vector<uint32_t> shape) {
  genome.nodes.push_back(std::move(node));
  shapes.push_back(std::move(shape));
  return uint16_t(genome.nodes.size() - 1);
}

/// Of leaves: what the contraction adds up in, or a type that widens to it. Widening is where
/// unsigned integers differ from signed ones.
Element Sketch::drawOperandElement() {
  if (isOfOneType() || !random.oneIn(types.isUnsigned ? 2 : 4))
    return types.element;
  std::vector<Element> narrower =
      elementsWhere([&](Element from) { return widensTo(from, types.accumulate); });
  return drawFrom(narrower, random);
}

/// A network of constants alone is computed ahead, in range or not: a large one has an argument.
bool Sketch::mayBeConstant() const { return style != LeafStyle::Large || hasArgument; }

/// What a leaf's elements are; it becomes a constant at times.
void Sketch::drawContent(Node &leaf) {
  auto becomeConstant = [&](Content content) {
    leaf.kind = NodeKind::Constant;
    leaf.flavour = uint8_t(content);
  };
  auto dims = std::count_if(leaf.extents.begin(), leaf.extents.end(),
                            [](uint32_t extent) { return extent > 1; });
  switch (style) {
  case LeafStyle::Degenerate:
    // The zeros of a constant matrix let terms go, and NaN with them.
    if (dims < 2 && random.oneIn(2))
      becomeConstant(drawFrom({Content::Zeros, Content::Zeros, Content::Zeros, Content::Ones,
                               Content::Special, Content::Random},
                              random));
    else if (isRealFloat(leaf.element) && random.oneIn(3))
      leaf.flavour = uint8_t(Content::Special);
    return;
  case LeafStyle::Large:
    if (mayBeConstant() && random.below(3) > 0)
      becomeConstant(random.oneIn(4) ? Content::Ones : Content::Large);
    return;
  case LeafStyle::ManyConstants:
  case LeafStyle::Any:
    break;
  }
  bool isSquare = dims > 1 && std::count(leaf.extents.begin(), leaf.extents.end(),
                                         leaf.extents.front()) == ptrdiff_t(leaf.extents.size());
  if (random.oneIn(style == LeafStyle::ManyConstants ? 2 : 6))
    becomeConstant(isSquare && random.oneIn(3) ? Content::Triangular
                                               : Content(random.below(kNumContents)));
  // A diagonal is square, and of numbers: not of a tropical semiring's zeros.
  if (isSquare && random.oneIn(isTropical(types.semiring) ? 2 : 4))
    leaf.facts = drawFrom<uint8_t>({1, 1, 2, 3, 4}, random);
  else if (random.oneIn(10))
    leaf.facts = drawFrom<uint8_t>({2, 4}, random);
}

void Sketch::drawLayout(Layout &layout, size_t rank) {
  if (random.oneIn(2))
    layout.order = drawOrder(rank, random);
  layout.padding = random.oneIn(2) ? uint8_t(random.below(5)) : 0;
  layout.offset = random.oneIn(3) ? uint8_t(random.below(9)) : 0;
  layout.reversed = random.oneIn(4) ? uint16_t(random.next()) : 0;
}

bool Sketch::mayBeDelta(const std::vector<uint32_t> &shape) const {
  bool isCube = !shape.empty() &&
                std::count(shape.begin(), shape.end(), shape.front()) == ptrdiff_t(shape.size());
  return isCube && (style == LeafStyle::Any || style == LeafStyle::ManyConstants);
}

uint16_t Sketch::addDelta(const std::vector<uint32_t> &shape) {
  Node delta = makeArgument(shape, types.accumulate);
  delta.kind = NodeKind::Delta;
  delta.semiring = types.semiring;
  return add(std::move(delta), shape);
}

uint16_t Sketch::addLeaf(const std::vector<uint32_t> &shape) {
  if (mayBeDelta(shape) && random.oneIn(shape.size() > 1 ? 4 : 8))
    return addDelta(shape);
  Node leaf = makeArgument(shape, drawOperandElement(), types.isUnsigned);
  drawContent(leaf);
  if (leaf.kind == NodeKind::Argument) {
    if (random.oneIn(8))
      leaf.dynamic = uint16_t(random.next());
    if (random.oneIn(3))
      drawLayout(leaf.layout, shape.size());
  }
  return add(std::move(leaf), shape);
}

/// A part of a larger argument, with gaps between its elements at times.
uint16_t Sketch::addPart(const std::vector<uint32_t> &shape) {
  const GenomeLimits limits;
  Node part;
  part.kind = NodeKind::Subtensor;
  std::vector<uint32_t> whole;
  uint64_t elements = 1;
  for (uint32_t size : shape) {
    auto offset = uint32_t(random.below(3)), behind = uint32_t(random.below(3)),
         stride = random.oneIn(3) ? 2 + uint32_t(random.below(2)) : 1;
    if (size == 0)
      return addLeaf(shape);
    whole.push_back(offset + (size - 1) * stride + 1 + behind);
    elements *= whole.back();
    if (whole.back() > limits.extent || elements > limits.elements)
      return addLeaf(shape);
    part.numbers.insert(part.numbers.end(), {int32_t(offset), int32_t(size), int32_t(stride)});
  }
  Node argument = makeArgument(whole, drawOperandElement(), types.isUnsigned);
  part.element = part.accumulate = argument.element;
  part.isUnsigned = types.isUnsigned;
  part.operands.push_back({add(std::move(argument), std::move(whole)), {}});
  return add(std::move(part), shape);
}

/// What a contraction reads where it reads no earlier value.
uint16_t Sketch::addOperandLeaf(const std::vector<uint32_t> &shape) {
  uint16_t leaf = random.oneIn(10) ? addPart(shape) : addLeaf(shape);
  if (!isComplex(genome.nodes[leaf].element) || !random.oneIn(3))
    return leaf;
  return addConj(leaf);
}

uint16_t Sketch::valueFor(const Operand &operand) {
  if (operand.node != kAny)
    return operand.node;
  std::vector<uint32_t> shape;
  bool isDiagonal = false;
  for (uint16_t label : operand.labels) {
    shape.push_back(extents[label]);
    isDiagonal |= std::count(operand.labels.begin(), operand.labels.end(), label) > 1;
  }
  // Traces of copy tensors.
  if (isDiagonal && mayBeDelta(shape) && random.oneIn(2))
    return addDelta(shape);
  if (random.oneIn(3)) {
    std::vector<uint16_t> same;
    for (size_t i = 0; i < shapes.size(); ++i)
      if (shapes[i] == shape && widensTo(genome.nodes[i].element, types.accumulate))
        same.push_back(uint16_t(i));
    if (!same.empty())
      return drawFrom(same, random);
  }
  return addOperandLeaf(shape);
}

/// Lowers the largest extents until the contraction and its operands keep to the limits.
void Sketch::shrinkLabels(uint64_t work) {
  const GenomeLimits limits;
  auto product = [&](auto &&labels) {
    uint64_t points = 1;
    for (uint16_t label : labels)
      points =
          std::min<uint64_t>(points * std::max<uint32_t>(extents[label], 1), uint64_t(1) << 40);
    return points;
  };
  Labels all;
  for (uint16_t label = 0; label < extents.size(); ++label)
    all.push_back(label);
  auto shrink = [&](const Labels &labels, uint64_t most) {
    while (product(labels) > most) {
      uint16_t largest =
          *std::max_element(labels.begin(), labels.end(),
                            [&](uint16_t a, uint16_t b) { return extents[a] < extents[b]; });
      extents[largest] =
          extents[largest] > 5 ? 2 + uint32_t(random.below(4)) : extents[largest] - 1;
    }
  };
  shrink(all, work);
  for (const Operand &operand : wanted)
    shrink(operand.labels, limits.elements);
}

/// Makes an index empty that is summed and that no earlier value has; none where there is no such
/// index.
std::optional<uint16_t> Sketch::emptyIndex(const Labels &output) {
  Labels ours, theirs = output;
  for (const Operand &operand : wanted) {
    Labels &labels = operand.node == kAny ? ours : theirs;
    labels.insert(labels.end(), operand.labels.begin(), operand.labels.end());
  }
  std::erase_if(ours, [&](uint16_t label) {
    return std::find(theirs.begin(), theirs.end(), label) != theirs.end();
  });
  if (ours.empty())
    return std::nullopt;
  uint16_t label = drawFrom(ours, random);
  extents[label] = 0;
  return label;
}

uint16_t Sketch::contract(Labels output, uint64_t work, unsigned slicesIn) {
  Node node;
  node.kind = random.oneIn(slicesIn) ? NodeKind::Slice : NodeKind::Contract;
  if (style == LeafStyle::Degenerate && wanted.size() < GenomeLimits().operands &&
      random.below(3) > 0)
    addOperand(Labels{});
  // The sum over no slices at all, which is the semiring's zero.
  if (node.kind == NodeKind::Slice && random.oneIn(isTropical(types.semiring) ? 4 : 8))
    if (std::optional<uint16_t> label = emptyIndex(output))
      node.sliced.push_back(*label);
  shrinkLabels(work);
  node.element = types.element;
  node.accumulate = types.accumulate;
  node.semiring = types.semiring;
  node.isUnsigned = types.isUnsigned;
  hasArgument = false;
  for (Operand &operand : wanted) {
    uint16_t value = valueFor(operand);
    hasArgument |= !isConstant(value);
    // Earlier values come with extents of their own; a shrunken label is cut by repair.
    node.operands.push_back({value, std::move(operand.labels)});
  }
  std::vector<uint32_t> shape;
  for (uint16_t label : output)
    shape.push_back(extents[label]);
  std::vector<uint16_t> labels = distinctLabels(node);
  node.output = std::move(output);
  if (node.operands.size() > 1 && random.oneIn(5))
    node.path = drawPath(node.operands.size(), random);
  if (!labels.empty() && (node.kind == NodeKind::Slice || (!node.path.empty() && random.oneIn(2))))
    for (unsigned count = drawGeometric(2, 3, random); count > 0; --count) {
      // More are summed than put side by side.
      std::vector<uint16_t> summed = labels;
      std::erase_if(summed, [&](uint16_t label) {
        return std::find(node.output.begin(), node.output.end(), label) != node.output.end();
      });
      uint16_t label = drawFrom(summed.empty() || random.oneIn(2) ? labels : summed, random);
      if (std::find(node.sliced.begin(), node.sliced.end(), label) == node.sliced.end())
        node.sliced.push_back(label);
    }
  wanted.clear();
  extents.clear();
  return add(std::move(node), std::move(shape));
}

void Sketch::writeAsLoops(uint16_t contraction) {
  Node &node = genome.nodes[contraction];
  node.kind = NodeKind::Contract;
  node.flavour = uint8_t(Form::Loops);
  node.path.clear();
  node.sliced.clear();
}

uint16_t Sketch::addVariant(uint16_t contraction) {
  Node node = genome.nodes[contraction];
  std::vector<uint32_t> shape = shapes[contraction];
  if (isOfOneType()) {
    node.path.clear();
  } else if (random.below(3) > 0) {
    node.semiring = drawOtherSemiring(node.semiring, node.accumulate, random);
  } else if (isInteger(node.accumulate)) {
    node.isUnsigned ^= true;
  } else {
    std::vector<Element> wider =
        elementsWhere([&](Element to) { return roundsTo(to, node.element); });
    node.accumulate = drawFrom(wider, random);
  }
  if (random.oneIn(3)) {
    std::vector<uint16_t> order = drawOrder(shape.size(), random);
    for (size_t d = 0; d < order.size(); ++d) {
      node.output[d] = genome.nodes[contraction].output[order[d]];
      shape[d] = shapes[contraction][order[d]];
    }
  }
  return add(std::move(node), std::move(shape));
}

uint16_t Sketch::drawValue() {
  auto draw = [&] {
    return uint16_t(size() - 1 - std::min(random.below(size()), random.below(size())));
  };
  uint16_t value = draw();
  for (unsigned tries = 0; tries < 8 && isOfOneType() && isConstant(value); ++tries)
    value = draw();
  return value;
}

uint16_t Sketch::addUnary(uint16_t node) {
  const Node &value = genome.nodes[node];
  const std::vector<uint32_t> &shape = shapes[node];
  Node unary;
  unary.element = unary.accumulate = value.element;
  unary.isUnsigned = value.isUnsigned;
  unary.operands.push_back({node, {}});
  switch (random.below(8)) {
  case 0:
    return addConj(node);
  case 1: {
    std::vector<Element> wider = elementsWhere(
        [&](Element to) { return to != value.element && extendsTo(value.element, to); });
    if (wider.empty())
      return node;
    unary.kind = NodeKind::Widen;
    unary.element = drawFrom(wider, random);
    return add(std::move(unary), shape);
  }
  case 2: {
    if (random.oneIn(2))
      return addReordering(node);
    unary.kind = NodeKind::Permute;
    unary.output = drawOrder(shape.size(), random);
    std::vector<uint32_t> permuted;
    for (uint16_t d : unary.output)
      permuted.push_back(shape[d]);
    return add(std::move(unary), permuted);
  }
  case 3: {
    unary.kind = NodeKind::Subtensor;
    std::vector<uint32_t> cut;
    for (uint32_t extent : shape) {
      uint32_t stride = random.oneIn(3) ? 2 : 1,
               offset = extent > 1 && random.oneIn(2) ? uint32_t(random.below(extent)) : 0;
      uint32_t most = (extent - offset + stride - 1) / stride,
               size = most > 1 && random.oneIn(2) ? 1 + uint32_t(random.below(most)) : most;
      unary.numbers.insert(unary.numbers.end(), {int32_t(offset), int32_t(size), int32_t(stride)});
      cut.push_back(size);
    }
    return add(std::move(unary), cut);
  }
  default:
    unary.kind = random.oneIn(2) ? NodeKind::Update : NodeKind::Map;
    unary.flavour = uint8_t(random.below(kNumMapOps));
    if (unary.kind == NodeKind::Update || MapOp(unary.flavour) != MapOp::Neg)
      for (size_t i = 0; i < shapes.size(); ++i)
        if (shapes[i] == shape && genome.nodes[i].element == value.element &&
            (i == node || random.oneIn(2))) {
          unary.operands.push_back({uint16_t(i), {}});
          break;
        }
    if (unary.kind == NodeKind::Update && random.oneIn(3))
      unary.output = drawOrder(shape.size(), random);
    return add(std::move(unary), shape);
  }
}

uint16_t Sketch::addConj(uint16_t node) {
  Node conj;
  conj.kind = NodeKind::Conj;
  conj.element = conj.accumulate = genome.nodes[node].element;
  conj.operands.push_back({node, {}});
  return add(std::move(conj), shapes[node]);
}

uint16_t Sketch::addReordering(uint16_t node) {
  Node reordering;
  reordering.kind = NodeKind::Contract;
  reordering.element = reordering.accumulate = genome.nodes[node].element;
  Labels labels(shapes[node].size());
  std::iota(labels.begin(), labels.end(), uint16_t(0));
  reordering.operands.push_back({node, std::move(labels)});
  reordering.output = drawOrder(shapes[node].size(), random);
  std::vector<uint32_t> shape;
  for (uint16_t d : reordering.output)
    shape.push_back(shapes[node][d]);
  return add(std::move(reordering), std::move(shape));
}

uint16_t Sketch::addMap(MapOp op, uint16_t first, uint16_t second) {
  Node map;
  map.kind = NodeKind::Map;
  map.flavour = uint8_t(op);
  map.element = map.accumulate = genome.nodes[first].element;
  map.isUnsigned = genome.nodes[first].isUnsigned;
  map.operands.push_back({first, {}});
  if (op != MapOp::Neg)
    map.operands.push_back({second, {}});
  return add(std::move(map), shapes[first]);
}

uint16_t Sketch::addUpdate(MapOp op, uint16_t first, uint16_t second) {
  uint16_t number = addMap(op, first, second);
  Node &update = genome.nodes[number];
  update.kind = NodeKind::Update;
  // Neg, which reads one operand, becomes a difference.
  update.operands.resize(1);
  update.operands.push_back({second, {}});
  // repair takes the order back where it changes the shape.
  if (random.below(3) > 0)
    update.output = drawOtherOrder(shapes[second].size(), random);
  return number;
}

uint16_t Sketch::addIsometry() {
  uint32_t columns = drawSide(), rows = drawSide();
  if (rows < columns)
    std::swap(rows, columns);
  uint16_t number = addLeaf({rows, columns});
  // A delta of a square is one without saying so.
  if (Node &leaf = genome.nodes[number]; leaf.kind != NodeKind::Delta)
    leaf.facts = 2;
  return number;
}

Genome Sketch::finish() {
  std::vector<bool> isUsed(size());
  for (const Node &node : genome.nodes)
    for (const Operand &operand : node.operands)
      isUsed[operand.node] = true;
  for (size_t i = 0; i < size(); ++i)
    if (!isLeaf(genome.nodes[i]) && ((!isUsed[i] && !random.oneIn(10)) || random.oneIn(8)))
      genome.results.push_back(uint16_t(i));
  if (!genome.results.empty() && random.oneIn(16))
    genome.results.push_back(drawFrom(genome.results, random));
  if (genome.results.empty())
    genome.results.push_back(uint16_t(size() - 1));
  genome.dataSeed = random.next();
  genome.threads = random.oneIn(3) ? 2 : 1;
  return std::move(genome);
}
