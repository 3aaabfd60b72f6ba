//===- UniqueConstants.cpp - Equal constants are one ------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Inline constants are uniqued attributes, which common-subexpression elimination compares.
// Resources are compared by name there; here their bytes are.
//
//===----------------------------------------------------------------------===//
#include "UniqueConstants.h"

#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/IR/PatternMatch.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/xxhash.h"

#include <unordered_map>

using namespace mlir;
using namespace tenon;
using namespace tenon::tn;

int64_t simplify::uniqueResources(Operation *root, RewriterBase &rewriter) {
  int64_t replaced = 0;
  std::unordered_map<uint64_t, SmallVector<ConstantOp, 1>> known;
  auto bytesOf = [](ConstantOp op) -> ArrayRef<char> {
    auto resource = dyn_cast<DenseResourceElementsAttr>(op.getValue());
    AsmResourceBlob *blob = resource ? resource.getRawHandle().getBlob() : nullptr;
    return blob ? blob->getData() : ArrayRef<char>();
  };
  root->walk<WalkOrder::PreOrder>([&](ConstantOp op) {
    ArrayRef<char> bytes = bytesOf(op);
    if (bytes.empty())
      return;
    SmallVector<ConstantOp, 1> &candidates = known[llvm::xxh3_64bits(
        llvm::arrayRefFromStringRef(StringRef(bytes.data(), bytes.size())))];
    for (ConstantOp other : candidates)
      if (other.getType() == op.getType() && other.getValue() != op.getValue() &&
          bytesOf(other) == bytes) {
        // The operation keeps its place: only the attribute is shared, for CSE to see.
        rewriter.modifyOpInPlace(op, [&] { op.setValueAttr(other.getValueAttr()); });
        ++replaced;
        return;
      }
    candidates.push_back(op);
  });
  return replaced;
}
