//===- ExpandBF16.cpp - bfloat16 without hardware for it --------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Target/ExpandBF16.h"

#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/Module.h"

using namespace llvm;

namespace {
/// Writes the replacement of one instruction in front of it.
class Expander {
public:
  explicit Expander(Instruction &instruction) : instruction(instruction), b(&instruction) {}

  /// Null where the instruction may stay.
  Value *expand();

private:
  /// `scalar`, or a vector of it where the instruction has vectors.
  Type *shaped(Type *scalar) const { return instruction.getType()->getWithNewType(scalar); }
  Value *number(Value *like, uint64_t value) const { return ConstantInt::get(like->getType(), value); }
  Value *extend(Value *value) { return b.CreateFPExt(value, shaped(b.getFloatTy())); }

  Value *roundFloat(Value *value);
  Value *roundDoubleToOdd(Value *value);
  Value *convertInteger(CastInst &cast);

  Instruction &instruction;
  IRBuilder<> b;
};
} // namespace

/// From float to bfloat: the upper half of the bits, to nearest even.
Value *Expander::roundFloat(Value *value) {
  Value *bits = b.CreateBitCast(value, shaped(b.getInt32Ty()));
  Value *upper = b.CreateLShr(bits, 16);
  Value *isOdd = b.CreateAnd(upper, number(upper, 1));
  Value *rounded = b.CreateLShr(b.CreateAdd(b.CreateAdd(bits, number(bits, 0x7fff)), isOdd), 16);
  Value *quiet = b.CreateOr(upper, number(upper, 0x40));
  Value *result = b.CreateSelect(b.CreateFCmpUNO(value, value), quiet, rounded);
  return b.CreateBitCast(b.CreateTrunc(result, shaped(b.getInt16Ty())), shaped(b.getBFloatTy()));
}

/// From double to float, to the neighbour whose last bit is one where it is not exact: a second rounding, to fewer bits,
/// then gives what one rounding would have given (Boldo and Melquiond, "When double rounding is odd", 2005).
Value *Expander::roundDoubleToOdd(Value *value) {
  Value *nearest = b.CreateFPTrunc(value, shaped(b.getFloatTy()));
  Value *back = b.CreateFPExt(nearest, value->getType());
  Value *isAway = b.CreateFCmpOGT(b.CreateUnaryIntrinsic(Intrinsic::fabs, back), b.CreateUnaryIntrinsic(Intrinsic::fabs, value));
  Value *bits = b.CreateBitCast(nearest, shaped(b.getInt32Ty()));
  Value *towardsZero = b.CreateSub(bits, b.CreateZExt(isAway, bits->getType()));
  Value *isInexact = b.CreateFCmpONE(back, value);
  Value *odd = b.CreateOr(towardsZero, b.CreateZExt(isInexact, bits->getType()));
  return b.CreateBitCast(odd, nearest->getType());
}

/// Through a type that holds the integer. Of an integer beyond double's, the bits that double lacks become one sticky bit.
Value *Expander::convertInteger(CastInst &cast) {
  Value *from = cast.getOperand(0);
  bool isSigned = isa<SIToFPInst>(cast);
  unsigned width = from->getType()->getScalarSizeInBits();
  if (width > 64)
    return nullptr;
  if (width <= 24)
    return roundFloat(b.CreateCast(cast.getOpcode(), from, shaped(b.getFloatTy())));
  if (width > 53) {
    constexpr uint64_t kLimit = uint64_t(1) << 53, kLow = 0x7ff;
    from = isSigned ? b.CreateSExt(from, shaped(b.getInt64Ty())) : b.CreateZExt(from, shaped(b.getInt64Ty()));
    Value *isBig = isSigned ? b.CreateICmpUGT(b.CreateAdd(from, number(from, kLimit)), number(from, 2 * kLimit))
                            : b.CreateICmpUGT(from, number(from, kLimit));
    Value *isSticky = b.CreateICmpNE(b.CreateAnd(from, number(from, kLow)), number(from, 0));
    Value *sticky = b.CreateShl(b.CreateZExt(isSticky, from->getType()), 11);
    Value *shortened = b.CreateOr(b.CreateAnd(from, number(from, ~kLow)), sticky);
    from = b.CreateSelect(isBig, shortened, from);
  }
  return roundFloat(roundDoubleToOdd(b.CreateCast(cast.getOpcode(), from, shaped(b.getDoubleTy()))));
}

Value *Expander::expand() {
  Type *type = instruction.getType();
  if (!type->getScalarType()->isBFloatTy())
    return nullptr;
  if (isa<FPMathOperator>(instruction))
    b.setFastMathFlags(instruction.getFastMathFlags());
  if (auto *truncation = dyn_cast<FPTruncInst>(&instruction)) {
    b.clearFastMathFlags();
    Value *from = truncation->getOperand(0);
    Type *fromType = from->getType()->getScalarType();
    if (fromType->isDoubleTy())
      from = roundDoubleToOdd(from);
    else if (!fromType->isFloatTy())
      return nullptr;
    return roundFloat(from);
  }
  if (isa<SIToFPInst, UIToFPInst>(instruction))
    return convertInteger(cast<CastInst>(instruction));
  Value *wide = nullptr;
  if (auto *binary = dyn_cast<BinaryOperator>(&instruction)) {
    wide = b.CreateBinOp(binary->getOpcode(), extend(binary->getOperand(0)), extend(binary->getOperand(1)));
  } else if (auto *unary = dyn_cast<UnaryOperator>(&instruction)) {
    wide = b.CreateUnOp(unary->getOpcode(), extend(unary->getOperand(0)));
  } else if (auto *call = dyn_cast<IntrinsicInst>(&instruction)) {
    SmallVector<Value *> arguments;
    for (Value *argument : call->args()) {
      if (argument->getType() != type)
        return nullptr;
      arguments.push_back(extend(argument));
    }
    wide = b.CreateIntrinsic(call->getIntrinsicID(), {shaped(b.getFloatTy())}, arguments);
  }
  if (!wide)
    return nullptr;
  b.clearFastMathFlags();
  return roundFloat(wide);
}

void tenon::expandBF16(Module &module) {
  SmallVector<Instruction *> all;
  for (Function &function : module)
    for (Instruction &instruction : llvm::instructions(function))
      all.push_back(&instruction);
  for (Instruction *instruction : all)
    if (Value *expanded = Expander(*instruction).expand()) {
      instruction->replaceAllUsesWith(expanded);
      instruction->eraseFromParent();
    }
}
