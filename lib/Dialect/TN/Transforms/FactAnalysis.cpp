//===- FactAnalysis.cpp - What follows from facts for other values ----------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "FactAnalysis.h"

#include "mlir/Interfaces/FunctionInterfaces.h"
#include "llvm/ADT/IntEqClasses.h"
#include "llvm/ADT/MapVector.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::tn;

using Dims = TensorFacts::Dims;

/// Operations that one question may look at, and operands of one of them: what is worth knowing is
/// near.
static constexpr int kMaxVisits = 256;
static constexpr size_t kMaxOperands = 64;

static bool hasNumbersForUnits(Semiring semiring) {
  return semiring != Semiring::MaxPlus && semiring != Semiring::MinPlus;
}

bool tn::isIsometryIn(Type type, Type accumulation, bool isUnsigned) {
  if (type.isInteger(1))
    return true;
  if (type.isSignlessInteger())
    return !isUnsigned || type == accumulation;
  auto partOf = [](Type type) {
    auto complexType = dyn_cast<ComplexType>(type);
    return complexType ? complexType.getElementType() : type;
  };
  return partOf(type) == partOf(accumulation);
}

TensorFacts tn::statedFacts(Value value) {
  int64_t rank = cast<RankedTensorType>(value.getType()).getRank();
  if (auto argument = dyn_cast<BlockArgument>(value)) {
    auto function = dyn_cast<FunctionOpInterface>(argument.getOwner()->getParentOp());
    if (!function || !argument.getOwner()->isEntryBlock())
      return {};
    return getTensorFacts(function.getArgAttrOfType<FactsAttr>(argument.getArgNumber(),
                                                               TNDialect::getFactsAttrName()),
                          rank);
  }
  if (auto constant = value.getDefiningOp<ConstantOp>())
    return getTensorFacts(constant.getFactsAttr(), rank);
  if (auto delta = value.getDefiningOp<DeltaOp>();
      delta && hasNumbersForUnits(delta.getSemiring())) {
    TensorFacts facts;
    if (rank >= 2)
      facts.diagonals.push_back(Dims(rank, true));
    if (rank == 2) {
      facts.permutation = Dims(rank);
      facts.permutation->set(0);
    }
    return facts;
  }
  return {};
}

/// For each dimension of the result of a slice, that of its source.
static SmallVector<unsigned> keptDims(tensor::ExtractSliceOp slice) {
  llvm::SmallBitVector dropped = slice.getDroppedDims();
  SmallVector<unsigned> kept;
  for (unsigned dim = 0; dim < dropped.size(); ++dim)
    if (!dropped.test(dim))
      kept.push_back(dim);
  return kept;
}

/// Whether a slice has all of a dimension, in its order.
static bool isWhole(tensor::ExtractSliceOp slice, unsigned dim) {
  auto size = getConstantIntValue(slice.getMixedSizes()[dim]);
  return isConstantIntValue(slice.getMixedOffsets()[dim], 0) &&
         isConstantIntValue(slice.getMixedStrides()[dim], 1) && size &&
         *size == slice.getSourceType().getDimSize(dim);
}

namespace {
/// One question. Its answers are what is known: past the number of visits, nothing is.
class Question {
public:
  SmallVector<Dims, 1> diagonals(Value value);
  /// As findIsometry; the dimensions of `summed` are no part of the answer.
  std::optional<Dims> isometry(Value value, const Dims &summable, const Dims &summed,
                               bool onlyPermutations);

private:
  int visits = 0;

  SmallVector<Dims, 1> diagonalsOf(ContractOp op);
  SmallVector<Dims, 1> diagonalsOf(tensor::ExtractSliceOp slice);
  std::optional<Dims> isometryOf(ContractOp op, const Dims &summable, const Dims &summed,
                                 bool onlyPermutations);
  std::optional<Dims> isometryOf(tensor::ExtractSliceOp slice, const Dims &summable,
                                 const Dims &summed, bool onlyPermutations);
};
} // namespace

/// The sets of two or more of `members`, by position, that are in one class.
static SmallVector<Dims, 1> setsWithin(llvm::IntEqClasses &classes, ArrayRef<int64_t> members) {
  classes.compress();
  llvm::MapVector<unsigned, Dims> sets;
  for (auto [position, member] : llvm::enumerate(members))
    sets.try_emplace(classes[member], Dims(members.size())).first->second.set(position);
  SmallVector<Dims, 1> large;
  for (auto &[number, set] : sets)
    if (set.count() >= 2)
      large.push_back(std::move(set));
  return large;
}

