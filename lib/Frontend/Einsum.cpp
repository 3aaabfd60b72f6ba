//===- Einsum.cpp - The einsum notation -----------------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Two steps: the equation is cut into terms, which needs no shapes; then the terms are resolved
// against the shapes, which gives every symbol and every ellipsis dimension an id.
//
//===----------------------------------------------------------------------===//
#include "tenon/Frontend/Einsum.h"

#include "Unicode.h"
#include "tenon/Support/Assert.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

using namespace tenon::frontend;
using llvm::Twine;

/// The first code point beyond the Latin letters that opt_einsum.get_symbol hands out.
static constexpr uint32_t kFirstWideSymbol = 0xc0;

namespace {
/// A symbol of a term. The ellipsis stands among the symbols under a code of its own.
struct Symbol {
  static constexpr uint32_t kEllipsis = '.';

  uint32_t code;
  size_t offset;
  unsigned length;

  bool isEllipsis() const { return code == kEllipsis; }
};

struct Term {
  /// Just behind the ',' or '->' before the term.
  size_t begin;
  llvm::SmallVector<Symbol, 4> symbols;

  /// The place to point at: the first symbol, if there is one.
  size_t offset() const { return symbols.empty() ? begin : symbols.front().offset; }
  bool hasEllipsis() const { return llvm::any_of(symbols, std::mem_fn(&Symbol::isEllipsis)); }
  size_t namedCount() const { return symbols.size() - hasEllipsis(); }
};

/// Where the extent of an index was seen first.
struct ExtentOrigin {
  size_t operand = 0;
  int64_t extent = kDynamicExtent;
};

class EinsumParser {
public:
  EinsumParser(llvm::StringRef equation, llvm::StringRef fileName) : source(equation, fileName) {}

  llvm::Expected<NetworkDescription> parse(std::optional<llvm::ArrayRef<Shape>> givenShapes,
                                           ElementType elementType) {
    network.elementType = elementType;
    if (llvm::Error error = splitTerms())
      return error;
    if (llvm::Error error = checkRanks(givenShapes))
      return error;
    for (size_t operand = 0; operand < terms.size(); ++operand)
      if (llvm::Error error = resolveOperand(operand))
        return error;
    if (llvm::Error error = output ? resolveOutput() : deriveOutput())
      return error;
    for (const ExtentOrigin &origin : origins)
      network.extents.push_back(origin.extent);
    return checkSizes();
  }

private:
  llvm::Error splitTerms();
  llvm::Error checkRanks(std::optional<llvm::ArrayRef<Shape>> givenShapes);
  llvm::Error resolveOperand(size_t operand);
  llvm::Error resolveOutput();
  llvm::Error deriveOutput();
  llvm::Expected<NetworkDescription> checkSizes();

  llvm::StringRef text(const Symbol &symbol) const {
    return source.getText().substr(symbol.offset, symbol.length);
  }
  int32_t newIndex(std::string name) {
    network.indexNames.push_back(std::move(name));
    origins.emplace_back();
    return static_cast<int32_t>(origins.size() - 1);
  }
  int32_t ellipsisIndex(size_t dimension) {
    int32_t &id = ellipsisIndices[dimension];
    if (id < 0)
      id = newIndex("e" + std::to_string(dimension));
    return id;
  }
  llvm::Error noteExtent(int32_t index, size_t operand, int64_t extent, size_t offset);

  SourceText source;
  NetworkDescription network;
  std::vector<Term> terms;
  std::optional<Term> output;
  std::vector<Shape> shapes;
  /// Dimensions of the widest ellipsis; by dimension from the outermost, its id, or -1 before
  /// its first appearance.
  llvm::SmallVector<int32_t, 4> ellipsisIndices;
  llvm::DenseMap<uint32_t, int32_t> symbolIndices;
  std::vector<ExtentOrigin> origins;
};
} // namespace

llvm::Error EinsumParser::splitTerms() {
  llvm::StringRef equation = source.getText();
  terms.push_back({0, {}});
  size_t offset = 0;
  while (offset < equation.size()) {
    llvm::StringRef rest = equation.drop_front(offset);
    DecodedCharacter character = decodeCharacter(rest);
    Term &term = output ? *output : terms.back();
    if (llvm::isSpace(rest.front())) {
      ++offset;
    } else if (rest.front() == ',') {
      if (output)
        return source.error(offset, "the output is a single term: expected no ',' after '->'");
      terms.push_back({++offset, {}});
    } else if (rest.starts_with("->")) {
      if (output)
        return source.error(offset, "expected a single '->'");
      offset += 2;
      output = Term{offset, {}};
    } else if (rest.front() == '-') {
      return source.error(offset, "expected '->', found a '-' alone");
    } else if (rest.starts_with("...")) {
      if (term.hasEllipsis())
        return source.error(offset, "a term can have one '...' only");
      term.symbols.push_back({Symbol::kEllipsis, offset, 3});
      offset += 3;
    } else if (rest.front() == '.') {
      return source.error(offset, "a '.' that is not part of '...'");
    } else if (llvm::isAlpha(rest.front()) || (character.code >= kFirstWideSymbol &&
                                               character.code != DecodedCharacter::kInvalid)) {
      term.symbols.push_back({character.code, offset, character.length});
      offset += character.length;
    } else {
      return source.error(offset, "unexpected " + describeCharacter(rest) +
                                      ": indices are letters, terms are joined by ',' and the "
                                      "output follows '->'");
    }
  }
  return llvm::Error::success();
}

