//===- Scaling.cpp - Exponents of intermediates -----------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Scaling.h"

#include "ElementType.h"

#include <algorithm>
#include <cmath>

using namespace tenon::runtime;

namespace {

/// Bytes of the arena, or all of an argument or constant, that a view may touch.
struct Region {
  Base base;
  int32_t index;
  int64_t begin, end;

  bool overlaps(const Region &other) const {
    return base == other.base && index == other.index && begin < other.end && other.begin < end;
  }
  bool covers(const Region &other) const { return begin <= other.begin && other.end <= end; }
};

int64_t countElements(const ScheduleImage &image, const View &view) {
  int64_t count = 1;
  for (const ViewDim &dim : image.dims(view))
    count *= dim.extent;
  return count;
}

/// The region of a view of a schedule without loops; an argument counts as a whole.
Region regionOf(const ScheduleImage &image, const View &view) {
  Region region{view.base, view.baseIndex, 0, 1};
  if (view.base != Base::Arena)
    return region;
  int64_t low = 0, high = 1;
  for (const ViewDim &dim : image.dims(view))
    (dim.factor < 0 ? low : high) += dim.factor * (dim.extent - 1);
  for (const OffsetTerm &term : image.terms(view)) {
    low += term.factor;
    high += term.factor;
  }
  int64_t bytes = findElementType(view.dtype)->bytes;
  region.begin = view.byteOffset + low * bytes;
  region.end = view.byteOffset + high * bytes;
  return region;
}

/// Whether a view has every byte of its region; of an output, every element.
bool isWhole(const ScheduleImage &image, const View &view, const Region &region) {
  int64_t count = countElements(image, view);
  if (view.base == Base::Arena)
    return region.end - region.begin == count * findElementType(view.dtype)->bytes;
  const Argument &argument = image.arguments()[image.argumentOf(view)];
  int64_t all = 1;
  for (int64_t extent : image.extents(argument))
    all *= extent;
  return argument.dtype == view.dtype && count == all;
}

bool isScalable(int32_t dtype) {
  return dtype == TENON_F32 || dtype == TENON_F64 || dtype == TENON_C64 || dtype == TENON_C128;
}

NumberRange numbersOf(const ScheduleImage &image, const View &view, const Region &region) {
  bool isComplex = view.dtype == TENON_C64 || view.dtype == TENON_C128;
  auto count = static_cast<uint64_t>(countElements(image, view));
  bool isSingle = view.dtype == TENON_F32 || view.dtype == TENON_C64;
  return {region.begin, isComplex ? 2 * count : count, isSingle ? TENON_F32 : TENON_F64};
}

bool isZero(const Step &step) {
  return std::all_of(std::begin(step.fill), std::end(step.fill),
                     [](uint8_t byte) { return byte == 0; });
}

/// The operands that a step reads, and the one that it writes.
struct Access {
  std::span<const int32_t> read;
  int32_t written;
  bool isPossible;
};

Access accessOf(const ScheduleImage &image, const Step &step) {
  std::span<const int32_t> operands = image.operands(step);
  switch (step.kind) {
  case StepKind::CallContraction:
    return {operands.first(2), operands[2], step.accumulate == 0};
  case StepKind::Copy:
    return {operands.first(1), operands[1], true};
  case StepKind::Fill:
    return {{}, operands[0], isZero(step)};
  case StepKind::CallViews:
    // One operand and the result: a sum, a conjugation, a conversion.
    if (operands.size() == 2)
      return {operands.first(1), operands[1], true};
    break;
  default:
    break;
  }
  return {{}, 0, false};
}

} // namespace

bool ScalingPlan::prepare(const ScheduleImage &image) {
  uint64_t count = image.steps().size(), numInputs = image.header().numInputs;
  Array<Region> written;
  if (!reads.allocate(count * kReads) || !rescaled.allocate(count) ||
      !outputs.allocate(image.arguments().size() - numInputs) || !written.allocate(count))
    return false;
  std::span<const View> views = image.views();
  std::fill(reads.begin(), reads.end(), -1);
  std::fill(outputs.begin(), outputs.end(), -1);
  for (uint64_t number = 0; number < count; ++number) {
    const Step &step = image.steps()[number];
    Access access = accessOf(image, step);
    if (!access.isPossible)
      return true;
    for (uint64_t i = 0; i < access.read.size(); ++i) {
      const View &view = views[static_cast<size_t>(access.read[i])];
      if (!isScalable(view.dtype))
        return true;
      if (view.base == Base::Input || view.base == Base::Constant || image.isEmpty(view))
        continue;
      Region region = regionOf(image, view);
      uint64_t writer = number;
      while (writer > 0 && !written[writer - 1].overlaps(region))
        --writer;
      if (writer == 0 || !written[writer - 1].covers(region))
        return true;
      // Outputs are brought into the window at the end only.
      if (view.base == Base::Output)
        return true;
      reads[number * kReads + i] = static_cast<int64_t>(writer - 1);
    }
    const View &result = views[static_cast<size_t>(access.written)];
    if (image.isEmpty(result)) {
      written[number] = Region{Base::Input, -1, 0, 0};
      continue;
    }
    written[number] = regionOf(image, result);
    if (!isScalable(result.dtype) || !isWhole(image, result, written[number]))
      return true;
    if (result.base == Base::Output)
      outputs[static_cast<uint64_t>(result.baseIndex)] = static_cast<int64_t>(number);
    else if (step.kind == StepKind::CallContraction)
      rescaled[number] = numbersOf(image, result, written[number]);
  }
  possible = true;
  return true;
}

