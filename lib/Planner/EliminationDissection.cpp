//===- EliminationDissection.cpp - Nested dissection ----------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// The indices that a bisection of the tensors cuts separate those of the two sides: they are
// eliminated after them (George, SIAM J. Numer. Anal. 10(2), 1973; that cuts of hypergraphs are the
// separators: Catalyurek, Aykanat, Kayaaslan, SIAM J. Sci. Comput. 33(4), 2011).
//
//===----------------------------------------------------------------------===//
#include "EliminationParts.h"

#include "tenon/Planner/Random.h"

#include <algorithm>

using namespace tenon::planner;

namespace {

/// By part of the row: its place if children come before their parents.
std::vector<uint32_t> numberChildrenFirst(const std::vector<RowPart> &parts) {
  // Parents first, the right child before the left one: the reverse of what is wanted.
  std::vector<uint32_t> numbers(parts.size()), open = {0};
  auto next = static_cast<uint32_t>(parts.size());
  while (!open.empty()) {
    uint32_t part = open.back();
    open.pop_back();
    numbers[part] = --next;
    if (parts[part].isSplit()) {
      open.push_back(parts[part].lhs);
      open.push_back(parts[part].rhs);
    }
  }
  return numbers;
}

} // namespace

std::vector<uint32_t> tenon::planner::dissectIndices(const ReducedTensors &tensors,
                                                     std::span<const double> log2Extents,
                                                     const DissectionOptions &options,
                                                     const Budget &budget) {
  TensorRow row;
  Random random(options.seed);
  if (tensors.size() == 0 || !RowMaker(tensors, log2Extents).make(options.row, random, budget, row))
    return {};
  std::vector<uint32_t> placeOf(tensors.size());
  for (uint32_t place = 0; place < row.order.size(); ++place)
    placeOf[row.order[place]] = place;
  std::vector<uint32_t> first(log2Extents.size(), tensors.size()), last(log2Extents.size(), 0);
  for (NodeId tensor = 0; tensor < tensors.size(); ++tensor)
    for (IndexId index : tensors[tensor]) {
      first[index] = std::min(first[index], placeOf[tensor]);
      last[index] = std::max(last[index], placeOf[tensor]);
    }
  std::vector<uint32_t> numbers = numberChildrenFirst(row.parts);
  std::vector<uint32_t> ranks(log2Extents.size(), 0);
  for (IndexId index = 0; index < ranks.size(); ++index) {
    uint32_t part = 0;
    auto fits = [&](uint32_t child) {
      return row.parts[child].begin <= first[index] && last[index] < row.parts[child].end;
    };
    // Within a small part, least growth decides.
    while (first[index] <= last[index] && row.parts[part].size() > options.smallest &&
           row.parts[part].isSplit()) {
      const RowPart &here = row.parts[part];
      if (fits(here.lhs))
        part = here.lhs;
      else if (fits(here.rhs))
        part = here.rhs;
      else
        break;
    }
    ranks[index] = numbers[part];
  }
  return ranks;
}
