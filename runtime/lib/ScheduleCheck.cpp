//===- ScheduleCheck.cpp - Validation of schedule tables ------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// A table may come from a file. What is accepted here is executed without further checks.
//
//===----------------------------------------------------------------------===//

#include "ElementType.h"
#include "ScheduleImage.h"

#include "tenon-runtime/Checksum.h"

#include <bit>
#include <cstring>

using namespace tenon::runtime;

using Int128 = __int128;

// An offset beyond this many elements is nonsense; refusing it keeps sums exact in 128 bits.
static constexpr Int128 kMaxOffset = Int128(1) << 60;
// Kernels add these to extents and multiply them by sizes of elements.
static constexpr int64_t kMaxBlock = int64_t(1) << 31;

namespace {
/// Smallest and largest value that a sum takes.
struct Range {
  Int128 low = 0, high = 0;

  /// Adds factor * x for x from `first` to `last`; false when the product is nonsense.
  bool add(int64_t factor, int64_t first, int64_t last) {
    Int128 a = Int128(factor) * first, b = Int128(factor) * last;
    Int128 smaller = a < b ? a : b, larger = a < b ? b : a;
    if (smaller < -kMaxOffset || larger > kMaxOffset)
      return false;
    low += smaller;
    high += larger;
    return true;
  }
};

struct OpenLoop {
  uint64_t step;
  int32_t counter;
  int64_t extent;
};

class Checker {
public:
  Checker(const void *table, uint64_t bytes, ErrorText &error)
      : table(static_cast<const char *>(table)), bytes(bytes), error(error), image(table) {}

  tenon_status run();

private:
  bool checkHeader();
  bool checkArguments();
  bool checkConstants();
  bool checkViews();
  bool checkSteps();
  bool checkStep(uint64_t number);
  bool openLoop(uint64_t number);
  bool checkNest(uint64_t number);
  bool closeLoop(uint64_t number);
  bool checkContraction(uint64_t number);
  bool checkLoopDims(uint64_t number);
  bool checkSplit(uint64_t number);
  bool checkCopy(uint64_t number);
  bool checkWritten(uint64_t number, const View &view);
  bool checkOperandBounds(uint64_t number, uint64_t viewNumber);
  bool checkBlockBounds(uint64_t viewNumber);
  bool checkArgumentBounds(uint64_t viewNumber);
  bool counterRange(const OffsetTerm &term, int64_t &last) const;

  const View &operandView(const Step &step, uint64_t operand) const {
    return image.views()[static_cast<size_t>(image.operands(step)[operand])];
  }

  __attribute__((format(printf, 2, 3))) bool fail(const char *format, ...) {
    va_list values;
    va_start(values, format);
    error.set(format, values);
    va_end(values);
    return false;
  }
  template <typename Record> bool checkSection(const Section &section, const char *name) {
    if (section.offset % 8 == 0 && section.offset >= sizeof(ScheduleHeader) &&
        section.offset <= bytes && section.count <= (bytes - section.offset) / sizeof(Record))
      return true;
    return fail(
        "schedule table: section '%s' (offset %llu, %llu records) exceeds the table of %llu "
        "bytes; the file is damaged",
        name, u(section.offset), u(section.count), u(bytes));
  }
  static bool within(uint64_t first, uint64_t count, size_t size) {
    return first <= size && count <= size - first;
  }
  static unsigned long long u(uint64_t value) { return value; }
  static long long i(int64_t value) { return value; }

  const char *table;
  uint64_t bytes;
  ErrorText &error;
  ScheduleImage image;
  OpenLoop loops[kMaxLoopDepth];
  uint64_t depth = 0;
  /// Product of the extents of the open loops: how often the present step runs, saturated.
  Int128 trips[kMaxLoopDepth + 1] = {1};
  Int128 slices = 0;
};
} // namespace