namespace {

/// Sixteen at a time, as one maximum would wait for the one before. NaN is passed over.
template <typename T> T findLargest(const T *values, uint64_t count) {
  constexpr uint64_t lanes = 16;
  T largest[lanes] = {};
  uint64_t i = 0;
  for (; i + lanes <= count; i += lanes)
    for (uint64_t lane = 0; lane < lanes; ++lane) {
      T magnitude = std::fabs(values[i + lane]);
      largest[lane] = magnitude > largest[lane] ? magnitude : largest[lane];
    }
  T result = 0;
  for (; i < count; ++i)
    result = std::fabs(values[i]) > result ? std::fabs(values[i]) : result;
  for (T one : largest)
    result = one > result ? one : result;
  return result;
}

/// Exponents in the window stay: the product of two such numbers, and a sum of 2^20 of these, are
/// within the range. The wider it is, the fewer intermediates lose their smallest elements.
template <typename T> constexpr int kWindow = sizeof(T) == sizeof(float) ? 50 : 500;

template <typename T> void multiplyByPower(T *values, uint64_t count, int exponent) {
  // In two factors, as one may itself be out of range.
  int half = exponent / 2;
  T first = std::ldexp(T(1), half), second = std::ldexp(T(1), exponent - half);
  for (uint64_t i = 0; i < count; ++i)
    values[i] = values[i] * first * second;
}

template <typename T> int64_t rescaleNumbers(T *values, uint64_t count) {
  T largest = findLargest(values, count);
  if (largest == 0 || !std::isfinite(largest))
    return 0;
  int exponent = 0;
  (void)std::frexp(largest, &exponent);
  if (exponent >= -kWindow<T> && exponent <= kWindow<T>)
    return 0;
  multiplyByPower(values, count, -exponent);
  return exponent;
}

} // namespace

int64_t tenon::runtime::rescale(int32_t dtype, void *data, uint64_t count) {
  return dtype == TENON_F32 ? rescaleNumbers(static_cast<float *>(data), count)
                            : rescaleNumbers(static_cast<double *>(data), count);
}

namespace {

/// Calls `action(first, count)` for runs of numbers that lie side by side; `Number` is float or
/// double.
template <typename Number, typename Action>
void forEachRun(const tenon_tensor &tensor, int64_t parts, Action action) {
  int64_t strides[kMaxRank], position[kMaxRank] = {};
  int64_t dense = 1;
  int32_t rank = tensor.rank;
  for (int32_t dim = rank; dim-- > 0;) {
    if (tensor.extents[dim] == 0)
      return;
    strides[dim] = tensor.strides ? tensor.strides[dim] : dense;
    dense *= tensor.extents[dim];
  }
  // The innermost dimensions that are contiguous are one run.
  int64_t run = 1;
  while (rank > 0 && (tensor.extents[rank - 1] == 1 || strides[rank - 1] == run))
    run *= tensor.extents[--rank];
  auto *number = static_cast<Number *>(tensor.data);
  while (true) {
    action(number, static_cast<uint64_t>(run * parts));
    int32_t dim = rank;
    while (dim-- > 0) {
      number += strides[dim] * parts;
      if (++position[dim] < tensor.extents[dim])
        break;
      number -= strides[dim] * parts * tensor.extents[dim];
      position[dim] = 0;
    }
    if (dim < 0)
      return;
  }
}

template <typename Number> int64_t exponentOf(const tenon_tensor &tensor, int64_t parts) {
  Number largest = 0;
  forEachRun<Number>(tensor, parts, [&](const Number *numbers, uint64_t count) {
    Number found = findLargest(numbers, count);
    largest = found > largest ? found : largest;
  });
  int exponent = 0;
  if (largest != 0 && std::isfinite(largest))
    (void)std::frexp(largest, &exponent);
  return exponent;
}

template <typename Number>
void divide(const tenon_tensor &tensor, int64_t parts, int64_t exponent) {
  forEachRun<Number>(tensor, parts, [&](Number *numbers, uint64_t count) {
    multiplyByPower(numbers, count, static_cast<int>(-exponent));
  });
}

} // namespace

int64_t tenon::runtime::exponentOfLargest(const tenon_tensor &tensor) {
  switch (tensor.dtype) {
  case TENON_F32:
  case TENON_C64:
    return exponentOf<float>(tensor, tensor.dtype == TENON_C64 ? 2 : 1);
  case TENON_F64:
  case TENON_C128:
    return exponentOf<double>(tensor, tensor.dtype == TENON_C128 ? 2 : 1);
  default:
    return 0;
  }
}

int64_t tenon::runtime::normalize(const tenon_tensor &tensor) {
  int64_t exponent = exponentOfLargest(tensor);
  if (exponent == 0)
    return 0;
  if (tensor.dtype == TENON_F32 || tensor.dtype == TENON_C64)
    divide<float>(tensor, tensor.dtype == TENON_C64 ? 2 : 1, exponent);
  else
    divide<double>(tensor, tensor.dtype == TENON_C128 ? 2 : 1, exponent);
  return exponent;
}

bool tenon::runtime::isInWindow(const tenon_tensor &tensor) {
  bool isSingle = tensor.dtype == TENON_F32 || tensor.dtype == TENON_C64;
  int64_t exponent = exponentOfLargest(tensor),
          window = isSingle ? kWindow<float> : kWindow<double>;
  return exponent >= -window && exponent <= window;
}
