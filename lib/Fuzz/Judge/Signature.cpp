//===- Signature.cpp - What duplicates of a finding have in common --------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Signature.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/StringExtras.h"

#include <map>

using namespace mlir;
using namespace tenon;
using namespace tenon::fuzz;

/// Kinds of operations that a change is told by.
static constexpr size_t kMaxChanged = 6;

static bool isNameCharacter(char c) {
  return llvm::isAlnum(c) || c == '_' || c == '.' || c == '$' || c == '-';
}

/// Skips what is between `text[at]`, an opening mark, and the closing one; to the end where there
/// is none.
static size_t skipQuoted(StringRef text, size_t at, char close) {
  size_t end = text.find(close, at + 1);
  return end == StringRef::npos ? text.size() : end + 1;
}

std::string fuzz::withoutParticulars(StringRef message) {
  // The first line says what is wrong; notes say where.
  message = message.take_until([](char c) { return c == '\n'; });
  std::string result;
  for (size_t i = 0; i < message.size();) {
    char c = message[i];
    if (c == '\'' || c == '"' || c == '`') {
      // Operations are what a message is about; anything else in quotes is the program's.
      size_t end = skipQuoted(message, i, c);
      StringRef inside = message.slice(i + 1, end - 1);
      bool isOperation = inside.contains('.') && llvm::all_of(inside, isNameCharacter) &&
                         !llvm::isDigit(inside.front());
      result += isOperation ? message.slice(i, end).str() : "_";
      i = end;
    } else if (c == '%' || c == '@' || c == '#') {
      for (++i; i < message.size() && isNameCharacter(message[i]);)
        ++i;
      result += '_';
    } else if (c == '<') {
      i = skipQuoted(message, i, '>');
      result += "<>";
    } else if (llvm::isDigit(c)) {
      while (i < message.size() && (llvm::isAlnum(message[i]) || message[i] == '.'))
        ++i;
      result += 'N';
    } else {
      result += c;
      ++i;
    }
  }
  return result;
}

std::string fuzz::makeSignature(Oracle oracle, StringRef pass, StringRef message, StringRef types,
                                StringRef change) {
  std::string signature = (Twine(StringRef(nameOf(oracle))) + " | " + pass + " | " +
                           withoutParticulars(message) + " | " + types)
                              .str();
  return change.empty() ? signature : signature + " | " + change.str();
}

std::string fuzz::classOfTypes(ModuleOp module) {
  bool hasFloat = false, hasComplex = false, hasInteger = false, hasBit = false;
  auto see = [&](Type type) {
    type = getElementTypeOrSelf(type);
    hasFloat |= isa<FloatType>(type);
    hasComplex |= isa<ComplexType>(type);
    hasBit |= type.isInteger(1);
    hasInteger |= type.isIntOrIndex() && !type.isInteger(1);
  };
  for (auto function : module.getOps<func::FuncOp>()) {
    llvm::for_each(function.getArgumentTypes(), see);
    llvm::for_each(function.getResultTypes(), see);
  }
  SmallVector<StringRef> names;
  if (hasFloat)
    names.push_back("float");
  if (hasComplex)
    names.push_back("complex");
  if (hasInteger)
    names.push_back("integer");
  if (hasBit)
    names.push_back("i1");
  return llvm::join(names, "+");
}

OperationCounts fuzz::countOperations(ModuleOp module) {
  OperationCounts counts;
  module.walk([&](Operation *op) { ++counts[op->getName()]; });
  return counts;
}

std::string fuzz::describeChange(const OperationCounts &before, const OperationCounts &after) {
  std::map<StringRef, int64_t> changes;
  for (auto &[name, count] : before)
    changes[name.getStringRef()] -= count;
  for (auto &[name, count] : after)
    changes[name.getStringRef()] += count;
  SmallVector<std::string> fewer, more;
  for (auto &[name, change] : changes)
    if (change != 0)
      (change < 0 ? fewer : more).push_back((change < 0 ? "-" : "+") + name.str());
  if (fewer.size() + more.size() > kMaxChanged)
    return "";
  llvm::append_range(fewer, more);
  return llvm::join(fewer, " ");
}
