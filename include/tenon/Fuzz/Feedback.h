//===- Feedback.h - What a case reached for the first time --------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "mlir/IR/MLIRContext.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace tenon::fuzz {

/// A source of features. A feature is a number that means the same in every process of one build.
class Feedback {
public:
  virtual ~Feedback() = default;
  virtual std::string_view name() const = 0;
  /// Forgets what the last case did.
  virtual void begin() = 0;
  /// Appends the features of the case since begin() that this process had not seen.
  virtual void end(std::vector<uint32_t> &newFeatures) = 0;
  /// Marks features as seen that another worker has reported.
  virtual void markSeen(const std::vector<uint32_t> &features) = 0;
  virtual size_t numSeen() const = 0;
  /// How many there can be; 0: not known.
  virtual size_t total() const { return 0; }
};

/// Edges of Tenon's code (inline counters of the `fuzz` preset, in classes 1, 2, 3, 4-7, 8-15, …). Null where the code has no counters.
std::unique_ptr<Feedback> makeEdgeFeedback();

/// Basic blocks of the MLIR archives that are linked in: a breakpoint at each, which goes away when it is hit. At most once per process.
/// Null, with the reason in `error`, where the platform is not x86-64 Linux or the text cannot be made writable.
/// `cacheDirectory` keeps the list of blocks of a binary.
std::unique_ptr<Feedback> makeBlockFeedback(const std::string &cacheDirectory, std::string &error);

/// Pairs (pass, pattern) and (pattern, pattern after it) of MLIR's action tracing. install() for every new context.
class PatternFeedback : public Feedback {
public:
  virtual void install(mlir::MLIRContext &context) = 0;
  /// The last pattern that was applied, for signatures.
  virtual std::string lastPattern() const = 0;
};
std::unique_ptr<PatternFeedback> makePatternFeedback();

} // namespace tenon::fuzz