/// For `a` from 0 to kMaxOffset.
static Int128 saturatingMultiply(Int128 a, int64_t b) {
  return a * b > kMaxOffset ? kMaxOffset : a * b;
}

/// Whether an array of these extents (non-negative numbers, or records with one) has at most 2^60
/// bytes. An extent of 0 makes that 0, however large the others are; strides of such an array are
/// never followed.
template <typename Record, typename GetExtent>
static bool fitsInMemory(std::span<const Record> dims, int64_t elementBytes, GetExtent getExtent) {
  Int128 product = elementBytes;
  for (const Record &dim : dims)
    product = saturatingMultiply(product, getExtent(dim));
  return product < kMaxOffset;
}

bool Checker::checkHeader() {
  if (bytes < sizeof(ScheduleHeader))
    return fail(
        "schedule table: %llu bytes are fewer than its header's %llu; the file is truncated",
        u(bytes), u(sizeof(ScheduleHeader)));
  const ScheduleHeader &header = image.header();
  if (std::memcmp(header.magic, kScheduleMagic, sizeof(header.magic)) != 0)
    return fail("schedule table: it does not begin with 'TENONSCH'; this is not a schedule");
  if (header.version != kScheduleVersion)
    return fail("schedule table: version %u, this runtime executes version %u; compile the network "
                "again",
                header.version, kScheduleVersion);
  if (header.totalBytes != bytes)
    return fail(
        "schedule table: it states %llu bytes and has %llu; the file is truncated or damaged",
        u(header.totalBytes), u(bytes));
  if (header.checksum != scheduleChecksum(table, bytes))
    return fail("schedule table: wrong checksum; the file is damaged");
  if (header.workspaceBytes < 0 || header.workspaceBytes > kMaxOffset || header.totalSlices < 0)
    return fail("schedule table: negative or absurd sizes (workspace %lld bytes, %lld slices)",
                i(header.workspaceBytes), i(header.totalSlices));
  if (!checkSection<Argument>(header.arguments, "arguments") ||
      !checkSection<View>(header.views, "views") || !checkSection<ViewDim>(header.dims, "dims") ||
      !checkSection<OffsetTerm>(header.terms, "terms") ||
      !checkSection<Step>(header.steps, "steps") ||
      !checkSection<int32_t>(header.operands, "operands") ||
      !checkSection<LoopDim>(header.loopDims, "loopDims") ||
      !checkSection<int64_t>(header.extents, "extents") ||
      !checkSection<Constant>(header.constants, "constants") ||
      !checkSection<char>(header.blob, "blob"))
    return false;
  if (header.blob.offset % 64 != 0)
    return fail("schedule table: the blob's offset %llu is not a multiple of 64",
                u(header.blob.offset));
  if (header.numInputs > header.arguments.count)
    return fail("schedule table: %llu inputs among %llu arguments", u(header.numInputs),
                u(header.arguments.count));
  return true;
}

bool Checker::checkArguments() {
  for (size_t number = 0; number < image.arguments().size(); ++number) {
    const Argument &argument = image.arguments()[number];
    const ElementType *type = findElementType(argument.dtype);
    if (!type || argument.rank < 0 || argument.rank > kMaxRank ||
        !within(argument.firstExtent, static_cast<uint64_t>(argument.rank), image.extents().size()))
      return fail("schedule table: argument %llu has a bad element type, rank or extents",
                  u(number));
    for (int64_t extent : image.extents(argument))
      if (extent < 0)
        return fail("schedule table: argument %llu has the extent %lld", u(number), i(extent));
    if (!fitsInMemory(image.extents(argument), type->bytes, [](int64_t extent) { return extent; }))
      return fail("schedule table: argument %llu exceeds 2^60 bytes", u(number));
  }
  return true;
}

