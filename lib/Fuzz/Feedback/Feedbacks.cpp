//===- Feedbacks.cpp - Feedbacks by name ------------------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Fuzz/Feedback.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"

using namespace tenon::fuzz;

std::optional<Feedbacks> tenon::fuzz::makeFeedbacks(std::string_view names,
                                                    const std::string &cacheDirectory,
                                                    std::string &error) {
  llvm::SmallVector<llvm::StringRef> wanted;
  if (names != "none")
    llvm::StringRef(names).split(wanted, ',');
  // All names are looked at before anything is made: blocks change the running code.
  for (auto [number, name] : llvm::enumerate(wanted)) {
    if (!llvm::is_contained({"edges", "blocks", "patterns"}, name)) {
      error = "unknown feedback '" + name.str() +
              "'; expected a list of edges, blocks and patterns, or none";
      return std::nullopt;
    }
    if (llvm::is_contained(llvm::ArrayRef(wanted).take_front(number), name)) {
      error = "feedback '" + name.str() + "' is named twice; once is enough";
      return std::nullopt;
    }
  }
  Feedbacks result;
  for (llvm::StringRef name : wanted) {
    std::string reason = "this build has no counters; the preset fuzz has";
    std::unique_ptr<Feedback> feedback;
    if (name == "edges") {
      feedback = makeEdgeFeedback();
    } else if (name == "blocks") {
      feedback = makeBlockFeedback(cacheDirectory, reason);
    } else {
      std::unique_ptr<PatternFeedback> patterns = makePatternFeedback();
      result.patterns = patterns.get();
      feedback = std::move(patterns);
    }
    if (feedback)
      result.all.push_back(std::move(feedback));
    else
      result.missing.push_back(name.str() + ": " + reason);
  }
  return result;
}
