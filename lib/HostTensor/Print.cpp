//===- Print.cpp - Host tensors as text -----------------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// The elements that will be shown are formatted first, for the common width, then laid out.
//
//===----------------------------------------------------------------------===//
#include "tenon/HostTensor/Print.h"
#include "tenon/HostTensor/FloatFormat.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace tenon {
namespace {

template <typename T> std::string shortest(T value) {
  char text[64];
  const std::to_chars_result end = std::to_chars(text, text + sizeof(text), value);
  return std::string(text, end.ptr);
}

/// The number of the fewest significant digits that `encode` maps to the same bits.
std::string shortest16(double value, uint16_t (*encode)(double)) {
  for (int digits = 1; digits < 9; ++digits) {
    char text[64];
    const std::to_chars_result end =
        std::to_chars(text, text + sizeof(text), value, std::chars_format::general, digits);
    double back = 0;
    std::from_chars(text, end.ptr, back);
    if (encode(back) == encode(value))
      return shortest(back);
  }
  return shortest(value);
}

std::string formatReal(double value, tenon_dtype dtype) {
  if (std::isnan(value))
    return "nan";
  if (std::isinf(value))
    return value < 0 ? "-inf" : "inf";
  switch (dtype) {
  case TENON_F16:
    return shortest16(value, encodeF16);
  case TENON_BF16:
    return shortest16(value, encodeBF16);
  case TENON_F32:
  case TENON_C64:
    return shortest(static_cast<float>(value));
  default:
    return shortest(value);
  }
}

/// The positions of one dimension that are shown; -1 stands for the gap.
std::vector<int64_t> shownPositions(int64_t extent, bool summarise, int64_t edge) {
  std::vector<int64_t> positions;
  if (!summarise || extent <= 2 * edge) {
    for (int64_t i = 0; i < extent; ++i)
      positions.push_back(i);
    return positions;
  }
  for (int64_t i = 0; i < edge; ++i)
    positions.push_back(i);
  positions.push_back(-1);
  for (int64_t i = extent - edge; i < extent; ++i)
    positions.push_back(i);
  return positions;
}

class Printer {
public:
  Printer(const HostTensor &tensor, const PrintOptions &options)
      : tensor(tensor), edge(std::max<int64_t>(options.edge, 1)),
        summarise(tensor.size() > options.threshold) {}

  std::string print() {
    measure(0, 0);
    lay(0, 0);
    return std::move(text);
  }

private:
  std::string element(int64_t linear) const {
    return formatScalar(tensor.get(linear), tensor.type());
  }

  void measure(size_t dimension, int64_t offset) {
    if (dimension == tensor.shape().size()) {
      width = std::max(width, element(offset).size());
      return;
    }
    const int64_t extent = tensor.shape()[dimension];
    for (int64_t position : shownPositions(extent, summarise, edge))
      if (position >= 0 && tensor.size() > 0)
        measure(dimension + 1, offset * extent + position);
  }

  void lay(size_t dimension, int64_t offset) {
    const size_t rank = tensor.shape().size();
    if (dimension == rank) {
      const std::string item = element(offset);
      text.append(width - item.size(), ' ');
      text += item;
      return;
    }
    const int64_t extent = tensor.shape()[dimension];
    const bool innermost = dimension + 1 == rank;
    text += '[';
    bool first = true;
    for (int64_t position :
         tensor.size() > 0 ? shownPositions(extent, summarise, edge) : std::vector<int64_t>()) {
      if (!first) {
        // Like NumPy: outer dimensions are set apart by blank lines.
        text += innermost ? " " : std::string(rank - 1 - dimension, '\n');
        if (!innermost)
          text.append(dimension + 1, ' ');
      }
      first = false;
      if (position < 0)
        text += "...";
      else
        lay(dimension + 1, offset * extent + position);
    }
    text += ']';
  }

  const HostTensor &tensor;
  int64_t edge;
  bool summarise;
  size_t width = 0;
  std::string text;
};

} // namespace

std::string formatScalar(const Scalar &value, ElementType type) {
  if (const auto *i = std::get_if<int64_t>(&value)) {
    if (type.isBool())
      return *i ? "true" : "false";
    return std::to_string(*i);
  }
  if (const auto *u = std::get_if<uint64_t>(&value))
    return std::to_string(*u);
  if (const auto *c = std::get_if<std::complex<double>>(&value)) {
    std::string imaginary = formatReal(c->imag(), type.dtype);
    if (imaginary.front() != '-')
      imaginary.insert(0, "+");
    return formatReal(c->real(), type.dtype) + imaginary + "j";
  }
  return formatReal(*std::get_if<double>(&value), type.dtype);
}

std::string formatTensor(const HostTensor &tensor, const PrintOptions &options) {
  return Printer(tensor, options).print();
}

} // namespace tenon
