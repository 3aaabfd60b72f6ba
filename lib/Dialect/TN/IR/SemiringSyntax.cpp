//===- SemiringSyntax.cpp - How operations name their semiring --------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "SemiringSyntax.h"

using namespace mlir;
using namespace tenon;

ParseResult tn::parseSemiring(OpAsmParser &parser, SemiringAttr &semiring) {
  StringRef keyword;
  SMLoc loc = parser.getCurrentLocation();
  if (parser.parseKeyword(&keyword))
    return failure();
  std::optional<Semiring> known = symbolizeSemiring(keyword);
  if (!known)
    return parser.emitError(loc)
           << "unknown semiring '" << keyword
           << "'; expected plus_times, max_plus, min_plus, or_and or max_times";
  semiring = SemiringAttr::get(parser.getContext(), *known);
  return success();
}

void tn::printSemiring(OpAsmPrinter &printer, Operation *, SemiringAttr semiring) {
  printer << stringifySemiring(semiring.getValue());
}

ParseResult tn::parseSemiringClause(OpAsmParser &parser, SemiringAttr &semiring) {
  semiring = SemiringAttr::get(parser.getContext(), Semiring::PlusTimes);
  if (failed(parser.parseOptionalKeyword("semiring")))
    return success();
  return failure(parser.parseLParen() || parseSemiring(parser, semiring) || parser.parseRParen());
}

void tn::printSemiringClause(OpAsmPrinter &printer, Semiring semiring) {
  if (semiring != Semiring::PlusTimes)
    printer << " semiring(" << stringifySemiring(semiring) << ')';
}
