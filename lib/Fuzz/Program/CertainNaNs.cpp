//===- CertainNaNs.cpp - Elements that are NaN in every order -------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// docs/fuzzing.md, "Numerics". A NaN among the leaves reaches all sums that it is a term or a
// factor of, in whatever order they are computed: no addition, product, maximum or minimum takes it
// away. Where it reaches is the program once more, on 1 for NaN and 0 for numbers: the largest over
// the terms of the sum over the factors.
//
//===----------------------------------------------------------------------===//
#include "LeafData.h"
#include "Twin.h"

#include "tenon/Fuzz/ElementRules.h"
#include "tenon/Fuzz/Labels.h"
#include "tenon/Fuzz/Program.h"

#include <algorithm>
#include <cmath>

using namespace mlir;
using namespace tenon;
using namespace tenon::fuzz;

static bool isConstantLeaf(const Node &node) {
  return node.kind == NodeKind::Constant || node.kind == NodeKind::Delta;
}

/// Whether terms may be left out that the program has: those that a delta, the zeros of a constant
/// or a fact makes zero (docs/simplify.md, "What is kept"). Constants of one dimension tie no
/// indices. Of complex numbers a NaN may reach one part alone.
static bool mayLeaveTermsOut(const Genome &genome, const Shapes &shapes) {
  std::vector<bool> isConstant;
  for (size_t number = 0; number < genome.nodes.size(); ++number) {
    const Node &node = genome.nodes[number];
    isConstant.push_back(
        isConstantLeaf(node) ||
        (!node.operands.empty() && std::ranges::all_of(node.operands, [&](const Operand &operand) {
          return isConstant[operand.node];
        })));
    if (!isFloating(node.element))
      continue;
    auto rank = std::ranges::count_if(shapes[number], [](uint32_t extent) { return extent > 1; });
    if (isComplex(node.element) || node.facts != 0 || (isConstant.back() && rank > 1))
      return true;
  }
  return false;
}

static Node twinOf(const Node &node) {
  Node twin = node;
  if (isLeaf(node)) {
    twin = Node();
    twin.extents = node.extents;
  }
  twin.element = twin.accumulate = Element::F64;
  twin.isUnsigned = false;
  twin.path.clear();
  switch (node.kind) {
  case NodeKind::Contract:
    twin.sliced.clear();
    twin.flavour = static_cast<uint8_t>(Form::Contraction);
    [[fallthrough]];
  case NodeKind::Slice:
    twin.semiring = Semiring::MaxPlus;
    break;
  case NodeKind::Widen:
    becomeIdentity(twin);
    break;
  case NodeKind::Map:
  case NodeKind::Update:
    if (static_cast<MapOp>(node.flavour) == MapOp::Neg)
      becomeIdentity(twin);
    else
      twin.flavour = static_cast<uint8_t>(MapOp::Add);
    break;
  default:
    break;
  }
  return twin;
}

/// 1 where a leaf of real floats is NaN, else 0.
static Result<HostTensor> markNaNs(const Genome &genome, const DataPlan &plan, size_t number,
                                   bool &hasNaN) {
  const Node &node = genome.nodes[number];
  std::vector<int64_t> shape(node.extents.begin(), node.extents.end());
  Result<HostTensor> marks = HostTensor::zeros({TENON_F64}, shape);
  if (!marks || node.kind == NodeKind::Delta || !isRealFloat(node.element) ||
      static_cast<Content>(node.flavour) != Content::Special)
    return marks;
  HostTensor values = drawLeaf(genome, plan, number);
  for (int64_t i = 0; i < values.size(); ++i)
    if (std::isnan(std::get<double>(values.get(i)))) {
      marks->set(i, 1.0);
      hasNaN = true;
    }
  return marks;
}

llvm::Expected<std::vector<HostTensor>> fuzz::certainNaNs(const Genome &genome,
                                                          MLIRContext &context) {
  std::vector<HostTensor> masks;
  Shapes shapes = shapesOf(genome);
  if (mayLeaveTermsOut(genome, shapes))
    return masks;
  DataPlan plan = planData(genome);
  Genome twin;
  twin.results = genome.results;
  std::vector<HostTensor> marks;
  bool hasNaN = false;
  for (size_t number = 0; number < genome.nodes.size(); ++number) {
    twin.nodes.push_back(twinOf(genome.nodes[number]));
    if (!isLeaf(genome.nodes[number]))
      continue;
    Result<HostTensor> own = markNaNs(genome, plan, number, hasNaN);
    if (!own)
      return llvm::createStringError(own.message());
    marks.push_back(std::move(*own));
  }
  if (!hasNaN)
    return masks;
  llvm::Expected<SmallVector<HostTensor>> reached = interpretTwin(twin, marks, context);
  if (!reached)
    return reached.takeError();
  for (HostTensor &mask : *reached) {
    auto *elements = static_cast<double *>(mask.data());
    // An empty sum is the lowest number of max_plus.
    for (int64_t i = 0; i < mask.size(); ++i)
      elements[i] = elements[i] > 0 ? 1 : 0;
    masks.push_back(std::move(mask));
  }
  return masks;
}
