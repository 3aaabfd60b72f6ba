//===- HostTensor.cpp - A tensor that the host owns -----------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Storage and element access.
//
//===----------------------------------------------------------------------===//
#include "tenon/HostTensor/HostTensor.h"
#include "tenon/HostTensor/FloatFormat.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <utility>

namespace tenon {
namespace {

static_assert(std::endian::native == std::endian::little, "Tenon supports little-endian hosts");

constexpr size_t alignment = 64;

template <typename T> T load(const void *base, int64_t index) {
  T value;
  std::memcpy(&value, static_cast<const char *>(base) + index * static_cast<int64_t>(sizeof(T)),
              sizeof(T));
  return value;
}

template <typename T> void store(void *base, int64_t index, T value) {
  std::memcpy(static_cast<char *>(base) + index * static_cast<int64_t>(sizeof(T)), &value,
              sizeof(T));
}

double toDouble(const Scalar &value) {
  if (const auto *i = std::get_if<int64_t>(&value))
    return static_cast<double>(*i);
  if (const auto *u = std::get_if<uint64_t>(&value))
    return static_cast<double>(*u);
  if (const auto *c = std::get_if<std::complex<double>>(&value))
    return c->real();
  return *std::get_if<double>(&value);
}

/// An integer goes to f32 in one rounding, not by way of double.
float toFloat(const Scalar &value) {
  if (const auto *i = std::get_if<int64_t>(&value))
    return static_cast<float>(*i);
  if (const auto *u = std::get_if<uint64_t>(&value))
    return static_cast<float>(*u);
  return static_cast<float>(toDouble(value));
}

/// 64 bits whose low ones are an integer element.
uint64_t toBits(const Scalar &value, unsigned width, bool isUnsigned) {
  if (const auto *i = std::get_if<int64_t>(&value))
    return static_cast<uint64_t>(*i);
  if (const auto *u = std::get_if<uint64_t>(&value))
    return *u;
  const double real = toDouble(value);
  if (std::isnan(real))
    return 0;
  if (isUnsigned) {
    const double limit = std::ldexp(1.0, static_cast<int>(width));
    if (real <= -1.0)
      return 0;
    return real >= limit ? ~uint64_t{0} : static_cast<uint64_t>(std::trunc(real));
  }
  const double limit = std::ldexp(1.0, static_cast<int>(width) - 1);
  if (real >= limit)
    return (uint64_t{1} << (width - 1)) - 1;
  if (real < -limit)
    return ~uint64_t{0} << (width - 1);
  return static_cast<uint64_t>(static_cast<int64_t>(real));
}

bool isTrue(const Scalar &value) {
  if (const auto *i = std::get_if<int64_t>(&value))
    return *i != 0;
  if (const auto *u = std::get_if<uint64_t>(&value))
    return *u != 0;
  if (const auto *c = std::get_if<std::complex<double>>(&value))
    return *c != std::complex<double>(0, 0);
  return *std::get_if<double>(&value) != 0;
}

} // namespace

std::optional<int64_t> countElements(std::span<const int64_t> shape) {
  bool empty = false;
  for (int64_t extent : shape) {
    if (extent < 0)
      return std::nullopt;
    empty |= extent == 0;
  }
  if (empty)
    return 0;
  int64_t count = 1;
  for (int64_t extent : shape)
    if (__builtin_mul_overflow(count, extent, &count))
      return std::nullopt;
  return count;
}

std::string describeType(std::span<const int64_t> shape, ElementType type) {
  std::string text;
  for (int64_t extent : shape)
    text += std::to_string(extent) + "x";
  return text + std::string(type.name());
}

HostTensor::HostTensor() : extents{0} {}

HostTensor::HostTensor(HostTensor &&other)
    : elementType(other.elementType), extents(std::exchange(other.extents, {0})),
      elements(std::exchange(other.elements, 0)), buffer(std::move(other.buffer)) {}

HostTensor &HostTensor::operator=(HostTensor &&other) {
  elementType = other.elementType;
  extents = std::exchange(other.extents, {0});
  elements = std::exchange(other.elements, 0);
  buffer = std::move(other.buffer);
  return *this;
}

Result<HostTensor> HostTensor::zeros(ElementType type, std::span<const int64_t> shape) {
  if (type.byteWidth() == 0)
    return Failure{"element type " + std::to_string(static_cast<int>(type.dtype)) +
                   " is none of those that Tenon knows"};
  const std::optional<int64_t> count = countElements(shape);
  int64_t byteCount = 0;
  if (!count || __builtin_mul_overflow(*count, type.byteWidth(), &byteCount) ||
      byteCount > INT64_MAX - static_cast<int64_t>(alignment))
    return Failure{"a tensor of type " + describeType(shape, type) +
                   " is not possible: extents must not be negative and the size must stay below "
                   "2^63 bytes"};
  HostTensor tensor;
  tensor.elementType = type;
  tensor.extents.assign(shape.begin(), shape.end());
  tensor.elements = *count;
  const size_t rounded = (static_cast<size_t>(byteCount) + alignment - 1) / alignment * alignment;
  tensor.buffer.reset(std::aligned_alloc(alignment, rounded == 0 ? alignment : rounded));
  if (!tensor.buffer)
    return Failure{"out of memory: a tensor of type " + describeType(shape, type) + " needs " +
                   std::to_string(byteCount) + " bytes"};
  std::memset(tensor.buffer.get(), 0, static_cast<size_t>(byteCount));
  return tensor;
}

Result<HostTensor> HostTensor::fromValues(ElementType type, std::span<const int64_t> shape,
                                          std::span<const Scalar> values) {
  Result<HostTensor> tensor = zeros(type, shape);
  if (!tensor)
    return tensor;
  if (tensor->size() != static_cast<int64_t>(values.size()))
    return Failure{"a tensor of type " + describeType(shape, type) + " has " +
                   std::to_string(tensor->size()) + " elements, but " +
                   std::to_string(values.size()) + " values were given"};
  for (int64_t i = 0; i < tensor->size(); ++i)
    tensor->set(i, values[static_cast<size_t>(i)]);
  return tensor;
}

Result<HostTensor> HostTensor::clone() const {
  Result<HostTensor> copy = zeros(elementType, extents);
  if (copy && !bytes().empty())
    std::memcpy(copy->data(), data(), bytes().size());
  return copy;
}

std::span<const std::byte> HostTensor::bytes() const {
  return {static_cast<const std::byte *>(buffer.get()),
          static_cast<size_t>(elements * elementType.byteWidth())};
}

std::span<std::byte> HostTensor::bytes() {
  return {static_cast<std::byte *>(buffer.get()),
          static_cast<size_t>(elements * elementType.byteWidth())};
}

Scalar HostTensor::get(int64_t index) const {
  TENON_ASSERT(index >= 0 && index < elements, "element position within the tensor");
  const void *base = buffer.get();
  switch (elementType.dtype) {
  case TENON_F16:
    return decodeF16(load<uint16_t>(base, index));
  case TENON_BF16:
    return decodeBF16(load<uint16_t>(base, index));
  case TENON_F32:
    return static_cast<double>(load<float>(base, index));
  case TENON_F64:
    return load<double>(base, index);
  case TENON_C64: {
    const auto value = load<std::complex<float>>(base, index);
    return std::complex<double>(value.real(), value.imag());
  }
  case TENON_C128:
    return load<std::complex<double>>(base, index);
  case TENON_BOOL:
    return static_cast<int64_t>(load<uint8_t>(base, index) != 0);
  case TENON_I8:
    return elementType.isUnsigned ? Scalar(uint64_t{load<uint8_t>(base, index)})
                                  : Scalar(int64_t{load<int8_t>(base, index)});
  case TENON_I16:
    return elementType.isUnsigned ? Scalar(uint64_t{load<uint16_t>(base, index)})
                                  : Scalar(int64_t{load<int16_t>(base, index)});
  case TENON_I32:
    return elementType.isUnsigned ? Scalar(uint64_t{load<uint32_t>(base, index)})
                                  : Scalar(int64_t{load<int32_t>(base, index)});
  case TENON_I64:
    return elementType.isUnsigned ? Scalar(uint64_t{load<uint64_t>(base, index)})
                                  : Scalar(int64_t{load<int64_t>(base, index)});
  }
  return Scalar(int64_t{0});
}

void HostTensor::set(int64_t index, const Scalar &value) {
  TENON_ASSERT(index >= 0 && index < elements, "element position within the tensor");
  void *base = buffer.get();
  const unsigned width = elementType.integerBits();
  const bool isUnsigned = elementType.isUnsigned;
  switch (elementType.dtype) {
  case TENON_F16:
    return store(base, index, encodeF16(toDouble(value)));
  case TENON_BF16:
    return store(base, index, encodeBF16(toDouble(value)));
  case TENON_F32:
    return store(base, index, toFloat(value));
  case TENON_F64:
    return store(base, index, toDouble(value));
  case TENON_C64:
  case TENON_C128: {
    std::complex<double> pair(toDouble(value), 0);
    if (const auto *c = std::get_if<std::complex<double>>(&value))
      pair = *c;
    if (elementType.dtype == TENON_C128)
      return store(base, index, pair);
    return store(
        base, index,
        std::complex<float>(static_cast<float>(pair.real()), static_cast<float>(pair.imag())));
  }
  case TENON_BOOL:
    return store(base, index, static_cast<uint8_t>(isTrue(value)));
  case TENON_I8:
    return store(base, index, static_cast<uint8_t>(toBits(value, width, isUnsigned)));
  case TENON_I16:
    return store(base, index, static_cast<uint16_t>(toBits(value, width, isUnsigned)));
  case TENON_I32:
    return store(base, index, static_cast<uint32_t>(toBits(value, width, isUnsigned)));
  case TENON_I64:
    return store(base, index, toBits(value, width, isUnsigned));
  }
}

int64_t HostTensor::linearIndex(std::span<const int64_t> indices) const {
  TENON_ASSERT(indices.size() == extents.size(), "one index per dimension");
  int64_t linear = 0;
  for (size_t d = 0; d < extents.size(); ++d) {
    TENON_ASSERT(indices[d] >= 0 && indices[d] < extents[d], "index within its extent");
    linear = linear * extents[d] + indices[d];
  }
  return linear;
}

Status HostTensor::reshape(std::span<const int64_t> shape) {
  const std::optional<int64_t> count = countElements(shape);
  if (!count || *count != elements)
    return Failure{"cannot give a tensor of type " + describeType(extents, elementType) +
                   " the shape of " + describeType(shape, elementType) +
                   ": the numbers of elements differ"};
  extents.assign(shape.begin(), shape.end());
  return {};
}

void HostTensor::setUnsigned(bool isUnsigned) {
  TENON_ASSERT(elementType.isInteger(), "only integers of 8 bits and more have two readings");
  elementType.isUnsigned = isUnsigned;
}

} // namespace tenon
