//===- Compare.cpp - Whether results are what they must be ----------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Compare.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"

#include <cmath>
#include <cstring>

using namespace tenon;
using namespace tenon::fuzz;

namespace {
/// How two elements stand to each other.
enum class Relation {
  Agree,
  Differ,
  Unknown ///< either could be right
};

/// The verdict on one result, element by element.
struct Tally {
  int64_t known = 0, unknown = 0;
  int64_t worst = -1;
  double worstExcess = -1; ///< difference less what is allowed
  double worstAllowed = 0;

  void differ(int64_t i, double distance, double allowed) {
    ++known;
    double excess = std::isfinite(distance) ? distance - allowed : INFINITY;
    if (worst >= 0 && excess <= worstExcess)
      return;
    worst = i;
    worstExcess = excess;
    worstAllowed = allowed;
  }
};
} // namespace

static std::complex<double> asComplex(const Scalar &value) {
  return std::visit([](auto number) { return std::complex<double>(number); }, value);
}

static bool isFinite(std::complex<double> value) {
  return std::isfinite(value.real()) && std::isfinite(value.imag());
}
static bool isNaN(std::complex<double> value) {
  return std::isnan(value.real()) || std::isnan(value.imag());
}

bool fuzz::isFinite(const HostTensor &tensor) {
  if (!tensor.type().isFloat() && !tensor.type().isComplex())
    return true;
  for (int64_t i = 0; i < tensor.size(); ++i)
    if (!::isFinite(asComplex(tensor.get(i))))
      return false;
  return true;
}

llvm::SmallVector<HostTensor> fuzz::cloneAll(llvm::ArrayRef<HostTensor> tensors) {
  llvm::SmallVector<HostTensor> copies;
  for (const HostTensor &tensor : tensors) {
    Result<HostTensor> copy = tensor.clone();
    if (!copy)
      return {};
    copies.push_back(std::move(*copy));
  }
  return copies;
}

static void print(llvm::raw_ostream &stream, const Scalar &value) {
  if (auto *pair = std::get_if<std::complex<double>>(&value))
    stream << llvm::formatv("({0}, {1})", pair->real(), pair->imag()).str();
  else if (auto *number = std::get_if<double>(&value)) {
    char text[40];
    std::snprintf(text, sizeof(text), "%.17g", *number);
    stream << text;
  } else
    std::visit(
        [&](auto number) {
          if constexpr (std::is_integral_v<decltype(number)>)
            stream << number;
        },
        value);
}

static std::string describe(size_t result, const HostTensor &found, const HostTensor &expected,
                            const Tally &tally) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  stream << "result " << result << " (" << describeType(expected.shape(), expected.type())
         << "), element " << tally.worst << ": expected ";
  print(stream, expected.get(tally.worst));
  stream << ", found ";
  print(stream, found.get(tally.worst));
  if (tally.worstAllowed > 0)
    stream << ", allowed difference " << llvm::formatv("{0:e}", tally.worstAllowed).str();
  return text;
}

static bool haveOneForm(const HostTensor &a, const HostTensor &b) {
  return a.type().dtype == b.type().dtype && llvm::equal(a.shape(), b.shape());
}

/// A difference of shapes or of counts; an empty verdict where there is none.
static Verdict compareForms(llvm::ArrayRef<HostTensor> found, llvm::ArrayRef<HostTensor> expected) {
  Verdict verdict;
  if (found.size() != expected.size()) {
    verdict.difference = llvm::formatv("{0} results, expected {1}", found.size(), expected.size());
    verdict.kind = "count of results";
  }
  for (size_t i = 0; i < found.size() && verdict.difference.empty(); ++i)
    if (!haveOneForm(found[i], expected[i])) {
      verdict.difference = llvm::formatv("result {0} is {1}, expected {2}", i,
                                         describeType(found[i].shape(), found[i].type()),
                                         describeType(expected[i].shape(), expected[i].type()));
      verdict.kind = "type of a result";
    }
  if (!verdict.difference.empty())
    verdict.conclusive = 1;
  return verdict;
}

/// Adds the tally of one result to the verdict.
static void add(Verdict &verdict, size_t result, const HostTensor &found,
                const HostTensor &expected, const Tally &tally) {
  if (tally.known + tally.unknown == 0)
    return;
  if (tally.known >= tally.unknown || tally.worst >= 0)
    ++verdict.conclusive;
  else
    ++verdict.inconclusive;
  if (tally.worst < 0 || !verdict.difference.empty())
    return;
  verdict.difference = describe(result, found, expected, tally);
  verdict.kind = "values";
}

static Tally tallyBits(const HostTensor &found, const HostTensor &expected) {
  Tally tally;
  size_t width = expected.type().byteWidth();
  const std::byte *a = found.bytes().data(), *b = expected.bytes().data();
  for (int64_t i = 0; i < expected.size(); ++i) {
    if (std::memcmp(a + i * width, b + i * width, width) == 0)
      ++tally.known;
    else
      tally.differ(i, std::abs(asComplex(found.get(i)) - asComplex(expected.get(i))), 0);
  }
  return tally;
}

/// Elements of floats that are finite on both sides, or infinite alike, are judged; where either is
/// NaN, or either part of a complex one is not finite, only in programs whose every order of
/// evaluation stays finite.
static Relation relateNonFinite(std::complex<double> found, std::complex<double> expected,
                                bool isComplex, bool mayMeetInfinity) {
  if (found == expected)
    return Relation::Agree;
  if (isNaN(expected) || isComplex)
    return Relation::Unknown;
  if (isNaN(found))
    return mayMeetInfinity ? Relation::Unknown : Relation::Differ;
  return Relation::Differ;
}

