//===- TuningTable.h - Measured choices of kernels ----------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Which strategy, tile and blocks were measured to be the fastest for which contractions, on one
// processor. A tuning file is such a table as text: tenon-run and tenon-compile write it with
// --tune, and read it with --tuning.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/KernelModel/Blocking.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace tenon::cpu {

class TuningTable {
public:
  /// One choice, and what was measured when it was made: for people, in a file the remark before
  /// the choice.
  struct Entry {
    Blocking blocking;
    std::string note;
  };

  explicit TuningTable(const Processor &processor) : processor(processor) {}

  /// Reads the form that text() writes. nullopt, and in `error` the line and what is wrong with it,
  /// for anything else: for a choice that kernels of `processor` cannot be made with or called
  /// with, too. Linear time.
  static std::optional<TuningTable> parse(std::string_view text, const Processor &processor,
                                          std::string &error);
  /// Reads a tuning file; errors name it.
  static std::optional<TuningTable> readFile(const std::string &path, const Processor &processor,
                                             std::string &error);

  /// The choice for a contraction (the key: types and shape as one line of text); null without one.
  const Blocking *find(std::string_view contraction) const;
  /// Makes or replaces a choice. `contraction` and `note` have no line breaks.
  void set(std::string contraction, Entry entry);
  size_t size() const { return entries.size(); }

  /// The table as a tuning file: a line that names the format, one for the processor, and then two
  /// for each contraction, `contraction KEY` and `packed lanes 16 tile 12x32 blocks 504 4096 384`.
  /// Lines that begin with '#' are remarks.
  std::string text() const;

private:
  Processor processor;
  std::map<std::string, Entry, std::less<>> entries;
};

/// Whether a kernel can be made of this blocking, and called with it, on a processor: what is wrong
/// with it, or an empty text. Registers are not counted: a tile that is too large is slow, not
/// wrong.
std::string explainBlocking(const Blocking &blocking, const Processor &processor);

} // namespace tenon::cpu
