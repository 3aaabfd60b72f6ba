//===- PackingModel.cpp - What a step of a plan packs into ------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "PackingModel.h"

#include "mlir/IR/BuiltinTypes.h"

using namespace mlir;
using namespace tenon;

static bool isHalf(Type type) { return type.isF16() || type.isBF16(); }

cpu::SumFormat tn::getSumFormat(Type accumulation) {
  cpu::SumFormat sum;
  if (auto complexType = dyn_cast<ComplexType>(accumulation)) {
    sum.parts = 2;
    accumulation = complexType.getElementType();
  }
  int64_t bits = accumulation.isIndex() ? 64 : accumulation.getIntOrFloatBitWidth();
  sum.bytes = isHalf(accumulation) ? 4 : std::max<int64_t>(1, bits / 8);
  sum.isRoundedOnce = isHalf(accumulation);
  return sum;
}

/// A product of extents from its logarithm; beyond the cap, blocks no longer depend on it.
static int64_t getExtent(double log2, int64_t cap) {
  return static_cast<int64_t>(std::clamp(std::round(std::exp2(log2)), 1.0, double(cap)));
}

std::function<double(const planner::StepSizes &)>
tn::makePackingModel(const cpu::Processor &processor, Type accumulation, Type result,
                     bool readsBF16) {
  cpu::SumFormat sum = getSumFormat(accumulation);
  // The last step may round where the others do not.
  bool mayRound = isHalf(result) && !sum.isRoundedOnce;
  // Which steps read such operands, rather than what other steps made of them, is not known.
  bool mayDot = readsBF16 && processor.dotsBF16;
  return [processor, sum, mayRound, mayDot](const planner::StepSizes &step) {
    // k alone is never cut where sums are rounded once; products of these stay below 2^63.
    constexpr int64_t cap = int64_t(1) << 30, capOfK = int64_t(1) << 45;
    double k = step.ops - step.result, m = step.ops - step.rhs, n = step.ops - step.lhs;
    cpu::ContractionSizes sizes;
    sizes.m = getExtent(m, cap);
    sizes.n = getExtent(n, cap);
    sizes.k = getExtent(k, capOfK);
    sizes.batch = getExtent(step.ops - m - n - k, cap);
    // Dimensions of extent 1 are dropped.
    sizes.rank = static_cast<int64_t>(std::max(0.0, step.ops) + 1e-9);
    // Runs may be cut off from a dimension of n and one of k (sizesOfCalls).
    sizes.rank += 2;
    cpu::ContractionSizes exchanged = sizes;
    std::swap(exchanged.m, exchanged.n);
    int64_t bytes = 0;
    auto consider = [&](const cpu::SumFormat &format) {
      for (cpu::ContractionSizes order : {sizes, exchanged}) {
        // The order of indices, and with it the strategy of small products, is not known yet.
        const bool streams = cpu::isTinyTimesLarge(order), gathers = cpu::isLittleForMany(order);
        for (int kind = 0; kind < 7; ++kind) {
          const bool isStream = kind == 4 || kind == 5, isScattered = kind == 6;
          if ((isStream && !streams) || (isScattered && !gathers))
            continue;
          order.readsRuns = kind != 0;
          order.areMatrices = kind == 2;
          order.runsAlongBatch = kind == 3;
          order.isStream = isStream;
          order.runOfN = kind == 5 ? order.n : 0;
          order.isScattered = isScattered;
          bytes = std::max(bytes, cpu::workspaceBytes(cpu::chooseBlocking(format, order, processor),
                                                      format, order));
        }
      }
    };
    for (bool rounds : {false, true})
      for (bool dots : {false, true}) {
        if ((rounds && !mayRound) || (dots && !mayDot))
          continue;
        cpu::SumFormat format = sum;
        format.isRoundedOnce |= rounds;
        format.isOfBF16 = dots;
        consider(format);
      }
    return static_cast<double>(bytes);
  };
}