bool Checker::checkConstants() {
  for (size_t number = 0; number < image.constants().size(); ++number) {
    const Constant &constant = image.constants()[number];
    if (!within(constant.blobOffset, constant.bytes, image.blob().size()) ||
        constant.blobOffset % 64 != 0)
      return fail(
          "schedule table: constant %llu (offset %llu, %llu bytes) does not lie at a multiple "
          "of 64 inside the blob of %llu bytes",
          u(number), u(constant.blobOffset), u(constant.bytes), u(image.blob().size()));
  }
  return true;
}

bool Checker::checkViews() {
  for (size_t number = 0; number < image.views().size(); ++number) {
    const View &view = image.views()[number];
    const ElementType *type = findElementType(view.dtype);
    if (!type || view.rank < 0 || view.rank > kMaxRank ||
        !within(view.firstDim, static_cast<uint64_t>(view.rank), image.dims().size()) ||
        view.numTerms > kMaxTerms || !within(view.firstTerm, view.numTerms, image.terms().size()))
      return fail("schedule table: view %llu has a bad element type, rank, dims or terms",
                  u(number));
    uint64_t bases = 0;
    int32_t sourceRank = 0;
    switch (view.base) {
    case Base::Input:
      bases = image.header().numInputs;
      break;
    case Base::Output:
      bases = image.arguments().size() - image.header().numInputs;
      break;
    case Base::Arena:
      bases = 1;
      break;
    case Base::Constant:
      bases = image.constants().size();
      break;
    default:
      return fail("schedule table: view %llu has the unknown base %d", u(number),
                  static_cast<int>(view.base));
    }
    if (view.baseIndex < 0 || static_cast<uint64_t>(view.baseIndex) >= bases)
      return fail("schedule table: view %llu lies in number %d of %llu", u(number), view.baseIndex,
                  u(bases));
    bool inArgument = view.base == Base::Input || view.base == Base::Output;
    if (inArgument) {
      const Argument &argument = image.arguments()[image.argumentOf(view)];
      sourceRank = argument.rank;
      if (findElementType(argument.dtype)->bytes % type->bytes != 0)
        return fail("schedule table: view %llu reads %s elements as %s", u(number),
                    elementTypeName(argument.dtype), type->name);
    }
    if (view.byteOffset % type->alignment != 0 || (inArgument && view.byteOffset != 0))
      return fail("schedule table: view %llu starts at byte %lld", u(number), i(view.byteOffset));
    for (const ViewDim &dim : image.dims(view))
      if (dim.extent < 0 || (sourceRank < kMaxRank && dim.sourceDims >> sourceRank != 0))
        return fail(
            "schedule table: view %llu has a dimension of extent %lld over dimensions %llx (a set) "
            "of an argument of rank %d",
            u(number), i(dim.extent), u(dim.sourceDims), sourceRank);
    if (!fitsInMemory(image.dims(view), type->bytes, [](const ViewDim &dim) { return dim.extent; }))
      return fail("schedule table: view %llu exceeds 2^60 bytes", u(number));
    for (const OffsetTerm &term : image.terms(view))
      if (term.loop < -1 || term.sourceDim < -1 || term.sourceDim >= sourceRank)
        return fail(
            "schedule table: view %llu has a term of loop %d over dimension %d of an argument "
            "of rank %d",
            u(number), term.loop, term.sourceDim, sourceRank);
  }
  return true;
}

/// The last value of the counter that a term multiplies (the first is 0; a term without a loop
/// counts 1). False when no open loop has that counter.
bool Checker::counterRange(const OffsetTerm &term, int64_t &last) const {
  for (uint64_t i = depth; i-- > 0;)
    if (loops[i].counter == term.loop) {
      last = loops[i].extent - 1;
      return true;
    }
  last = 1;
  return term.loop == -1;
}

