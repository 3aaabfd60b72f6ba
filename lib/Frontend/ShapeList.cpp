//===- ShapeList.cpp - Shapes as users type them --------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Frontend/Einsum.h"

using namespace tenon::frontend;

namespace {
class ShapeListParser {
public:
  ShapeListParser(llvm::StringRef text, llvm::StringRef fileName) : source(text, fileName) {}

  llvm::Expected<std::vector<Shape>> parse() {
    std::vector<Shape> shapes;
    llvm::StringRef rest = source.getText();
    while (true) {
      auto [item, tail] = rest.split(',');
      if (llvm::Error error = parseShape(item, shapes.emplace_back()))
        return error;
      if (item.size() == rest.size())
        return shapes;
      rest = tail;
    }
  }

private:
  llvm::Error parseShape(llvm::StringRef item, Shape &shape) {
    llvm::StringRef text = item.trim();
    if (text.empty() || text == "scalar")
      return llvm::Error::success();
    while (true) {
      auto [extent, tail] = text.split('x');
      if (llvm::Error error = parseExtent(extent, shape))
        return error;
      if (extent.size() == text.size())
        return llvm::Error::success();
      text = tail;
    }
  }

  llvm::Error parseExtent(llvm::StringRef item, Shape &shape) {
    llvm::StringRef text = item.trim();
    size_t offset = text.data() - source.getText().data();
    if (text.empty())
      return source.error(offset, "expected an extent: a whole number, or ? for one that is known "
                                  "only at run time");
    if (text == "?") {
      shape.push_back(kDynamicExtent);
      return llvm::Error::success();
    }
    bool isNegative = text.front() == '-';
    llvm::StringRef digits = isNegative ? text.drop_front() : text;
    size_t stray = digits.find_first_not_of("0123456789");
    if (digits.empty() || stray != llvm::StringRef::npos)
      return source.error(offset, "extent '" + text +
                                      "' is not a whole number; shapes are written as 3x4,4x?");
    if (isNegative)
      return source.error(offset, "extent " + text + " is negative");
    int64_t extent = 0;
    if (digits.getAsInteger(10, extent))
      return source.error(offset, "extent " + text + " is 2^63 or more");
    shape.push_back(extent);
    return llvm::Error::success();
  }

  SourceText source;
};
} // namespace

llvm::Expected<std::vector<Shape>> tenon::frontend::parseShapes(llvm::StringRef text,
                                                                llvm::StringRef fileName) {
  return ShapeListParser(text, fileName).parse();
}
