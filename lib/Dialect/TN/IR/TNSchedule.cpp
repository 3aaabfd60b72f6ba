//===- TNSchedule.cpp - tn.call_contraction and its kernels -----------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Dialect/TN/IR/TN.h"
#include "tenon/KernelModel/Blocking.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/SymbolTable.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::tn;

LogicalResult ContractionKernelAttr::verify(function_ref<InFlightDiagnostic()> emitError, Type typeA, Type typeB,
                                            Type typeC, Type accumulate, Semiring semiring, bool, bool, bool,
                                            StringRef strategy, int64_t lanes, int64_t dot, ArrayRef<int64_t> tile) {
  if (!cpu::strategyFromName(strategy))
    return emitError() << "unknown strategy '" << strategy << "'; expected packed, direct, batched, interleaved, streamed or gathered";
  if (tile.size() != 2)
    return emitError() << "expected tile = [mr, nr], found " << tile.size() << " numbers";
  if (lanes < 1 || tile[0] < 1 || tile[1] < 1 || tile[1] % lanes != 0)
    return emitError() << "expected a tile of positive extents, the second a multiple of " << lanes << " lanes, found ["
                       << tile[0] << ", " << tile[1] << "]";
  bool isOfBF16 = typeA.isBF16() && typeB.isBF16() && (accumulate.isBF16() || accumulate.isF32());
  if (dot != 1 && (dot != 2 || strategy != "packed" || semiring != Semiring::PlusTimes || !isOfBF16))
    return emitError() << "expected dot = 1, or 2 of a packed kernel that sums products of two bf16 in bf16 or f32, found dot = " << dot;
  if (dot == 2 && lanes != 4 && lanes != 8 && lanes != 16)
    return emitError() << "expected 4, 8 or 16 lanes with dot = 2, found " << lanes;
  if (!isLegalSemiring(semiring, accumulate))
    return emitError() << "semiring " << stringifySemiring(semiring) << " is not defined on " << accumulate;
  return success();
}

SmallVector<int64_t> CallContractionOp::getExtents() {
  SmallVector<int64_t> extents(getOrder().size(), 1);
  auto note = [&](ArrayRef<int64_t> list, Value buffer) {
    for (auto [index, extent] : llvm::zip_equal(list, cast<MemRefType>(buffer.getType()).getShape()))
      extents[index] = extent;
  };
  note(getIndicesA(), getA());
  note(getIndicesB(), getB());
  note(getIndicesC(), getC());
  return extents;
}

LogicalResult CallContractionOp::verify() {
  int64_t count = getOrder().size();
  SmallVector<int64_t> extents(count, ShapedType::kDynamic), uses(count, 0);
  auto check = [&](StringRef name, ArrayRef<int64_t> list, Value buffer, int64_t bit) -> LogicalResult {
    auto type = dyn_cast<MemRefType>(buffer.getType());
    if (!type || !type.hasStaticShape())
      return emitOpError() << name << " must be a memref of static extents, found " << buffer.getType();
    if (type.getRank() != static_cast<int64_t>(list.size()))
      return emitOpError() << name << " has rank " << type.getRank() << ", but " << list.size() << " indices";
    for (auto [index, extent] : llvm::zip_equal(list, type.getShape())) {
      if (index < 0 || index >= count)
        return emitOpError() << name << " has index " << index << ", but the order lists " << count;
      if (uses[index] & bit)
        return emitOpError() << "index " << index << " is repeated in " << name;
      uses[index] |= bit;
      if (!ShapedType::isDynamic(extents[index]) && extents[index] != extent)
        return emitOpError() << "index " << index << " has extents " << extents[index] << " and " << extent;
      extents[index] = extent;
    }
    return success();
  };
  if (failed(check("A", getIndicesA(), getA(), 1)) || failed(check("B", getIndicesB(), getB(), 2)) ||
      failed(check("C", getIndicesC(), getC(), 4)))
    return failure();
  SmallVector<bool> isListed(count, false);
  for (int64_t index : getOrder()) {
    if (index < 0 || index >= count || isListed[index])
      return emitOpError("the order is not a permutation of the indices");
    isListed[index] = true;
  }
  for (int64_t index = 0; index < count; ++index)
    if ((uses[index] & 3) == 0)
      return emitOpError() << "index " << index << " is in neither A nor B";
  // The limits of the schedule table (ScheduleCheck.cpp).
  constexpr int64_t largest = int64_t(1) << 31;
  ArrayRef<int64_t> blocks = getBlocks();
  if (blocks.size() != 3 || llvm::any_of(blocks, [](int64_t block) { return block < 0 || block > largest; }) || blocks[0] < 1 || blocks[1] < 1)
    return emitOpError() << "expected blocks [mc, nc, kc], numbers from 1 to 2^31 (kc = 0: k is not split), found [" << blocks << "]";
  if (getWays() < 1 || getSplitGrain() < 1)
    return emitOpError("expected a positive grain and number of threads to split by");
  return success();
}

LogicalResult CallContractionOp::verifySymbolUses(SymbolTableCollection &symbols) {
  auto kernel = symbols.lookupNearestSymbolFrom<func::FuncOp>(*this, getCalleeAttr());
  auto attribute = kernel ? kernel->getAttrOfType<ContractionKernelAttr>("tn.kernel") : ContractionKernelAttr();
  if (!attribute)
    return emitOpError() << "'" << getCallee() << "' is not a function with a 'tn.kernel' attribute";
  // Panels are cut in whole tiles; the kernel and the size of its packing buffer rely on it.
  ArrayRef<int64_t> blocks = getBlocks(), tile = attribute.getTile();
  if (attribute.getStrategy() == "packed" && (blocks[0] % tile[0] != 0 || blocks[1] % tile[1] != 0 || blocks[2] % 4 != 0))
    return emitOpError() << "expected blocks [mc, nc, kc] in multiples of [" << tile[0] << ", " << tile[1] << ", 4] for '" << getCallee()
                         << "', found [" << blocks << "]";
  // Summed in f32 and stored in fewer bits: a split k would round more than once.
  if ((attribute.getTypeC().isF16() || attribute.getTypeC().isBF16()) && blocks[2] != 0)
    return emitOpError() << "'" << getCallee() << "' rounds its sums to " << attribute.getTypeC() << "; expected kc = 0 (k is not split), found "
                         << blocks[2];
  return success();
}