/// Checks the shapes against the terms and keeps them; without shapes, makes dynamic ones.
llvm::Error EinsumParser::checkRanks(std::optional<llvm::ArrayRef<Shape>> givenShapes) {
  if (!givenShapes) {
    for (const Term &term : terms) {
      for (const Symbol &symbol : term.symbols)
        if (symbol.isEllipsis())
          return source.error(symbol.offset,
                              "'...' needs the shapes of the operands to know its dimensions");
      shapes.emplace_back(term.symbols.size(), kDynamicExtent);
    }
    return llvm::Error::success();
  }

  if (givenShapes->size() != terms.size()) {
    size_t offset = terms.size() > givenShapes->size() ? terms[givenShapes->size()].offset()
                                                       : terms.back().offset();
    return source.error(offset, "the equation has " + Twine(terms.size()) + " operand(s), but " +
                                    Twine(givenShapes->size()) + " shape(s) are given");
  }
  shapes.assign(givenShapes->begin(), givenShapes->end());
  size_t widest = 0;
  for (auto [operand, term] : llvm::enumerate(terms)) {
    const Shape &shape = shapes[operand];
    size_t named = term.namedCount();
    bool fits = term.hasEllipsis() ? shape.size() >= named : shape.size() == named;
    if (!fits)
      return source.error(term.offset(), "operand " + Twine(operand) + " has " + Twine(named) +
                                             " named indices, but its shape " + shapeText(shape) +
                                             " has rank " + Twine(shape.size()));
    for (int64_t extent : shape)
      if (extent < 0 && extent != kDynamicExtent)
        return source.error(term.offset(), "operand " + Twine(operand) +
                                               " has a negative extent, " + Twine(extent));
    widest = std::max(widest, shape.size() - named);
  }
  ellipsisIndices.assign(widest, -1);
  return llvm::Error::success();
}

llvm::Error EinsumParser::resolveOperand(size_t operand) {
  const Term &term = terms[operand];
  const Shape &shape = shapes[operand];
  Operand &result = network.operands.emplace_back();
  auto addAxis = [&](int32_t index, size_t offset) {
    int64_t extent = shape[result.indices.size()];
    result.indices.push_back(index);
    return noteExtent(index, operand, extent, offset);
  };
  for (const Symbol &symbol : term.symbols) {
    if (symbol.isEllipsis()) {
      size_t count = shape.size() - term.namedCount();
      for (size_t i = ellipsisIndices.size() - count; i < ellipsisIndices.size(); ++i)
        if (llvm::Error error = addAxis(ellipsisIndex(i), symbol.offset))
          return error;
      continue;
    }
    auto place = symbolIndices.find(symbol.code);
    if (place == symbolIndices.end())
      place = symbolIndices.try_emplace(symbol.code, newIndex(text(symbol).str())).first;
    if (llvm::Error error = addAxis(place->second, symbol.offset))
      return error;
  }
  return llvm::Error::success();
}

llvm::Error EinsumParser::noteExtent(int32_t index, size_t operand, int64_t extent, size_t offset) {
  ExtentOrigin &origin = origins[index];
  if (extent == kDynamicExtent || extent == origin.extent)
    return llvm::Error::success();
  if (origin.extent != kDynamicExtent)
    return source.error(offset, "index '" + network.indexNames[index] + "' has extent " +
                                    Twine(origin.extent) + " in operand " + Twine(origin.operand) +
                                    " and extent " + Twine(extent) + " in operand " +
                                    Twine(operand));
  origin = {operand, extent};
  return llvm::Error::success();
}

llvm::Error EinsumParser::resolveOutput() {
  for (const Symbol &symbol : output->symbols) {
    if (symbol.isEllipsis()) {
      network.output.append(ellipsisIndices.begin(), ellipsisIndices.end());
      continue;
    }
    auto place = symbolIndices.find(symbol.code);
    if (place == symbolIndices.end())
      return source.error(symbol.offset, "output index '" + text(symbol) + "' is in no operand");
    if (llvm::is_contained(network.output, place->second))
      return source.error(symbol.offset, "output index '" + text(symbol) + "' is repeated");
    network.output.push_back(place->second);
  }
  if (!output->hasEllipsis() && !ellipsisIndices.empty())
    return source.error(output->offset(),
                        "'...' stands for " + Twine(ellipsisIndices.size()) +
                            " dimension(s), but the output has no '...'; add it, or name the "
                            "dimensions that are to be summed");
  return llvm::Error::success();
}

llvm::Error EinsumParser::deriveOutput() {
  std::map<uint32_t, unsigned> uses;
  for (const Term &term : terms)
    for (const Symbol &symbol : term.symbols)
      if (!symbol.isEllipsis())
        ++uses[symbol.code];
  network.output.append(ellipsisIndices.begin(), ellipsisIndices.end());
  for (auto [code, count] : uses)
    if (count == 1)
      network.output.push_back(symbolIndices.lookup(code));
  return llvm::Error::success();
}

llvm::Expected<NetworkDescription> EinsumParser::checkSizes() {
  for (auto [operand, term] : llvm::enumerate(terms)) {
    Shape extents;
    for (int32_t index : network.operands[operand].indices)
      extents.push_back(network.extents[index]);
    if (!elementCount(extents))
      return source.error(term.offset(), "operand " + Twine(operand) + " of shape " +
                                             shapeText(extents) + " has 2^63 elements or more");
  }
  Shape extents;
  for (int32_t index : network.output)
    extents.push_back(network.extents[index]);
  if (!elementCount(extents))
    return source.error(output ? output->offset() : source.getText().size(),
                        "the result of shape " + shapeText(extents) + " has 2^63 elements or more");
  return std::move(network);
}

llvm::Expected<NetworkDescription>
tenon::frontend::parseEinsum(llvm::StringRef equation, std::optional<llvm::ArrayRef<Shape>> shapes,
                             ElementType elementType, llvm::StringRef fileName) {
  return EinsumParser(equation, fileName).parse(shapes, elementType);
}
