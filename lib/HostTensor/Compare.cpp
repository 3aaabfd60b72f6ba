//===- Compare.cpp - How far two host tensors are apart -------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Differences are taken in double, but for integers, whose difference is exact.
//
//===----------------------------------------------------------------------===//
#include "tenon/HostTensor/Compare.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

namespace tenon {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

std::complex<double> toComplex(const Scalar &value) {
  return std::visit([](auto number) { return std::complex<double>(number); }, value);
}

double difference(double a, double b) {
  if (a == b || (std::isnan(a) && std::isnan(b)))
    return 0;
  const double distance = std::fabs(a - b);
  return std::isnan(distance) ? infinity : distance;
}

double difference(const Scalar &a, const Scalar &b) {
  const auto *i = std::get_if<int64_t>(&a);
  const auto *j = std::get_if<int64_t>(&b);
  if (i && j)
    return static_cast<double>(*i > *j ? static_cast<uint64_t>(*i) - static_cast<uint64_t>(*j)
                                       : static_cast<uint64_t>(*j) - static_cast<uint64_t>(*i));
  const auto *u = std::get_if<uint64_t>(&a);
  const auto *v = std::get_if<uint64_t>(&b);
  if (u && v)
    return static_cast<double>(*u > *v ? *u - *v : *v - *u);
  const std::complex<double> x = toComplex(a), y = toComplex(b);
  return std::hypot(difference(x.real(), y.real()), difference(x.imag(), y.imag()));
}

} // namespace

bool bitwiseEqual(const HostTensor &a, const HostTensor &b) {
  return a.type() == b.type() && std::ranges::equal(a.shape(), b.shape()) &&
         std::ranges::equal(a.bytes(), b.bytes());
}

Result<Comparison> compare(const HostTensor &actual, const HostTensor &expected) {
  if (!std::ranges::equal(actual.shape(), expected.shape()))
    return Failure{"cannot compare a tensor of type " +
                   describeType(actual.shape(), actual.type()) + " with one of type " +
                   describeType(expected.shape(), expected.type()) + ": the shapes differ"};
  Comparison result;
  double errorNorm = 0, expectedNorm = 0;
  for (int64_t i = 0; i < actual.size(); ++i) {
    const Scalar reference = expected.get(i);
    const double error = difference(actual.get(i), reference);
    const double magnitude = std::abs(toComplex(reference));
    errorNorm = std::hypot(errorNorm, error);
    if (std::isfinite(magnitude))
      expectedNorm = std::hypot(expectedNorm, magnitude);
    if (error == 0)
      continue;
    if (error > result.maxAbsolute || result.worst < 0) {
      result.maxAbsolute = error;
      result.worst = i;
    }
    const double relative = std::isfinite(error) && magnitude != 0 ? error / magnitude : infinity;
    result.maxRelative = std::max(result.maxRelative, std::isnan(relative) ? infinity : relative);
  }
  if (errorNorm != 0)
    result.normwise = expectedNorm == 0 ? infinity : errorNorm / expectedNorm;
  return result;
}

} // namespace tenon
