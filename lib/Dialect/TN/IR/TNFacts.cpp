//===- TNFacts.cpp - #tn.facts: syntax and constraints ----------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Dialect/TN/IR/Facts.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::tn;

//===----------------------------------------------------------------------===//
// Syntax
//===----------------------------------------------------------------------===//

/// "([0, 1])". Without parentheses, where `isOptional`, an empty list.
static FailureOr<DenseI64ArrayAttr> parseDims(AsmParser &parser, bool isOptional) {
  SmallVector<int64_t> dims;
  if (isOptional && failed(parser.parseOptionalLParen()))
    return parser.getBuilder().getDenseI64ArrayAttr({});
  if ((!isOptional && parser.parseLParen()) ||
      parser.parseCommaSeparatedList(AsmParser::Delimiter::Square,
                                     [&] { return parser.parseInteger(dims.emplace_back()); }) ||
      parser.parseRParen())
    return failure();
  if (dims.empty()) {
    parser.emitError(parser.getCurrentLocation(), "expected the number of a dimension");
    return failure();
  }
  return parser.getBuilder().getDenseI64ArrayAttr(dims);
}

/// "0.25", and also "0" and "1", which parseFloat takes for no numbers.
static ParseResult parseShare(AsmParser &parser, double &share) {
  bool isNegative = succeeded(parser.parseOptionalMinus());
  // Both of what follows would take another one.
  SMLoc loc = parser.getCurrentLocation();
  if (isNegative && succeeded(parser.parseOptionalMinus()))
    return parser.emitError(loc, "expected a number after the minus");
  int64_t whole;
  OptionalParseResult isWhole = parser.parseOptionalDecimalInteger(whole);
  if (isWhole.has_value() ? failed(*isWhole) : failed(parser.parseFloat(share)))
    return failure();
  if (isWhole.has_value())
    share = static_cast<double>(whole);
  if (isNegative)
    share = -share;
  return success();
}

Attribute FactsAttr::parse(AsmParser &parser, Type) {
  SmallVector<DenseI64ArrayAttr> diagonals, isometries;
  DenseI64ArrayAttr permutation;
  FloatAttr density;
  auto parseFact = [&]() -> ParseResult {
    SMLoc loc = parser.getCurrentLocation();
    StringRef name;
    if (parser.parseKeyword(&name))
      return failure();
    if (name == "sparse") {
      double value;
      if (parser.parseLParen() || parseShare(parser, value) || parser.parseRParen())
        return failure();
      if (density)
        return parser.emitError(loc, "'sparse' is given twice");
      density = parser.getBuilder().getF64FloatAttr(value);
      return success();
    }
    bool isIsometry = name == "isometric", isPermutation = name == "permutation";
    if (!isIsometry && !isPermutation && name != "diagonal")
      return parser.emitError(loc) << "unknown fact '" << name
                                   << "'; expected diagonal, permutation, isometric or sparse";
    FailureOr<DenseI64ArrayAttr> dims = parseDims(parser, /*isOptional=*/!isIsometry);
    if (failed(dims))
      return failure();
    if (isPermutation && permutation)
      return parser.emitError(loc, "'permutation' is given twice");
    if (isPermutation)
      permutation = *dims;
    else
      (isIsometry ? isometries : diagonals).push_back(*dims);
    return success();
  };
  if (parser.parseCommaSeparatedList(AsmParser::Delimiter::LessGreater, parseFact))
    return {};
  if (diagonals.empty() && isometries.empty() && !permutation && !density) {
    parser.emitError(parser.getCurrentLocation(),
                     "expected a fact: diagonal, permutation, isometric or sparse");
    return {};
  }
  return FactsAttr::get(parser.getContext(), diagonals, isometries, permutation, density);
}

void FactsAttr::print(AsmPrinter &printer) const {
  printer << '<';
  bool isFirst = true;
  auto begin = [&](StringRef name) {
    printer << (isFirst ? "" : ", ") << name;
    isFirst = false;
  };
  auto printDims = [&](DenseI64ArrayAttr dims) {
    if (dims.empty())
      return;
    printer << "([";
    llvm::interleaveComma(dims.asArrayRef(), printer);
    printer << "])";
  };
  for (DenseI64ArrayAttr dims : getDiagonals()) {
    begin("diagonal");
    printDims(dims);
  }
  if (getPermutation()) {
    begin("permutation");
    printDims(getPermutation());
  }
  for (DenseI64ArrayAttr dims : getIsometries()) {
    begin("isometric");
    printDims(dims);
  }
  if (getDensity()) {
    begin("sparse(");
    printer.printFloat(getDensity().getValue());
    printer << ')';
  }
  printer << '>';
}

//===----------------------------------------------------------------------===//
// Meaning
//===----------------------------------------------------------------------===//

static llvm::SmallBitVector toDims(ArrayRef<int64_t> list, int64_t rank) {
  llvm::SmallBitVector dims(rank);
  for (int64_t dim : list)
    dims.set(dim);
  return dims;
}