/// Judges an element that `nans`, if there are any, marks: it is a NaN or wrong. False where it is
/// not marked.
static bool tallyCertainNaN(Tally &tally, const HostTensor *nans, int64_t i,
                            std::complex<double> found) {
  if (!nans || std::get<double>(nans->get(i)) == 0)
    return false;
  if (isNaN(found))
    ++tally.known;
  else
    tally.differ(i, INFINITY, 0);
  return true;
}

static Tally tallyNumbers(const HostTensor &found, const HostTensor &expected,
                          const HostTensor *nans, bool mayMeetInfinity) {
  Tally tally;
  bool isComplex = expected.type().isComplex();
  for (int64_t i = 0; i < expected.size(); ++i) {
    std::complex<double> a = asComplex(found.get(i)), b = asComplex(expected.get(i));
    if (tallyCertainNaN(tally, nans, i, a))
      continue;
    Relation relation = a == b ? Relation::Agree : Relation::Differ;
    if (!::isFinite(a) || !::isFinite(b))
      relation = relateNonFinite(a, b, isComplex && mayMeetInfinity, mayMeetInfinity);
    if (relation == Relation::Unknown)
      ++tally.unknown;
    else if (relation == Relation::Agree)
      ++tally.known;
    else
      tally.differ(i, std::abs(a - b), 0);
  }
  return tally;
}

static Tally tallyBounded(const HostTensor &found, const HostTensor &expected,
                          const HostTensor *nans, const HostTensor &bounds) {
  Tally tally;
  for (int64_t i = 0; i < expected.size(); ++i) {
    std::complex<double> a = asComplex(found.get(i)), b = asComplex(expected.get(i));
    if (tallyCertainNaN(tally, nans, i, a))
      continue;
    // Both sides were rounded; so was the bound.
    double allowed = 2 * std::get<double>(bounds.get(i)) * (1 + 0x1p-20);
    if (!std::isfinite(allowed) || !::isFinite(b)) {
      ++tally.unknown;
      continue;
    }
    double distance = std::abs(a - b);
    if (!(distance <= allowed))
      tally.differ(i, distance, allowed);
    else if (allowed > 0 && allowed > std::max(std::abs(a), std::abs(b)) / 2)
      ++tally.unknown;
    else
      ++tally.known;
  }
  return tally;
}

Verdict fuzz::compareWithTruth(llvm::ArrayRef<HostTensor> found, const Truth &truth) {
  Verdict verdict = compareForms(found, truth.results);
  if (!verdict.difference.empty())
    return verdict;
  for (auto [i, actual, expected] : llvm::enumerate(found, truth.results)) {
    bool isInexact = expected.type().isFloat() || expected.type().isComplex();
    const HostTensor *nans = truth.certainNaNs.empty() ? nullptr : &truth.certainNaNs[i];
    Tally tally;
    if (!isInexact)
      tally = tallyBits(actual, expected);
    else if (truth.arithmetic == Arithmetic::Bound)
      tally = tallyBounded(actual, expected, nans, truth.bounds[i]);
    else
      tally = tallyNumbers(actual, expected, nans, truth.mayMeetInfinity);
    add(verdict, i, actual, expected, tally);
  }
  return verdict;
}

/// How an element stands to what it was before a pass that reorders nothing.
static Relation relateBits(std::complex<double> found, std::complex<double> before,
                           bool isComplex) {
  // Which NaN an operation makes is not defined.
  if (isNaN(found) && isNaN(before))
    return Relation::Unknown;
  // Times 1 + 0i, by the four products of its definition, an infinity or NaN in one part makes a
  // NaN of the other; folded to the other factor (complex.mul) it leaves that part alone. No sum
  // and no product makes a finite number of either, nor a number of a part that is NaN.
  if (isComplex && !::isFinite(found) && !::isFinite(before)) {
    auto differ = [](double a, double b) { return a != b && !std::isnan(a) && !std::isnan(b); };
    bool isKept = !differ(found.real(), before.real()) && !differ(found.imag(), before.imag());
    if (isKept && (isNaN(found) || isNaN(before)))
      return Relation::Unknown;
    return isKept ? Relation::Agree : Relation::Differ;
  }
  // Folding 0 + x to x keeps the sign of a zero, and adding loses it.
  return found == before ? Relation::Agree : Relation::Differ;
}

/// As tallyBits, but NaN, zeros of both signs, and complex numbers that are not finite as
/// relateBits says.
static Tally tallyBitsOfFloats(const HostTensor &found, const HostTensor &expected) {
  Tally tally = tallyBits(found, expected);
  if (tally.worst < 0)
    return tally;
  Tally result;
  bool isComplex = expected.type().isComplex();
  for (int64_t i = 0; i < expected.size(); ++i) {
    std::complex<double> a = asComplex(found.get(i)), b = asComplex(expected.get(i));
    Relation relation = relateBits(a, b, isComplex);
    if (relation == Relation::Unknown)
      ++result.unknown;
    else if (relation == Relation::Agree)
      ++result.known;
    else
      result.differ(i, std::abs(a - b), 0);
  }
  return result;
}

Verdict fuzz::compareBits(llvm::ArrayRef<HostTensor> found, llvm::ArrayRef<HostTensor> before) {
  Verdict verdict = compareForms(found, before);
  if (!verdict.difference.empty())
    return verdict;
  for (auto [i, actual, expected] : llvm::enumerate(found, before)) {
    bool isInexact = expected.type().isFloat() || expected.type().isComplex();
    add(verdict, i, actual, expected,
        isInexact ? tallyBitsOfFloats(actual, expected) : tallyBits(actual, expected));
  }
  return verdict;
}
