//===- TestData.cpp - Tensors in the text of a test -----------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "TestData.h"

#include "tenon/HostTensor/Print.h"

#include "mlir/IR/AsmState.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::fuzz;

/// `dense<…> : tensor<…>`, in numbers however many.
static void printConstant(const HostTensor &tensor, Type element, llvm::raw_ostream &stream) {
  auto type = RankedTensorType::get(tensor.shape(), element);
  DenseElementsAttr values;
  if (tensor.type().isBool()) {
    SmallVector<bool> bits;
    for (int64_t i = 0; i < tensor.size(); ++i)
      bits.push_back(std::get<int64_t>(tensor.get(i)) != 0);
    values = DenseElementsAttr::get(type, ArrayRef<bool>(bits));
  } else if (tensor.size() == 0) {
    values = DenseElementsAttr::get(type, ArrayRef<Attribute>());
  } else {
    std::span<const std::byte> bytes = tensor.bytes();
    values = DenseElementsAttr::getFromRawBuffer(
        type, ArrayRef(reinterpret_cast<const char *>(bytes.data()), bytes.size()));
  }
  OpPrintingFlags flags;
  flags.printLargeElementsAttrWithHex(-1);
  AsmState state(element.getContext(), flags);
  values.print(stream, state);
}

static void printType(const HostTensor &tensor, Type element, llvm::raw_ostream &stream) {
  stream << RankedTensorType::get(tensor.shape(), element);
}

void fuzz::printTensorFunction(StringRef name, const HostTensor &tensor, Type element,
                               llvm::raw_ostream &stream) {
  stream << "func.func @" << name << "() -> ";
  printType(tensor, element, stream);
  stream << " {\n  %c = tn.constant ";
  printConstant(tensor, element, stream);
  stream << "\n  return %c : ";
  printType(tensor, element, stream);
  stream << "\n}\n";
}

/// Operations that make %ok, whether %f is what is expected (%e), from values of `element`.
static void printComparison(Type element, bool hasBound, llvm::raw_ostream &stream) {
  if (element.isIntOrIndex()) {
    stream << "    %ok = arith.cmpi eq, %f, %e : " << element << '\n';
    return;
  }
  StringRef equal = hasBound ? "%equal" : "%ok";
  if (auto complex = dyn_cast<ComplexType>(element)) {
    stream << "    " << equal << " = complex.eq %f, %e : " << element << '\n';
    if (hasBound) {
      Type part = complex.getElementType();
      stream << "    %d = complex.sub %f, %e : " << element << '\n';
      if (part.isF64())
        stream << "    %x = complex.abs %d : " << element << '\n';
      else
        stream << "    %m = complex.abs %d : " << element << "\n    %x = arith.extf %m : " << part
               << " to f64\n";
    }
  } else {
    stream << "    " << equal << " = arith.cmpf oeq, %f, %e : " << element << '\n';
    if (hasBound) {
      if (element.isF64())
        stream << "    %d = arith.subf %f, %e : f64\n";
      else
        stream << "    %wf = arith.extf %f : " << element
               << " to f64\n    %we = arith.extf %e : " << element
               << " to f64\n    %d = arith.subf %wf, %we : f64\n";
      stream << "    %x = math.absf %d : f64\n";
    }
  }
  if (!hasBound)
    return;
  // A bound that is infinite bounds nothing.
  stream << "    %inf = arith.constant 0x7FF0000000000000 : f64\n"
         << "    %near = arith.cmpf ole, %x, %b : f64\n"
         << "    %open = arith.cmpf oeq, %b, %inf : f64\n"
         << "    %some = arith.ori %equal, %near : i1\n"
         << "    %ok = arith.ori %some, %open : i1\n";
}

void fuzz::printDifferencesFunction(StringRef name, const HostTensor &expected,
                                    const HostTensor *bound, Type element,
                                    llvm::raw_ostream &stream) {
  Type f64 = Float64Type::get(element.getContext());
  std::string identity, positions;
  for (int64_t d = 0; d < expected.rank(); ++d)
    positions += (d > 0 ? ", d" : "d") + std::to_string(d);
  identity = "affine_map<(" + positions + ") -> (" + positions + ")>";
  std::string toNumber = "affine_map<(" + positions + ") -> ()>";

  stream << "func.func @" << name << "(%found: ";
  printType(expected, element, stream);
  stream << ") -> tensor<i64> {\n  %expected = tn.constant ";
  printConstant(expected, element, stream);
  if (bound) {
    stream << "\n  %bound = tn.constant ";
    printConstant(*bound, f64, stream);
  }
  stream << "\n  %none = tn.constant dense<0> : tensor<i64>\n"
         << "  %count = linalg.generic {indexing_maps = [" << identity << ", " << identity << ", ";
  if (bound)
    stream << identity << ", ";
  stream << toNumber << "], iterator_types = [";
  for (int64_t d = 0; d < expected.rank(); ++d)
    stream << (d > 0 ? ", " : "") << "\"reduction\"";
  stream << "]}\n      ins(%found, %expected" << (bound ? ", %bound" : "") << " : ";
  printType(expected, element, stream);
  stream << ", ";
  printType(expected, element, stream);
  if (bound) {
    stream << ", ";
    printType(expected, f64, stream);
  }
  stream << ") outs(%none : tensor<i64>) {\n  ^bb0(%f: " << element << ", %e: " << element;
  if (bound)
    stream << ", %b: f64";
  stream << ", %n: i64):\n";
  printComparison(element, bound, stream);
  stream << "    %zero = arith.constant 0 : i64\n"
         << "    %one = arith.constant 1 : i64\n"
         << "    %bad = arith.select %ok, %zero, %one : i64\n"
         << "    %sum = arith.addi %n, %bad : i64\n"
         << "    linalg.yield %sum : i64\n"
         << "  } -> tensor<i64>\n"
         << "  return %count : tensor<i64>\n}\n";
}

/// A word of the printed tensor as FileCheck is to find it.
static StringRef patternOf(StringRef word, bool isFloat) {
  return isFloat && (word == "0" || word == "-0") ? StringRef("{{-?}}0") : word;
}

void fuzz::printExpectedLines(const HostTensor &expected, StringRef prefix,
                              llvm::raw_ostream &stream) {
  bool isFloat = expected.type().isFloat();
  SmallVector<StringRef> lines, words;
  std::string text = formatTensor(expected);
  StringRef(text).split(lines, '\n', -1, /*KeepEmpty=*/false);
  for (StringRef line : lines) {
    line = line.trim(' ');
    StringRef inner = line.ltrim('['), content = inner.rtrim(']');
    // Two brackets in a row would be a variable of FileCheck.
    stream << prefix << " {{^ *";
    for (size_t i = inner.size(); i < line.size(); ++i)
      stream << "\\[";
    stream << (inner.size() < line.size() ? " *}}" : "}}");
    words.clear();
    content.split(words, ' ', -1, /*KeepEmpty=*/false);
    llvm::interleave(
        words, stream, [&](StringRef word) { stream << patternOf(word, isFloat); }, " ");
    stream << "{{";
    for (size_t i = content.size(); i < inner.size(); ++i)
      stream << "\\]";
    stream << "$}}\n";
  }
}