bool Checker::checkOperandBounds(uint64_t number, uint64_t viewNumber) {
  const View &view = image.views()[viewNumber];
  int64_t last;
  for (const OffsetTerm &term : image.terms(view))
    if (!counterRange(term, last))
      return fail(
          "schedule table: step %llu uses view %llu, which depends on loop %d, outside that "
          "loop",
          u(number), u(viewNumber), term.loop);
  // Nothing is read or written where there is no element or no iteration.
  if (trips[depth] == 0 || image.isEmpty(view))
    return true;
  bool inBounds = view.base == Base::Input || view.base == Base::Output
                      ? checkArgumentBounds(viewNumber)
                      : checkBlockBounds(viewNumber);
  return inBounds ||
         fail("schedule table: step %llu: view %llu exceeds its %s", u(number), u(viewNumber),
              view.base == Base::Arena      ? "arena"
              : view.base == Base::Constant ? "constant"
                                            : "argument");
}

/// A view into the arena or a constant: the bytes from its lowest to its highest element.
bool Checker::checkBlockBounds(uint64_t viewNumber) {
  const View &view = image.views()[viewNumber];
  Range elements;
  for (const ViewDim &dim : image.dims(view))
    if (!elements.add(dim.factor, 0, dim.extent - 1))
      return false;
  for (const OffsetTerm &term : image.terms(view)) {
    int64_t last = 0;
    counterRange(term, last);
    if (!elements.add(term.factor, term.loop < 0 ? 1 : 0, last))
      return false;
  }
  int64_t size = findElementType(view.dtype)->bytes;
  Int128 blockBytes = view.base == Base::Arena
                          ? Int128(image.header().workspaceBytes)
                          : Int128(image.constants()[static_cast<size_t>(view.baseIndex)].bytes);
  return view.byteOffset + elements.low * size >= 0 &&
         view.byteOffset + (elements.high + 1) * size <= blockBytes;
}

/// A view into an argument, whose strides are not known here: the position along each dimension of
/// the argument stays inside its extent, which keeps the view inside for any strides. A view of the
/// parts of elements (f32 of c64) multiplies strides by the number of parts and stays inside one
/// element with what has no stride.
bool Checker::checkArgumentBounds(uint64_t viewNumber) {
  const View &view = image.views()[viewNumber];
  const Argument &argument = image.arguments()[image.argumentOf(view)];
  int64_t parts = findElementType(argument.dtype)->bytes / findElementType(view.dtype)->bytes;
  Range positions[kMaxRank], part;
  auto add = [&](int32_t sourceDim, int64_t factor, int64_t first, int64_t last) {
    if (sourceDim < 0)
      return part.add(factor, first, last);
    if (first == last && last == 0)
      return true;
    return factor % parts == 0 && positions[sourceDim].add(factor / parts, first, last);
  };
  for (const ViewDim &dim : image.dims(view)) {
    if (!dim.sourceDims && !add(-1, dim.factor, 0, dim.extent - 1))
      return false;
    for (DimSet rest = dim.sourceDims; rest; rest &= rest - 1)
      if (!add(std::countr_zero(rest), dim.factor, 0, dim.extent - 1))
        return false;
  }
  for (const OffsetTerm &term : image.terms(view)) {
    int64_t last = 0;
    counterRange(term, last);
    if (!add(term.sourceDim, term.factor, term.loop < 0 ? 1 : 0, last))
      return false;
  }
  for (int32_t dim = 0; dim < argument.rank; ++dim)
    if (positions[dim].low < 0 ||
        positions[dim].high >= image.extents(argument)[static_cast<size_t>(dim)])
      return false;
  return part.low >= 0 && part.high < parts;
}

bool Checker::checkWritten(uint64_t number, const View &view) {
  return view.base == Base::Output || view.base == Base::Arena ||
         fail("schedule table: step %llu writes to an input or a constant", u(number));
}

