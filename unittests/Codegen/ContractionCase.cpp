//===- ContractionCase.cpp - Random contractions and their exact result ---===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "ContractionCase.h"

#include "llvm/ADT/APFloat.h"
#include "llvm/ADT/APSInt.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <numeric>
#include <sstream>
#include <sys/mman.h>
#include <unistd.h>

namespace tenon::cpu {

GuardedBuffer::GuardedBuffer(int64_t bytes, bool touchesEnd) {
  size_t page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  size_t pages = (static_cast<size_t>(bytes) + page - 1) / page;
  mappedBytes = (pages + 2) * page;
  void *memory =
      mmap(nullptr, mappedBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) {
    std::perror("mmap of a test buffer");
    std::exit(1);
  }
  mapping = static_cast<char *>(memory);
  mprotect(mapping, page, PROT_NONE);
  mprotect(mapping + (pages + 1) * page, page, PROT_NONE);
  start = mapping + page + (touchesEnd ? pages * page - static_cast<size_t>(bytes) : 0);
}

GuardedBuffer::~GuardedBuffer() { munmap(mapping, mappedBytes); }

int64_t elementBytes(mlir::Type type) {
  if (auto complex = mlir::dyn_cast<mlir::ComplexType>(type))
    return 2 * elementBytes(complex.getElementType());
  return std::max<int64_t>(type.getIntOrFloatBitWidth() / 8, 1);
}

void encode(Exact value, mlir::Type type, bool isUnsigned, char *to) {
  if (auto complex = mlir::dyn_cast<mlir::ComplexType>(type)) {
    mlir::Type part = complex.getElementType();
    encode({value.real, 0}, part, isUnsigned, to);
    return encode({value.imag, 0}, part, isUnsigned, to + elementBytes(part));
  }
  uint64_t bits = static_cast<uint64_t>(value.real);
  if (auto real = mlir::dyn_cast<mlir::FloatType>(type)) {
    llvm::APFloat number(real.getFloatSemantics());
    number.convertFromAPInt(llvm::APInt(64, bits), /*IsSigned=*/true,
                            llvm::APFloat::rmNearestTiesToEven);
    bits = number.bitcastToAPInt().getZExtValue();
  } else if (type.isInteger(1)) {
    bits &= 1;
  }
  std::memcpy(to, &bits, static_cast<size_t>(elementBytes(type)));
}

Exact decode(mlir::Type type, bool isUnsigned, const char *from) {
  if (auto complex = mlir::dyn_cast<mlir::ComplexType>(type)) {
    mlir::Type part = complex.getElementType();
    return {decode(part, isUnsigned, from).real,
            decode(part, isUnsigned, from + elementBytes(part)).real};
  }
  uint64_t bits = 0;
  unsigned width = type.getIntOrFloatBitWidth();
  std::memcpy(&bits, from, static_cast<size_t>(elementBytes(type)));
  if (auto real = mlir::dyn_cast<mlir::FloatType>(type)) {
    llvm::APFloat number(real.getFloatSemantics(), llvm::APInt(width, bits));
    llvm::APSInt integer(64, /*isUnsigned=*/false);
    bool exact = false;
    number.convertToInteger(integer, llvm::APFloat::rmTowardZero, &exact);
    return {integer.getSExtValue(), 0};
  }
  llvm::APInt integer(std::max(width, 8u), bits);
  bool extendsZeros = isUnsigned || width == 1;
  return {extendsZeros ? static_cast<int64_t>(integer.getZExtValue()) : integer.getSExtValue(), 0};
}

std::string ContractionCase::describe() const {
  std::ostringstream text;
  const char *names[] = {"batch", "m", "n", "k"};
  for (int group = 0; group < 4; ++group) {
    text << names[group] << ":";
    for (const ContractionDim &dim : shape.groups[group])
      text << " " << dim.extent << "(" << dim.strideA << "," << dim.strideB << "," << dim.strideC
           << ")";
    text << "; ";
  }
  text << "accumulate " << accumulate << ", m [" << words[5] << "," << words[6] << ") n ["
       << words[7] << "," << words[8] << ") batch [" << words[9] << "," << words[10] << ")";
  return text.str();
}

namespace {

int64_t draw(std::mt19937 &random, int64_t bound) {
  return static_cast<int64_t>(random() % static_cast<uint64_t>(bound));
}

/// Strides for the listed dimensions of one operand, and its storage.
void layOut(Operand &operand, mlir::Type type, const std::vector<ContractionDim *> &dims,
            int64_t ContractionDim::*stride, bool mayBroadcast, const CaseOptions &options,
            std::mt19937 &random) {
  operand.type = type;
  std::vector<ContractionDim *> order = dims;
  if (!options.rowMajor)
    for (size_t i = order.size(); i > 1; --i)
      std::swap(order[i - 1], order[static_cast<size_t>(draw(random, static_cast<int64_t>(i)))]);
  int64_t next = 1, lowest = 0, highest = 0;
  for (size_t i = order.size(); i-- > 0;) {
    ContractionDim &dim = *order[i];
    if (mayBroadcast && options.broadcasts && draw(random, 4) == 0) {
      dim.*stride = 0;
      continue;
    }
    bool negative = options.negativeStrides && draw(random, 3) == 0;
    dim.*stride = negative ? -next : next;
    int64_t reach = dim.*stride * std::max<int64_t>(dim.extent - 1, 0);
    (negative ? lowest : highest) += reach;
    next *= std::max<int64_t>(dim.extent, 1);
    if (options.padded && draw(random, 2) == 0)
      next += 1 + draw(random, 3);
  }
  operand.origin = -lowest;
  int64_t count = highest - lowest + 1;
  operand.bytes.resize(static_cast<size_t>(count * elementBytes(type)));
  for (int64_t i = 0; i < count; ++i) {
    bool isBool = type.isInteger(1);
    Exact value{isBool                ? draw(random, 2)
                : options.nonNegative ? draw(random, 7)
                                      : draw(random, 7) - 3,
                draw(random, 5) - 2};
    encode(value, type, false, operand.bytes.data() + i * elementBytes(type));
  }
}

} // namespace

ContractionCase makeCase(const ContractionChoice &choice, const CaseOptions &options,
                         std::mt19937 &random) {
  const ContractionKernelSpec &spec = choice.spec;
  ContractionCase test;
  std::vector<ContractionDim *> inA, inB, inC;
  for (int group = 0; group < 4; ++group)
    for (int64_t extent : options.extents[group])
      test.shape.groups[group].push_back({extent, 0, 0, 0});
  for (int group = 0; group < 4; ++group)
    for (ContractionDim &dim : test.shape.groups[group]) {
      if (group != ContractionShape::N)
        inA.push_back(&dim);
      if (group != ContractionShape::M)
        inB.push_back(&dim);
      if (group != ContractionShape::K)
        inC.push_back(&dim);
    }
  layOut(test.a, spec.typeA, inA, &ContractionDim::strideA, true, options, random);
  layOut(test.b, spec.typeB, inB, &ContractionDim::strideB, true, options, random);
  layOut(test.c, spec.typeC, inC, &ContractionDim::strideC, false, options, random);
  for (ContractionDim &dim : test.shape[ContractionShape::K]) {
    if (options.sameInSteps == 0)
      dim.strideA = 0;
    if (options.sameInSteps == 1)
      dim.strideB = 0;
  }
  test.accumulate = options.accumulate;
  test.words = test.shape.words(options.accumulate, choice.blocks);
  if (options.subRanges)
    for (int64_t word : {5, 7, 9}) {
      int64_t size = test.words[static_cast<size_t>(word) + 1];
      int64_t begin = draw(random, size + 1);
      test.words[static_cast<size_t>(word)] = begin;
      test.words[static_cast<size_t>(word) + 1] = begin + draw(random, size - begin + 1);
    }
  return test;
}

namespace {

/// Offsets (A, B, C) of one point of a group's flattened space.
std::array<int64_t, 3> offsets(const std::vector<ContractionDim> &dims, int64_t point) {
  std::array<int64_t, 3> result{};
  for (size_t i = dims.size(); i-- > 0;) {
    int64_t index = point % dims[i].extent;
    point /= dims[i].extent;
    result[0] += index * dims[i].strideA;
    result[1] += index * dims[i].strideB;
    result[2] += index * dims[i].strideC;
  }
  return result;
}

Exact multiply(Semiring semiring, Exact x, Exact y) {
  switch (semiring) {
  case Semiring::MaxPlus:
  case Semiring::MinPlus:
    return {x.real + y.real, 0};
  case Semiring::OrAnd:
    return {x.real & y.real, 0};
  default:
    return {x.real * y.real - x.imag * y.imag, x.real * y.imag + x.imag * y.real};
  }
}

Exact addUp(Semiring semiring, Exact x, Exact y) {
  switch (semiring) {
  case Semiring::MaxPlus:
  case Semiring::MaxTimes:
    return {std::max(x.real, y.real), 0};
  case Semiring::MinPlus:
    return {std::min(x.real, y.real), 0};
  case Semiring::OrAnd:
    return {x.real | y.real, 0};
  case Semiring::PlusTimes:
    return {x.real + y.real, x.imag + y.imag};
  }
  std::abort();
}

} // namespace

std::vector<char> expectedResult(const ContractionKernelSpec &spec, const ContractionCase &test) {
  std::vector<char> result = test.c.bytes;
  const auto &groups = test.shape.groups;
  const auto &w = test.words;
  int64_t steps = test.shape.size(ContractionShape::K);
  int64_t width = elementBytes(spec.typeC);
  for (int64_t batch = w[9]; batch < w[10]; ++batch)
    for (int64_t m = w[5]; m < w[6]; ++m)
      for (int64_t n = w[7]; n < w[8]; ++n) {
        auto ob = offsets(groups[0], batch), om = offsets(groups[1], m), on = offsets(groups[2], n);
        int64_t position = ob[2] + om[2] + on[2];
        char *target = result.data() + (test.c.origin + position) * width;
        bool any = test.accumulate;
        Exact sum = any ? test.c.at(position, spec.isUnsigned) : Exact{};
        for (int64_t k = 0; k < steps; ++k) {
          auto ok = offsets(groups[3], k);
          Exact x = test.a.at(ob[0] + om[0] + ok[0], spec.isUnsigned);
          Exact y = test.b.at(ob[1] + on[1] + ok[1], spec.isUnsigned);
          x.imag = spec.conjA ? -x.imag : x.imag;
          y.imag = spec.conjB ? -y.imag : y.imag;
          Exact product = multiply(spec.semiring, x, y);
          // Integer products and sums of tropical semirings are compared after they wrap.
          if (spec.typeC == spec.accType && spec.accType.isInteger()) {
            char wrapped[8];
            encode(product, spec.accType, spec.isUnsigned, wrapped);
            product = decode(spec.accType, spec.isUnsigned, wrapped);
          }
          // (max, x) is defined on non-negative values: its empty sum is 0.
          bool zeroCounts = spec.semiring == Semiring::MaxTimes;
          sum = any || zeroCounts ? addUp(spec.semiring, sum, product) : product;
          any = true;
        }
        if (steps == 0 && test.accumulate)
          continue;
        if (!any && (spec.semiring == Semiring::MaxPlus || spec.semiring == Semiring::MinPlus)) {
          // Only used with element types whose infinity or extreme value is written below.
          bool lowest = spec.semiring == Semiring::MaxPlus;
          if (auto real = mlir::dyn_cast<mlir::FloatType>(spec.typeC)) {
            auto bits = llvm::APFloat::getInf(real.getFloatSemantics(), lowest)
                            .bitcastToAPInt()
                            .getZExtValue();
            std::memcpy(target, &bits, static_cast<size_t>(width));
            continue;
          }
          unsigned bits = spec.typeC.getIntOrFloatBitWidth();
          llvm::APInt extreme =
              spec.isUnsigned ? (lowest ? llvm::APInt(bits, 0) : llvm::APInt::getMaxValue(bits))
                              : (lowest ? llvm::APInt::getSignedMinValue(bits)
                                        : llvm::APInt::getSignedMaxValue(bits));
          sum.real = static_cast<int64_t>(extreme.getZExtValue());
        }
        encode(sum, spec.typeC, spec.isUnsigned, target);
      }
  return result;
}

} // namespace tenon::cpu
