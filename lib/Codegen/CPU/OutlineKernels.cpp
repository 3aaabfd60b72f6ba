//===- OutlineKernels.cpp - Computations become calls of kernels ------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "CallShape.h"
#include "MatchContraction.h"
#include "tenon/Codegen/CPU/KernelAttributes.h"
#include "tenon/Codegen/CPU/Passes.h"
#include "tenon/Dialect/TN/IR/PlaceInFile.h"
#include "tenon/KernelModel/Split.h"
#include "tenon/KernelModel/TuningTable.h"
#include "tenon/Support/Counters.h"
#include "tenon/Support/DebugLog.h"
#include "tenon/Support/SeededBug.h"

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

tn::SplitGroup toDialect(cpu::CallSplit::Group group) {
  switch (group) {
  case cpu::CallSplit::Batch:
    return tn::SplitGroup::Batch;
  case cpu::CallSplit::M:
    return tn::SplitGroup::M;
  case cpu::CallSplit::N:
    return tn::SplitGroup::N;
  }
  llvm_unreachable("all groups are listed");
}

struct OutlineCounters : Counters {
  OutlineCounters() : Counters("tenon-outline-kernels") {}

  Counter packed{*this, "packed", "contractions that pack their operands"};
  Counter direct{*this, "direct", "contractions that read their operands where they lie"};
  Counter batched{*this, "batched", "contractions that are many small products"};
  Counter streamed{*this, "streamed", "contractions of a tiny operand with a large one of short dimensions"};
  Counter gathered{*this, "gathered", "contractions with little to do for many elements, read in any order"};
  Counter split{*this, "split", "contractions that threads share"};
  Counter rounded{*this, "rounded", "contractions that store their sums in a narrower type"};
  Counter maps{*this, "maps", "other operations that became calls"};
  Counter copies{*this, "copies", "permutations that became copies"};
  Counter kernels{*this, "kernels", "kernels that all of them call"};

  Counter &of(cpu::KernelStrategy strategy) {
    switch (strategy) {
    case cpu::KernelStrategy::Packed:
      return packed;
    case cpu::KernelStrategy::Direct:
      return direct;
    case cpu::KernelStrategy::Batched:
    case cpu::KernelStrategy::Interleaved:
      return batched;
    case cpu::KernelStrategy::Streamed:
      return streamed;
    case cpu::KernelStrategy::Gathered:
      return gathered;
    }
    llvm_unreachable("all strategies are listed");
  }
};

struct OutlineKernelsPass : tenon::impl::OutlineKernelsBase<OutlineKernelsPass> {
  using Base::Base;

  cpu::TargetDescription machine;
  std::optional<cpu::TuningTable> tuned;
  llvm::StringMap<func::FuncOp> kernels;
  unsigned numContractions = 0, numMaps = 0;
  /// Operations that are gone, since a contraction rounds by itself.
  llvm::DenseSet<Operation *> roundings;

  /// The arena becomes an argument of each schedule, which a call would lack.
  static LogicalResult refuseCalledSchedules(ModuleOp module) {
    SymbolTable symbols(module);
    WalkResult result = module.walk([&](func::CallOp call) {
      auto callee = symbols.lookup<func::FuncOp>(call.getCallee());
      if (!callee || callee.isDeclaration() || callee.isPrivate() || callee->hasAttr("tn.kernel"))
        return WalkResult::advance();
      call.emitError() << "tenon-outline-kernels: expected schedules that call none but kernels, found a call of '" << call.getCallee()
                       << "'; inline it first (--inline)";
      return WalkResult::interrupt();
    });
    return failure(result.wasInterrupted());
  }

