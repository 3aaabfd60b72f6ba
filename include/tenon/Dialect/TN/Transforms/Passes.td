//===- Passes.td - Transformations of the tn dialect -------*- tablegen -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#ifndef TENON_DIALECT_TN_TRANSFORMS_PASSES
#define TENON_DIALECT_TN_TRANSFORMS_PASSES

include "mlir/Pass/PassBase.td"

def TNSimplify : Pass<"tn-simplify"> {
  let summary = "Makes tensor networks smaller before they are planned";
  let description = [{
    Applies to every network below the operation that the pass runs on, until nothing changes: nested contractions are joined
    into one; operands are replaced by their diagonals and by their sums over indices that nobody else has; copy tensors, identity matrices and
    diagonal constants tie indices and shrink or vanish, and so do operands that are diagonal by their facts (`#tn.facts`); isometries that meet their conjugates, and constants that
    meet their inverses, become identities; operands whose indices another operand has too are multiplied into it; indices of extent 1 are dropped; scalars
    are gathered; constants are contracted with their neighbours as long as nothing grows; networks of constants are computed; equal
    operations become one. `docs/simplify.md` describes the rules, their order and their invariants.

    With `keep-path`, the contraction that remains says which steps made its operands, so that `tn-plan` can tell a path over the operands that
    somebody stated: `tn.taken = array<i64: a0, b0, …>` are the steps that were taken, in SSA form over the operands as they were read, and
    `tn.nodes = array<i64: …>` has the number of each operand that is left (−1: made of none).

    The planner runs afterwards: it sees fewer and smaller operands. Planned functions (`tn.plan`), and contractions
    that bring a path (`tn.path`), are left as they are.

    Before:

    ```mlir
    %i = tn.delta : tensor<5x5xf32>
    %t = tn.contract (%a[i, j], %i[j, k]) -> [i, k] : (tensor<4x5xf32>, tensor<5x5xf32>) -> tensor<4x5xf32>
    %r = tn.contract (%t[i, k], %b[k, l], %w[k]) -> [i] : (tensor<4x5xf32>, tensor<5x6xf32>, tensor<5xf32>) -> tensor<4xf32>
    ```

    After: the identity is gone, `%b` is summed over the index that it has alone, and the weights are multiplied into that sum.

    ```mlir
    %0 = tn.contract (%b[k, l]) -> [k] : (tensor<5x6xf32>) -> tensor<5xf32>
    %1 = tn.contract (%w[k], %0[k]) -> [k] : (tensor<5xf32>, tensor<5xf32>) -> tensor<5xf32>
    %r = tn.contract (%a[i, k], %1[k]) -> [i] : (tensor<4x5xf32>, tensor<5xf32>) -> tensor<4xf32>
    ```

    Results keep their meaning: exactly in exact types, within the bound of the specification in floating point (sums and
    products may be taken in another order; a term that a delta or a zero of a constant removes no longer spreads a NaN or an infinity).
  }];
  let options = [
    Option<"flatten", "flatten", "bool", "true",
           "Join a contraction into its only user, where both compute in the same semiring and type">,
    Option<"foldLimit", "fold-limit", "int64_t", "4096",
           "Largest number of elements of a constant that is read, and of one that is made">,
    Option<"foldOperations", "fold-operations", "int64_t", "1000000",
           "Most multiplications that folding one contraction may take">,
    Option<"keepPath", "keep-path", "bool", "false",
           "Let contractions say which steps made their operands of those that were read (tn.taken, tn.nodes), for tn-plan to tell">,
    Option<"stats", "stats", "::tenon::CounterFormat", "::tenon::CounterFormat::None",
           "Print what each rule did to standard error",
           [{::llvm::cl::values(
               clEnumValN(::tenon::CounterFormat::None, "none", "nothing"),
               clEnumValN(::tenon::CounterFormat::Text, "text", "a line for each counter"),
               clEnumValN(::tenon::CounterFormat::Json, "json", "one JSON object on one line"))}]>
  ];
  let dependentDialects = ["::tenon::tn::TNDialect", "::mlir::tensor::TensorDialect"];
}