bool Checker::openLoop(uint64_t number) {
  const Step &step = image.steps()[number];
  if (depth == kMaxLoopDepth)
    return fail("schedule table: step %llu nests loops deeper than %llu", u(number),
                u(kMaxLoopDepth));
  if (step.extent < 0 || step.extent > kMaxOffset || step.loop < 0)
    return fail("schedule table: step %llu begins loop %d of extent %lld", u(number), step.loop,
                i(step.extent));
  for (uint64_t i = 0; i < depth; ++i)
    if (loops[i].counter == step.loop)
      return fail("schedule table: step %llu begins loop %d inside that loop", u(number),
                  step.loop);
  if (!checkNest(number))
    return false;
  loops[depth] = {number, step.loop, step.extent};
  ++depth;
  // Iterations of a nest are divided among those of the parallel loop, not repeated by each.
  trips[depth] = saturatingMultiply(trips[depth - (step.nestDepth > 0 ? 2 : 1)], step.extent);
  return true;
}

bool Checker::checkNest(uint64_t number) {
  const Step &step = image.steps()[number];
  if (step.nestDepth == 0)
    return true;
  auto bad = [&](const char *what) {
    return fail("schedule table: the nest of step %llu %s", u(number), what);
  };
  if (step.kind != StepKind::LoopBegin || step.nestDepth < 0 || step.share < 1 || depth == 0)
    return bad("is not a loop inside a parallel loop with a positive share");
  const Step &around = image.steps()[loops[depth - 1].step];
  if (around.kind != StepKind::ParallelBegin)
    return bad("is not directly inside a parallel loop");
  auto nestDepth = static_cast<uint64_t>(step.nestDepth);
  uint64_t numSteps = image.steps().size();
  if (nestDepth > kMaxLoopDepth || numSteps - number < nestDepth || step.matchingEnd >= numSteps ||
      step.matchingEnd < number + 2 * nestDepth - 1)
    return bad("has more loops than steps");
  Int128 total = 1;
  for (uint64_t i = 0; i < nestDepth; ++i) {
    const Step &inner = image.steps()[number + i];
    if (inner.kind != StepKind::LoopBegin || (i > 0 && inner.nestDepth != 0) ||
        inner.matchingEnd != step.matchingEnd - i)
      return bad("has loops that do not follow each other directly");
    total = saturatingMultiply(total, inner.extent);
  }
  // Every iteration belongs to a share, and numbers of iterations are computed in 64 bits.
  if (total >= kMaxOffset || saturatingMultiply(around.extent, step.share) < total ||
      saturatingMultiply(around.extent, step.share) >= kMaxOffset)
    return bad("has shares that do not add up to its iterations");
  return true;
}

bool Checker::closeLoop(uint64_t number) {
  const Step &step = image.steps()[number];
  if (depth == 0)
    return fail("schedule table: step %llu ends a loop where none is open", u(number));
  if (step.countsSlice != 0 && step.countsSlice != 1)
    return fail("schedule table: step %llu has countsSlice %d", u(number), step.countsSlice);
  if (step.countsSlice && trips[depth] < kMaxOffset - slices)
    slices += trips[depth];
  else if (step.countsSlice)
    slices = kMaxOffset;
  --depth;
  uint64_t begin = loops[depth].step;
  return image.steps()[begin].matchingEnd == number ||
         fail("schedule table: the loop of step %llu ends at step %llu, it states %llu", u(begin),
              u(number), u(image.steps()[begin].matchingEnd));
}