//===----------------------------------------------------------------------===//
// Diagonals
//===----------------------------------------------------------------------===//

SmallVector<Dims, 1> Question::diagonals(Value value) {
  if (++visits > kMaxVisits)
    return {};
  if (auto conj = value.getDefiningOp<ConjOp>())
    return diagonals(conj.getInput());
  if (auto cast = value.getDefiningOp<tensor::CastOp>())
    return isa<RankedTensorType>(cast.getSource().getType()) ? diagonals(cast.getSource())
                                                             : SmallVector<Dims, 1>();
  if (auto slice = value.getDefiningOp<tensor::ExtractSliceOp>())
    return diagonalsOf(slice);
  if (auto op = value.getDefiningOp<ContractOp>())
    return diagonalsOf(op);
  TensorFacts facts = statedFacts(value);
  if (facts.diagonals.size() < 2)
    return facts.diagonals;
  // Sets that overlap are one.
  unsigned rank = facts.diagonals.front().size();
  llvm::IntEqClasses classes(rank);
  for (const Dims &set : facts.diagonals)
    for (unsigned dim : set.set_bits())
      classes.join(set.find_first(), dim);
  return setsWithin(classes, llvm::to_vector(llvm::seq<int64_t>(rank)));
}

SmallVector<Dims, 1> Question::diagonalsOf(ContractOp op) {
  if (!hasNumbersForUnits(op.getSemiring()) || op.getInputs().size() > kMaxOperands)
    return {};
  // A term is zero unless the indices that a diagonal connects are equal.
  llvm::IntEqClasses classes(op.getNumIndices());
  bool any = false;
  for (unsigned i = 0, e = op.getInputs().size(); i < e; ++i)
    for (const Dims &set : diagonals(op.getInputs()[i]))
      for (unsigned dim : set.set_bits()) {
        classes.join(op.getOperandIndices(i)[set.find_first()], op.getOperandIndices(i)[dim]);
        any = true;
      }
  return any ? setsWithin(classes, op.getResultIndices()) : SmallVector<Dims, 1>();
}

SmallVector<Dims, 1> Question::diagonalsOf(tensor::ExtractSliceOp slice) {
  SmallVector<unsigned> kept = keptDims(slice);
  auto offsets = slice.getMixedOffsets(), sizes = slice.getMixedSizes(),
       strides = slice.getMixedStrides();
  SmallVector<Dims, 1> sets;
  for (const Dims &source : diagonals(slice.getSource())) {
    // Dimensions that are cut alike stay on the diagonal; the first of the set is what others are
    // compared with.
    Dims set(kept.size());
    unsigned first = source.find_first();
    for (auto [dim, from] : llvm::enumerate(kept))
      if (source.test(from) && offsets[from] == offsets[first] && sizes[from] == sizes[first] &&
          strides[from] == strides[first])
        set.set(dim);
    if (set.count() >= 2)
      sets.push_back(std::move(set));
  }
  return sets;
}

SmallVector<Dims, 1> tn::findDiagonals(Value value) { return Question().diagonals(value); }

//===----------------------------------------------------------------------===//
// Isometries
//===----------------------------------------------------------------------===//

std::optional<Dims> Question::isometry(Value value, const Dims &summable, const Dims &summed,
                                       bool onlyPermutations) {
  if (++visits > kMaxVisits)
    return std::nullopt;
  if (auto conj = value.getDefiningOp<ConjOp>())
    return isometry(conj.getInput(), summable, summed, onlyPermutations);
  if (auto cast = value.getDefiningOp<tensor::CastOp>())
    return isa<RankedTensorType>(cast.getSource().getType())
               ? isometry(cast.getSource(), summable, summed, onlyPermutations)
               : std::nullopt;
  if (auto slice = value.getDefiningOp<tensor::ExtractSliceOp>())
    return isometryOf(slice, summable, summed, onlyPermutations);
  if (auto op = value.getDefiningOp<ContractOp>())
    return isometryOf(op, summable, summed, onlyPermutations);

  TensorFacts facts = statedFacts(value);
  SmallVector<Dims, 2> candidates;
  if (!onlyPermutations)
    candidates.append(facts.isometries.begin(), facts.isometries.end());
  if (facts.permutation) {
    candidates.push_back(*facts.permutation);
    candidates.push_back(*facts.permutation);
    candidates.back().flip();
  }
  for (const Dims &kept : candidates) {
    Dims others = kept;
    others.flip();
    if (!others.test(summable) && !summed.test(others))
      return kept;
  }
  return std::nullopt;
}

