//===- PassCatalog.cpp - What the fuzzer knows about passes -----------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Fuzz/PassCatalog.h"

#include "RepairNode.h"

#include "tenon/Fuzz/ElementRules.h"
#include "tenon/Fuzz/Labels.h"

#include <algorithm>
#include <unordered_map>

using namespace tenon::fuzz;

namespace {

constexpr std::string_view kModule = "builtin.module", kFunction = "func.func";
constexpr Levels kNetwork = levelBit(Level::Network), kBuffer = levelBit(Level::Buffer),
                 kKernel = levelBit(Level::Kernel);
constexpr Levels kOnTensors = kTensorLevels | levelBit(Level::Destination);
constexpr Levels kAnyLevel = kOnTensors | kBuffer | kKernel | levelBit(Level::Code);

/// The loops of generated kernels are many: what copies or analyses each takes seconds.
constexpr Levels kBeforeCode = kOnTensors | kBuffer | kKernel;

/// A processor with caches of some hundred bytes, for which small tensors are large.
constexpr std::string_view kHostPacking = "512/32/1/32768/1048576/16777216",
                           kTinyPacking = "128/16/0/256/1024/4096",
                           kOddPacking = "256/16/1/1024/2048/65536";

std::vector<PassOption> planOptions() {
  return {{"method",
           {"auto", "greedy", "random-greedy", "optimal", "bisection", "elimination", "annealing",
            "reconfiguration"},
           true},
          {"minimize", {"flops", "size", "write", "combo", "time"}},
          {"memory-limit", {"0", "1", "64", "512", "2048", "8192", "65536", "1048576"}, true},
          {"least-memory", {"false", "true"}, true},
          {"min-slices", {"1", "2", "3", "4", "7", "16"}, true},
          {"threads", {"1", "2", "3", "8"}},
          {"restarts", {"64", "1", "4"}},
          {"seed", {"0", "1", "2", "3"}}};
}

/// Those of tn-plan that the stages of the pipeline share, and their own.
std::vector<PassOption> pipelineOptions(std::vector<std::string_view> kept) {
  std::vector<PassOption> options = planOptions();
  options.push_back({"deterministic", {"false", "true"}});
  options.push_back({"fuse", {"true", "false"}});
  options.push_back({"target", {"host", "avx2", "avx512", "generic-neon"}});
  if (!kept.empty())
    std::erase_if(options, [&](const PassOption &option) {
      return std::find(kept.begin(), kept.end(), option.name) == kept.end();
    });
  return options;
}

void addTenonPasses(std::vector<PassDescription> &catalog) {
  auto add = [&](PassDescription pass) {
    pass.isTenon = true;
    catalog.push_back(std::move(pass));
  };
  add({.name = "tn-simplify",
       .anchor = kModule,
       .from = kNetwork,
       .options = {{"flatten", {"true", "false"}},
                   {"fold-limit", {"4096", "1", "8", "64"}},
                   {"fold-operations", {"1000000", "0", "16"}},
                   {"keep-path", {"false", "true"}}}});
  {
    PassDescription plan{.name = "tn-plan",
                         .anchor = kFunction,
                         .from = kNetwork,
                         .options = planOptions(),
                         .refuses = kRefusesOptions | kRefusesDynamic};
    plan.options.push_back({"search-threads", {"0", "1", "2"}});
    plan.options.push_back({"packing", {kHostPacking, "none", kTinyPacking, kOddPacking}});
    add(std::move(plan));
  }
  add({.name = "tn-propagate-layouts",
       .anchor = kFunction,
       .from = kNetwork,
       .options = {{"rounds", {"3", "0", "1", "8"}},
                   {"candidates", {"8", "1", "2"}},
                   {"packing", {kHostPacking, kTinyPacking, kOddPacking}}}});
  // Chains of linalg are fused as well.
  add({.name = "tn-fuse",
       .anchor = kFunction,
       .from = kTensorLevels,
       .options = {{"tiles", {"", "1", "2", "3", "2,1", "1,2", "0,2", "4,4", "3,2,1", "16"}},
                   {"threads", {"1", "2", "3", "5"}},
                   {"packing", {kHostPacking, kTinyPacking, kOddPacking}}}});
  add({.name = "convert-tn-to-linalg",
       .anchor = kFunction,
       .from = kTensorLevels,
       .to = Level::Tensor,
       .options = {{"threads", {"1", "2", "3", "7"}}}});
  add({.name = "tenon-specialize",
       .anchor = kModule,
       .from = kTensorLevels,
       .refuses = kRefusesDynamic});
  add({.name = "tenon-destination-style",
       .anchor = kFunction,
       .from = kTensorLevels,
       .to = Level::Destination,
       .refuses = kRefusesDynamic,
       .keepsBits = true});
  add({.name = "tenon-fold-loop-buffers", .anchor = kFunction, .from = kBuffer, .keepsBits = true});
  add({.name = "tenon-outline-kernels",
       .anchor = kModule,
       .from = kBuffer,
       .to = Level::Kernel,
       .options = {{"target", {"host", "avx2", "avx512", "generic-neon"}},
                   {"threads", {"1", "2", "3"}}},
       .refuses = kRefusesForeign});
  add({.name = "tenon-plan-arena",
       .anchor = kFunction,
       .from = kKernel,
       .options = {{"limit", {"0", "64", "4096", "1048576"}, true}},
       .refuses = kRefusesOptions | kRefusesForeign,
       .keepsBits = true});
  add({.name = "tenon-generate-kernels",
       .anchor = kModule,
       .from = kKernel,
       .to = Level::Code,
       .refuses = kRefusesForeign});
  add({.name = "tenon-convert-kernels-to-llvm",
       .anchor = kModule,
       .from = levelBit(Level::Code),
       .to = Level::Code,
       .refuses = kRefusesAny | kRefusesForeign});

  // The stages of tenon-cpu-pipeline, as steps.
  add({.name = "tenon-plan-stage",
       .anchor = kModule,
       .from = kNetwork,
       .options = pipelineOptions({}),
       .refuses = kRefusesOptions | kRefusesDynamic});
  add({.name = "tenon-tensor-stage",
       .anchor = kModule,
       .from = kTensorLevels,
       .to = Level::Tensor,
       .options = pipelineOptions({"threads", "deterministic"})});
  add({.name = "tenon-buffer-stage",
       .anchor = kModule,
       .from = kTensorLevels,
       .to = Level::Buffer,
       .refuses = kRefusesDynamic | kRefusesElementwise | kRefusesForeign,
       .keepsBits = true});
  add({.name = "tenon-kernel-stage",
       .anchor = kModule,
       .from = kBuffer,
       .to = Level::Kernel,
       .options = pipelineOptions({"threads", "target", "memory-limit"}),
       .refuses = kRefusesOptions | kRefusesForeign});
  add({.name = "tenon-cpu-pipeline",
       .anchor = kModule,
       .from = kTensorLevels,
       .to = Level::Kernel,
       .options = pipelineOptions({}),
       .refuses = kRefusesOptions | kRefusesDynamic | kRefusesElementwise | kRefusesForeign});
}

/// Passes of MLIR that know no level.
void addGeneralPasses(std::vector<PassDescription> &catalog) {
  auto add = [&](PassDescription pass) {
    pass.keepsBits = true;
    catalog.push_back(std::move(pass));
  };
  add({.name = "canonicalize",
       .anchor = kModule,
       .from = kAnyLevel,
       .options = {{"top-down", {"true", "false"}},
                   {"region-simplify", {"normal", "disabled", "aggressive"}},
                   {"max-iterations", {"10", "1", "2"}}}});
  add({.name = "cse", .anchor = kModule, .from = kAnyLevel});
  add({.name = "sccp", .anchor = kModule, .from = kAnyLevel});
  add({.name = "symbol-dce", .anchor = kModule, .from = kAnyLevel});
  add({.name = "inline",
       .anchor = kModule,
       .from = kAnyLevel,
       .options = {{"max-iterations", {"4", "1"}}}});
  add({.name = "loop-invariant-code-motion", .anchor = kFunction, .from = kAnyLevel});
  add({.name = "loop-invariant-subset-hoisting", .anchor = kFunction, .from = kAnyLevel});
  add({.name = "control-flow-sink", .anchor = kFunction, .from = kAnyLevel});
  add({.name = "topological-sort", .anchor = kFunction, .from = kAnyLevel});
  add({.name = "remove-dead-values",
       .anchor = kModule,
       .from = kTensorLevels,
       .guard = "D34",
       .guardWhen = GuardWhen::Calls});
  add({.name = "strip-debuginfo", .anchor = kModule, .from = kAnyLevel});
  add({.name = "int-range-optimizations",
       .anchor = kFunction,
       .from = kBeforeCode,
       .guard = "D12, D21",
       .guardWhen = GuardWhen::EmptyIntegersOrAffineLoops});
  add({.name = "arith-unsigned-when-equivalent",
       .anchor = kFunction,
       .from = kBeforeCode,
       .guard = "D12, D21",
       .guardWhen = GuardWhen::EmptyIntegersOrAffineLoops});
  add({.name = "arith-int-range-narrowing",
       .anchor = kFunction,
       .from = kTensorLevels,
       .options = {{"int-bitwidths-supported", {"", "8", "16,32", "8,16,32"}}},
       .guard = "D12",
       .guardWhen = GuardWhen::EmptyIntegers});
  add({.name = "scf-for-loop-canonicalization", .anchor = kFunction, .from = kAnyLevel});
  add({.name = "scf-for-loop-peeling",
       .anchor = kFunction,
       .from = kBeforeCode,
       .options = {{"peel-front", {"false", "true"}, false, "D11"},
                   {"skip-partial", {"true", "false"}}}});
  add({.name = "scf-for-loop-range-folding", .anchor = kFunction, .from = kAnyLevel});
  add({.name = "affine-simplify-min-max", .anchor = kFunction, .from = kAnyLevel});
  add({.name = "affine-expand-index-ops", .anchor = kFunction, .from = kAnyLevel});
  add({.name = "affine-expand-index-ops-as-affine", .anchor = kFunction, .from = kAnyLevel});
  add({.name = "resolve-ranked-shaped-type-result-dims", .anchor = kFunction, .from = kAnyLevel});
  add({.name = "resolve-shaped-type-result-dims", .anchor = kFunction, .from = kAnyLevel});
  // Zeros of both signs are ordered by a comparison in what it leaves of maximumf.
  catalog.push_back({.name = "arith-expand", .anchor = kFunction, .from = kAnyLevel});
}

/// Passes of MLIR on linalg and tensors.
void addTensorPasses(std::vector<PassDescription> &catalog) {
  auto add = [&](PassDescription pass) {
    pass.from = kOnTensors;
    catalog.push_back(std::move(pass));
  };
  add({.name = "convert-elementwise-to-linalg", .anchor = kFunction, .keepsBits = true});
  add({.name = "linalg-fuse-elementwise-ops",
       .anchor = kFunction,
       .keepsBits = true,
       .guard = "D28",
       .guardWhen = GuardWhen::ReadsDestination});
  add({.name = "linalg-fold-unit-extent-dims",
       .anchor = kFunction,
       .options = {{"use-rank-reducing-slices", {"false", "true"}, false, "D14"}},
       .keepsBits = true});
  add({.name = "linalg-inline-scalar-operands", .anchor = kFunction, .keepsBits = true});
  add({.name = "linalg-generalize-named-ops", .anchor = kFunction, .keepsBits = true});
  add({.name = "linalg-fold-into-elementwise", .anchor = kFunction, .keepsBits = true});
  add({.name = "linalg-morph-ops",
       .anchor = kFunction,
       .options = {{"named-to-category", {"false", "true"}},
                   {"category-to-generic", {"false", "true"}},
                   {"named-to-generic", {"false", "true"}}},
       .keepsBits = true});
  add({.name = "linalg-detensorize",
       .anchor = kFunction,
       .options = {{"aggressive-mode", {"false", "true"}}},
       .keepsBits = true});
  add({.name = "linalg-block-pack-matmul",
       .anchor = kFunction,
       .options = {{"block-factors",
                    {"", "1,1,1", "2,3,4", "4,4,4", "3,5,2", "16,16,16", "32,16,64"}},
                   {"allow-padding", {"true", "false"}},
                   {"mnk-order", {"0,1,2", "1,2,0", "2,0,1", "1,0,2"}},
                   {"lhs-transpose-outer-blocks", {"false", "true"}},
                   {"lhs-transpose-inner-blocks", {"false", "true"}},
                   {"rhs-transpose-outer-blocks", {"true", "false"}},
                   {"rhs-transpose-inner-blocks", {"true", "false"}}},
       .refuses = kRefusesAny,
       .guard = "D10",
       .guardWhen = GuardWhen::Complex});
  add({.name = "fold-tensor-subset-ops", .anchor = kFunction, .keepsBits = true});
  add({.name = "convert-tensor-to-linalg", .anchor = kModule, .keepsBits = true});
  add({.name = "reify-result-shapes", .anchor = kModule, .keepsBits = true});
  // Defects D1 to D4 of MLIR 22.1, and the other name of the same patterns.
  add({.name = "linalg-specialize-generic-ops", .anchor = kFunction, .guard = "D1-D4"});
}

/// Passes of MLIR on buffers, and the way there.
void addBufferPasses(std::vector<PassDescription> &catalog) {
  auto add = [&](PassDescription pass) {
    if (pass.from == 0)
      pass.from = kBuffer;
    catalog.push_back(std::move(pass));
  };
  add({.name = "eliminate-empty-tensors",
       .anchor = kModule,
       .from = levelBit(Level::Destination),
       .keepsBits = true});
  // What it leaves is no more the language that the interpreter runs.
  add({.name = "empty-tensor-to-alloc-tensor",
       .anchor = kFunction,
       .from = kOnTensors,
       .to = Level::Destination,
       .keepsBits = true});
  // After tenon-destination-style, or with function boundaries straight from tensors.
  add({.name = "one-shot-bufferize",
       .anchor = kModule,
       .from = kOnTensors,
       .to = Level::Buffer,
       .options = {{"buffer-alignment", {"64", "0", "16"}},
                   {"copy-before-write", {"false", "true"}},
                   {"bufferize-function-boundaries", {"false", "true"}},
                   {"function-boundary-type-conversion",
                    {"infer-layout-map", "identity-layout-map", "fully-dynamic-layout-map"}},
                   {"analysis-heuristic", {"bottom-up", "top-down", "bottom-up-from-terminators"}}},
       .refuses = kRefusesAny,
       .keepsBits = true,
       .guard = "D5",
       .guardWhen = GuardWhen::MapReadsInit});
  for (std::string_view name : {"buffer-hoisting", "buffer-loop-hoisting"})
    add({.name = name,
         .anchor = kFunction,
         .keepsBits = true,
         .guard = "D32",
         .guardWhen = GuardWhen::AfterDeallocation});
  add({.name = "optimize-allocation-liveness",
       .anchor = kFunction,
       .keepsBits = true,
       .guard = "D44",
       .guardWhen = GuardWhen::FreedBuffersLeft});
  for (std::string_view name : {"expand-realloc", "memref-expand", "mem2reg", "sroa",
                                "convert-linalg-to-loops", "convert-linalg-to-parallel-loops"})
    add({.name = name, .anchor = kFunction, .keepsBits = true});
  add({.name = "convert-linalg-to-affine-loops",
       .anchor = kFunction,
       .keepsBits = true,
       .guard = "D26",
       .guardWhen = GuardWhen::Dynamic});
  add({.name = "promote-buffers-to-stack",
       .anchor = kFunction,
       .options = {{"max-alloc-size-in-bytes", {"1024", "64", "16384"}},
                   {"max-rank-of-allocated-memref", {"1", "4"}}},
       .keepsBits = true,
       .guard = "D32",
       .guardWhen = GuardWhen::AfterDeallocation});
  add({.name = "ownership-based-buffer-deallocation",
       .anchor = kModule,
       .refuses = kRefusesAny,
       .keepsBits = true,
       .guard = "D42",
       .guardWhen = GuardWhen::BuffersInOtherBlocks});
  add({.name = "buffer-deallocation-simplification",
       .anchor = kModule,
       .refuses = kRefusesAny,
       .keepsBits = true,
       .guard = "D40",
       .guardWhen = GuardWhen::FoldedBuffers});
  add({.name = "bufferization-lower-deallocations",
       .anchor = kModule,
       .refuses = kRefusesAny,
       .keepsBits = true});
  add({.name = "expand-strided-metadata", .anchor = kModule, .keepsBits = true, .guard = "D15"});
  add({.name = "normalize-memrefs",
       .anchor = kModule,
       .keepsBits = true,
       .guard = "D38",
       .guardWhen = GuardWhen::Calls});
  add({.name = "flatten-memref", .anchor = kFunction, .keepsBits = true, .guard = "D9"});
  // Of loops.
  for (std::string_view name :
       {"scf-parallel-loop-specialization", "scf-parallel-loop-fusion", "scf-forall-to-for",
        "scf-forall-to-parallel", "scf-parallel-for-to-nested-fors", "scf-for-to-while"})
    add({.name = name, .anchor = kFunction, .refuses = kRefusesForeign, .keepsBits = true});
  add({.name = "scf-for-loop-specialization",
       .anchor = kFunction,
       .refuses = kRefusesForeign,
       .keepsBits = true,
       .guard = "D27"});
  add({.name = "scf-parallel-loop-tiling",
       .anchor = kFunction,
       .options = {{"parallel-loop-tile-sizes", {"", "2", "3,2", "4,4,4"}},
                   {"no-min-max-bounds", {"false", "true"}}},
       .keepsBits = true});
  // Affine loops.
  add({.name = "affine-loop-tile",
       .anchor = kFunction,
       .options = {{"tile-size", {"0", "2", "3", "5", "32"}},
                   {"tile-sizes", {"", "2,3", "4,2,3"}},
                   {"separate", {"false", "true"}},
                   {"cache-size", {"512", "1", "0"}}}});
  add({.name = "affine-loop-fusion",
       .anchor = kFunction,
       .options = {{"mode", {"greedy", "producer", "sibling"}},
                   {"maximal", {"false", "true"}},
                   {"compute-tolerance", {"0.3", "0", "2.5"}}},
       .keepsBits = true,
       .guard = "D23"});
  add({.name = "affine-loop-unroll",
       .anchor = kFunction,
       .options = {{"unroll-factor", {"4", "2", "3", "7", "-1"}},
                   {"unroll-up-to-factor", {"false", "true"}, false, "D8"},
                   {"unroll-full-threshold", {"1", "4", "9"}},
                   {"unroll-num-reps", {"1", "2"}},
                   {"cleanup-unroll", {"false", "true"}}},
       .keepsBits = true});
  add({.name = "affine-loop-unroll-jam",
       .anchor = kFunction,
       .options = {{"unroll-jam-factor", {"4", "2", "3"}}}});
  add({.name = "affine-loop-normalize",
       .anchor = kFunction,
       .options = {{"promote-single-iter", {"false", "true"}}},
       .keepsBits = true});
  add({.name = "affine-data-copy-generate",
       .anchor = kFunction,
       .options = {{"fast-mem-space", {"1", "0"}},
                   {"fast-mem-capacity", {"18446744073709551615", "1", "4"}},
                   {"skip-non-unit-stride-loops", {"false", "true"}}},
       .refuses = kRefusesAny,
       .keepsBits = true,
       .guard = "D22"});
  add({.name = "affine-parallelize",
       .anchor = kFunction,
       .options = {{"max-nested", {"4294967295", "1", "2"}},
                   {"parallel-reductions", {"false", "true"}}}});
  for (std::string_view name :
       {"affine-scalrep", "affine-simplify-structures", "affine-raise-from-memref", "lower-affine"})
    add({.name = name, .anchor = kFunction, .keepsBits = true});
  add({.name = "affine-loop-invariant-code-motion",
       .anchor = kFunction,
       .keepsBits = true,
       .guard = "D35",
       .guardWhen = GuardWhen::RegionsInAffineLoops});
  add({.name = "affine-loop-coalescing",
       .anchor = kFunction,
       .keepsBits = true,
       .guard = "D25",
       .guardWhen = GuardWhen::Empty});
  add({.name = "fold-memref-alias-ops", .anchor = kFunction, .keepsBits = true, .guard = "D24"});
  // Indices of loads that are none of affine ones.
  add({.name = "affine-fold-memref-alias-ops",
       .anchor = kFunction,
       .keepsBits = true,
       .guard = "D13"});
  // Defects D6 and D7 of MLIR 22.1.
  add({.name = "affine-super-vectorize",
       .anchor = kFunction,
       .options = {{"virtual-vector-size", {"", "4", "2", "8", "2,4", "3"}},
                   {"test-fastest-varying", {"", "0", "1", "0,1"}},
                   {"vectorize-reductions", {"false", "true"}}},
       .refuses = kRefusesAny,
       .guard = "D6-D7"});
}

std::vector<PassDescription> makeCatalog() {
  std::vector<PassDescription> catalog;
  addTenonPasses(catalog);
  addGeneralPasses(catalog);
  addTensorPasses(catalog);
  addBufferPasses(catalog);
  return catalog;
}

const std::vector<PassDescription> &catalog() {
  static const std::vector<PassDescription> passes = makeCatalog();
  return passes;
}

/// Whether arith operations on tensors may be left when step number `end` runs.
bool hasElementwise(const Genome &genome, size_t end) {
  for (size_t i = 0; i < end; ++i)
    if (genome.passes[i].name == "convert-elementwise-to-linalg")
      return false;
  return std::any_of(genome.nodes.begin(), genome.nodes.end(), [](const Node &node) {
    return node.kind == NodeKind::Map || node.kind == NodeKind::Widen;
  });
}

bool hasDynamic(const Genome &genome) {
  return std::any_of(genome.nodes.begin(), genome.nodes.end(), [](const Node &node) {
    return node.kind == NodeKind::Argument &&
           (node.dynamic & ((1u << node.extents.size()) - 1)) != 0;
  });
}

bool hasEmptyExtent(const Node &node) {
  for (size_t i = 1; node.kind == NodeKind::Subtensor && i < node.numbers.size(); i += 3)
    if (node.numbers[i] == 0)
      return true;
  return std::find(node.extents.begin(), node.extents.end(), 0) != node.extents.end();
}

/// Whether a pass of this name comes before `step`, which is one of the genome.
bool isBefore(std::string_view name, const Genome &genome, const PassStep &step) {
  for (const PassStep &earlier : genome.passes) {
    if (&earlier == &step)
      return false;
    if (earlier.name == name)
      return true;
  }
  return false;
}

bool hasMapThatReadsInit(const Genome &genome) {
  return std::any_of(genome.nodes.begin(), genome.nodes.end(), [](const Node &node) {
    return node.kind == NodeKind::Update && !readsTwice(node);
  });
}

/// Whether loops add to each element of their destination once: a contraction that sums nothing.
bool addsInParallel(const Node &node) {
  return isWrittenAsLoops(node) && std::ranges::all_of(distinctLabels(node), [&](uint16_t label) {
           return std::ranges::find(node.output, label) != node.output.end();
         });
}

/// Whether other passes than Tenon's come before step number `end`.
bool hasForeign(const Genome &genome, size_t end) {
  for (size_t i = 0; i < end; ++i)
    if (const PassDescription *pass = findPass(genome.passes[i].name);
        !pass || (!pass->isTenon && pass->name != "convert-elementwise-to-linalg"))
      return true;
  return false;
}

} // namespace