bool Checker::checkLoopDims(uint64_t number) {
  const Step &step = image.steps()[number];
  if (!within(step.firstLoopDim, step.numLoopDims, image.loopDims().size()))
    return fail("schedule table: step %llu has bad loop dimensions", u(number));
  uint64_t walked[3] = {0, 0, 0};
  int32_t lastGroup = 0;
  Int128 groupExtents[4] = {1, 1, 1, 1};
  for (const LoopDim &row : image.loopDims(step)) {
    auto group = static_cast<int32_t>(row.group);
    if (group < lastGroup || group > static_cast<int32_t>(Group::K))
      return fail("schedule table: step %llu: its loop dimensions are not sorted by group",
                  u(number));
    lastGroup = group;
    if (row.extent < 0)
      return fail("schedule table: step %llu: a loop dimension has the extent %lld", u(number),
                  i(row.extent));
    groupExtents[group] = saturatingMultiply(groupExtents[group], row.extent);
    const int32_t dims[3] = {row.dimA, row.dimB, row.dimC};
    for (uint64_t operand = 0; operand < 3; ++operand) {
      const View &view = operandView(step, operand);
      int32_t dim = dims[operand];
      if (dim == -1)
        continue;
      if (dim < 0 || dim >= view.rank || (walked[operand] >> dim & 1) ||
          image.dims(view)[static_cast<size_t>(dim)].extent != row.extent)
        return fail(
            "schedule table: step %llu: a loop dimension of extent %lld walks dimension %d of "
            "operand %llu, which is missing, walked twice, or of another extent",
            u(number), i(row.extent), dim, u(operand));
      walked[operand] |= uint64_t(1) << dim;
    }
    bool legal = row.group == Group::K   ? row.dimC < 0
                 : row.group == Group::M ? row.dimC >= 0 && row.dimB < 0
                 : row.group == Group::N ? row.dimC >= 0 && row.dimA < 0
                                         : row.dimC >= 0;
    if (!legal)
      return fail("schedule table: step %llu: a loop dimension walks operands that its group lacks",
                  u(number));
  }
  for (uint64_t operand = 0; operand < 3; ++operand) {
    const View &view = operandView(step, operand);
    for (int32_t dim = 0; dim < view.rank; ++dim)
      if (!(walked[operand] >> dim & 1) && image.dims(view)[static_cast<size_t>(dim)].extent != 1)
        return fail(
            "schedule table: step %llu: no loop dimension walks dimension %d of operand %llu",
            u(number), dim, u(operand));
  }
  // A contraction without results is not computed.
  bool isComputed = !image.isEmpty(operandView(step, 2));
  for (Int128 extent : groupExtents)
    if (isComputed && extent >= kMaxOffset)
      return fail("schedule table: step %llu: the extents of a group multiply to 2^60 or more",
                  u(number));
  return true;
}

bool Checker::checkSplit(uint64_t number) {
  const Step &step = image.steps()[number];
  const View &workspace = operandView(step, 3);
  if (workspace.base != Base::Arena || workspace.rank != 1 ||
      findElementType(workspace.dtype)->bytes != 1 || image.dims(workspace)[0].factor != 1)
    return fail(
        "schedule table: step %llu: its packing workspace is not a contiguous view of bytes of "
        "the arena",
        u(number));
  bool aligned = workspace.byteOffset % 64 == 0;
  for (const OffsetTerm &term : image.terms(workspace))
    aligned &= term.factor % 64 == 0;
  if (!aligned)
    return fail(
        "schedule table: step %llu: its packing workspace does not start at a multiple of 64",
        u(number));
  if (step.ways < 1 || step.ways > kMaxWays || step.splitGrain < 1 ||
      static_cast<int32_t>(step.splitGroup) < static_cast<int32_t>(Group::Batch) ||
      static_cast<int32_t>(step.splitGroup) > static_cast<int32_t>(Group::N))
    return fail("schedule table: step %llu splits group %d in %d ways of grain %lld", u(number),
                static_cast<int>(step.splitGroup), step.ways, i(step.splitGrain));
  if (step.ways > 1 && image.dims(workspace)[0].extent % (64 * int64_t(step.ways)) != 0)
    return fail("schedule table: step %llu: a packing workspace of %lld bytes is not %d parts of a "
                "multiple of 64 bytes",
                u(number), i(image.dims(workspace)[0].extent), step.ways);
  return true;
}