def TNPlan : Pass<"tn-plan", "::mlir::func::FuncOp"> {
  let summary = "Splits networks into binary contractions, and into slices where memory is bounded";
  let description = [{
    Every `tn.contract` of three operands and more, and every one with a `tn.path`, becomes a tree of contractions of two operands, as the planner
    (`docs/planner.md`) finds it. With a memory limit, indices are sliced until what lives at one time fits: the part of the tree that depends on a
    sliced index moves into a `tn.slice`, the rest is computed once before it. Intermediates keep the accumulation type; their indices are ordered by the step that
    sums them, the first outermost, so that what is summed together lies together.

    ```mlir
    %r = tn.contract (%a[i, j], %b[j, k], %c[k, l]) -> [i, l] : …
    ```
    becomes
    ```mlir
    %0 = tn.contract (%b[j, k], %c[k, l]) -> [j, l] : …
    %r = tn.contract (%a[i, j], %0[j, l]) -> [i, l] : …
    ```

    The contractions of a block are one problem: trees are chosen so that they have subnetworks in common, and what is equal is computed once, up to the order of its
    dimensions, before the first contraction that needs it. Equal are steps that contract the same values in the same way, in the same semiring and types.

    ```mlir
    %r = tn.contract (%a[i, j], %b[j, k], %c[k, l]) -> [i, l] : …
    %s = tn.contract (%b[x, y], %c[y, z], %d[z, w]) -> [x, w] : …
    ```
    becomes
    ```mlir
    %0 = tn.contract (%b[j, k], %c[k, l]) -> [j, l] : …
    %r = tn.contract (%a[i, j], %0[j, l]) -> [i, l] : …
    %s = tn.contract (%0[x, z], %d[z, w]) -> [x, w] : …
    ```
    A contraction that must be sliced to keep the limit shares nothing, neither does any with `min-slices` or `least-memory`. Of the rest, the largest values that would be kept for
    others are computed again where keeping them exceeds the limit, or `kept-limit`, which slices nothing.

    A contraction may bring its own plan: `tn.path = array<i64: a0, b0, a1, b1, …>`, pairs of operand numbers in SSA form (step k makes number n + k), and
    `tn.sliced = array<i64: …>`, numbers of indices to slice. Without `tn.sliced` the options decide about slices; an index that is summed within its only operand
    cannot be sliced.

    Where a contraction says how `tn-simplify` made its operands (`tn.taken`, `tn.nodes`), the plan tells the whole path too: `original_path`, those
    steps and then the planner's, over the `original_operands` operands that were read.

    The function keeps what was decided as JSON text in `tn.plan`: figures of each contraction by itself, with the numbers of the results of the function that it computes (`results`), and sums in which shared steps count once (`operations_unshared` is without sharing: a contraction that is several results counts for each); `tn-simplify` does not join the contractions of such a function again.
    Extents that are not static are planned with those of `tn.hint`, and never sliced.
  }];
  let options = [
    Option<"method", "method", "std::string", "\"auto\"", "Strategy: annealing, auto, bisection, elimination, greedy, optimal, random-greedy, reconfiguration">,
    Option<"minimize", "minimize", "std::string", "\"flops\"", "Cost: flops, size, write, combo, time">,
    Option<"timeTable", "time-table", "std::string", "\"\"",
           "File of tenon-calibrate that seconds are predicted from, and that minimize=time minimizes; empty: the table that Tenon carries">,
    Option<"memoryLimit", "memory-limit", "int64_t", "0",
           "Bytes for intermediates and packing buffers of all threads; 0: any">,
    Option<"leastMemory", "least-memory", "bool", "false",
           "Slice down to the smallest peak there is, the one that the error of a limit names; memory-limit is not looked at">,
    Option<"keptLimit", "kept-limit", "int64_t", "0",
           "Bytes for intermediates, in one thread and without packing buffers, while contractions keep some for others: what exceeds it is computed again; 0: any">,
    Option<"minSlices", "min-slices", "int64_t", "1", "Least number of slices">,
    Option<"threads", "threads", "int64_t", "1", "Threads that will run slices, each with buffers of its own">,
    Option<"searchThreads", "search-threads", "int64_t", "0", "Threads that the search may use, which do not change its result; 0: as `threads`">,
    Option<"packing", "packing", "std::string", "\"512/32/1/32768/1048576/16777216\"",
           "Processor that packing buffers are counted for: vector bits, registers, memory operands (1 or 0), bytes of three caches; or none">,
    Option<"restarts", "restarts", "int64_t", "64", "Runs of the random greedy search">,
    Option<"seed", "seed", "int64_t", "0", "Seed of the search; equal seeds give equal plans">
  ];
  let dependentDialects = ["::tenon::tn::TNDialect", "::mlir::tensor::TensorDialect"];
}