std::span<const PassDescription> tenon::fuzz::passCatalog() { return catalog(); }

const PassDescription *tenon::fuzz::findPass(std::string_view name) {
  static const std::unordered_map<std::string_view, const PassDescription *> byName = [] {
    std::unordered_map<std::string_view, const PassDescription *> map;
    for (const PassDescription &pass : catalog())
      map.emplace(pass.name, &pass);
    return map;
  }();
  auto found = byName.find(name);
  return found == byName.end() ? nullptr : found->second;
}

std::string tenon::fuzz::pipelineOf(const PassStep &step) {
  std::string text = step.options.empty() ? step.name : step.name + "{" + step.options + "}";
  const PassDescription *pass = findPass(step.name);
  return pass && pass->anchor == kFunction ? "func.func(" + text + ")" : text;
}

std::string_view tenon::fuzz::optionOf(const PassStep &step, std::string_view name) {
  std::string_view rest = step.options;
  while (!rest.empty()) {
    size_t end = rest.find(' ');
    std::string_view word = rest.substr(0, end);
    if (size_t equals = word.find('=');
        equals != std::string_view::npos && word.substr(0, equals) == name)
      return word.substr(equals + 1);
    if (end == std::string_view::npos)
      break;
    rest.remove_prefix(end + 1);
  }
  return {};
}

