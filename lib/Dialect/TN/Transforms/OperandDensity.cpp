//===- OperandDensity.cpp - How sparse the operands of a network are --------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Dialect/TN/Transforms/OperandDensity.h"

#include "ConstantTensor.h"
#include "FactAnalysis.h"
#include "SimplifyNetwork.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::tn;

static constexpr int64_t kMostElements = int64_t{1} << 24;

/// The share of a constant's elements that are not zero; nothing where they are not looked at.
static std::optional<double> countedDensity(Value value) {
  ElementsAttr attribute = simplify::getConstantValue(value);
  auto type = cast<RankedTensorType>(value.getType());
  if (!attribute || type.getNumElements() == 0 || type.getNumElements() > kMostElements)
    return std::nullopt;
  simplify::Arithmetic arithmetic{Semiring::PlusTimes, type.getElementType(), false};
  std::optional<simplify::ConstantTensor> tensor =
      simplify::loadConstant(attribute, arithmetic, /*isConjugated=*/false);
  if (!tensor)
    return std::nullopt;
  int64_t nonZero = std::visit(
      [](const auto &elements) {
        return static_cast<int64_t>(
            llvm::count_if(elements, [](auto element) { return element != decltype(element)(0); }));
      },
      tensor->elements);
  return static_cast<double>(nonZero) / static_cast<double>(type.getNumElements());
}

static double densityOf(Value value, ArrayRef<int64_t> extents) {
  for (;;) {
    if (auto conj = value.getDefiningOp<ConjOp>())
      value = conj.getInput();
    else if (auto cast = value.getDefiningOp<tensor::CastOp>();
             cast && isa<RankedTensorType>(cast.getSource().getType()))
      value = cast.getSource();
    else
      break;
  }
  if (std::optional<double> counted = countedDensity(value))
    return *counted;
  TensorFacts facts = statedFacts(value);
  double density = facts.density, diagonal = 1;
  for (const TensorFacts::Dims &set : findDiagonals(value))
    for (unsigned dim : set.set_bits())
      if (static_cast<int>(dim) != set.find_first())
        diagonal /= double(std::max<int64_t>(extents[dim], 1));
  if (facts.permutation) {
    double rows = 1;
    for (unsigned dim : facts.permutation->set_bits())
      rows *= double(std::max<int64_t>(extents[dim], 1));
    density = std::min(density, 1 / rows);
  }
  return std::min(density, diagonal);
}

void tn::setDensities(ContractOp op, planner::Network &network) {
  if (op.getSemiring() == Semiring::MaxPlus || op.getSemiring() == Semiring::MinPlus)
    return;
  for (auto [number, operand] : llvm::enumerate(op.getInputs())) {
    SmallVector<int64_t> extents;
    for (planner::IndexId index : network.tensor(number))
      extents.push_back(network.extent(index));
    if (double density = densityOf(operand, extents); density < 1)
      network.setDensity(number, density);
  }
}
