//===- OffsetTables.cpp - Shape words and offsets of flattened groups -----===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// A group of dimensions is walked as one flattened index. The offset of its start is found by
// dividing once (mixed radix); from there on counters are incremented, the innermost dimension as a
// plain loop.
//
//===----------------------------------------------------------------------===//
#include "KernelParts.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

#include <string>

using namespace mlir;

namespace tenon::cpu {
namespace {

// Layout of the shape words; see KernelConvention::Contraction.
constexpr int64_t kAccumulateWord = 4;
constexpr int64_t kRangeWord[3] = {9, 5, 7}; // batch, m, n: begin, then end
constexpr int64_t kBlockWord = 11;           // mc, nc, kc

/// Extent and scaled strides of one row.
struct Row {
  Value extent, stride[3];
};

Row loadRow(KernelEmitter &e, Value words, Value row, ValueRange scale) {
  Value first = e.add(e.mul(row, kShapeRow), kShapeHeader);
  Row result;
  result.extent = e.loadIndex(words, first);
  for (int64_t column = 0; column < 3; ++column)
    result.stride[column] = e.mul(e.loadIndex(words, e.add(first, 1 + column)), scale[column]);
  return result;
}

Values offsetsPlus(KernelEmitter &e, ValueRange offsets, const Row &row, Value count) {
  Values result;
  for (int64_t column = 0; column < 3; ++column)
    result.push_back(e.add(offsets[column], e.mul(row.stride[column], count)));
  return result;
}

/// Reals of an element of A, B and C.
Values scaleOf(KernelEmitter &e, const KernelArithmetic &arithmetic) {
  return {e.idx(arithmetic.layoutA.parts), e.idx(arithmetic.layoutB.parts),
          e.idx(arithmetic.layoutC.parts)};
}

/// Arguments of the fill function.
enum FillArgument { Words, FirstRow, NumRows, Start, Count, Padded, Table, Pitch, Counters };

void emitFillBody(KernelEmitter &e, ValueRange arg, ValueRange scale) {
  Value zero = e.idx(0), one = e.idx(1);
  Value lastRow = e.sub(e.add(arg[FirstRow], arg[NumRows]), 1);

  // Offset of the start; counters[d] belongs to the d-th dimension from the innermost.
  Values start = e.loopCarry(zero, arg[NumRows], 1, {arg[Start], zero, zero, zero},
                             [&](Value d, ValueRange carry) {
                               Row row = loadRow(e, arg[Words], e.sub(lastRow, d), scale);
                               Value counter = e.rem(carry[0], row.extent);
                               e.storeIndex(counter, arg[Counters], d);
                               Values next{e.div(carry[0], row.extent)};
                               next.append(offsetsPlus(e, carry.drop_front(), row, counter));
                               return next;
                             });

  // A group without dimensions is one point.
  Values inner = e.ifValues(
      e.lt(zero, arg[NumRows]),
      [&] {
        Row row = loadRow(e, arg[Words], lastRow, scale);
        return Values{row.extent, row.stride[0], row.stride[1], row.stride[2],
                      e.loadIndex(arg[Counters], zero)};
      },
      [&] {
        return Values{one, zero, zero, zero, zero};
      });
  Row innermost{inner[0], {inner[1], inner[2], inner[3]}};
  Values along;
  for (Value stride : innermost.stride)
    along.push_back(e.laneOffsets(stride, kTableSlack));

  e.whileLoop(
      {zero, start[1], start[2], start[3], inner[4]},
      [&](ValueRange carry) { return e.lt(carry[0], arg[Count]); },
      [&](ValueRange carry) {
        Value done = carry[0], counter = carry[4];
        Value run = e.min(e.sub(arg[Count], done), e.sub(innermost.extent, counter));
        // Vectors may reach beyond the run: what follows is written later, or is slack.
        e.loop(zero, run, kTableSlack, [&](Value i) {
          Values offsets = offsetsPlus(e, carry.slice(1, 3), innermost, i);
          for (int64_t column = 0; column < 3; ++column)
            e.store(e.add(e.splat(offsets[column], kTableSlack), along[column]), arg[Table],
                    e.add(e.mul(arg[Pitch], column), e.add(done, i)));
        });
        // The innermost counter goes back to 0; increment the next ones until one does not wrap.
        Values offsets = offsetsPlus(e, carry.slice(1, 3), innermost, e.sub(zero, counter));
        Value wraps = e.lt(one, arg[NumRows]);
        Values next = e.whileLoop(
            {one, offsets[0], offsets[1], offsets[2], wraps},
            [&](ValueRange state) { return state[4]; },
            [&](ValueRange state) {
              Row row = loadRow(e, arg[Words], e.sub(lastRow, state[0]), scale);
              Value counter = e.add(e.loadIndex(arg[Counters], state[0]), 1);
              Value full = e.eq(counter, row.extent);
              e.storeIndex(e.select(full, zero, counter), arg[Counters], state[0]);
              Value steps = e.select(full, e.sub(one, row.extent), one);
              Values moved{e.add(state[0], 1)};
              moved.append(offsetsPlus(e, state.slice(1, 3), row, steps));
              moved.push_back(e.both(full, e.lt(moved[0], arg[NumRows])));
              return moved;
            });
        return Values{e.add(done, run), next[1], next[2], next[3], zero};
      });

  e.loop(arg[Count], arg[Padded], one, [&](Value i) {
    Value source = e.max(e.sub(i, kPadPeriod), zero);
    for (int64_t column = 0; column < 3; ++column) {
      Value first = e.mul(arg[Pitch], column);
      e.storeIndex(e.loadIndex(arg[Table], e.add(first, source)), arg[Table], e.add(first, i));
    }
  });
}

/// Arguments of the function that compares periods.
enum PeriodsArgument { PeriodsTable, PeriodsFirst, PeriodsCount, PeriodsUnit, PeriodsDistance };

/// True when all entries rise by the unit over the distance.
Value emitPeriodsBody(KernelEmitter &e, ValueRange arg) {
  Value yes = e.flag(true);
  return e.loopCarry(e.idx(0), arg[PeriodsCount], 1, {yes}, [&](Value i, ValueRange carry) {
    Value here = e.add(arg[PeriodsFirst], i);
    Value step = e.sub(e.loadIndex(arg[PeriodsTable], e.add(here, arg[PeriodsDistance])),
                       e.loadIndex(arg[PeriodsTable], here));
    return Values{e.both(carry[0], e.eq(step, arg[PeriodsUnit]))};
  })[0];
}

/// Arguments of the function that looks for runs.
enum RunArgument { RunWords, RunFirstRow, RunNumRows, RunOperand };

/// What ShapeWords::sideBySide says.
Value emitRunBody(KernelEmitter &e, ValueRange arg) {
  Value first = arg[RunFirstRow], last = e.sub(e.add(first, arg[RunNumRows]), 1);
  auto word = [&](Value row, Value number) {
    return e.loadIndex(arg[RunWords], e.add(e.add(e.mul(row, kShapeRow), kShapeHeader), number));
  };
  // Dimensions from the innermost one outwards, as long as a step of each follows on the last ones.
  Values end = e.whileLoop(
      {last, e.idx(1)},
      [&](ValueRange state) {
        return e
            .ifValues(
                e.le(first, state[0]),
                [&] {
                  Value follows = e.eq(word(state[0], e.add(arg[RunOperand], 1)), state[1]);
                  return Values{e.either(follows, e.eq(word(state[0], e.idx(0)), e.idx(1)))};
                },
                [&] { return Values{e.flag(false)}; })
            .front();
      },
      [&](ValueRange state) {
        return Values{e.sub(state[0], 1), e.mul(state[1], word(state[0], e.idx(0)))};
      });
  // Without points there are no runs either, but they are divided by.
  return e.max(end[1], e.idx(1));
}

/// The private function of this name, made by `body` when the module has none yet. Never inlined:
/// kernels call it from several places, none of them hot.
func::FuncOp getFunction(KernelEmitter &e, ModuleOp module, llvm::StringRef name, FunctionType type,
                         llvm::function_ref<Values(ValueRange)> body) {
  if (auto existing = module.lookupSymbol<func::FuncOp>(name))
    return existing;
  OpBuilder::InsertionGuard guard(e.b);
  e.b.setInsertionPointToEnd(module.getBody());
  auto function = func::FuncOp::create(e.b, e.loc, name, type);
  function.setPrivate();
  function->setAttr("llvm.linkage",
                    LLVM::LinkageAttr::get(e.b.getContext(), LLVM::Linkage::Internal));
  function->setAttr("llvm.noinline", e.b.getUnitAttr());
  Block *entry = function.addEntryBlock();
  e.b.setInsertionPointToStart(entry);
  KernelEmitter::FunctionScope scope(e, *entry);
  Values results = body(entry->getArguments());
  func::ReturnOp::create(e.b, e.loc, results);
  return function;
}

func::FuncOp getFillFunction(KernelEmitter &e, ModuleOp module,
                             const KernelArithmetic &arithmetic) {
  Type index = e.b.getIndexType();
  auto table = MemRefType::get({ShapedType::kDynamic}, index);
  auto words = MemRefType::get({ShapedType::kDynamic}, e.b.getI64Type());
  auto type =
      e.b.getFunctionType({words, index, index, index, index, index, table, index, table}, {});
  // A module may have kernels of several types.
  std::string name = "tenon_fill_offsets";
  for (const ElementLayout *layout :
       {&arithmetic.layoutA, &arithmetic.layoutB, &arithmetic.layoutC})
    name += '_' + std::to_string(layout->parts);
  return getFunction(e, module, name, type, [&](ValueRange arguments) {
    e.ifThen(e.lt(e.idx(0), arguments[Count]),
             [&] { emitFillBody(e, arguments, scaleOf(e, arithmetic)); });
    return Values{};
  });
}

func::FuncOp getRunFunction(KernelEmitter &e, ModuleOp module) {
  Type index = e.b.getIndexType();
  auto words = MemRefType::get({ShapedType::kDynamic}, e.b.getI64Type());
  auto type = e.b.getFunctionType({words, index, index, index}, {index});
  return getFunction(e, module, "tenon_side_by_side", type,
                     [&](ValueRange arguments) { return Values{emitRunBody(e, arguments)}; });
}

func::FuncOp getPeriodsFunction(KernelEmitter &e, ModuleOp module) {
  Type index = e.b.getIndexType();
  auto table = MemRefType::get({ShapedType::kDynamic}, index);
  auto type = e.b.getFunctionType({table, index, index, index, index}, {e.b.getI1Type()});
  return getFunction(e, module, "tenon_periods_contiguous", type,
                     [&](ValueRange arguments) { return Values{emitPeriodsBody(e, arguments)}; });
}

} // namespace

ShapeWords::ShapeWords(KernelEmitter &e, Value memory) : memory(memory) {
  auto word = [&](int64_t i) { return e.loadIndex(memory, e.idx(i)); };
  rank = e.idx(0);
  for (int64_t group = 0; group < 4; ++group) {
    firstRow[group] = rank;
    numRows[group] = word(group);
    rank = e.add(rank, numRows[group]);
  }
  for (int64_t group = 0; group < 4; ++group)
    innerExtent[group] =
        e.ifValues(
             e.lt(e.idx(0), numRows[group]),
             [&] {
               Value row = e.sub(e.add(firstRow[group], numRows[group]), 1);
               return Values{e.loadIndex(memory, e.add(e.mul(row, kShapeRow), kShapeHeader))};
             },
             [&] { return Values{e.idx(1)}; })
            .front();
  accumulate = e.negate(e.eq(word(kAccumulateWord), e.idx(0)));
  for (int64_t group = 0; group < 3; ++group) {
    begin[group] = word(kRangeWord[group]);
    end[group] = word(kRangeWord[group] + 1);
  }
  kTotal = e.loopCarry(
      firstRow[ContractionShape::K], rank, 1, e.idx(1), [&](Value row, ValueRange product) {
        Value extent = e.loadIndex(memory, e.add(e.mul(row, kShapeRow), kShapeHeader));
        return Values{e.mul(product[0], extent)};
      })[0];
  mc = word(kBlockWord);
  nc = word(kBlockWord + 1);
  kc = word(kBlockWord + 2);
  maySplitK = e.lt(e.idx(0), kc);
  kc = e.select(maySplitK, kc, e.max(e.roundUp(kTotal, kPadPeriod), e.idx(kPadPeriod)));
}

Value ShapeWords::sideBySide(KernelEmitter &e, ModuleOp module, ContractionShape::Group group,
                             int64_t operand) const {
  return func::CallOp::create(e.b, e.loc, getRunFunction(e, module),
                              ValueRange{memory, firstRow[group], numRows[group], e.idx(operand)})
      .getResult(0);
}

/// An operand's stride along a dimension of a group, the `last`-th of it: 1 is the innermost.
static Value loadStride(KernelEmitter &e, const ShapeWords &shape, ContractionShape::Group group,
                        int64_t last, int64_t operand) {
  Value row = e.sub(e.add(shape.firstRow[group], shape.numRows[group]), last);
  return e.loadIndex(shape.memory, e.add(e.mul(row, kShapeRow), kShapeHeader + 1 + operand));
}

Value ShapeWords::twoApart(KernelEmitter &e, ContractionShape::Group group, int64_t operand) const {
  return e
      .ifValues(
          e.lt(e.idx(0), numRows[group]),
          [&] {
            Value isSo = e.eq(loadStride(e, *this, group, 1, operand), e.idx(2));
            return Values{e.select(isSo, e.max(innerExtent[group], e.idx(1)), e.idx(1))};
          },
          [&] { return Values{e.idx(1)}; })
      .front();
}

Value ShapeWords::sideBySideAcross(KernelEmitter &e, ContractionShape::Group group,
                                   int64_t operand) const {
  return e
      .ifValues(
          e.lt(e.idx(1), numRows[group]),
          [&] { return Values{e.eq(loadStride(e, *this, group, 2, operand), e.idx(1))}; },
          [&] { return Values{e.flag(false)}; })
      .front();
}

GroupDim ShapeWords::innermost(KernelEmitter &e, const KernelArithmetic &arithmetic, Value first,
                               Value count) const {
  Values words = e.ifValues(
      e.lt(e.idx(0), count),
      [&] {
        Row row = loadRow(e, memory, e.sub(e.add(first, count), 1), scaleOf(e, arithmetic));
        return Values{row.extent, row.stride[0], row.stride[1], row.stride[2]};
      },
      [&] {
        return Values{e.idx(1), e.idx(0), e.idx(0), e.idx(0)};
      });
  return {words[0], words[1], words[2], words[3]};
}

OffsetTables::OffsetTables(KernelEmitter &e, ModuleOp module, const KernelArithmetic &arithmetic,
                           const ShapeWords &shape, Value counters)
    : e(e), shape(shape), counters(counters), function(getFillFunction(e, module, arithmetic)),
      periods(getPeriodsFunction(e, module)) {}

void OffsetTables::fill(const OffsetTable &table, ContractionShape::Group group, Value start,
                        Value count, Value padded) const {
  fill(table, shape.firstRow[group], shape.numRows[group], start, count, padded);
}

void OffsetTables::fill(const OffsetTable &table, Value firstRow, Value numRows, Value start,
                        Value count, Value padded) const {
  fill(table, shape.memory, firstRow, numRows, start, count, padded);
}

void OffsetTables::fill(const OffsetTable &table, Value words, Value firstRow, Value numRows,
                        Value start, Value count, Value padded) const {
  func::CallOp::create(e.b, e.loc, function,
                       ValueRange{words, firstRow, numRows, start, count, padded, table.memory,
                                  table.pitch, counters});
}

Value OffsetTables::periodsAreContiguous(const OffsetTable &table, OffsetTable::Column column,
                                         Value first, Value count, Value period, Value unit) const {
  return func::CallOp::create(
             e.b, e.loc, periods,
             ValueRange{table.memory, table.position(e, column, first), count, unit, period})
      .getResult(0);
}

BrokenLanes BrokenRuns::next() {
  Value there = e.max(e.min(count, e.idx(width)), e.idx(0));
  BrokenLanes lanes{.width = width,
                    .first = table.load(e, column, first),
                    .second = {},
                    .cut = e.min(left, there),
                    .count = there};
  // Where there is no second run, nothing is read far from the first one.
  Value second = e.select(e.lt(lanes.cut, there), lanes.cut, e.idx(0));
  lanes.second = e.sub(table.load(e, column, e.add(first, second)), e.mul(second, parts));
  first = e.add(first, width);
  count = e.sub(count, width);
  Value rest = e.sub(left, width);
  left = e.select(e.lt(e.idx(0), rest), rest, e.add(rest, run));
  return lanes;
}

Value WorkspaceCursor::take(Value count, Type type, int64_t bytes) {
  Value part = e.view(workspace, next, type);
  next = e.add(next, e.roundUp(e.mul(count, bytes), 64));
  return part;
}

OffsetTable WorkspaceCursor::takeTable(Value entries) {
  Value pitch = e.add(entries, kTableSlack);
  return {take(e.mul(pitch, 3), e.b.getIndexType(), 8), pitch};
}

} // namespace tenon::cpu
