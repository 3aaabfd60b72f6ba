//===- ArgumentCheck.cpp - Checks of what the caller passes ---------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "ArgumentCheck.h"

#include "ElementType.h"

#include <algorithm>
#include <cstring>

using namespace tenon::runtime;

namespace {
/// "f32[4,5]", cut after some dimensions.
struct ShapeText {
  ShapeText(int64_t dtype, std::span<const int64_t> extents) {
    append("%s[", elementTypeName(dtype));
    constexpr size_t shown = 16;
    for (size_t i = 0; i < extents.size() && i < shown; ++i)
      append(i ? ",%lld" : "%lld", static_cast<long long>(extents[i]));
    append(extents.size() > shown ? ",... rank %zu]" : "]", extents.size());
  }
  const char *c_str() const { return text; }

private:
  template <typename... Values> void append(const char *format, Values... values) {
    if (length < sizeof(text))
      length += static_cast<size_t>(
          std::snprintf(text + length, sizeof(text) - length, format, values...));
  }
  char text[400];
  size_t length = 0;
};

/// "input" and its number, or "output" and its number.
struct ArgumentName {
  ArgumentName(const Program &program, uint64_t number) {
    uint64_t inputs = program.image.header().numInputs;
    bool isInput = number < inputs;
    kind = isInput ? "input" : "output";
    index = isInput ? number : number - inputs;
  }
  const char *kind;
  unsigned long long index;
};
} // namespace

/// The caller may have stored any number, which a C++ enumeration may not hold.
static int32_t elementTypeOf(const tenon_tensor &tensor) {
  int32_t number;
  static_assert(sizeof(number) == sizeof(tensor.dtype));
  std::memcpy(&number, &tensor.dtype, sizeof(number));
  return number;
}

static bool isEmpty(std::span<const int64_t> extents) {
  return std::find(extents.begin(), extents.end(), 0) != extents.end();
}

static tenon_status checkArgument(const Program &program, uint64_t number,
                                  const tenon_tensor &tensor, ErrorText &error) {
  const Argument &expected = program.image.arguments()[number];
  std::span<const int64_t> extents = program.image.extents(expected);
  ArgumentName name(program, number);
  auto rank = static_cast<size_t>(expected.rank);
  bool readable =
      tensor.rank >= 0 && tensor.rank <= kMaxRank && (tensor.rank == 0 || tensor.extents);
  if (!readable)
    return error.fail(TENON_INVALID_ARGUMENT, "%s %llu: rank %d with %s extents; expected %s",
                      name.kind, name.index, tensor.rank, tensor.extents ? "some" : "no",
                      ShapeText(expected.dtype, extents).c_str());
  if (elementTypeOf(tensor) != expected.dtype || tensor.rank != expected.rank ||
      !std::equal(extents.begin(), extents.end(), tensor.extents))
    return error.fail(
        TENON_INVALID_ARGUMENT, "%s %llu: found %s, expected %s", name.kind, name.index,
        ShapeText(elementTypeOf(tensor), {tensor.extents, static_cast<size_t>(tensor.rank)})
            .c_str(),
        ShapeText(expected.dtype, {extents.data(), rank}).c_str());
  if (!tensor.data && !isEmpty(extents))
    return error.fail(TENON_INVALID_ARGUMENT, "%s %llu: data is NULL, expected %s", name.kind,
                      name.index, ShapeText(expected.dtype, extents).c_str());
  int32_t alignment = findElementType(expected.dtype)->alignment;
  if (reinterpret_cast<uintptr_t>(tensor.data) % static_cast<uintptr_t>(alignment) != 0)
    return error.fail(TENON_INVALID_ARGUMENT,
                      "%s %llu: data is at %p, expected a multiple of %d; copy the array",
                      name.kind, name.index, tensor.data, alignment);
  return TENON_OK;
}

