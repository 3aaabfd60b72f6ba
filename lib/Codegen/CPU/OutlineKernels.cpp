//===- OutlineKernels.cpp - Computations become calls of kernels ------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "MatchContraction.h"
#include "tenon/Codegen/CPU/KernelAttributes.h"
#include "tenon/Codegen/CPU/Passes.h"
#include "tenon/Dialect/TN/IR/PlaceInFile.h"
#include "tenon/Support/Counters.h"
#include "tenon/Support/DebugLog.h"

#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Transforms/RegionUtils.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/SmallBitVector.h"
#include "llvm/ADT/StringMap.h"

namespace tenon {
#define GEN_PASS_DEF_OUTLINEKERNELS
#include "tenon/Codegen/CPU/Passes.h.inc"
} // namespace tenon

using namespace mlir;
using namespace tenon;

namespace {
/// Strides to plan with: a caller's buffer is taken to be row-major, its most likely layout.
SmallVector<int64_t> getPlanningStrides(MemRefType type) {
  SmallVector<int64_t> strides;
  int64_t offset;
  if (succeeded(type.getStridesAndOffset(strides, offset)) && !llvm::any_of(strides, ShapedType::isDynamic))
    return strides;
  strides.assign(type.getRank(), 1);
  for (int64_t dim = type.getRank() - 2; dim >= 0; --dim)
    strides[dim] = strides[dim + 1] * std::max<int64_t>(1, type.getDimSize(dim + 1));
  return strides;
}

/// `type` with dynamic extents, and dynamic strides but for those known to be 1.
MemRefType generalize(MemRefType type) {
  SmallVector<int64_t> strides;
  int64_t offset;
  if (failed(type.getStridesAndOffset(strides, offset)))
    return {};
  for (int64_t &stride : strides)
    if (stride != 1)
      stride = ShapedType::kDynamic;
  SmallVector<int64_t> shape(type.getRank(), ShapedType::kDynamic);
  auto layout = StridedLayoutAttr::get(type.getContext(), ShapedType::kDynamic, strides);
  return MemRefType::get(shape, type.getElementType(), layout);
}

struct OutlineCounters : Counters {
  OutlineCounters() : Counters("tenon-outline-kernels") {}

  Counter packed{*this, "packed", "contractions that pack their operands"};
  Counter direct{*this, "direct", "contractions that read their operands where they lie"};
  Counter split{*this, "split", "contractions that threads share"};
  Counter maps{*this, "maps", "other operations that became calls"};
  Counter copies{*this, "copies", "permutations that became copies"};
  Counter kernels{*this, "kernels", "kernels that all of them call"};
};

struct OutlineKernelsPass : tenon::impl::OutlineKernelsBase<OutlineKernelsPass> {
  using Base::Base;

  cpu::TargetDescription machine;
  llvm::StringMap<func::FuncOp> kernels;
  unsigned numContractions = 0, numMaps = 0;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    std::optional<cpu::TargetDescription> known = cpu::targetByName(target);
    if (!known || threads < 1) {
      module.emitError() << "tenon-outline-kernels: "
                         << (known ? "threads must be at least 1"
                                   : "unknown target '" + target.getValue() +
                                         "'; expected host, avx512, avx2 or generic-neon");
      return signalPassFailure();
    }
    machine = *known;
    kernels.clear();
    numContractions = numMaps = 0;
    OutlineCounters counters;
    SmallVector<linalg::LinalgOp> ops;
    for (auto function : module.getOps<func::FuncOp>())
      if (!function->hasAttr("tn.kernel"))
        function.walk([&](linalg::LinalgOp op) { ops.push_back(op); });
    for (linalg::LinalgOp op : ops) {
      if (!op.hasPureBufferSemantics()) {
        op.emitError("tenon-outline-kernels: expected an operation on buffers; bufferize first");
        return signalPassFailure();
      }
      // The runtime fills with constants.
      if (auto fill = dyn_cast<linalg::FillOp>(op.getOperation()))
        if (matchPattern(fill.getInputs().front(), m_Constant()))
          continue;
      auto generic = dyn_cast<linalg::GenericOp>(op.getOperation());
      if (generic && llvm::all_of(op->getOperandTypes(), llvm::IsaPred<MemRefType>))
        if (std::optional<cpu::MatchedContraction> match = cpu::matchContraction(generic)) {
          for (Value operand : op->getOperands())
            if (!cast<MemRefType>(operand.getType()).hasStaticShape()) {
              op.emitError() << "tenon-outline-kernels: the extents of " << operand.getType()
                             << " are not known; specialise the function to the extents of its arguments first (--tenon-specialize)";
              return signalPassFailure();
            }
          callContraction(generic, *match, counters);
          continue;
        }
      if (generic && isPermutedCopy(generic)) {
        ++counters.copies;
        replaceByCopy(generic);
        continue;
      }
      ++counters.maps;
      if (generic)
        orderSum(generic);
      if (failed(callMap(op)))
        return signalPassFailure();
    }
    counters.kernels += kernels.size();
    Statistics::get().add(counters);
  }

