//===- ResultDims.cpp - All dimensions of C as one group ------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "ResultDims.h"

using namespace mlir;

namespace tenon::cpu {

//===----------------------------------------------------------------------===//
// Lists of dimensions
//===----------------------------------------------------------------------===//

ResultDims::DimList ResultDims::takeList(WorkspaceCursor &cursor) {
  Value words = e.add(e.mul(rowsOfList(), kShapeRow), kShapeHeader);
  return {cursor.take(words, e.b.getI64Type(), 8)};
}

ResultDims::Dim ResultDims::get(Value words, Value row) {
  Value first = e.add(e.mul(row, kShapeRow), kShapeHeader);
  auto word = [&](int64_t number) { return e.loadIndex(words, e.add(first, number)); };
  return {word(0), {word(1), word(2), word(3)}};
}

void ResultDims::put(const Dim &dim, const DimList &list, Value row) {
  Value first = e.add(e.mul(row, kShapeRow), kShapeHeader);
  int64_t number = 0;
  for (Value value : {dim.extent, dim.stride[0], dim.stride[1], dim.stride[2]}) {
    Value word = arith::IndexCastOp::create(e.b, e.loc, e.b.getI64Type(), value);
    e.storeIndex(word, list.words, e.add(first, number++));
  }
}

Value ResultDims::guarded(Value condition, llvm::function_ref<Value()> test) {
  return e
      .ifValues(
          condition, [&] { return Values{test()}; }, [&] { return Values{e.flag(false)}; })
      .front();
}

void ResultDims::insert(const Dim &dim, const DimList &list, Value low, Value count,
                        OffsetTable::Column column) {
  Value distance = size(dim.stride[column]);
  Value row = e.whileLoop(
      {count},
      [&](ValueRange state) {
        return guarded(e.lt(low, state[0]), [&] {
          return e.lt(size(get(list, e.sub(state[0], 1)).stride[column]), distance);
        });
      },
      [&](ValueRange state) {
        Value before = e.sub(state[0], 1);
        put(get(list, before), list, state[0]);
        return Values{before};
      })[0];
  put(dim, list, row);
}

ResultDims::Place ResultDims::moved(const Place &place, const Dim &dim, Value count) {
  Place result;
  for (int64_t operand = 0; operand < 3; ++operand)
    result.at[operand] =
        e.add(place.at[operand], e.mul(e.mul(dim.stride[operand], partsOf(operand)), count));
  return result;
}

ResultDims::Dim ResultDims::stretched(const Dim &dim, Value extent, Value distance) {
  return {extent,
          {e.mul(dim.stride[0], distance), e.mul(dim.stride[1], distance),
           e.mul(dim.stride[2], distance)}};
}

Value ResultDims::countPoints(const DimList &list, Value first, Value end) {
  return e.loopCarry(first, end, 1, {one}, [&](Value row, ValueRange product) {
    return Values{e.mul(product[0], get(list, row).extent)};
  })[0];
}

//===----------------------------------------------------------------------===//
// The sub-range of a call
//===----------------------------------------------------------------------===//

/// Parts of a group's flattened space with which the sub-range of this call is covered: one where
/// it is the whole space, else two for each dimension at most.
void ResultDims::forBoxes(Group group, llvm::function_ref<void(const Box &)> body) {
  Value first = shape.firstRow[group], end = e.add(first, shape.numRows[group]);
  auto extentOf = [&](Value row) { return get(shape.memory, row).extent; };
  e.whileLoop(
      {shape.begin[group]}, [&](ValueRange state) { return e.lt(state[0], shape.end[group]); },
      [&](ValueRange state) {
        Value at = state[0], left = e.sub(shape.end[group], at);
        // Dimensions from `row` on are whole, and have `points` points.
        Values whole = e.whileLoop(
            {end, one},
            [&](ValueRange inner) {
              return guarded(e.lt(e.add(first, 1), inner[0]), [&] {
                Value points = e.mul(inner[1], extentOf(e.sub(inner[0], 1)));
                return e.both(isZero(e.rem(at, points)), e.le(points, left));
              });
            },
            [&](ValueRange inner) {
              Value row = e.sub(inner[0], 1);
              return Values{row, e.mul(inner[1], extentOf(row))};
            });
        Value points = whole[1];
        Values cut = e.ifValues(
            e.lt(first, end),
            [&] {
              Value row = e.sub(whole[0], 1), extent = extentOf(row);
              Value there = e.sub(extent, e.rem(e.div(at, points), extent));
              return Values{row, e.min(there, e.div(left, points))};
            },
            [&] {
              return Values{end, one};
            });
        Values start = e.loopCarry(
            zero, shape.numRows[group], 1, {at, zero, zero, zero}, [&](Value i, ValueRange carry) {
              Dim dim = get(shape.memory, e.sub(e.sub(end, 1), i));
              Place place =
                  moved({{carry[1], carry[2], carry[3]}}, dim, e.rem(carry[0], dim.extent));
              return Values{e.div(carry[0], dim.extent), place.at[0], place.at[1], place.at[2]};
            });
        body({cut[0], end, cut[1], {{start[1], start[2], start[3]}}});
        return Values{e.add(at, e.mul(cut[1], points))};
      });
}

/// Adds the dimensions of a box to those of C, in C's order. Returns how many there are.
Value ResultDims::append(const Box &box, const DimList &all, Value count) {
  return e.loopCarry(box.first, box.end, 1, {count}, [&](Value row, ValueRange carry) {
    Dim dim = get(shape.memory, row);
    dim.extent = e.select(e.eq(row, box.first), box.extent, dim.extent);
    Value isThere = e.lt(one, dim.extent);
    e.ifThen(isThere, [&] { insert(dim, all, zero, carry[0], OffsetTable::C); });
    return Values{e.select(isThere, e.add(carry[0], 1), carry[0])};
  })[0];
}

/// Joins dimensions of which one continues the other in all operands, such as one that the run time
/// has cut into runs. Returns how many are left.
Value ResultDims::joinNeighbours(const DimList &all, Value count) {
  return e.loopCarry(zero, count, 1, {zero}, [&](Value row, ValueRange carry) {
    Value kept = carry[0], last = e.max(e.sub(kept, 1), zero);
    Dim dim = get(all, row);
    Value continues = guarded(e.lt(zero, kept), [&] {
      Dim outer = get(all, last);
      Value result = e.flag(true);
      for (int64_t operand = 0; operand < 3; ++operand)
        result =
            e.both(result, e.eq(outer.stride[operand], e.mul(dim.stride[operand], dim.extent)));
      return result;
    });
    e.ifElse(
        continues,
        [&] {
          Value extent = e.mul(get(all, last).extent, dim.extent);
          put(stretched(dim, extent, one), all, last);
        },
        [&] { put(dim, all, kept); });
    return Values{e.select(continues, kept, e.add(kept, 1))};
  })[0];
}

Value ResultDims::writesNothing() {
  Value nothing = e.both(isZero(shape.kTotal), shape.accumulate);
  for (Group group : {Group::Batch, Group::M, Group::N})
    nothing = e.either(nothing, e.le(shape.end[group], shape.begin[group]));
  return nothing;
}

void ResultDims::forParts(const DimList &all,
                          llvm::function_ref<void(Value count, const Place &start)> body) {
  forBoxes(Group::Batch, [&](const Box &batch) {
    forBoxes(Group::M, [&](const Box &m) {
      forBoxes(Group::N, [&](const Box &n) {
        Value count = append(n, all, append(m, all, append(batch, all, zero)));
        Place start;
        for (int64_t operand = 0; operand < 3; ++operand)
          start.at[operand] =
              e.add(batch.start.at[operand], e.add(m.start.at[operand], n.start.at[operand]));
        body(joinNeighbours(all, count), start);
      });
    });
  });
}

} // namespace tenon::cpu
