//===- ConstantRange.cpp - Constants that are multiplied ahead ------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "ConstantRange.h"

#include "Verify.h"

#include "tenon/Fuzz/ElementRules.h"
#include "tenon/Fuzz/Labels.h"
#include "tenon/Fuzz/Program.h"

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Matchers.h"

#include <cmath>

using namespace mlir;
using namespace tenon;
using namespace tenon::fuzz;

/// Whether what is left of the operands of each network always has an argument among it, sums are
/// sums of products of real numbers of one type, and no sum is empty. A network of constants alone
/// is computed as it is written, in range or not.
static bool hasArgumentsEverywhere(const Genome &genome, Element type) {
  Shapes shapes = shapesOf(genome);
  std::vector<bool> isConstant;
  for (auto [node, shape] : llvm::zip_equal(genome.nodes, shapes)) {
    bool isLeaf = node.operands.empty();
    isConstant.push_back(isLeaf ? node.kind != NodeKind::Argument
                                : llvm::all_of(node.operands, [&](const Operand &operand) {
                                    return isConstant[operand.node];
                                  }));
    if (!isFloating(node.element))
      continue;
    if (node.element != type || (isContraction(node) && node.accumulate != type) ||
        node.facts != 0 || node.kind == NodeKind::Delta || (isConstant.back() && !isLeaf) ||
        llvm::is_contained(shape, 0u) || (isContraction(node) && isTropical(node.semiring)))
      return false;
  }
  return true;
}

namespace {
/// The elements of a constant.
struct Magnitudes {
  bool isLarge = true; ///< two such numbers have no finite product
  bool isUnit = true;  ///< zeros and ones
  double most = 0;
};
} // namespace

static Magnitudes measure(const HostTensor &constant, const FloatRange &range) {
  Magnitudes result;
  for (int64_t i = 0; i < constant.size(); ++i) {
    double value = std::get<double>(constant.get(i));
    result.isLarge &= std::isfinite(value) && value > 2 * std::sqrt(range.largest);
    result.isUnit &= value == 0 || value == 1;
    result.most = std::fmax(result.most, value);
  }
  return result;
}

/// Whether every constant that may be made is finite: zeros, ones, and numbers whose product with
/// each other would not be. A constant then comes of one large one at most; since nothing is
/// negative nothing cancels, and it is no larger than the sum of as many large elements as there
/// are terms. A network has the constants of a value as often as it reads it.
static bool mustStayFinite(const Genome &genome) {
  auto isLarge = [](const Node &node) {
    return node.kind == NodeKind::Constant && node.flavour == uint8_t(Content::Large) &&
           isRealFloat(node.element);
  };
  auto first = llvm::find_if(genome.nodes, isLarge);
  if (llvm::count_if(genome.nodes, isLarge) < 2 || !hasArgumentsEverywhere(genome, first->element))
    return false;
  FloatRange range = floatRangeOf(first->element);
  std::vector<HostTensor> constants = makeConstants(genome);
  // Logarithms of the terms that the constants of a value may have, if they are multiplied.
  std::vector<double> terms;
  double largest = 0;
  size_t next = 0;
  for (const Node &node : genome.nodes) {
    double &own = terms.emplace_back(0);
    for (const Operand &operand : node.operands)
      own += terms[operand.node];
    if (node.kind != NodeKind::Constant)
      continue;
    const HostTensor &constant = constants[next++];
    if (!isFloating(node.element))
      continue;
    Magnitudes magnitudes = measure(constant, range);
    if (!magnitudes.isUnit && !magnitudes.isLarge)
      return false;
    largest = std::fmax(largest, std::log2(std::fmax(magnitudes.most, 1)));
    own = std::log2(static_cast<double>(constant.size()));
  }
  return largest + *llvm::max_element(terms) < std::log2(range.largest) - 1;
}

static bool isFinite(DenseElementsAttr elements) {
  return !isa<FloatType>(elements.getElementType()) ||
         llvm::all_of(elements.getValues<APFloat>(),
                      [](const APFloat &value) { return value.isFinite(); });
}

bool fuzz::hasInfiniteConstant(ModuleOp module) {
  return module
      .walk([](Operation *op) {
        DenseElementsAttr elements;
        return matchPattern(op, m_Constant(&elements)) && !isFinite(elements)
                   ? WalkResult::interrupt()
                   : WalkResult::advance();
      })
      .wasInterrupted();
}

bool fuzz::checkConstantRange(Case &current, const Genome &genome, ModuleOp source) {
  if (!mustStayFinite(genome))
    return true;
  OwningOpRef<ModuleOp> module = source.clone();
  PassStep step{"tn-simplify", ""};
  std::optional<OperationFingerPrint> print;
  if (runPass(current, step, /*mayRefuse=*/false, *module, print) == PassEnd::Failed)
    return false;
  ++current.outcome.conclusive;
  if (!hasInfiniteConstant(*module))
    return true;
  current.report(Oracle::Stage, step.name,
                 "leaves an infinite constant, though it may multiply none ahead whose product is "
                 "out of range");
  return false;
}
