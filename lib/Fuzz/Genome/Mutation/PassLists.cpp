//===- PassLists.cpp - Draws lists of passes ------------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "PassLists.h"

#include "Edit.h"

using namespace tenon::fuzz;

std::string tenon::fuzz::drawOptions(const PassDescription &pass, Random &random) {
  std::string words;
  if (random.oneIn(3))
    return words;
  // Some steps ask for nearly everything: options that do something only together.
  uint64_t rarity = 1 + random.below(3);
  for (const PassOption &option : pass.options) {
    // What may be impossible is asked for less often.
    if (option.values.size() < 2 || !random.oneIn(option.mayRefuse ? 2 * rarity : rarity))
      continue;
    if (!words.empty())
      words += ' ';
    words += std::string(option.name) + "=" +
             std::string(option.values[1 + random.below(option.values.size() - 1)]);
  }
  return words;
}

bool tenon::fuzz::redrawOption(PassStep &step, Random &random) {
  const PassDescription *pass = findPass(step.name);
  if (!pass || pass->options.empty())
    return false;
  const PassOption &changed = drawFrom(pass->options, random);
  std::string words;
  auto add = [&](std::string_view name, std::string_view value) {
    if (!words.empty())
      words += ' ';
    words += std::string(name) + "=" + std::string(value);
  };
  std::string_view old = optionOf(step, changed.name);
  if (old.empty())
    old = changed.values.front();
  for (const PassOption &option : pass->options) {
    if (option.name != changed.name) {
      if (std::string_view value = optionOf(step, option.name); !value.empty())
        add(option.name, value);
      continue;
    }
    std::vector<std::string_view> others;
    for (std::string_view value : option.values)
      if (value != old)
        others.push_back(value);
    if (others.empty())
      return false;
    if (std::string_view value = drawFrom(others, random); value != option.values.front())
      add(option.name, value);
  }
  step.options = std::move(words);
  return true;
}

static bool isAlwaysGuarded(const PassDescription &pass) {
  return !pass.guard.empty() && pass.guardWhen == GuardWhen::Always;
}

PassStep tenon::fuzz::drawStep(Level level, bool mayRise, bool guards, Random &random) {
  unsigned total = 0;
  auto weigh = [&](const PassDescription &pass) -> unsigned {
    if (!(pass.from & levelBit(level)) || (guards && isAlwaysGuarded(pass)) ||
        (!mayRise && pass.to && *pass.to != level))
      return 0;
    return pass.isTenon || isAlwaysGuarded(pass) ? 4 : 1;
  };
  for (const PassDescription &pass : passCatalog())
    total += weigh(pass);
  uint64_t drawn = random.below(total);
  for (const PassDescription &pass : passCatalog()) {
    unsigned weight = weigh(pass);
    if (drawn < weight)
      return {std::string(pass.name), drawOptions(pass, random)};
    drawn -= weight;
  }
  return {"canonicalize", ""};
}

Level tenon::fuzz::levelBefore(const std::vector<PassStep> &passes, size_t end) {
  Level level = Level::Network;
  for (size_t i = 0; i < end && i < passes.size(); ++i)
    if (const PassDescription *pass = findPass(passes[i].name);
        pass && (pass->from & levelBit(level)) && pass->to)
      level = *pass->to;
  return level;
}