std::string_view tenon::fuzz::guardOf(const Genome &genome, const PassStep &step) {
  const PassDescription *pass = findPass(step.name);
  if (!pass)
    return {};
  auto hasElement = [&](auto isGood) {
    return std::any_of(genome.nodes.begin(), genome.nodes.end(),
                       [&](const Node &node) { return isGood(node.element); });
  };
  auto isEmpty = [&] {
    return std::any_of(genome.nodes.begin(), genome.nodes.end(), hasEmptyExtent);
  };
  auto hasEmptyIntegers = [&] { return hasElement(isInteger) && isEmpty(); };
  bool holds = true;
  switch (pass->guardWhen) {
  case GuardWhen::Always:
    break;
  case GuardWhen::Calls:
  case GuardWhen::RegionsInAffineLoops:
  case GuardWhen::FoldedBuffers:
  case GuardWhen::BuffersInOtherBlocks:
  case GuardWhen::FreedBuffersLeft:
    holds = false;
    break;
  case GuardWhen::Complex:
    holds = hasElement(isComplex);
    break;
  case GuardWhen::Dynamic:
    holds = hasDynamic(genome);
    break;
  case GuardWhen::Empty:
    holds = isEmpty();
    break;
  case GuardWhen::EmptyIntegers:
    holds = hasEmptyIntegers();
    break;
  case GuardWhen::EmptyIntegersOrAffineLoops:
    holds = hasEmptyIntegers() || isBefore("convert-linalg-to-affine-loops", genome, step);
    break;
  case GuardWhen::ReadsDestination:
    holds = std::any_of(genome.nodes.begin(), genome.nodes.end(), [](const Node &node) {
      return node.kind == NodeKind::Update || addsInParallel(node);
    });
    break;
  case GuardWhen::AfterDeallocation:
    holds = isBefore("ownership-based-buffer-deallocation", genome, step);
    break;
  case GuardWhen::MapReadsInit:
    holds = hasMapThatReadsInit(genome) && !isBefore("tenon-destination-style", genome, step);
    break;
  }
  if (holds && !pass->guard.empty())
    return pass->guard;
  for (const PassOption &option : pass->options)
    if (std::string_view value = optionOf(step, option.name);
        !option.guard.empty() && !value.empty() && value != option.values.front())
      return option.guard;
  return {};
}

