//===- FactChecks.cpp - What facts mean for a tensor's elements -----------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Reference/FactChecks.h"

#include "tenon/Dialect/TN/IR/Facts.h"
#include "tenon/HostTensor/Structure.h"

#include "llvm/ADT/StringExtras.h"

using namespace tenon;

static std::vector<int64_t> toList(const llvm::SmallBitVector &dims) {
  return {dims.set_bits_begin(), dims.set_bits_end()};
}

/// An error where there is a contradiction to `fact`, of these dimensions.
static llvm::Error report(const Contradiction &contradiction, llvm::StringRef fact,
                          llvm::ArrayRef<int64_t> dims) {
  if (!contradiction)
    return llvm::Error::success();
  std::string list;
  llvm::raw_string_ostream stream(list);
  llvm::interleaveComma(dims, stream);
  return llvm::createStringError(fact + "([" + list + "]) does not hold: " + *contradiction);
}

llvm::Error reference::checkFacts(tn::FactsAttr attribute, const HostTensor &tensor) {
  tn::TensorFacts facts = tn::getTensorFacts(attribute, tensor.rank());
  for (const llvm::SmallBitVector &set : facts.diagonals) {
    std::vector<int64_t> dims = toList(set);
    for (int64_t dim : dims)
      if (tensor.shape()[dim] != tensor.shape()[dims.front()])
        return report("the extents " + std::to_string(tensor.shape()[dims.front()]) + " and " +
                          std::to_string(tensor.shape()[dim]) + " differ",
                      "diagonal", dims);
    if (llvm::Error error = report(contradictDiagonal(tensor, dims), "diagonal", dims))
      return error;
  }
  if (facts.permutation) {
    std::vector<int64_t> dims = toList(*facts.permutation);
    if (llvm::Error error = report(contradictPermutation(tensor, dims), "permutation", dims))
      return error;
  }
  for (const llvm::SmallBitVector &set : facts.isometries) {
    std::vector<int64_t> dims = toList(set);
    if (llvm::Error error = report(contradictIsometry(tensor, dims), "isometric", dims))
      return error;
  }
  if (Contradiction contradiction = contradictDensity(tensor, facts.density)) {
    std::string density;
    llvm::raw_string_ostream(density) << facts.density;
    return llvm::createStringError("sparse(" + density + ") does not hold: " + *contradiction);
  }
  return llvm::Error::success();
}

llvm::Error reference::imposeFacts(tn::FactsAttr attribute, HostTensor &tensor, uint64_t seed) {
  tn::TensorFacts facts = tn::getTensorFacts(attribute, tensor.rank());
  const llvm::SmallBitVector *unit = facts.permutation           ? &*facts.permutation
                                     : !facts.isometries.empty() ? &facts.isometries.front()
                                                                 : nullptr;
  if (!unit) {
    for (const llvm::SmallBitVector &set : facts.diagonals)
      clearOffDiagonal(tensor, toList(set));
    clearShare(tensor, facts.density, seed);
    return checkFacts(attribute, tensor);
  }
  // From the most random to the least: an orthonormalised tensor, ones in random places, ones in
  // order. The first of which everything is true is taken.
  bool isFloating = tensor.type().isFloat() || tensor.type().isComplex();
  for (int attempt = facts.permutation || !isFloating ? 1 : 0; attempt < 3; ++attempt) {
    if (attempt == 0)
      orthonormalise(tensor, toList(*unit));
    else
      fillInjection(tensor, toList(*unit), attempt == 1 ? std::optional(seed) : std::nullopt);
    llvm::Error error = checkFacts(attribute, tensor);
    if (!error)
      return error;
    llvm::consumeError(std::move(error));
  }
  return llvm::createStringError("no random tensor is made of which all its facts are true");
}