  //===--------------------------------------------------------------------===//
  // Contractions
  //===--------------------------------------------------------------------===//

  /// The fill just before `op` that makes its output the semiring's zero, or null.
  linalg::FillOp findZeroFill(linalg::GenericOp op, const cpu::MatchedContraction &match) {
    Value output = op.getDpsInits().front();
    for (Operation *before = op->getPrevNode(); before; before = before->getPrevNode()) {
      if (auto fill = dyn_cast<linalg::FillOp>(before)) {
        if (fill.getOutputs().front() != output)
          return {};
        tn::Semiring semiring = cpu::toDialect(match.types.semiring);
        Attribute zero = tn::getSemiringZero(semiring, match.types.typeC, match.types.isUnsigned), value;
        if (!matchPattern(fill.getInputs().front(), m_Constant(&value)) || value != zero)
          return {};
        return fill;
      }
      if (!isMemoryEffectFree(before) && !isa<memref::AllocOp>(before))
        return {};
    }
    return {};
  }

  void callContraction(linalg::GenericOp op, cpu::MatchedContraction &match, OutlineCounters &counters) {
    SmallVector<Value> operands = {op.getDpsInputs()[0], op.getDpsInputs()[1], op.getDpsInits()[0]};
    SmallVector<SmallVector<int64_t> *> lists = {&match.loopsA, &match.loopsB, &match.loopsC};
    int64_t count = op.getNumLoops();
    std::vector<cpu::ContractionDim> dims(count);
    for (int64_t loop = 0; loop < count; ++loop)
      dims[loop].index = loop;
    constexpr int64_t cpu::ContractionDim::*kStrides[] = {&cpu::ContractionDim::strideA, &cpu::ContractionDim::strideB,
                                                          &cpu::ContractionDim::strideC};
    SmallVector<int> uses(count, 0);
    for (int i = 0; i < 3; ++i) {
      auto type = cast<MemRefType>(operands[i].getType());
      SmallVector<int64_t> strides = getPlanningStrides(type);
      for (auto [loop, extent, stride] : llvm::zip_equal(*lists[i], type.getShape(), strides)) {
        dims[loop].extent = extent;
        dims[loop].*kStrides[i] = stride;
        uses[loop] |= 1 << i;
      }
    }
    cpu::ContractionShape shape;
    for (int64_t loop = 0; loop < count; ++loop) {
      // A loop of one operand alone that C lacks is summed with the others (its stride in the other is 0).
      auto group = uses[loop] == 7   ? cpu::ContractionShape::Batch
                   : uses[loop] == 5 ? cpu::ContractionShape::M
                   : uses[loop] == 6 ? cpu::ContractionShape::N
                                     : cpu::ContractionShape::K;
      shape[group].push_back(dims[loop]);
    }
    cpu::NormalizedShape ordered = cpu::orderShape(shape);
    if (ordered.swapped) {
      std::swap(operands[0], operands[1]);
      std::swap(match.loopsA, match.loopsB);
      std::swap(match.types.typeA, match.types.typeB);
      std::swap(match.types.conjA, match.types.conjB);
    }
    // Indices are numbered by their place in the order, so that equal calls look equal.
    SmallVector<int64_t> number(count), order(count);
    int64_t next = 0;
    for (const auto &group : ordered.shape.groups)
      for (const cpu::ContractionDim &dim : group)
        number[dim.index] = next++;
    // Unit extents, which the order leaves out, go outermost in whatever place.
    llvm::SmallBitVector isOrdered(count);
    for (const auto &group : ordered.shape.groups)
      for (const cpu::ContractionDim &dim : group)
        isOrdered.set(dim.index);
    for (int64_t loop = 0; loop < count; ++loop)
      if (!isOrdered.test(loop))
        number[loop] = next++;
    for (SmallVector<int64_t> *list : lists)
      for (int64_t &loop : *list)
        loop = number[loop];
    for (int64_t i = 0; i < count; ++i)
      order[i] = i;

    OpBuilder builder(op);
    Location loc = op.getLoc();
    bool accumulates = match.addsToC;
    if (accumulates)
      if (linalg::FillOp fill = findZeroFill(op, match)) {
        fill.erase();
        accumulates = false;
      }
    cpu::ContractionShape merged = cpu::mergeShape(ordered.shape);
    auto [spec, blocks] = cpu::chooseContraction(match.types, merged, machine);
    auto attribute = cpu::toAttribute(&getContext(), spec);

    // Threads share the longest of the spaces they can share.
    int64_t ways = 1, grain = 1;
    auto splitGroup = tn::SplitGroup::M;
    using Shape = cpu::ContractionShape;
    int64_t m = merged.size(Shape::M), n = merged.size(Shape::N), b = merged.size(Shape::Batch), k = merged.size(Shape::K);
    if (threads > 1 && !op->getParentOfType<scf::ForallOp>() &&
        double(m) * double(n) * double(b) * double(k) >= double(cpu::kSharedFromOperations)) {
      int64_t shareM = llvm::divideCeil(m, spec.mr), shareN = llvm::divideCeil(n, spec.nr);
      int64_t shares = b;
      splitGroup = tn::SplitGroup::Batch;
      if (b < 2 * threads && std::max(shareM, shareN) > 1) {
        splitGroup = shareM >= shareN ? tn::SplitGroup::M : tn::SplitGroup::N;
        grain = shareM >= shareN ? spec.mr : spec.nr;
        shares = std::max(shareM, shareN);
      }
      ways = std::max<int64_t>(1, std::min<int64_t>(threads, shares));
      if (ways == 1) {
        splitGroup = tn::SplitGroup::M;
        grain = 1;
      }
    }
    int64_t bytes = ways * cpu::packingWorkspaceBytes(spec, blocks, merged);
    bool isPacked = spec.strategy == cpu::KernelStrategy::Packed;
    ++(isPacked ? counters.packed : counters.direct);
    counters.split += ways > 1;
    if (isDebugged(DebugArea::Kernels))
      DebugLine(DebugArea::Kernels) << tn::describePlace(loc) << ": batch " << b << ", m " << m << ", n " << n << ", k " << k << ": "
                                    << (isPacked ? "packed" : "direct") << ", " << bytes << " bytes of packing, "
                                    << (accumulates ? "adds to" : "writes") << " its result, split " << ways << " ways";
    Value workspace = memref::AllocOp::create(builder, loc, MemRefType::get({bytes}, builder.getI8Type()), ValueRange(),
                                              ValueRange(), builder.getI64IntegerAttr(64));
    tn::CallContractionOp::create(builder, loc, getKernel(loc, attribute).getName(), operands[0], operands[1],
                                              operands[2], workspace, match.loopsA, match.loopsB, match.loopsC, order,
                                              ArrayRef<int64_t>{blocks.mc, blocks.nc, blocks.kc}, accumulates, splitGroup, grain, ways);
    op.erase();
  }

