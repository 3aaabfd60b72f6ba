//===- PassCatalog.h - What the fuzzer knows about passes ---------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// For each pass that a genome may contain: at which level of IR it runs, which level it leaves, the
// options that are drawn for it, and whether it may refuse its input with a diagnostic. A pass of
// Tenon without a description fails a test (unittests/Fuzz). No MLIR.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Fuzz/Genome.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tenon::fuzz {

/// What the values of a function are, and which dialects it is in. Each level is reached from the
/// one before by one pass or pipeline.
enum class Level : uint8_t {
  Network,     ///< tn (and linalg, tensor, arith) on tensors: as built
  Tensor,      ///< linalg, tensor, scf, arith on tensors: after convert-tn-to-linalg. The reference
               ///< interpreter runs both.
  Destination, ///< the same below a function on memrefs: after tenon-destination-style
  Buffer,      ///< memrefs: after bufferization
  Kernel,      ///< calls of outlined kernels; an arena
  Code         ///< the bodies of kernels as well
};

/// Levels as bits.
using Levels = uint8_t;
constexpr Levels levelBit(Level level) { return Levels(1u << unsigned(level)); }
inline constexpr Levels kTensorLevels = levelBit(Level::Network) | levelBit(Level::Tensor);

struct PassOption {
  std::string_view name;
  /// Texts that are drawn from; the first one is the default and is not written.
  std::vector<std::string_view> values;
  /// Set to another value than the default, it asks for something that may be impossible.
  bool mayRefuse = false;
  /// A known defect of upstream that a value other than the default meets.
  std::string_view guard = {};
};

/// On which programs a guard holds.
enum class GuardWhen : uint8_t {
  Always,
  Complex,                    ///< some value is complex
  AfterDeallocation,          ///< ownership-based-buffer-deallocation comes before the step
  Dynamic,                    ///< some extent of an argument is dynamic
  Empty,                      ///< some extent is 0
  EmptyIntegers,              ///< there are integers, and some extent is 0
  EmptyIntegersOrAffineLoops, ///< or convert-linalg-to-affine-loops comes before the step
  Calls,                      ///< functions call each other; a genome's program is one function
  RegionsInAffineLoops, ///< regions of an operation that is not affine read what an affine loop
                        ///< around it makes; a genome's program has none
  FoldedBuffers,        ///< an operation that makes a buffer folds to another buffer where there is
                        ///< a bufferization.dealloc; a genome's program leaves none of those to
                        ///< branches
  FreedBuffersLeft,     ///< a block hands on a buffer that it has allocated and freed; a genome's
                        ///< program never
  BuffersInOtherBlocks, ///< another block reads a buffer that an operation with regions yields; a
                        ///< genome's program has one block
  ReadsDestination,     ///< an elementwise operation reads its destination
  MapReadsInit ///< the body of some linalg.map does, and tenon-destination-style, which makes it
               ///< generic, does not come before the step
};

/// Why a pass fails with a diagnostic on a program that is valid. Reasons are those of a whole
/// genome: see mayRefuse().
using Refusals = uint8_t;
inline constexpr Refusals kRefusesOptions =
    1; ///< an option that says so (PassOption::mayRefuse) is set
inline constexpr Refusals kRefusesDynamic = 2; ///< some extent of an argument is dynamic
inline constexpr Refusals kRefusesElementwise =
    4; ///< arith on tensors has not been made linalg (convert-elementwise-to-linalg)
inline constexpr Refusals kRefusesForeign =
    8; ///< any other pass than those of Tenon's pipeline has been there before
inline constexpr Refusals kRefusesAny = 16; ///< whatever it is given

struct PassDescription {
  std::string_view name = {};   ///< as in a textual pipeline
  std::string_view anchor = {}; ///< "builtin.module" or "func.func"
  Levels from = 0;              ///< where it may run
  std::optional<Level> to = {}; ///< the level that it leaves; none: the one it found
  std::vector<PassOption> options = {};
  /// The pass may fail with a diagnostic on a valid program (a memory limit that cannot be met): no
  /// finding. When: mayRefuse().
  Refusals refuses = 0;
  /// It leaves results the same bits, floats too (no reassociation), but for the sign of zeros: 0 +
  /// x is folded to x, which may be -0. True for most upstream passes.
  bool keepsBits = false;
  /// A known defect of upstream that this pass has (D1 …, docs/fuzzing.md): left out unless guards
  /// are off.
  std::string_view guard = {};
  GuardWhen guardWhen = GuardWhen::Always;
  /// Of Tenon: must be described. Of upstream: a choice.
  bool isTenon = false;
};

std::span<const PassDescription> passCatalog();
/// Null for a pass that is not described.
const PassDescription *findPass(std::string_view name);

/// Whether pass number `step` of a genome may fail with a diagnostic, given the program, the
/// options and the passes before it.
bool mayRefuse(const Genome &genome, size_t step);

/// The known defect of upstream that a step of this program would meet, `step` being one of
/// `genome.passes`; empty: none.
std::string_view guardOf(const Genome &genome, const PassStep &step);

/// Takes out the passes and options that would meet a known defect, and the passes that cannot run
/// without these.
void removeGuarded(Genome &genome);

/// A step as a pipeline below a module: "func.func(tn-plan{threads=2})". Passes that are not
/// described are taken for ones on modules.
std::string pipelineOf(const PassStep &step);

/// The value that a step's options give to an option; empty where they do not name it.
std::string_view optionOf(const PassStep &step, std::string_view name);

} // namespace tenon::fuzz
