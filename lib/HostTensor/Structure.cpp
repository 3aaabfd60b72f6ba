//===- Structure.cpp - Diagonals, permutations, isometries ----------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/HostTensor/Structure.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numeric>
#include <random>

namespace tenon {
namespace {

using Complex = std::complex<double>;

Complex toComplex(const Scalar &value) {
  return std::visit(
      [](auto number) -> Complex {
        if constexpr (std::is_same_v<decltype(number), Complex>)
          return number;
        else
          return static_cast<double>(number);
      },
      value);
}

std::string format(Complex value, int digits = 6) {
  char text[80];
  if (value.imag() == 0)
    std::snprintf(text, sizeof text, "%.*g", digits, value.real());
  else
    std::snprintf(text, sizeof text, "%.*g%+.*gi", digits, value.real(), digits, value.imag());
  return text;
}

std::string formatList(std::span<const int64_t> list) {
  std::string text = "[";
  for (size_t i = 0; i < list.size(); ++i)
    text += (i ? ", " : "") + std::to_string(list[i]);
  return text + "]";
}

/// Calls `function(i, position)` for each element in row-major order.
template <typename Function> void forEachElement(const HostTensor &tensor, Function function) {
  std::vector<int64_t> position(tensor.rank(), 0);
  for (int64_t i = 0; i < tensor.size(); ++i) {
    function(i, position);
    for (size_t dim = position.size(); dim-- > 0;) {
      if (++position[dim] < tensor.shape()[dim])
        break;
      position[dim] = 0;
    }
  }
}

bool isOnDiagonal(std::span<const int64_t> position, std::span<const int64_t> dims) {
  return std::ranges::all_of(dims,
                             [&](int64_t dim) { return position[dim] == position[dims.front()]; });
}

std::vector<int64_t> otherDims(const HostTensor &tensor, std::span<const int64_t> dims) {
  std::vector<int64_t> others;
  for (int64_t dim = 0; dim < tensor.rank(); ++dim)
    if (std::ranges::find(dims, dim) == dims.end())
      others.push_back(dim);
  return others;
}

/// The places of the positions in some dimensions, all others being 0; in row-major order.
std::vector<int64_t> placesOf(const HostTensor &tensor, std::span<const int64_t> dims) {
  std::vector<int64_t> sorted(dims.begin(), dims.end()), places{0};
  std::ranges::sort(sorted);
  for (int64_t dim : sorted) {
    int64_t step = 1;
    for (int64_t later = dim + 1; later < tensor.rank(); ++later)
      step *= tensor.shape()[later];
    std::vector<int64_t> more;
    more.reserve(places.size() * tensor.shape()[dim]);
    for (int64_t place : places)
      for (int64_t i = 0; i < tensor.shape()[dim]; ++i)
        more.push_back(place + i * step);
    places = std::move(more);
  }
  return places;
}

/// A tensor as a matrix: row `r`, column `c` is element rows[r] + columns[c].
struct MatrixView {
  std::vector<int64_t> rows, columns;

  MatrixView(const HostTensor &tensor, std::span<const int64_t> dims)
      : rows(placesOf(tensor, dims)), columns(placesOf(tensor, otherDims(tensor, dims))) {}
};

/// The position of an element, or, of a row, of the dimensions that are a row's.
std::string describePosition(const HostTensor &tensor, int64_t place,
                             std::span<const int64_t> dims) {
  std::vector<int64_t> sorted(dims.begin(), dims.end()), position;
  std::ranges::sort(sorted);
  for (int64_t dim : sorted) {
    int64_t step = 1;
    for (int64_t later = dim + 1; later < tensor.rank(); ++later)
      step *= tensor.shape()[later];
    // Without elements all rows have one place.
    position.push_back(place / std::max<int64_t>(step, 1) % tensor.shape()[dim]);
  }
  return formatList(position);
}

std::vector<int64_t> allDims(const HostTensor &tensor) {
  std::vector<int64_t> dims(tensor.rank());
  std::iota(dims.begin(), dims.end(), 0);
  return dims;
}

/// The rows of a matrix view, one after the other.
std::vector<Complex> loadRows(const HostTensor &tensor, const MatrixView &view) {
  std::vector<Complex> values;
  values.reserve(tensor.size());
  for (int64_t row : view.rows)
    for (int64_t column : view.columns)
      values.push_back(toComplex(tensor.get(row + column)));
  return values;
}

/// Σ conj(a) b.
Complex product(std::span<const Complex> a, std::span<const Complex> b) {
  double real = 0, imaginary = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    real += a[i].real() * b[i].real() + a[i].imag() * b[i].imag();
    imaginary += a[i].real() * b[i].imag() - a[i].imag() * b[i].real();
  }
  return {real, imaginary};
}

/// The rows of a matrix view in panels of a few, whose elements of one column lie side by side:
/// what a block of sums over all columns reads. Rows that the last panel lacks are zero.
struct Panels {
  static constexpr size_t kRows = 4;

  size_t length;
  /// Panel by panel, column by column. Of types that are not complex there are no imaginary parts.
  std::vector<double> real, imaginary;