  func::FuncOp getKernel(Location loc, tn::ContractionKernelAttr attribute) {
    std::string key;
    llvm::raw_string_ostream(key) << attribute;
    func::FuncOp &kernel = kernels[key];
    if (kernel)
      return kernel;
    OpBuilder builder = OpBuilder::atBlockEnd(getOperation().getBody());
    // The signature of the convention (tenon-runtime/Schedule.h): complex elements are pairs of reals, i1 is a byte.
    auto bufferOf = [&](Type type) -> Type {
      if (auto complexType = dyn_cast<ComplexType>(type))
        type = complexType.getElementType();
      else if (type.isInteger(1))
        type = builder.getI8Type();
      return MemRefType::get({ShapedType::kDynamic}, type);
    };
    auto type = builder.getFunctionType({bufferOf(attribute.getTypeA()), bufferOf(attribute.getTypeB()),
                                         bufferOf(attribute.getTypeC()), bufferOf(builder.getI64Type()),
                                         bufferOf(builder.getI8Type())},
                                        {});
    kernel = func::FuncOp::create(builder, loc, uniqueName("contract_", numContractions), type);
    kernel.setPrivate();
    kernel->setAttr("tn.kernel", attribute);
    return kernel;
  }

  std::string uniqueName(StringRef prefix, unsigned &counter) {
    std::string name;
    do
      name = (prefix + Twine(counter++)).str();
    while (getOperation().lookupSymbol(name));
    return name;
  }

  //===--------------------------------------------------------------------===//
  // Copies and maps
  //===--------------------------------------------------------------------===//

  /// Whether the operation writes its only input, permuted, over all of its output.
  static bool isPermutedCopy(linalg::GenericOp op) {
    if (op.getNumDpsInputs() != 1 || op.getNumDpsInits() != 1 || op.getNumParallelLoops() != op.getNumLoops())
      return false;
    SmallVector<AffineMap> maps = op.getIndexingMapsArray();
    Block *body = op.getBody();
    return maps[0].isPermutation() && maps[1].isPermutation() && body->getTerminator()->getOperand(0) == body->getArgument(0) &&
           llvm::hasSingleElement(body->getOperations());
  }