TensorFacts tn::getTensorFacts(FactsAttr attribute, int64_t rank) {
  TensorFacts facts;
  if (!attribute)
    return facts;
  for (DenseI64ArrayAttr dims : attribute.getDiagonals())
    facts.diagonals.push_back(dims.empty() ? llvm::SmallBitVector(rank, true)
                                           : toDims(dims.asArrayRef(), rank));
  for (DenseI64ArrayAttr dims : attribute.getIsometries())
    facts.isometries.push_back(toDims(dims.asArrayRef(), rank));
  if (DenseI64ArrayAttr dims = attribute.getPermutation())
    facts.permutation = dims.empty() ? toDims({0}, rank) : toDims(dims.asArrayRef(), rank);
  if (FloatAttr density = attribute.getDensity())
    facts.density = density.getValueAsDouble();
  return facts;
}

/// Product of the static extents of the dimensions that are, or are not, in `dims`; nothing where
/// one is dynamic. Saturates: 2^63 and more are one number.
static std::optional<int64_t> sizeOf(ShapedType type, const llvm::SmallBitVector &dims,
                                     bool isInDims) {
  SmallVector<int64_t> extents;
  for (int64_t dim = 0; dim < type.getRank(); ++dim)
    if (dims.test(dim) == isInDims)
      extents.push_back(type.getDimSize(dim));
  if (llvm::any_of(extents, ShapedType::isDynamic))
    return std::nullopt;
  return getNumElements(extents).value_or(INT64_MAX);
}

LogicalResult tn::verifyFacts(llvm::function_ref<InFlightDiagnostic()> emitError, FactsAttr facts,
                              ShapedType type) {
  int64_t rank = type.getRank();
  auto isList = [&](StringRef name, DenseI64ArrayAttr dims, int64_t least,
                    int64_t most) -> LogicalResult {
    llvm::SmallBitVector seen(rank);
    for (int64_t dim : dims.asArrayRef()) {
      if (dim < 0 || dim >= rank)
        return emitError() << "F1: '" << name << "' lists dimension " << dim << " of " << type
                           << ", which has rank " << rank;
      if (seen.test(dim))
        return emitError() << "F1: '" << name << "' lists dimension " << dim << " twice";
      seen.set(dim);
    }
    if (dims.size() < least || dims.size() > most)
      return emitError() << "F2: '" << name << "' lists " << dims.size() << " of the " << rank
                         << " dimensions of " << type << ", expected " << least << " to " << most;
    return success();
  };
  // A list that is left out stands for all dimensions, or for the first one.
  for (DenseI64ArrayAttr dims : facts.getDiagonals()) {
    if (!dims.empty() && failed(isList("diagonal", dims, 2, rank)))
      return failure();
    if (dims.empty() && rank < 2)
      return emitError() << "F2: 'diagonal' needs two dimensions or more, found " << type;
  }
  for (DenseI64ArrayAttr dims : facts.getIsometries())
    if (failed(isList("isometric", dims, 1, rank - 1)))
      return failure();
  if (DenseI64ArrayAttr dims = facts.getPermutation()) {
    if (!dims.empty() && failed(isList("permutation", dims, 1, rank - 1)))
      return failure();
    if (dims.empty() && rank != 2)
      return emitError() << "F2: 'permutation' without a list of dimensions is for matrices, found "
                         << type << "; list the dimensions of its rows";
  }

  TensorFacts known = getTensorFacts(facts, rank);
  for (const llvm::SmallBitVector &dims : known.diagonals) {
    int64_t extent = ShapedType::kDynamic;
    for (unsigned dim : dims.set_bits()) {
      int64_t own = type.getDimSize(dim);
      if (ShapedType::isDynamic(own))
        continue;
      if (!ShapedType::isDynamic(extent) && extent != own)
        return emitError() << "F3: the dimensions of 'diagonal' have equal extents, found "
                           << extent << " and " << own << " in " << type;
      extent = own;
    }
  }
  // The least share of elements that the other facts leave.
  double leastDensity = 0;
  auto needsShare = [&](std::optional<int64_t> other) {
    if (other && *other > 0)
      leastDensity = std::max(leastDensity, 1 / static_cast<double>(*other));
  };
  if (known.permutation) {
    std::optional<int64_t> rows = sizeOf(type, *known.permutation, true),
                           columns = sizeOf(type, *known.permutation, false);
    if (rows && columns && *rows != *columns)
      return emitError() << "F4: a 'permutation' has as many rows as columns, found " << *rows
                         << " and " << *columns << " in " << type;
    needsShare(columns);
  }
  for (const llvm::SmallBitVector &dims : known.isometries) {
    std::optional<int64_t> kept = sizeOf(type, dims, true), others = sizeOf(type, dims, false);
    if (kept && others && *kept > *others)
      return emitError() << "F5: 'isometric' keeps " << *kept << " positions and sums over "
                         << *others << " in " << type
                         << ", which are too few; list the dimensions that are not summed";
    if (kept && *kept > 0)
      needsShare(others);
  }
  if (facts.getDensity()) {
    if (!(known.density >= 0 && known.density <= 1))
      return emitError() << "F6: 'sparse' gives the share of elements that are not zero, from 0 to "
                            "1, found "
                         << known.density;
    if (known.density < leastDensity * (1 - 1e-12))
      return emitError() << "F6: 'sparse' says that at most the share " << known.density
                         << " of the elements is not zero, but the other facts need "
                         << leastDensity;
  }
  return success();
}