void tenon::fuzz::removeGuarded(Genome &genome) {
  bool losesLevel = false;
  for (size_t i = 0; i < genome.passes.size();) {
    PassStep &step = genome.passes[i];
    if (!guardOf(genome, step).empty()) {
      std::string kept;
      for (const PassOption &option : findPass(step.name)->options)
        if (std::string_view value = optionOf(step, option.name);
            !value.empty() && option.guard.empty())
          kept += (kept.empty() ? "" : " ") + std::string(option.name) + "=" + std::string(value);
      step.options = std::move(kept);
    }
    if (guardOf(genome, step).empty()) {
      ++i;
      continue;
    }
    losesLevel |= findPass(step.name)->to.has_value();
    genome.passes.erase(genome.passes.begin() + static_cast<ptrdiff_t>(i));
  }
  // What ran on the level that a pass had left.
  if (losesLevel)
    repairPasses(genome.passes, GenomeLimits().passes);
}

bool tenon::fuzz::mayRefuse(const Genome &genome, size_t step) {
  const PassDescription *pass = findPass(genome.passes[step].name);
  if (!pass)
    return true;
  auto isSet = [&](const PassOption &option) {
    std::string_view value = optionOf(genome.passes[step], option.name);
    return option.mayRefuse && !value.empty() && value != option.values.front();
  };
  return (pass->refuses & kRefusesAny) ||
         ((pass->refuses & kRefusesOptions) &&
          std::any_of(pass->options.begin(), pass->options.end(), isSet)) ||
         ((pass->refuses & kRefusesDynamic) && hasDynamic(genome)) ||
         ((pass->refuses & kRefusesElementwise) && hasElementwise(genome, step)) ||
         ((pass->refuses & kRefusesForeign) && hasForeign(genome, step));
}