tenon_status tenon::runtime::checkArguments(const Program &program, const CallArguments &arguments,
                                            Array<int64_t> &strides, ErrorText &error) {
  auto numInputs = static_cast<int64_t>(program.image.header().numInputs);
  int64_t numOutputs = static_cast<int64_t>(program.image.arguments().size()) - numInputs;
  if (arguments.numInputs != numInputs || arguments.numOutputs != numOutputs)
    return error.fail(
        TENON_INVALID_ARGUMENT, "found %lld inputs and %lld outputs, expected %lld and %lld",
        static_cast<long long>(arguments.numInputs), static_cast<long long>(arguments.numOutputs),
        static_cast<long long>(numInputs), static_cast<long long>(numOutputs));
  if ((numInputs > 0 && !arguments.inputs) || (numOutputs > 0 && !arguments.outputs))
    return error.fail(TENON_INVALID_ARGUMENT, "the array of %s is NULL",
                      numInputs > 0 && !arguments.inputs ? "inputs" : "outputs");
  for (uint64_t number = 0; number < program.image.arguments().size(); ++number) {
    const tenon_tensor &tensor = arguments[number];
    if (tenon_status status = checkArgument(program, number, tensor, error))
      return status;
    int64_t *own = strides.data() + program.firstStride[number];
    if (tensor.strides) {
      std::copy(tensor.strides, tensor.strides + tensor.rank, own);
      continue;
    }
    // Modulo 2^64: in an empty array the other extents may be anything.
    uint64_t stride = 1;
    for (int32_t dim = tensor.rank; dim-- > 0;) {
      own[dim] = static_cast<int64_t>(stride);
      stride *= static_cast<uint64_t>(tensor.extents[dim] ? tensor.extents[dim] : 1);
    }
  }
  return TENON_OK;
}

/// Whether each stride exceeds the span of all smaller ones, for dimensions sorted by stride. Then
/// no two elements meet. (Arrays that interleave without meeting exist and are refused: telling
/// them apart is NP-hard, and no array library makes them by slicing and transposing.)
static bool areStridesNested(std::pair<int64_t, int64_t> *dims, int32_t rank) {
  std::sort(dims, dims + rank);
  int64_t span = 0;
  for (int32_t i = 0; i < rank; ++i) {
    auto [stride, extent] = dims[i];
    if (stride <= span)
      return false;
    span += stride * (extent - 1);
  }
  return true;
}

tenon_status tenon::runtime::checkStrides(const Program &program, const Array<int64_t> &strides,
                                          ErrorText &error) {
  constexpr int64_t maxSpan = int64_t(1) << 60; // bytes; leaves room for sums in 64 bits
  for (uint64_t number = 0; number < program.image.arguments().size(); ++number) {
    const Argument &argument = program.image.arguments()[number];
    std::span<const int64_t> extents = program.image.extents(argument);
    if (isEmpty(extents))
      continue;
    ArgumentName name(program, number);
    bool isOutput = number >= program.image.header().numInputs;
    std::pair<int64_t, int64_t> dims[kMaxRank]; // size of the stride, extent
    int32_t rank = 0;
    __int128 span = 0;
    for (size_t dim = 0; dim < extents.size(); ++dim) {
      if (extents[dim] == 1)
        continue;
      int64_t stride = strides[program.firstStride[number] + dim];
      __int128 size = stride < 0 ? -__int128(stride) : stride;
      span += size * (extents[dim] - 1) * findElementType(argument.dtype)->bytes;
      if (size > maxSpan || span > maxSpan)
        return error.fail(TENON_INVALID_ARGUMENT,
                          "%s %llu: stride %lld of dimension %zu (extent %lld) leaves the address "
                          "space",
                          name.kind, name.index, static_cast<long long>(stride), dim,
                          static_cast<long long>(extents[dim]));
      if (isOutput && stride == 0)
        return error.fail(TENON_INVALID_ARGUMENT,
                          "output %llu: dimension %zu of extent %lld has stride 0, which puts its "
                          "elements at one address; expected a stride of at least 1",
                          name.index, dim, static_cast<long long>(extents[dim]));
      dims[rank++] = {static_cast<int64_t>(size), extents[dim]};
    }
    if (isOutput && !areStridesNested(dims, rank))
      return error.fail(TENON_INVALID_ARGUMENT,
                        "output %llu: its strides put several elements at one address, or "
                        "interleave dimensions; expected each stride to exceed the span of the "
                        "smaller ones",
                        name.index);
  }
  return TENON_OK;
}
