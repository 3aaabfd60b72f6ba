//===- Case.cpp - A program on its way past the oracles -------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Case.h"

#include "Signature.h"

#include "tenon/Support/MixBits.h"

using namespace tenon;
using namespace tenon::fuzz;

void Case::beginPhase(const llvm::Twine &phase) const {
  if (options.onPhase)
    options.onPhase(phase.str());
}

uint64_t Case::draw(uint64_t purpose) const { return mixBits(hash ^ mixBits(purpose)); }

void Case::beginPatterns() {
  if (options.takeLastPattern)
    options.takeLastPattern();
  pattern.clear();
}

void Case::endPatterns() {
  if (options.takeLastPattern)
    pattern = options.takeLastPattern();
}

void Case::report(Oracle oracle, llvm::StringRef pass, std::string detail, llvm::StringRef message,
                  llvm::StringRef change) {
  std::string signature = makeSignature(
      oracle, pass, message.empty() ? llvm::StringRef(detail) : message, types, change);
  outcome.findings.push_back({oracle, pass.str(), std::move(detail), std::move(signature)});
}
