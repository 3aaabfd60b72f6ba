//===- Processor.cpp - The numbers of a processor as text -----------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/KernelModel/Blocking.h"

#include <charconv>

using namespace tenon::cpu;

static constexpr const char *kDotsBF16 = "/bf16";

std::string Processor::text() const {
  std::string result;
  for (int64_t number : {vectorBits, numVectors, int64_t(memoryOperand), l1Bytes, l2Bytes, l3Bytes})
    result += (result.empty() ? "" : "/") + std::to_string(number);
  return result + (dotsBF16 ? kDotsBF16 : "");
}

std::optional<Processor> Processor::fromText(std::string_view text) {
  Processor processor;
  int64_t memoryOperand = 0;
  int64_t *numbers[] = {&processor.vectorBits, &processor.numVectors, &memoryOperand,
                        &processor.l1Bytes,    &processor.l2Bytes,    &processor.l3Bytes};
  const char *next = text.data(), *end = next + text.size();
  for (int64_t *number : numbers) {
    if (number != numbers[0] && (next == end || *next++ != '/'))
      return std::nullopt;
    std::from_chars_result read = std::from_chars(next, end, *number);
    if (read.ec != std::errc() || *number < 0)
      return std::nullopt;
    next = read.ptr;
  }
  processor.dotsBF16 = std::string_view(next, end) == kDotsBF16;
  if (processor.dotsBF16)
    next = end;
  // The tile needs registers for sums, and a vector a whole number of the widest elements.
  constexpr int64_t mostBytes = int64_t(1) << 40;
  bool isPlausible = processor.vectorBits >= 64 && processor.vectorBits <= 1 << 16 &&
                     processor.vectorBits % 64 == 0 && processor.numVectors >= 8 &&
                     processor.numVectors <= 1 << 10 && memoryOperand <= 1 &&
                     processor.l1Bytes <= mostBytes && processor.l2Bytes <= mostBytes &&
                     processor.l3Bytes <= mostBytes;
  if (next != end || !isPlausible)
    return std::nullopt;
  processor.memoryOperand = memoryOperand == 1;
  return processor;
}