def TNPropagateLayouts : Pass<"tn-propagate-layouts", "::mlir::func::FuncOp"> {
  let summary = "Chooses the order of the dimensions of every intermediate";
  let description = [{
    Kernels read and write tensors in any order of dimensions, but move whole vectors only where the innermost dimensions of an operand and of the result belong
    together. For all contractions of one or two operands of a function, this pass chooses the orders of what lies between them, by dynamic programming over the tree
    with a model of what short runs cost (`docs/layouts.md`). Arguments, results, and values that something else than a contraction reads keep their order. Contractions that
    only permute are folded into those that read them, or into the one that made their operand.

    ```mlir
    %0 = tn.contract (%a[a, b, s, t], %b[s, t, c, d]) -> [d, a, c, b] : (tensor<2x2x2x2xf32>, tensor<2x2x2x2xf32>) -> tensor<2x2x2x2xf32>
    %1 = tn.contract (%0[d, a, c, b], %c[a, b, x]) -> [d, x, c] : (tensor<2x2x2x2xf32>, tensor<2x2x3xf32>) -> tensor<2x3x2xf32>
    %2 = tn.contract (%1[d, x, c]) -> [x, c, d] : (tensor<2x3x2xf32>) -> tensor<3x2x2xf32>
    ```
    becomes a product of matrices and another one, without a permutation:
    ```mlir
    %0 = tn.contract (%a[a, b, s, t], %b[s, t, c, d]) -> [a, b, c, d] : (tensor<2x2x2x2xf32>, tensor<2x2x2x2xf32>) -> tensor<2x2x2x2xf32>
    %1 = tn.contract (%0[a, b, c, d], %c[a, b, x]) -> [x, c, d] : (tensor<2x2x2x2xf32>, tensor<2x2x3xf32>) -> tensor<3x2x2xf32>
    ```

    `tn.layout = #tn.layout<2, 0, 1>` on a contraction states the order of its result instead: the dimensions as they are written, outermost first. The result
    is made so, and the attribute that stays says that it lies as it is written now.
  }];
  let options = [
    Option<"rounds", "rounds", "int64_t", "3", "Most rounds, each of which starts from the orders of the one before; 0: only permutations and tn.layout">,
    Option<"candidates", "candidates", "int64_t", "8", "Orders of each tensor that a round compares">,
    Option<"packing", "packing", "std::string", "\"512/32/1/32768/1048576/16777216\"",
           "Processor that costs are estimated for: vector bits, registers, memory operands (1 or 0), bytes of three caches">
  ];
  let dependentDialects = ["::tenon::tn::TNDialect"];
}

def TNFuse : Pass<"tn-fuse", "::mlir::func::FuncOp"> {
  let summary = "Computes chains of contractions tile by tile";
  let description = [{
    Where a contraction makes a large tensor that only the next one reads, both move into one loop over tiles of the second one's result, so that no more of the tensor between
    them exists at a time than a cache holds. Cut are indices that the tensor and the result have in common: no work is done twice. Which pairs, and which tiles, is estimated from what passes between
    caches and memory, from what is packed again for each tile and from what kernels lose at ragged edges (`docs/fusion.md`); pairs are taken greedily, the largest gain first.
    What is left over of an index, smaller than a tile, comes after the loop. With several threads, each takes a part of one loop.

    ```mlir
    %0 = tn.contract (%a[i, j], %b[j, k]) -> [i, k] : (tensor<9x64xf32>, tensor<64x5xf32>) -> tensor<9x5xf32>
    %1 = tn.contract (%0[i, k], %c[k, l]) -> [i, l] : (tensor<9x5xf32>, tensor<5x7xf32>) -> tensor<9x7xf32>
    ```
    becomes, with tiles of 3 rows,
    ```mlir
    %e = tensor.empty() : tensor<9x7xf32>
    %1 = scf.for %t = %c0 to %c3 step %c1 iter_args(%r = %e) -> (tensor<9x7xf32>) {
      %i = affine.apply affine_map<(d0) -> (d0 * 3)>(%t)
      %x = tensor.extract_slice %a[%i, 0] [3, 64] [1, 1] : tensor<9x64xf32> to tensor<3x64xf32>
      %0 = tn.contract (%x[i, j], %b[j, k]) -> [i, k] : (tensor<3x64xf32>, tensor<64x5xf32>) -> tensor<3x5xf32>
      %y = tn.contract (%0[i, k], %c[k, l]) -> [i, l] : (tensor<3x5xf32>, tensor<5x7xf32>) -> tensor<3x7xf32>
      %s = tensor.insert_slice %y into %r[%i, 0] [3, 7] [1, 1] : tensor<3x7xf32> into tensor<9x7xf32>
      scf.yield %s : tensor<9x7xf32>
    } {tn.fused}
    ```

    The rewrite asks `TilingInterface` for tiles and knows no operation; the choice is for contractions of two operands and static extents. A pair stays whole where the first one's operands, unless they are arguments, are
    larger than the tensor between: they live until the second one runs.
  }];
  let options = [
    ListOption<"tiles", "tiles", "int64_t",
               "Tiles for every pair, whether it pays or not: positions of the indices that can be cut, in the order of the second one's result; 0, or none: all">,
    Option<"threads", "threads", "int64_t", "1", "Threads that will share the loops">,
    Option<"packing", "packing", "std::string", "\"512/32/1/32768/1048576/16777216\"",
           "Processor that costs are estimated for: vector bits, registers, memory operands (1 or 0), bytes of three caches">
  ];
  let dependentDialects = ["::tenon::tn::TNDialect", "::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect", "::mlir::scf::SCFDialect",
                           "::mlir::tensor::TensorDialect"];
}

#endif // TENON_DIALECT_TN_TRANSFORMS_PASSES