  void runOnOperation() override {
    ModuleOp module = getOperation();
    std::optional<cpu::TargetDescription> known = cpu::targetByName(target);
    if (!known || threads < 1) {
      module.emitError() << "tenon-outline-kernels: "
                         << (known ? "threads must be at least 1"
                                   : "unknown target '" + target.getValue() +
                                         "'; expected host, avx512, avx512-bf16, avx2 or generic-neon");
      return signalPassFailure();
    }
    machine = *known;
    if (failed(readTuning()))
      return signalPassFailure();
    kernels.clear();
    roundings.clear();
    numContractions = numMaps = 0;
    if (failed(refuseCalledSchedules(module)))
      return signalPassFailure();
    OutlineCounters counters;
    SmallVector<linalg::LinalgOp> ops;
    for (auto function : module.getOps<func::FuncOp>())
      if (!function->hasAttr("tn.kernel"))
        function.walk([&](linalg::LinalgOp op) { ops.push_back(op); });
    for (linalg::LinalgOp op : ops) {
      if (roundings.contains(op.getOperation()))
        continue;
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
          if (failed(callContraction(generic, *match, counters)))
            return signalPassFailure();
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

  /// What of a buffer a view shows, be it the buffer itself.
  static Value getBuffer(Value value) {
    while (auto view = value.getDefiningOp<ViewLikeOpInterface>())
      value = view.getViewSource();
    return value;
  }

  /// The operation that writes the sums of `op`, which nobody else reads, rounded to half precision somewhere else, right
  /// afterwards; or null. `fill` starts the sums.
  static linalg::GenericOp findRounding(linalg::GenericOp op, linalg::FillOp fill, cpu::ContractionTypes types) {
    Value sums = op.getDpsInits().front();
    if (!sums.getDefiningOp<memref::AllocOp>())
      return {};
    linalg::GenericOp rounding;
    for (Operation *user : sums.getUsers()) {
      if (user == op || user == fill)
        continue;
      if (rounding || !isa<linalg::GenericOp>(user))
        return {};
      rounding = cast<linalg::GenericOp>(user);
    }
    if (!rounding || rounding->getBlock() != op->getBlock() || rounding.getNumDpsInputs() != 1 || rounding.getNumDpsInits() != 1 ||
        rounding.getDpsInputs().front() != sums || !llvm::hasNItems(rounding.getBody()->getOperations(), 2) ||
        !llvm::all_of(rounding.getIndexingMapsArray(), [](AffineMap map) { return map.isIdentity(); }))
      return {};
    auto truncation = rounding.getBody()->getTerminator()->getOperand(0).getDefiningOp<arith::TruncFOp>();
    if (!truncation || truncation.getIn() != rounding.getBody()->getArgument(0) || truncation.getRoundingmode())
      return {};
    Value to = rounding.getDpsInits().front();
    types.typeC = cast<MemRefType>(to.getType()).getElementType();
    if (!explainUnsupported(types).empty())
      return {};
    // It is written earlier than before: nobody may look at it meanwhile, the operands least of all.
    for (Value operand : op.getDpsInputs())
      if (getBuffer(operand) == getBuffer(to))
        return {};
    if (Operation *maker = to.getDefiningOp(); maker && (maker->getBlock() != op->getBlock() || !maker->isBeforeInBlock(op)))
      return {};
    for (Operation *between = op->getNextNode(); between != rounding; between = between->getNextNode())
      if (!between || (!isMemoryEffectFree(between) && !isa<memref::AllocOp>(between)))
        return {};
    return rounding;
  }

  /// Whether a panel of all of k takes a quarter of the second cache at most: it is read from there as fast as it is multiplied.
  bool hasShallowPanels(const cpu::ContractionTypes &types, const cpu::ContractionShape &shape) const {
    cpu::ContractionKernelSpec spec = cpu::chooseContraction(types, shape, machine).spec;
    int64_t layers = shape.size(cpu::ContractionShape::K) / spec.dot;
    int64_t bytes = spec.nr * cpu::sumFormat(types).elementBytes();
    return spec.strategy == cpu::KernelStrategy::Packed && layers <= machine.l2Bytes / 4 / bytes;
  }

  /// Makes a contraction store its sums rounded, where an operation of its own does so afterwards. Such a sum is not interrupted:
  /// where k is cut for more than the first cache, a pass over the sums costs less than blocks of all of k.
  void foldRounding(linalg::GenericOp op, cpu::MatchedContraction &match, OutlineCounters &counters) {
    linalg::FillOp fill = match.addsToC ? findZeroFill(op, match) : linalg::FillOp();
    if (match.addsToC && !fill)
      return;
    linalg::GenericOp rounding = findRounding(op, fill, match.types);
    if (!rounding)
      return;
    Operation *sums = op.getDpsInits().front().getDefiningOp();
    Value to = rounding.getDpsInits().front();
    cpu::ContractionTypes rounded = match.types;
    rounded.typeC = cast<MemRefType>(to.getType()).getElementType();
    cpu::ContractionShape merged = cpu::mergeShape(cpu::orderShape(getShape(op, match)).shape);
    int64_t kc = cpu::chooseContraction(match.types, merged, machine).blocks.kc;
    if (kc != 0 && merged.size(cpu::ContractionShape::K) > kc && !hasShallowPanels(rounded, merged))
      return;
    roundings.insert(rounding);
    rounding.erase();
    op.getDpsInitsMutable()[0].set(to);
    if (fill)
      fill.erase();
    sums->erase();
    match.types = rounded;
    match.addsToC = false;
    ++counters.rounded;
  }

  /// Extents and strides of the loops, which keep their numbers.
  static cpu::ContractionShape getShape(linalg::GenericOp op, const cpu::MatchedContraction &match) {
    auto typeOf = [&](int i) { return cast<MemRefType>(op->getOperand(i).getType()); };
    return cpu::getShapeOfBuffers({{{typeOf(0), match.loopsA}, {typeOf(1), match.loopsB}, {typeOf(2), match.loopsC}}}, op.getNumLoops());
  }

  /// What the tuning file says of a contraction, or else what the model does. Fails with a diagnostic where a choice of the
  /// file does not suit.
  FailureOr<cpu::ContractionChoice> choose(linalg::GenericOp op, const cpu::ContractionTypes &types, const cpu::ContractionShape &merged) {
    cpu::ContractionChoice choice = cpu::chooseContraction(types, merged, machine);
    if (!tuned)
      return choice;
    std::string key = cpu::tuningKey(choice.spec, merged);
    const cpu::Blocking *blocking = tuned->find(key);
    if (!blocking)
      return choice;
    if (std::string wrong = cpu::explainBlockingOf(choice.spec, *blocking, machine); !wrong.empty())
      return op.emitError() << "tenon-outline-kernels: " << tuning << ": contraction " << key << ": " << wrong;
    static_cast<cpu::KernelTiling &>(choice.spec) = *blocking;
    choice.blocks = *blocking;
    return choice;
  }

  LogicalResult readTuning() {
    tuned.reset();
    if (tuning.empty())
      return success();
    std::string error;
    tuned = cpu::TuningTable::readFile(tuning, machine, error);
    if (!tuned)
      return getOperation().emitError() << "tenon-outline-kernels: " << error;
    return success();
  }

  LogicalResult callContraction(linalg::GenericOp op, cpu::MatchedContraction &match, OutlineCounters &counters) {
    foldRounding(op, match, counters);
    SmallVector<Value> operands = {op.getDpsInputs()[0], op.getDpsInputs()[1], op.getDpsInits()[0]};
    SmallVector<SmallVector<int64_t> *> lists = {&match.loopsA, &match.loopsB, &match.loopsC};
    int64_t count = op.getNumLoops();
    cpu::NormalizedShape ordered = cpu::orderShape(getShape(op, match));
    if (ordered.swapped) {
      std::swap(operands[0], operands[1]);
      std::swap(match.loopsA, match.loopsB);
      std::swap(match.types.typeA, match.types.typeB);
      if (!isSeeded(SeededBug::ConjNotExchanged))
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
        accumulates = isSeeded(SeededBug::AccumulatorNotZeroed);
      }
    cpu::ContractionShape merged = cpu::mergeShape(ordered.shape);
    FailureOr<cpu::ContractionChoice> choice = choose(op, match.types, merged);
    if (failed(choice))
      return failure();
    auto &[spec, blocks] = *choice;
    auto attribute = cpu::toAttribute(&getContext(), spec);

    using Shape = cpu::ContractionShape;
    cpu::ContractionSizes sizes = merged.sizesOfCalls(count);
    cpu::CallSplit split = cpu::chooseSplit(spec, sizes, op->getParentOfType<scf::ForallOp>() ? 1 : threads);
    int64_t bytes = split.ways * cpu::packingWorkspaceBytes(spec, blocks, sizes);
    ++counters.of(spec.strategy);
    counters.split += split.ways > 1;
    if (isDebugged(DebugArea::Kernels))
      DebugLine(DebugArea::Kernels) << tn::describePlace(loc) << ": batch " << sizes.batch << ", m " << sizes.m << ", n " << sizes.n << ", k " << sizes.k << ": "
                                    << cpu::strategyName(spec.strategy) << ", " << bytes << " bytes of packing, "
                                    << (accumulates ? "adds to" : "writes") << " its result, split " << split.ways << " ways";
    Value workspace = memref::AllocOp::create(builder, loc, MemRefType::get({bytes}, builder.getI8Type()), ValueRange(),
                                              ValueRange(), builder.getI64IntegerAttr(64));
    tn::CallContractionOp::create(builder, loc, getKernel(loc, attribute).getName(), operands[0], operands[1],
                                              operands[2], workspace, match.loopsA, match.loopsB, match.loopsC, order,
                                              ArrayRef<int64_t>{blocks.mc, blocks.nc, blocks.kc}, accumulates, toDialect(split.group), split.grain,
                                  split.ways);
    op.erase();
    return success();
  }

  func::FuncOp getKernel(Location loc, tn::ContractionKernelAttr attribute) {
    std::string key;
    llvm::raw_string_ostream(key) << attribute;
    func::FuncOp &kernel = kernels[key];
    if (kernel)
      return kernel;
    OpBuilder builder = OpBuilder::atBlockEnd(getOperation().getBody());
    kernel = cpu::declareKernel(builder, loc, uniqueName("contract_", numContractions), attribute);
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
    // A number that a buffer of rank 0 is filled with has the map of one.
    if (!isa<MemRefType>(op.getDpsInputs().front().getType()))
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
    SmallVector<int64_t> strides = cpu::getPlanningStrides(type), ofLoop(op.getNumLoops());
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
      if (isSeeded(SeededBug::MapKernelsByType))
        stream << op->getName() << op->getAttrDictionary() << function.getFunctionType();
      else
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
