//===- TimeTable.h - What a machine was measured to do ----------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// The numbers behind the cost model `time`: how fast contractions of different shapes run, how fast
// memory is, what a step costs whatever it computes, and what threads gain. `tenon-calibrate`
// measures them; docs/calibration.md describes the file.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Planner/Result.h"

#include <string>
#include <string_view>
#include <vector>

namespace tenon::planner {

/// A table is valid when `parse` accepts its `text`.
struct TimeTable {
  /// How many multiply-adds a second one thread does on contractions of this shape: `batch`
  /// products of m x k and k x n elements. What a call costs beside them is not in it.
  struct Rate {
    double batch = 1, m = 1, n = 1, k = 1;
    double whole = 0; ///< where batch, m, n and k are one dimension each
    double cut = 0;   ///< where they are many dimensions of extent 2 that alternate
  };
  /// Bytes a second at which contractions read operands and write results, where that is what
  /// limits them and operands and result have so many bytes together.
  struct Bandwidth {
    double bytes = 0;
    double read = 0, written = 0;
  };
  /// How many times as fast so many threads are as one.
  struct Threads {
    unsigned count = 1;
    double split = 1;  ///< a large contraction that they share, limited by arithmetic
    double memory = 1; ///< the same, limited by memory
    double slices = 1; ///< slices, each on one thread
    double wake = 0;   ///< seconds that sharing a contraction costs
  };
  /// Elements that sums of one operand add a second, where its innermost dimension has this extent
  /// and a cache holds it.
  struct Sum {
    double length = 0;
    double along = 0;     ///< over that dimension
    double across = 0;    ///< over others: it is innermost in the result as well
    double scattered = 0; ///< over others: it is not
  };
  /// Elements that permutations move a second, of so many bytes.
  struct Permutation {
    double bytes = 0;
    double turned = 0;   ///< transposed matrices
    double shuffled = 0; ///< dimensions of extent 2 in another order
  };
  /// Seconds for each element that two-operand contractions take longer where elements of an
  /// operand, or of the result, lie side by side in runs of this length.
  struct Run {
    double length = 0;
    double read = 0, written = 0;
  };
  /// The same for operands that are transposed while they are packed; for each multiply-add of
  /// products that do not pack; and for operands that are strided views.
  struct Turns {
    double summed = 0;   ///< a summed dimension is innermost
    double kept = 0;     ///< another one than in the result, which is that operand's too
    double gathered = 0; ///< neither operand and result nor the operands have the same innermost
    double apart = 0;    ///< an element that is alone in its line
  };
  struct Type {
    std::string name;
    /// What sides of a product are rounded up to: rows and columns of the smallest tile.
    unsigned rows = 1, columns = 1;
    std::vector<Sum> sums;                 ///< by rising length, at least one
    std::vector<Permutation> permutations; ///< by rising bytes, at least one
    std::vector<Run> runs;                 ///< by rising length, the first is 1
    Turns turns;
    /// A full grid: every combination of the batch extents, of m <= n from one axis, and of k, all
    /// of them powers of two and 1 among each.
    std::vector<Rate> rates;
  };

  /// Which machine this is; one line, for people.
  std::string machine;
  double call = 0;  ///< seconds of a step that computes next to nothing
  double slice = 0; ///< seconds of a slice that does
  /// Seconds per byte of a workspace that is allocated anew for each call, above `keptBytes`.
  double page = 0;
  double keptBytes = 0;
  std::vector<Bandwidth> bandwidths; ///< by rising bytes, at least one
  std::vector<Threads> threads;      ///< by rising count, the first is 1
  std::vector<Type> types;           ///< at least one

  /// Reads a file's text. An error begins with `name`, line and column, and says what was found
  /// there and what was expected.
  static Result<TimeTable> parse(std::string_view text, std::string_view name);

  /// Reads a file. Errors as `parse`, and a file that cannot be read.
  static Result<TimeTable> load(const std::string &path);

  /// The text that `parse` reads; rates are rounded to four digits.
  std::string print() const;

  /// The table that the library carries.
  static const TimeTable &shipped();

  /// The rows for an element type (`f32`, `c128`, `i16`, ...): its own, or those of the type that
  /// stands in for it, f64 for integers of 64 bits and f32 for all other reals. The error lists
  /// what there is.
  Result<const Type *> typeFor(std::string_view name) const;
};

} // namespace tenon::planner