  static void replaceByCopy(linalg::GenericOp op) {
    OpBuilder builder(op);
    SmallVector<AffineMap> maps = op.getIndexingMapsArray();
    Value from = op.getDpsInputs().front(), to = op.getDpsInits().front();
    // Output dimension d walks loop maps[1](d); the input dimension that walks it comes there.
    AffineMap inputOfOutput = inversePermutation(maps[0]);
    SmallVector<AffineExpr> exprs;
    for (AffineExpr loop : maps[1].getResults())
      exprs.push_back(inputOfOutput.getResult(cast<AffineDimExpr>(loop).getPosition()));
    AffineMap permutation = AffineMap::get(maps[0].getNumResults(), 0, exprs, op.getContext());
    Value view = memref::TransposeOp::create(builder, op.getLoc(), from, AffineMapAttr::get(permutation));
    memref::CopyOp::create(builder, op.getLoc(), view, to);
    op.erase();
  }

  /// Puts the loops of a sum in the order in which its operand lies in memory: what is summed over rows then reads them one
  /// after the other, and adds each to the result as a vector.
  static void orderSum(linalg::GenericOp op) {
    if (op.getNumReductionLoops() == 0 || op.getNumDpsInputs() != 1)
      return;
    auto type = dyn_cast<MemRefType>(op.getDpsInputs().front().getType());
    AffineMap map = op.getIndexingMapsArray().front();
    if (!type || !map.isPermutation())
      return;
    SmallVector<int64_t> strides = getPlanningStrides(type), ofLoop(op.getNumLoops());
    for (auto [expr, stride] : llvm::zip_equal(map.getResults(), strides))
      ofLoop[cast<AffineDimExpr>(expr).getPosition()] = std::abs(stride);
    SmallVector<unsigned> order(llvm::to_vector(llvm::seq<unsigned>(0, op.getNumLoops())));
    llvm::stable_sort(order, [&](unsigned x, unsigned y) { return ofLoop[x] > ofLoop[y]; });
    IRRewriter rewriter(op.getContext());
    rewriter.setInsertionPoint(op);
    if (!llvm::is_sorted(order))
      (void)linalg::interchangeGenericOp(rewriter, op, order);
  }

  /// Moves `op` into a function on memrefs of dynamic extents and strides, and calls that.
  LogicalResult callMap(linalg::LinalgOp op) {
    OpBuilder builder(op);
    Location loc = op.getLoc();
    SmallVector<Value> arguments;
    SmallVector<Type> types;
    for (Value operand : op->getOperands()) {
      auto type = dyn_cast<MemRefType>(operand.getType());
      MemRefType general = type ? generalize(type) : MemRefType();
      if (!general)
        return op.emitError() << "tenon-outline-kernels: a kernel takes strided buffers, found an operand of "
                              << operand.getType();
      types.push_back(general);
      arguments.push_back(operand);
    }
    for (Region &region : op->getRegions()) {
      llvm::SetVector<Value> captured;
      getUsedValuesDefinedAbove(region, captured);
      for (Value value : captured)
        if (!matchPattern(value, m_Constant()))
          return op.emitError("tenon-outline-kernels: the body of a kernel may use constants of its surroundings only");
    }
    // Build the function aside; equal text means equal function.
    OpBuilder module = OpBuilder::atBlockEnd(getOperation().getBody());
    auto function = func::FuncOp::create(module, loc, "map", builder.getFunctionType(types, {}));
    function.setPrivate();
    function->setAttr("tn.kernel", builder.getStringAttr("views"));
    Block *entry = function.addEntryBlock();
    OpBuilder body = OpBuilder::atBlockEnd(entry);
    IRMapping mapping;
    for (auto [operand, argument] : llvm::zip_equal(op->getOperands(), entry->getArguments()))
      if (!mapping.contains(operand))
        mapping.map(operand, argument);
    for (Region &region : op->getRegions()) {
      llvm::SetVector<Value> captured;
      getUsedValuesDefinedAbove(region, captured);
      for (Value value : captured)
        if (!mapping.contains(value))
          mapping.map(value, body.clone(*value.getDefiningOp())->getResult(0));
    }
    Operation *moved = body.clone(*op.getOperation(), mapping);
    moved->setOperands(entry->getArguments());
    func::ReturnOp::create(body, loc);

    std::string key;
    {
      llvm::raw_string_ostream stream(key);
      // Local: a name table of the whole module, for each of thousands of calls, would be quadratic.
      function.print(stream, OpPrintingFlags().printGenericOpForm().useLocalScope());
    }
    func::FuncOp &kernel = kernels[key];
    if (kernel) {
      function.erase();
    } else {
      function.setName(uniqueName("map_", numMaps));
      kernel = function;
    }
    SmallVector<Value> casted;
    for (auto [argument, type] : llvm::zip_equal(arguments, types))
      casted.push_back(argument.getType() == type ? argument
                                                  : memref::CastOp::create(builder, loc, type, argument).getResult());
    func::CallOp::create(builder, loc, kernel, casted);
    op.erase();
    return success();
  }
};
} // namespace