namespace {
using Names = std::vector<std::string_view>;

/// The ways from a network to each level. What is small is cut into tiles where somebody asks.
const std::vector<Names> toNetwork = {
    {"tn-simplify", "tn-plan", "tn-propagate-layouts", "tn-fuse{tiles}"},
    {"tn-plan", "loop-invariant-code-motion", "tn-propagate-layouts", "tn-fuse"},
    {"tn-plan", "tn-fuse{tiles}", "tn-propagate-layouts"},
    {"convert-elementwise-to-linalg", "tn-fuse{tiles}"},
    {"tn-plan", "convert-elementwise-to-linalg", "tn-fuse{tiles}"},
    {"tenon-plan-stage"},
    {"tn-plan", "tn-simplify", "tn-plan"},
    {"tenon-specialize", "tn-simplify", "tn-plan"},
    {"tn-simplify"},
    {"tn-propagate-layouts"},
    {}};
const std::vector<Names> toTensor = {{"convert-tn-to-linalg"},
                                     {"convert-elementwise-to-linalg", "convert-tn-to-linalg"},
                                     {"tenon-tensor-stage"},
                                     {"convert-tn-to-linalg", "canonicalize", "cse"},
                                     {"convert-tn-to-linalg", "tn-fuse"}};
const std::vector<Names> onTensors = {
    {"linalg-fuse-elementwise-ops", "canonicalize"},
    {"linalg-fold-unit-extent-dims", "canonicalize", "cse"},
    {"linalg-block-pack-matmul", "canonicalize"},
    {"linalg-inline-scalar-operands", "linalg-detensorize"},
    {"linalg-morph-ops", "linalg-generalize-named-ops"},
    {"fold-tensor-subset-ops", "scf-for-loop-canonicalization", "scf-for-loop-peeling"},
    {"convert-elementwise-to-linalg", "linalg-fuse-elementwise-ops"}};
/// Bufferization without Tenon's destinations. Layouts that are known let affine passes see through
/// memrefs.
constexpr std::string_view kUpstreamBuffers =
    "one-shot-bufferize{bufferize-function-boundaries=true "
    "function-boundary-type-conversion=identity-layout-map}";
const std::vector<Names> toUpstreamBuffer = {
    {"convert-elementwise-to-linalg", kUpstreamBuffers},
    {"convert-elementwise-to-linalg", "empty-tensor-to-alloc-tensor", kUpstreamBuffers}};
const std::vector<Names> toBuffer = {
    {"convert-elementwise-to-linalg", "tenon-buffer-stage"},
    {"convert-elementwise-to-linalg", "tenon-destination-style", "eliminate-empty-tensors",
     "one-shot-bufferize", "tenon-fold-loop-buffers"},
    {"convert-elementwise-to-linalg", "tenon-destination-style", "one-shot-bufferize"},
    toUpstreamBuffer[0],
    toUpstreamBuffer[1]};
const std::vector<Names> fromDestination = {{"one-shot-bufferize", "tenon-fold-loop-buffers"},
                                            {"eliminate-empty-tensors", "one-shot-bufferize"},
                                            {"empty-tensor-to-alloc-tensor", "one-shot-bufferize"}};
const std::vector<Names> onBuffers = {
    {"convert-linalg-to-affine-loops", "affine-loop-tile"},
    {"convert-linalg-to-affine-loops", "affine-loop-fusion", "affine-scalrep"},
    {"convert-linalg-to-affine-loops", "affine-loop-unroll", "lower-affine"},
    {"convert-linalg-to-affine-loops", "affine-loop-invariant-code-motion",
     "affine-data-copy-generate"},
    {"convert-linalg-to-affine-loops", "affine-loop-unroll-jam", "affine-loop-normalize"},
    {"convert-linalg-to-loops", "fold-memref-alias-ops", "loop-invariant-code-motion"},
    {"convert-linalg-to-parallel-loops", "scf-parallel-loop-fusion", "scf-parallel-loop-tiling"},
    {"buffer-hoisting", "buffer-loop-hoisting", "promote-buffers-to-stack"},
    {"normalize-memrefs", "expand-strided-metadata", "lower-affine"}};
const std::vector<Names> toKernel = {{"tenon-kernel-stage"},
                                     {"tenon-outline-kernels", "tenon-plan-arena"},
                                     {"tenon-kernel-stage", "tenon-generate-kernels"}};
/// Where the known defects show; the ones on buffers, where layouts are known.
const std::vector<Names> guardedOnTensors = {{"linalg-specialize-generic-ops"},
                                             {"convert-elementwise-to-linalg",
                                              "linalg-fuse-elementwise-ops",
                                              "linalg-specialize-generic-ops"}};
const std::vector<Names> guardedOnBuffers = {
    {},
    {"convert-linalg-to-affine-loops", "affine-super-vectorize{virtual-vector-size}"},
    {"convert-linalg-to-affine-loops", "affine-loop-tile{tile-size}",
     "affine-super-vectorize{virtual-vector-size}"},
    {"convert-linalg-to-affine-loops", "affine-loop-unroll{unroll-factor}",
     "affine-super-vectorize{virtual-vector-size}"}};

/// The options of a list's entry: what it has in braces, or drawn ones, of which the one that is
/// named in braces gets another value than the default.
std::string fillOptions(std::string_view braces, const PassDescription &pass, Random &random) {
  if (braces.find('=') != std::string_view::npos)
    return std::string(braces);
  std::string options = drawOptions(pass, random);
  for (const PassOption &option : pass.options)
    if (option.name == braces && optionOf({"", options}, braces).empty())
      options += (options.empty() ? "" : " ") + std::string(braces) + "=" +
                 std::string(option.values[1 + random.below(option.values.size() - 1)]);
  return options;
}

void append(std::vector<PassStep> &passes, const Names &names, Random &random) {
  for (std::string_view word : names) {
    size_t brace = word.find('{');
    const PassDescription *pass = findPass(word.substr(0, brace));
    if (!pass)
      continue;
    std::string_view braces = brace == std::string_view::npos
                                  ? std::string_view()
                                  : word.substr(brace + 1, word.size() - brace - 2);
    passes.push_back({std::string(pass->name), fillOptions(braces, *pass, random)});
  }
}

std::vector<PassStep> drawTypicalList(bool guards, Random &random) {
  std::vector<PassStep> passes;
  append(passes, drawFrom(toNetwork, random), random);
  // Results can be compared on tensors: most lists end there.
  unsigned end = drawFrom({0u, 1u, 1u, 1u, 1u, 2u, 2u, 3u}, random);
  bool meetsGuard = !guards && random.oneIn(2);
  if (meetsGuard)
    end = random.oneIn(2) ? 1 : 2;
  if (end >= 1) {
    append(passes, drawFrom(toTensor, random), random);
    if (meetsGuard && end == 1)
      append(passes, drawFrom(guardedOnTensors, random), random);
    else if (!random.oneIn(3))
      append(passes, drawFrom(onTensors, random), random);
  }
  if (end >= 2) {
    append(passes, drawFrom(meetsGuard ? toUpstreamBuffer : toBuffer, random), random);
    if (meetsGuard)
      append(passes, drawFrom(guardedOnBuffers, random), random);
    else if (end == 2)
      append(passes, drawFrom(onBuffers, random), random);
  }
  if (end == 3)
    append(passes, drawFrom(toKernel, random), random);
  for (unsigned more = drawGeometric(2, 5, random) - 1; more > 0; --more) {
    size_t at = random.below(passes.size() + 1);
    passes.insert(passes.begin() + at,
                  drawStep(levelBefore(passes, at), /*mayRise=*/false, guards, random));
  }
  return passes;
}

std::vector<PassStep> drawRandomList(bool guards, Random &random) {
  std::vector<PassStep> passes;
  for (unsigned left = drawGeometric(6, GenomeLimits().passes, random); left > 0; --left)
    passes.push_back(
        drawStep(levelBefore(passes, passes.size()), /*mayRise=*/random.oneIn(3), guards, random));
  return passes;
}
} // namespace

std::vector<PassStep> tenon::fuzz::drawPassList(bool guards, Random &random) {
  return random.below(3) < 2 ? drawTypicalList(guards, random) : drawRandomList(guards, random);
}

std::vector<PassStep> tenon::fuzz::drawFragment(Level level, Random &random) {
  std::vector<PassStep> passes;
  switch (level) {
  case Level::Network:
    append(passes, drawFrom(random.oneIn(3) ? toTensor : toNetwork, random), random);
    break;
  case Level::Tensor:
    append(passes,
           drawFrom(random.oneIn(4)   ? toBuffer
                    : random.oneIn(6) ? guardedOnTensors
                                      : onTensors,
                    random),
           random);
    break;
  case Level::Destination:
    append(passes, drawFrom(random.oneIn(3) ? onTensors : fromDestination, random), random);
    break;
  case Level::Buffer:
    append(passes,
           drawFrom(random.oneIn(4)   ? toKernel
                    : random.oneIn(6) ? guardedOnBuffers
                                      : onBuffers,
                    random),
           random);
    break;
  case Level::Kernel:
  case Level::Code:
    append(passes, {"canonicalize", "cse", "symbol-dce"}, random);
    break;
  }
  return passes;
}
