//===- ExportTest.h - A case as a test of the suite ---------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Fuzz/Genome.h"
#include "tenon/Fuzz/Outcome.h"

#include "mlir/IR/MLIRContext.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <functional>
#include <optional>
#include <string>

namespace tenon::fuzz {

struct ExportOptions {
  /// Whether tenon-opt has a pass of that name. A case with another one is replayed by tenon-fuzz.
  std::function<bool(llvm::StringRef)> isKnownPass = [](llvm::StringRef) { return true; };
  /// What a replay is done with; none: what the case itself decides.
  std::optional<uint64_t> draws;
};

/// A lit test, in the form of those in test/Regression, that fails while `finding` is there: the
/// program, its passes as a command line, the data as constants, and the tensor that the
/// interpreter computes from the program as it was written. Where the commands of users do not show
/// the fault (arguments in unusual layouts, programs that are compared with changed ones), the test
/// replays the genome by tenon-fuzz.
///
/// Fails where the source cannot be interpreted. The context must have the dialects of cases.
llvm::Expected<std::string> exportTest(const Genome &genome, const Finding &finding,
                                       mlir::MLIRContext &context,
                                       const ExportOptions &options = {});

/// The line of a test that replays the case in `file`.
std::string printReplayCommand(llvm::StringRef file, std::optional<uint64_t> draws);

/// The passes as `--pass-pipeline` takes them, each in its anchor.
std::string printPipeline(const std::vector<PassStep> &passes);

} // namespace tenon::fuzz
