//===- Feedback.h - What a case reached for the first time --------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "mlir/IR/MLIRContext.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
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
  /// A feature for people: a function's name with its line or offset, or names of patterns. Slow.
  virtual std::string describe(uint32_t feature) const = 0;
};

/// Edges of Tenon's code: inline counters of the `fuzz` preset, in the classes 1, 2, 3, 4-7, 8-15,
/// 16-31, 32-127, 128 and more, each a feature. Null where the code has no counters. The counters
/// belong to the process: one object at a time.
std::unique_ptr<Feedback> makeEdgeFeedback();

/// Basic blocks of the MLIR archives that are linked in: a breakpoint at each, which goes away when
/// it is hit. One object at a time in a process, made while no other thread runs; breakpoints that
/// are left go away with it. Handles SIGTRAP, which no thread that runs MLIR may block; a debugger
/// sees each first hit. A child made by fork counts for itself. Null, with the reason in `error`,
/// where the platform is not x86-64 Linux or the text cannot be made writable. `cacheDirectory`
/// keeps the list of blocks of a binary (a second's work); empty: none is kept.
std::unique_ptr<Feedback> makeBlockFeedback(const std::string &cacheDirectory, std::string &error);

/// Pairs (pass, pattern that it tries), (pass, pattern that it applies) and (pattern applied,
/// pattern applied after it in the same pass). A pair's number is a hash of the names. install()
/// for every new context, which must not outlive this object.
class PatternFeedback : public Feedback {
public:
  virtual void install(mlir::MLIRContext &context) = 0;
  /// The pattern that was applied last, for signatures; empty after begin(), and until one is applied again.
  virtual std::string takeLastPattern() = 0;
};
std::unique_ptr<PatternFeedback> makePatternFeedback();

/// What makeFeedbacks made.
struct Feedbacks {
  std::vector<std::unique_ptr<Feedback>> all;
  /// The one of `all` that contexts must know, or null.
  PatternFeedback *patterns = nullptr;
  /// A line for each that was asked for and cannot be had here, with the reason.
  std::vector<std::string> missing;
};

/// Of a list such as "edges,blocks,patterns", or "none". Empty, with what is wrong in `error`, for
/// a name that is not known or comes twice.
std::optional<Feedbacks> makeFeedbacks(std::string_view names, const std::string &cacheDirectory,
                                       std::string &error);

} // namespace tenon::fuzz
