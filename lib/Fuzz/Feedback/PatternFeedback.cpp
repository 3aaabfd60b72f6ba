//===- PatternFeedback.cpp - Patterns that passes try and apply -------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "AppliedPatterns.h"
#include "tenon/Fuzz/Feedback.h"
#include "tenon/Support/MixBits.h"

#include "mlir/IR/Action.h"
#include "mlir/Pass/Pass.h"
#include "mlir/Rewrite/PatternApplicator.h"
#include "llvm/Support/xxhash.h"

#include <mutex>
#include <unordered_map>

using namespace mlir;
using namespace tenon;
using namespace tenon::fuzz;

namespace {

class ActionPatternFeedback;

/// What this thread is in.
struct Position {
  ActionPatternFeedback *feedback = nullptr;
  std::string pass;
  std::string pattern; ///< the last that was applied in the pass
  uint64_t passHash = 0, patternHash = 0;
};
thread_local Position position;

/// The name of a pattern: the action keeps the pattern to itself, but prints the name, at the end.
void readName(const ApplyPatternAction &attempt, SmallVectorImpl<char> &name) {
  llvm::raw_svector_ostream stream(name);
  attempt.print(stream);
  constexpr StringLiteral label = "pattern: ";
  size_t place = stream.str().find(label);
  if (place != StringRef::npos)
    name.erase(name.begin(), name.begin() + place + label.size());
}

/// What a pair says, so that the same names in another pair have another number.
enum class Relation : uint64_t { Tries = 1, Applies, Follows };

class ActionPatternFeedback final : public PatternFeedback {
public:
  std::string_view name() const override { return "patterns"; }

  void install(MLIRContext &context) override {
    noteAppliedPatterns([](const Pattern &pattern) {
      if (position.feedback)
        position.feedback->noteApplied(pattern.getDebugName());
    });
    context.registerActionHandler(
        [this](llvm::function_ref<void()> action, const tracing::Action &description) {
          if (auto *pass = dyn_cast<PassExecutionAction>(&description)) {
            // Passes nest: a pass manager is one too. Pairs of patterns end with a pass, so they do
            // not depend on the thread that runs it.
            Position outer = std::exchange(position, {});
            position.feedback = this;
            position.pass = pass->getPass().getName().str();
            position.passHash = llvm::xxh3_64bits(position.pass);
            action();
            position = std::move(outer);
            return;
          }
          if (auto *attempt = dyn_cast<ApplyPatternAction>(&description)) {
            SmallString<256> name;
            readName(*attempt, name);
            noteTried(name);
          }
          action();
        });
  }

  void begin() override {
    std::lock_guard<std::mutex> guard(mutex);
    fresh.clear();
    last.clear();
  }

  void end(std::vector<uint32_t> &newFeatures) override {
    std::lock_guard<std::mutex> guard(mutex);
    newFeatures.insert(newFeatures.end(), fresh.begin(), fresh.end());
    fresh.clear();
  }

  void markSeen(const std::vector<uint32_t> &features) override {
    std::lock_guard<std::mutex> guard(mutex);
    for (uint32_t feature : features)
      seen.try_emplace(feature);
  }

  size_t numSeen() const override {
    std::lock_guard<std::mutex> guard(mutex);
    return seen.size();
  }

  std::string describe(uint32_t feature) const override {
    std::lock_guard<std::mutex> guard(mutex);
    auto it = seen.find(feature);
    return it == seen.end() || it->second.empty()
               ? "a pair of patterns that this process has not met"
               : it->second;
  }

  std::string takeLastPattern() override {
    std::lock_guard<std::mutex> guard(mutex);
    return std::exchange(last, {});
  }

private:
  void noteTried(StringRef name) {
    uint64_t hash = llvm::xxh3_64bits(name);
    std::lock_guard<std::mutex> guard(mutex);
    note(Relation::Tries, position.passHash, hash,
         [&] { return position.pass + " tries " + name.str(); });
  }

  void noteApplied(StringRef name) {
    uint64_t hash = llvm::xxh3_64bits(name);
    std::lock_guard<std::mutex> guard(mutex);
    note(Relation::Applies, position.passHash, hash,
         [&] { return position.pass + " applies " + name.str(); });
    if (position.patternHash)
      note(Relation::Follows, position.patternHash, hash,
           [&] { return position.pattern + ", then " + name.str(); });
    position.patternHash = hash;
    position.pattern.assign(name.data(), name.size());
    last.assign(name.data(), name.size());
  }

  template <typename MakeText>
  void note(Relation relation, uint64_t first, uint64_t second, MakeText makeText) {
    uint64_t bits = mixBits(mixBits(static_cast<uint64_t>(relation) ^ first) ^ second);
    auto [it, isNew] = seen.try_emplace(static_cast<uint32_t>(bits >> 32));
    // Of a pair that another worker has told of, only the number is known.
    if (it->second.empty())
      it->second = makeText();
    if (isNew)
      fresh.push_back(it->first);
  }

  mutable std::mutex mutex;
  std::unordered_map<uint32_t, std::string> seen; ///< with the names, where this process met it
  std::vector<uint32_t> fresh;
  std::string last;
};

} // namespace

std::unique_ptr<PatternFeedback> tenon::fuzz::makePatternFeedback() {
  return std::make_unique<ActionPatternFeedback>();
}
