//===- Shapes.cpp - Contractions of given sizes ---------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Shapes.h"

#include "tenon/Planner/Random.h"

#include "llvm/Support/MathExtras.h"

using namespace tenon;
using namespace tenon::calibrate;

template <typename List> static void shuffle(List &list, uint64_t seed) {
  planner::Random random(seed);
  for (size_t left = list.size(); left > 1; --left)
    std::swap(list[left - 1], list[random.below(static_cast<uint32_t>(left))]);
}

int64_t calibrate::bytesOf(frontend::ElementType type) {
  switch (type) {
  case frontend::ElementType::I1:
  case frontend::ElementType::I8:
  case frontend::ElementType::U8:
    return 1;
  case frontend::ElementType::F16:
  case frontend::ElementType::BF16:
  case frontend::ElementType::I16:
  case frontend::ElementType::U16:
    return 2;
  case frontend::ElementType::F32:
  case frontend::ElementType::I32:
  case frontend::ElementType::U32:
    return 4;
  case frontend::ElementType::F64:
  case frontend::ElementType::C64:
  case frontend::ElementType::I64:
  case frontend::ElementType::U64:
    return 8;
  case frontend::ElementType::C128:
    return 16;
  }
  return 0;
}

frontend::NetworkDescription calibrate::makeEinsum(llvm::ArrayRef<llvm::StringRef> operands,
                                                   llvm::StringRef result,
                                                   llvm::function_ref<int64_t(char)> extentOf,
                                                   frontend::ElementType type) {
  frontend::NetworkDescription network;
  network.elementType = type;
  auto numberOf = [&](char letter) -> int32_t {
    for (auto [number, name] : llvm::enumerate(network.indexNames))
      if (name[0] == letter)
        return static_cast<int32_t>(number);
    return -1;
  };
  auto indicesOf = [&](llvm::StringRef letters, auto &list) {
    for (char letter : letters) {
      if (extentOf(letter) == 1)
        continue;
      if (numberOf(letter) < 0) {
        network.indexNames.push_back(std::string(1, letter));
        network.extents.push_back(extentOf(letter));
      }
      list.push_back(numberOf(letter));
    }
  };
  for (llvm::StringRef letters : operands)
    indicesOf(letters, network.operands.emplace_back().indices);
  indicesOf(result, network.output);
  return network;
}

frontend::NetworkDescription calibrate::makeContraction(const Sizes &sizes, const Orders &orders,
                                                        frontend::ElementType type) {
  auto extentOf = [&](char letter) {
    return letter == 'b'   ? sizes.batch
           : letter == 'm' ? sizes.m
           : letter == 'n' ? sizes.n
                           : sizes.k;
  };
  return makeEinsum({orders.lhs, orders.rhs}, orders.result, extentOf, type);
}

frontend::NetworkDescription calibrate::makeCutContraction(const Sizes &sizes, uint64_t seed,
                                                           frontend::ElementType type) {
  frontend::NetworkDescription network;
  network.elementType = type;
  std::string letters;
  for (auto [letter, extent] :
       {std::pair('b', sizes.batch), std::pair('m', sizes.m), std::pair('n', sizes.n)})
    letters.append(llvm::Log2_64(static_cast<uint64_t>(extent)), letter);
  shuffle(letters, seed);
  // What is summed is outermost.
  size_t summed = llvm::Log2_64(static_cast<uint64_t>(sizes.k));
  letters.insert(0, summed, 'k');
  network.operands.resize(2);
  for (auto [number, letter] : llvm::enumerate(letters)) {
    network.indexNames.push_back(letter + std::to_string(number));
    network.extents.push_back(2);
    auto index = static_cast<int32_t>(number);
    if (letter != 'n')
      network.operands[0].indices.push_back(index);
    if (letter != 'm')
      network.operands[1].indices.push_back(index);
    if (letter != 'k')
      network.output.push_back(index);
  }
  return network;
}

frontend::NetworkDescription calibrate::makeCutPermutation(int power, uint64_t seed,
                                                           frontend::ElementType type) {
  frontend::NetworkDescription network;
  network.elementType = type;
  auto &operand = network.operands.emplace_back().indices;
  for (int32_t number = 0; number < power; ++number) {
    network.indexNames.push_back("i" + std::to_string(number));
    network.extents.push_back(2);
    operand.push_back(number);
  }
  network.output.assign(operand.begin(), operand.end());
  shuffle(network.output, seed);
  return network;
}
