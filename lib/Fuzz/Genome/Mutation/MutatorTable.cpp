//===- MutatorTable.cpp - All mutators ------------------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Mutators.h"

#include <vector>

using namespace tenon::fuzz;

std::span<const Mutator> tenon::fuzz::mutators() {
  static const std::vector<Mutator> all = [] {
    std::vector<Mutator> list;
    for (std::span<const Mutator> part :
         {operandMutators(), labelMutators(), valueMutators(), extentMutators(), typeMutators(),
          layoutMutators(), decompositionMutators(), slicingMutators(), dataMutators(),
          pipelineMutators()})
      list.insert(list.end(), part.begin(), part.end());
    return list;
  }();
  return all;
}
