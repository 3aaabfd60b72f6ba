//===- CheckResults.cpp - Compiled code against the interpreter -----------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "CheckResults.h"

#include "Magnitude.h"

#include "tenon/HostTensor/Compare.h"

#include "llvm/Support/Format.h"

#include <cmath>

using namespace mlir;
using namespace tenon;
using namespace tenon::run;

/// What results may differ by, in unit roundoffs of their type, relative to their norm, where no
/// bound is derived. A convention.
static constexpr double kConventionalRoundoffs = 1024;
/// The magnitudes themselves are rounded: the interpreter takes at most 2^33 operations, each with
/// a relative error of 2^-53, and exp(2^-20) - 1 < 2^-19.
static constexpr double kMagnitudeError = 0x1p-19;

static double getUnitRoundoff(ElementType type) {
  switch (type.dtype) {
  case TENON_F16:
    return 0x1p-11;
  case TENON_BF16:
    return 0x1p-8;
  case TENON_F32:
  case TENON_C64:
    return 0x1p-24;
  default:
    return 0x1p-53;
  }
}

static std::complex<double> getComplex(const HostTensor &tensor, int64_t i) {
  Scalar value = tensor.get(i);
  if (auto *complex = std::get_if<std::complex<double>>(&value))
    return *complex;
  return std::get<double>(value);
}

/// |a - b|; 0 for equal infinities and pairs of NaN.
static double getDistance(std::complex<double> a, std::complex<double> b) {
  auto part = [](double x, double y) {
    if (x == y || (std::isnan(x) && std::isnan(y)))
      return 0.0;
    double difference = std::abs(x - y);
    return std::isnan(difference) ? INFINITY : difference;
  };
  return std::hypot(part(a.real(), b.real()), part(a.imag(), b.imag()));
}

namespace {
/// How the elements of one result stand to their bounds.
struct Verdict {
  double largestError = 0, itsBound = 0;
  int64_t outside = 0, first = -1;
};
} // namespace

/// What a bound allows two evaluations to differ by, relative to the magnitude.
static double getRelativeAllowance(const RoundingBound &bound) {
  return 2 * std::expm1(bound.relative) / (1 - kMagnitudeError);
}

/// What a bound allows two evaluations to differ by at one element.
static double getAllowance(const RoundingBound &bound, int64_t i) {
  double magnitude = static_cast<const double *>(bound.magnitude.data())[i];
  // Below the least magnitude there is nothing: the tropical zero is exact.
  return magnitude > 0 ? getRelativeAllowance(bound) * magnitude : 0;
}

/// Each product may underflow; what is lost, at most the smallest subnormal or what dots of bf16
/// take for 0, is multiplied by the factors that are still to come, and rounded like the rest.
static double getUnderflow(const RoundingBound &bound, int64_t i) {
  return 2 * static_cast<double>(bound.products) * bound.smallest * std::exp(bound.relative) *
         static_cast<const double *>(bound.magnitude.data())[i];
}

static Verdict judge(const HostTensor &compiled, const HostTensor &expected,
                     const RoundingBound &bound, const RoundingBound *underflow) {
  Verdict verdict;
  for (int64_t i = 0; i < compiled.size(); ++i) {
    double error = getDistance(getComplex(compiled, i), getComplex(expected, i));
    double allowed = getAllowance(bound, i) + (underflow ? getUnderflow(*underflow, i) : 0);
    if (error > verdict.largestError || verdict.itsBound == 0) {
      verdict.largestError = error;
      verdict.itsBound = allowed;
    }
    // A bound that is no number bounds nothing.
    if (error == 0 || (error <= allowed && std::isfinite(allowed)))
      continue;
    if (verdict.outside++ == 0)
      verdict.first = i;
  }
  return verdict;
}

static bool reportExact(const HostTensor &compiled, const HostTensor &expected,
                        raw_ostream &report) {
  if (bitwiseEqual(compiled, expected)) {
    report << "equal\n";
    return true;
  }
  int64_t first = 0;
  while (compiled.get(first) == expected.get(first))
    ++first;
  report << "MISMATCH: element " << first << " differs; integers and booleans must be equal\n";
  return false;
}

static bool reportConventional(const HostTensor &compiled, const HostTensor &expected,
                               StringRef reason, raw_ostream &report) {
  Result<Comparison> comparison = compare(compiled, expected);
  double allowed = kConventionalRoundoffs * getUnitRoundoff(compiled.type());
  bool agrees = comparison && comparison->normwise <= allowed;
  report << (agrees ? "agrees" : "MISMATCH") << ": normwise error "
         << llvm::format("%.3g, convention %.3g", comparison ? comparison->normwise : INFINITY,
                         allowed)
         << " (" << reason << ")\n";
  return agrees;
}

static bool reportBounded(const Verdict &verdict, const RoundingBound &bound,
                          const HostTensor &compiled, raw_ostream &report) {
  bool agrees = verdict.outside == 0;
  report << (agrees ? "agrees" : "MISMATCH")
         << llvm::format(": max error %.3g, bound there %.3g", verdict.largestError,
                         verdict.itsBound);
  // Such a bound holds for the worst case, and results without a correct digit are inside.
  if (agrees && getRelativeAllowance(bound) > 1)
    report << llvm::format(", which says little: it is %.3g times the magnitude",
                           getRelativeAllowance(bound));
  if (!agrees)
    report << "; " << verdict.outside << " of " << compiled.size()
           << " elements outside their bounds, first " << verdict.first;
  report << '\n';
  return agrees;
}

bool run::checkResults(func::FuncOp function, ArrayRef<HostTensor> arguments,
                       ArrayRef<HostTensor> compiled, ArrayRef<HostTensor> expected,
                       raw_ostream &report) {
  llvm::Expected<std::vector<RoundingBound>> bounds = boundRounding(function, arguments, 0);
  std::string reason = bounds ? "" : llvm::toString(bounds.takeError());
  bool allAgree = true;
  for (unsigned number = 0; number < compiled.size(); ++number) {
    const HostTensor &actual = compiled[number], &wanted = expected[number];
    report << "check: result " << number << ": ";
    if (!std::ranges::equal(actual.shape(), wanted.shape())) {
      report << "MISMATCH: shape " << describeType(actual.shape(), actual.type()) << ", expected "
             << describeType(wanted.shape(), wanted.type()) << '\n';
      allAgree = false;
    } else if (!actual.type().isFloat() && !actual.type().isComplex()) {
      allAgree &= reportExact(actual, wanted, report);
    } else if (!reason.empty()) {
      allAgree &= reportConventional(actual, wanted, reason, report);
    } else if (RoundingBound &bound = (*bounds)[number];
               !std::isfinite(getRelativeAllowance(bound))) {
      allAgree &= reportConventional(actual, wanted, "its bound exceeds all numbers", report);
    } else {
      Verdict verdict = judge(actual, wanted, bound, nullptr);
      if (verdict.outside > 0) {
        // Underflow, if anything, explains it. It takes another interpretation to bound it.
        llvm::Expected<std::vector<RoundingBound>> underflow =
            boundRounding(function, arguments, 1);
        if (underflow)
          verdict = judge(actual, wanted, bound, &(*underflow)[number]);
        else
          llvm::consumeError(underflow.takeError());
      }
      allAgree &= reportBounded(verdict, bound, actual, report);
    }
  }
  return allAgree;
}