bool Checker::checkContraction(uint64_t number) {
  const Step &step = image.steps()[number];
  if (step.numOperands != 4)
    return fail("schedule table: step %llu contracts with %llu operands, expected 4", u(number),
                u(step.numOperands));
  if (step.accumulate != 0 && step.accumulate != 1)
    return fail("schedule table: step %llu has accumulate %d", u(number), step.accumulate);
  for (int block = 0; block < 3; ++block)
    if (step.blocks[block] < (block < 2 ? 1 : 0) || step.blocks[block] > kMaxBlock)
      return fail("schedule table: step %llu has cache blocks of %lld, %lld and %lld points",
                  u(number), i(step.blocks[0]), i(step.blocks[1]), i(step.blocks[2]));
  return checkWritten(number, operandView(step, 2)) && checkLoopDims(number) && checkSplit(number);
}

bool Checker::checkCopy(uint64_t number) {
  const Step &step = image.steps()[number];
  if (step.numOperands != 2)
    return fail("schedule table: step %llu copies with %llu operands, expected 2", u(number),
                u(step.numOperands));
  const View &from = operandView(step, 0), &to = operandView(step, 1);
  bool same = from.dtype == to.dtype && from.rank == to.rank;
  for (size_t dim = 0; same && dim < image.dims(from).size(); ++dim)
    same = image.dims(from)[dim].extent == image.dims(to)[dim].extent;
  if (!same)
    return fail("schedule table: step %llu copies between views of other shapes or element types",
                u(number));
  return checkWritten(number, to);
}

bool Checker::checkStep(uint64_t number) {
  const Step &step = image.steps()[number];
  switch (step.kind) {
  case StepKind::LoopBegin:
  case StepKind::ParallelBegin:
    return openLoop(number);
  case StepKind::LoopEnd:
    return closeLoop(number);
  case StepKind::CallViews:
  case StepKind::CallContraction:
  case StepKind::Copy:
  case StepKind::Fill:
    break;
  default:
    return fail("schedule table: step %llu is of the unknown kind %d", u(number),
                static_cast<int>(step.kind));
  }
  if (!within(step.firstOperand, step.numOperands, image.operands().size()))
    return fail("schedule table: step %llu has bad operands", u(number));
  for (int32_t view : image.operands(step)) {
    if (view < 0 || static_cast<size_t>(view) >= image.views().size())
      return fail("schedule table: step %llu uses view %d of %llu", u(number), view,
                  u(image.views().size()));
    if (!checkOperandBounds(number, static_cast<uint64_t>(view)))
      return false;
  }
  bool calls = step.kind == StepKind::CallViews || step.kind == StepKind::CallContraction;
  if (calls && (step.kernel < 0 || static_cast<uint32_t>(step.kernel) >= image.header().numKernels))
    return fail("schedule table: step %llu calls kernel %d of %u", u(number), step.kernel,
                image.header().numKernels);
  if (step.kind == StepKind::CallContraction)
    return checkContraction(number);
  if (step.kind == StepKind::Copy)
    return checkCopy(number);
  if (step.kind == StepKind::Fill)
    return step.numOperands == 1 ? checkWritten(number, operandView(step, 0))
                                 : fail("schedule table: step %llu fills %llu operands, expected 1",
                                        u(number), u(step.numOperands));
  return true;
}

bool Checker::checkSteps() {
  for (uint64_t number = 0; number < image.steps().size(); ++number)
    if (!checkStep(number))
      return false;
  if (depth != 0)
    return fail("schedule table: the loop of step %llu does not end", u(loops[depth - 1].step));
  if (slices != image.header().totalSlices)
    return fail("schedule table: its loops count %lld slices, it states %lld",
                i(static_cast<int64_t>(slices)), i(image.header().totalSlices));
  return true;
}

tenon_status Checker::run() {
  bool good = checkHeader() && checkArguments() && checkConstants() && checkViews() && checkSteps();
  return good ? TENON_OK : TENON_CORRUPT;
}

tenon_status tenon::runtime::checkSchedule(const void *table, uint64_t bytes, ErrorText &error) {
  return Checker(table, bytes, error).run();
}