std::optional<Dims> Question::isometryOf(tensor::ExtractSliceOp slice, const Dims &summable,
                                         const Dims &summed, bool onlyPermutations) {
  // Some of the columns of an isometry are an isometry.
  SmallVector<unsigned> kept = keptDims(slice);
  unsigned rank = slice.getSourceType().getRank();
  Dims sourceSummable(rank), sourceSummed(rank);
  for (auto [dim, from] : llvm::enumerate(kept)) {
    if (summable.test(dim) && isWhole(slice, from))
      sourceSummable.set(from);
    if (summed.test(dim))
      sourceSummed.set(from);
  }
  std::optional<Dims> found =
      isometry(slice.getSource(), sourceSummable, sourceSummed, onlyPermutations);
  if (!found)
    return std::nullopt;
  Dims result(kept.size());
  for (auto [dim, from] : llvm::enumerate(kept))
    if (found->test(from))
      result.set(dim);
  return result;
}

std::optional<Dims> Question::isometryOf(ContractOp op, const Dims &summable, const Dims &summed,
                                         bool onlyPermutations) {
  bool isSum = op.getSemiring() == Semiring::PlusTimes;
  if (op.getInputs().size() > kMaxOperands ||
      (!isSum && !(onlyPermutations && hasNumbersForUnits(op.getSemiring()))))
    return std::nullopt;
  // Each index is an output of one operand, or a bond between two.
  unsigned numIndices = op.getNumIndices(), numOperands = op.getInputs().size();
  SmallVector<unsigned> holders(numIndices, 0);
  for (unsigned i = 0; i < numOperands; ++i) {
    if (!onlyPermutations && !isIsometryIn(op.getInputType(i).getElementType(),
                                           op.getAccumulationType(), op.getIsUnsigned()))
      return std::nullopt;
    Dims seen(numIndices);
    for (int64_t index : op.getOperandIndices(i)) {
      if (seen.test(index))
        return std::nullopt;
      seen.set(index);
      ++holders[index];
    }
  }
  SmallVector<int64_t> outputDim(numIndices, -1);
  for (auto [dim, index] : llvm::enumerate(op.getResultIndices()))
    outputDim[index] = dim;
  for (unsigned index = 0; index < numIndices; ++index)
    if (holders[index] != (outputDim[index] >= 0 ? 1 : 2))
      return std::nullopt;

  // Indices that the operand and its conjugate share by now, and of these the ones that must go.
  Dims shared(numIndices), mustGo(numIndices), kept(op.getResultIndices().size());
  for (unsigned index = 0; index < numIndices; ++index)
    if (outputDim[index] >= 0) {
      shared[index] = summable.test(outputDim[index]);
      mustGo[index] = summed.test(outputDim[index]);
    }
  SmallVector<unsigned> left = llvm::to_vector(llvm::seq(numOperands));
  for (bool changes = true; changes && !left.empty();) {
    changes = false;
    llvm::erase_if(left, [&](unsigned operand) {
      ArrayRef<int64_t> list = op.getOperandIndices(operand);
      Dims ownSummable(list.size()), ownSummed(list.size());
      for (auto [dim, index] : llvm::enumerate(list)) {
        ownSummable[dim] = shared.test(index);
        ownSummed[dim] = mustGo.test(index);
      }
      std::optional<Dims> own =
          isometry(op.getInputs()[operand], ownSummable, ownSummed, onlyPermutations);
      if (!own)
        return false;
      for (unsigned dim : own->set_bits()) {
        int64_t index = list[dim];
        if (outputDim[index] >= 0) {
          kept.set(outputDim[index]);
        } else {
          shared.set(index);
          mustGo.set(index);
        }
      }
      changes = true;
      return true;
    });
  }
  if (!left.empty())
    return std::nullopt;
  return kept;
}

std::optional<Dims> tn::findIsometry(Value value, const Dims &summable, bool onlyPermutations) {
  return Question().isometry(value, summable, Dims(summable.size()), onlyPermutations);
}