  Panels(const HostTensor &tensor, const MatrixView &view) : length(view.columns.size()) {
    size_t size = (view.rows.size() + kRows - 1) / kRows * kRows * length;
    real.assign(size, 0);
    if (tensor.type().isComplex())
      imaginary.assign(size, 0);
    for (size_t row = 0; row < view.rows.size(); ++row)
      for (size_t column = 0; column < length; ++column) {
        Complex value = toComplex(tensor.get(view.rows[row] + view.columns[column]));
        size_t place = (row / kRows * length + column) * kRows + row % kRows;
        real[place] = value.real();
        if (!imaginary.empty())
          imaginary[place] = value.imag();
      }
  }

  /// Σ conj(a) b for all rows a of one panel and b of another. Each sum runs over the columns in
  /// order, side by side with the others: what one adds need not wait for what it added last.
  void products(size_t a, size_t b, Complex (&sums)[kRows][kRows]) const {
    double reals[kRows][kRows] = {}, imaginaries[kRows][kRows] = {};
    const double *ra = real.data() + a * length * kRows;
    const double *rb = real.data() + b * length * kRows;
    if (imaginary.empty()) {
      for (size_t column = 0; column < length * kRows; column += kRows)
        for (size_t i = 0; i < kRows; ++i)
          for (size_t j = 0; j < kRows; ++j)
            reals[i][j] += ra[column + i] * rb[column + j];
    } else {
      const double *ia = imaginary.data() + a * length * kRows;
      const double *ib = imaginary.data() + b * length * kRows;
      for (size_t column = 0; column < length * kRows; column += kRows)
        for (size_t i = 0; i < kRows; ++i)
          for (size_t j = 0; j < kRows; ++j) {
            reals[i][j] += ra[column + i] * rb[column + j] + ia[column + i] * ib[column + j];
            imaginaries[i][j] += ra[column + i] * ib[column + j] - ia[column + i] * rb[column + j];
          }
    }
    for (size_t i = 0; i < kRows; ++i)
      for (size_t j = 0; j < kRows; ++j)
        sums[i][j] = {reals[i][j], imaginaries[i][j]};
  }
};

/// NaN is further away than everything.
double distance(Complex value, double expected) {
  double result = std::abs(value - expected);
  return std::isnan(result) ? INFINITY : result;
}

} // namespace

Contradiction contradictDiagonal(const HostTensor &tensor, std::span<const int64_t> dims) {
  double worst = 0;
  int64_t place = -1;
  forEachElement(tensor, [&](int64_t i, std::span<const int64_t> position) {
    if (isOnDiagonal(position, dims))
      return;
    double value = distance(toComplex(tensor.get(i)), 0);
    if (value > worst) {
      worst = value;
      place = i;
    }
  });
  if (place < 0)
    return std::nullopt;
  return "element " + describePosition(tensor, place, allDims(tensor)) + " is " +
         format(toComplex(tensor.get(place))) + ", expected 0";
}

Contradiction contradictPermutation(const HostTensor &tensor, std::span<const int64_t> rows) {
  MatrixView view(tensor, rows);
  std::vector<int> ones(view.columns.size(), 0);
  std::vector<int64_t> columns = otherDims(tensor, rows);
  for (int64_t row : view.rows) {
    int own = 0;
    for (size_t c = 0; c < view.columns.size(); ++c) {
      Complex value = toComplex(tensor.get(row + view.columns[c]));
      if (value != 0.0 && value != 1.0)
        return "element " + describePosition(tensor, row + view.columns[c], allDims(tensor)) +
               " is " + format(value) + ", expected 0 or 1";
      own += value == 1.0;
      ones[c] += value == 1.0;
    }
    if (own != 1)
      return "row " + describePosition(tensor, row, rows) + " has " + std::to_string(own) +
             " ones, expected one";
  }
  for (size_t c = 0; c < ones.size(); ++c)
    if (ones[c] != 1)
      return "column " + describePosition(tensor, view.columns[c], columns) + " has " +
             std::to_string(ones[c]) + " ones, expected one";
  return std::nullopt;
}

double isometryAllowance(ElementType type, int64_t terms) {
  double unitRoundoff = 0;
  switch (type.dtype) {
  case TENON_F16:
    unitRoundoff = 0x1p-11;
    break;
  case TENON_BF16:
    unitRoundoff = 0x1p-8;
    break;
  case TENON_F32:
  case TENON_C64:
    unitRoundoff = 0x1p-24;
    break;
  case TENON_F64:
  case TENON_C128:
    unitRoundoff = 0x1p-53;
    break;
  default:
    break;
  }
  constexpr double most = 0.125;
  return std::min(8 * (std::sqrt(static_cast<double>(terms)) + 2) * unitRoundoff, most);
}

