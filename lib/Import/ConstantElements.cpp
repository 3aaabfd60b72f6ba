//===- ConstantElements.cpp - Constants in an element type ------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "ConstantElements.h"

#include "mlir/IR/AsmState.h"
#include "mlir/IR/BuiltinTypes.h"
#include "llvm/ADT/APFloat.h"
#include "llvm/ADT/APSInt.h"

using namespace mlir;
using namespace tenon;
using frontend::ElementType;

/// Bytecode is read from a buffer that must be aligned as the resources in it are, and LLVM's
/// memory buffers are aligned to no more than this.
static constexpr size_t kResourceAlignment = 16;

static void appendBits(const llvm::APInt &bits, std::string &bytes) {
  uint64_t word = bits.getZExtValue();
  for (unsigned width = std::max(8u, bits.getBitWidth()); width > 0; width -= 8) {
    bytes += static_cast<char>(word);
    word >>= 8;
  }
}

static void appendFloat(double value, const llvm::fltSemantics &semantics, std::string &bytes) {
  llvm::APFloat number(value);
  bool losesInfo = false;
  number.convert(semantics, llvm::APFloat::rmNearestTiesToEven, &losesInfo);
  appendBits(number.bitcastToAPInt(), bytes);
}

static bool appendInteger(double value, unsigned width, bool isUnsigned, std::string &bytes) {
  llvm::APSInt number(width, isUnsigned);
  bool isExact = false;
  llvm::APFloat::opStatus status =
      llvm::APFloat(value).convertToInteger(number, llvm::APFloat::rmTowardZero, &isExact);
  if (status != llvm::APFloat::opOK)
    return false;
  appendBits(number, bytes);
  return true;
}

/// Appends one element; false if the type cannot hold it.
static bool appendElement(std::complex<double> value, ElementType type, std::string &bytes) {
  auto appendComplex = [&](const llvm::fltSemantics &semantics) {
    appendFloat(value.real(), semantics, bytes);
    appendFloat(value.imag(), semantics, bytes);
    return true;
  };
  if (type == ElementType::C64)
    return appendComplex(llvm::APFloat::IEEEsingle());
  if (type == ElementType::C128)
    return appendComplex(llvm::APFloat::IEEEdouble());
  if (value.imag() != 0.0)
    return false;

  auto appendReal = [&](const llvm::fltSemantics &semantics) {
    appendFloat(value.real(), semantics, bytes);
    return true;
  };
  auto appendWhole = [&](unsigned width, bool isUnsigned) {
    return appendInteger(value.real(), width, isUnsigned, bytes);
  };
  switch (type) {
  case ElementType::F16:
    return appendReal(llvm::APFloat::IEEEhalf());
  case ElementType::BF16:
    return appendReal(llvm::APFloat::BFloat());
  case ElementType::F32:
    return appendReal(llvm::APFloat::IEEEsingle());
  case ElementType::F64:
    return appendReal(llvm::APFloat::IEEEdouble());
  case ElementType::I1:
    return appendWhole(1, /*isUnsigned=*/true);
  case ElementType::I8:
  case ElementType::U8:
    return appendWhole(8, type == ElementType::U8);
  case ElementType::I16:
  case ElementType::U16:
    return appendWhole(16, type == ElementType::U16);
  case ElementType::I32:
  case ElementType::U32:
    return appendWhole(32, type == ElementType::U32);
  case ElementType::I64:
  case ElementType::U64:
    return appendWhole(64, type == ElementType::U64);
  case ElementType::C64:
  case ElementType::C128:
    break;
  }
  llvm_unreachable("complex types are handled above");
}

std::optional<size_t> tenon::appendElements(const frontend::Constant &constant, ElementType type,
                                            std::string &bytes) {
  for (auto [position, element] : llvm::enumerate(constant.elements))
    if (!appendElement(element, type, bytes))
      return position;
  return std::nullopt;
}

DenseElementsAttr tenon::makeInlineElements(RankedTensorType type, llvm::StringRef bytes) {
  // A dense attribute packs i1 into bits.
  if (type.getElementType().isInteger(1)) {
    SmallVector<bool> values(bytes.begin(), bytes.end());
    return DenseElementsAttr::get(type, values);
  }
  return DenseElementsAttr::getFromRawBuffer(type, ArrayRef<char>(bytes.data(), bytes.size()));
}

DenseResourceElementsAttr tenon::makeResourceElements(RankedTensorType type, llvm::StringRef name,
                                                      llvm::StringRef bytes) {
  return DenseResourceElementsAttr::get(
      type, name,
      HeapAsmResourceBlob::allocateAndCopyWithAlign(ArrayRef<char>(bytes.data(), bytes.size()),
                                                    kResourceAlignment, /*dataIsMutable=*/false));
}