Contradiction contradictIsometry(const HostTensor &tensor, std::span<const int64_t> kept) {
  MatrixView view(tensor, kept);
  if (view.rows.empty())
    return std::nullopt;
  Panels panels(tensor, view);
  double allowed = isometryAllowance(tensor.type(), static_cast<int64_t>(panels.length));
  double worst = allowed;
  using Place = std::pair<size_t, size_t>;
  std::optional<Place> place;
  Complex found = 0, sums[Panels::kRows][Panels::kRows];
  // Of equally bad sums the first one counts, whatever the blocks.
  auto compare = [&](Place at, Complex sum) {
    double missed = distance(sum, at.first == at.second);
    if (missed < worst || (missed == worst && !(place && at < *place)))
      return;
    worst = missed;
    place = at;
    found = sum;
  };
  size_t rows = view.rows.size(), count = (rows + Panels::kRows - 1) / Panels::kRows;
  for (size_t a = 0; a < count; ++a)
    for (size_t b = a; b < count; ++b) {
      panels.products(a, b, sums);
      for (size_t i = 0; i < Panels::kRows; ++i)
        for (size_t j = a == b ? i : 0; j < Panels::kRows; ++j)
          if (Place at(a * Panels::kRows + i, b * Panels::kRows + j);
              at.first < rows && at.second < rows)
            compare(at, sums[i][j]);
    }
  if (!place)
    return std::nullopt;
  auto [a, b] = *place;
  return "the sum over the other dimensions at position " +
         describePosition(tensor, view.rows[a], kept) +
         (a == b ? std::string(" is ")
                 : " times that at " + describePosition(tensor, view.rows[b], kept) + " is ") +
         // All digits: it may miss by little.
         format(found, 17) + ", expected " + (a == b ? "1" : "0") +
         (allowed > 0 ? " within " + format(allowed) : "");
}

Contradiction contradictDensity(const HostTensor &tensor, double density) {
  int64_t nonZero = 0;
  for (int64_t i = 0; i < tensor.size(); ++i)
    nonZero += toComplex(tensor.get(i)) != 0.0;
  // A share of a whole number of elements, written in decimals, is that number.
  if (static_cast<double>(nonZero) <= density * static_cast<double>(tensor.size()) * (1 + 0x1p-40))
    return std::nullopt;
  return std::to_string(nonZero) + " of " + std::to_string(tensor.size()) +
         " elements are not 0, a share of " +
         format(static_cast<double>(nonZero) / static_cast<double>(tensor.size()));
}

void clearOffDiagonal(HostTensor &tensor, std::span<const int64_t> dims) {
  forEachElement(tensor, [&](int64_t i, std::span<const int64_t> position) {
    if (!isOnDiagonal(position, dims))
      tensor.set(i, int64_t{0});
  });
}

/// The numbers below `count`, in an order that the seed decides.
static std::vector<int64_t> shuffled(int64_t count, uint64_t seed) {
  std::vector<int64_t> order(count);
  std::iota(order.begin(), order.end(), 0);
  // Not std::shuffle, whose order is the library's own.
  std::mt19937_64 random(seed);
  for (int64_t i = count; i > 1; --i)
    std::swap(order[i - 1], order[random() % static_cast<uint64_t>(i)]);
  return order;
}

void clearShare(HostTensor &tensor, double density, uint64_t seed) {
  auto left = static_cast<int64_t>(density * static_cast<double>(tensor.size()) * (1 + 0x1p-40));
  std::vector<int64_t> filled;
  for (int64_t i = 0; i < tensor.size(); ++i)
    if (toComplex(tensor.get(i)) != 0.0)
      filled.push_back(i);
  std::vector<int64_t> order = shuffled(static_cast<int64_t>(filled.size()), seed);
  for (size_t k = static_cast<size_t>(left); k < order.size(); ++k)
    tensor.set(filled[order[k]], int64_t{0});
}

void fillInjection(HostTensor &tensor, std::span<const int64_t> kept,
                   std::optional<uint64_t> seed) {
  MatrixView view(tensor, kept);
  std::vector<int64_t> order;
  if (seed)
    order = shuffled(static_cast<int64_t>(view.columns.size()), *seed);
  for (int64_t i = 0; i < tensor.size(); ++i)
    tensor.set(i, int64_t{0});
  for (size_t r = 0; r < view.rows.size() && r < view.columns.size(); ++r)
    tensor.set(view.rows[r] + view.columns[seed ? order[r] : r], int64_t{1});
}

void orthonormalise(HostTensor &tensor, std::span<const int64_t> kept) {
  MatrixView view(tensor, kept);
  std::vector<Complex> values = loadRows(tensor, view);
  size_t length = view.columns.size();
  auto row = [&](size_t number) { return std::span(values).subspan(number * length, length); };
  for (size_t a = 0; a < view.rows.size(); ++a) {
    // Once more removes what rounding left of the others.
    for (int pass = 0; pass < 2; ++pass)
      for (size_t b = 0; b < a; ++b) {
        Complex share = product(row(b), row(a));
        for (size_t i = 0; i < length; ++i)
          row(a)[i] -= share * row(b)[i];
      }
    double norm = std::sqrt(product(row(a), row(a)).real());
    for (Complex &value : row(a))
      value /= norm;
  }
  for (size_t r = 0; r < view.rows.size(); ++r)
    for (size_t c = 0; c < length; ++c)
      tensor.set(view.rows[r] + view.columns[c], Scalar(values[r * length + c]));
}

} // namespace tenon
