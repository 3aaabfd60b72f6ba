//===- CorruptTableTest.cpp ---------------------------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "TestKernels.h"

#include "tenon-runtime/Checksum.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <gtest/gtest.h>
#include <thread>

using namespace tenon::runtime;

namespace {
/// Every kind of step and record: a constant, arena views that depend on loops, a split
/// contraction.
ScheduleBuilder everything() {
  ScheduleBuilder builder = matrixProduct(2, Group::N, 2);
  builder.setWorkspaceBytes(512);
  float constant[3] = {5, 6, 7}, one = 1;
  int32_t number = builder.addConstant(constant, sizeof(constant));
  int32_t loop = builder.beginParallelLoop(3);
  int32_t inner = builder.beginLoop(5);
  ViewSpec element, sum;
  element.base = Base::Constant;
  element.baseIndex = number;
  element.terms = {{1, loop, -1}};
  sum.byteOffset = 128;
  sum.terms = {{5, loop, -1}, {1, inner, -1}};
  int32_t sumView = builder.addView(sum);
  builder.fill(sumView, &one);
  builder.callViews(builder.addKernel(), std::vector<int32_t>{builder.addView(element), sumView});
  builder.endLoop(/*countsSlice=*/true);
  builder.endLoop();
  ViewSpec sums = ScheduleBuilder::arenaView(TENON_F32, std::vector<int64_t>{3, 5}, 128);
  builder.copy(builder.addView(sums), builder.addView(builder.outputView(0)));
  return builder;
}

template <typename Record> Record read(const std::vector<char> &table, size_t offset) {
  Record record;
  std::memcpy(&record, table.data() + offset, sizeof(record));
  return record;
}

template <typename Record> void write(std::vector<char> &table, size_t offset, Record record) {
  std::memcpy(table.data() + offset, &record, sizeof(record));
}

void sign(std::vector<char> &table) {
  write(table, offsetof(ScheduleHeader, checksum), scheduleChecksum(table.data(), table.size()));
}

/// Changes the header and signs.
std::vector<char> withHeader(std::vector<char> table,
                             const std::function<void(ScheduleHeader &)> &change) {
  auto header = read<ScheduleHeader>(table, 0);
  change(header);
  write(table, 0, header);
  sign(table);
  return table;
}

/// Changes record number `number` of a section and signs.
template <typename Record>
std::vector<char> withRecord(std::vector<char> table, Section ScheduleHeader::*section,
                             size_t number, const std::function<void(Record &)> &change) {
  size_t offset = (read<ScheduleHeader>(table, 0).*section).offset + number * sizeof(Record);
  auto record = read<Record>(table, offset);
  change(record);
  write(table, offset, record);
  sign(table);
  return table;
}

std::vector<char> withStep(size_t number, const std::function<void(Step &)> &change) {
  return withRecord<Step>(everything().finish(), &ScheduleHeader::steps, number, change);
}
std::vector<char> withView(size_t number, const std::function<void(View &)> &change) {
  return withRecord<View>(everything().finish(), &ScheduleHeader::views, number, change);
}

void expectCorrupt(const std::vector<char> &table, const std::string &message) {
  TestNetwork network(table, {contractF32, accumulateScalarF32});
  EXPECT_EQ(network.network, nullptr);
  EXPECT_EQ(network.status, TENON_CORRUPT);
  EXPECT_NE(network.message.find(message), std::string::npos)
      << "found:    " << network.message << "\nexpected: " << message;
}
} // namespace

TEST(CorruptTableTest, theTableIsSound) {
  TestNetwork network(everything().finish(), {contractF32, accumulateScalarF32});
  ASSERT_NE(network.network, nullptr) << network.message;
  Floats a = Floats({3, 4}).fill(1), b = Floats({4, 5}).fill(2), c({3, 5});
  for (int32_t threads : {1, 3}) {
    ContextPtr context = makeContext(threads);
    ASSERT_EQ(network.run(context.get(), {a.tensor(), b.tensor()}, {c.tensor()}), TENON_OK);
    EXPECT_EQ(c.values(), (std::vector<float>{6, 6, 6, 6, 6, 7, 7, 7, 7, 7, 8, 8, 8, 8, 8}));
  }
}

TEST(CorruptTableTest, everyDamagedByteIsFound) {
  const std::vector<char> table = everything().finish();
  for (size_t i = 0; i < table.size(); ++i)
    for (char flip : {char(1), char(0x80), char(0xff)}) {
      std::vector<char> damaged = table;
      damaged[i] ^= flip;
      TestNetwork network(std::move(damaged), {contractF32, accumulateScalarF32});
      ASSERT_EQ(network.network, nullptr) << "byte " << i;
      ASSERT_EQ(network.status, TENON_CORRUPT);
      ASSERT_FALSE(network.message.empty());
    }
}

TEST(CorruptTableTest, everyTruncationIsFound) {
  const std::vector<char> table = everything().finish();
  for (size_t length = 0; length < table.size(); ++length) {
    TestNetwork network({table.begin(), table.begin() + static_cast<ptrdiff_t>(length)},
                        {contractF32, accumulateScalarF32});
    ASSERT_EQ(network.status, TENON_CORRUPT) << length << " bytes";
  }
}

// What passes the checksum must pass the other checks or run without touching anything outside its
// arguments and arena (which a run under AddressSanitizer shows). The results may differ.
TEST(CorruptTableTest, signedDamageDoesNoHarm) {
  const std::vector<char> table = everything().finish();
  // Damaged offsets let iterations of a parallel loop meet, which ThreadSanitizer would report.
#if __has_feature(thread_sanitizer)
  ContextPtr context = makeContext(1);
#else
  ContextPtr context = makeContext(2);
#endif
  Floats a = Floats({3, 4}).fill(1), b = Floats({4, 5}).fill(2);
  auto c = std::make_unique<Floats>(std::vector<int64_t>{3, 5});
  // Damaged loop extents may run for ever.
  std::atomic<bool> done{false};
  std::thread watchdog([&] {
    while (!done) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
      tenon_context_cancel(context.get());
    }
  });
  int64_t ran = 0;
  for (size_t i = 0; i < table.size(); ++i)
    for (char flip : {char(1), char(0x40), char(0xff)}) {
      std::vector<char> damaged = table;
      damaged[i] ^= flip;
      sign(damaged);
      TestNetwork network(std::move(damaged), {doNothing, doNothing});
      if (!network.network) {
        EXPECT_FALSE(network.message.empty());
        continue;
      }
      ++ran;
      network.run(context.get(), {a.tensor(), b.tensor()}, {c->tensor()});
    }
  done = true;
  watchdog.join();
  EXPECT_GT(ran, 0);
}

TEST(CorruptTableTest, headers) {
  const std::vector<char> table = everything().finish();
  expectCorrupt(std::vector<char>(100), "100 bytes are fewer than its header's");
  expectCorrupt(std::vector<char>(table.size()), "does not begin with 'TENONSCH'");
  expectCorrupt(withHeader(table, [](ScheduleHeader &header) { header.version = 9; }),
                "version 9, this runtime executes version 4");
  expectCorrupt(withHeader(table, [](ScheduleHeader &header) { header.totalBytes += 8; }),
                "truncated or damaged");
  expectCorrupt(withHeader(table, [](ScheduleHeader &header) { header.views.count <<= 40; }),
                "section 'views'");
  expectCorrupt(withHeader(table, [](ScheduleHeader &header) { header.dims.offset += 4; }),
                "section 'dims'");
  expectCorrupt(withHeader(table, [](ScheduleHeader &header) { header.terms.offset = 8; }),
                "section 'terms'");
  expectCorrupt(withHeader(table, [](ScheduleHeader &header) { header.workspaceBytes = -64; }),
                "negative or absurd sizes");
  expectCorrupt(withHeader(table, [](ScheduleHeader &header) { header.numInputs = 4; }),
                "4 inputs among 3 arguments");
  expectCorrupt(withHeader(table, [](ScheduleHeader &header) { header.totalSlices = 14; }),
                "its loops count 15 slices, it states 14");
  expectCorrupt(withHeader(table, [](ScheduleHeader &header) { header.workspaceBytes = 187; }),
                "exceeds its arena");
}

TEST(CorruptTableTest, kernels) {
  TestNetwork tooFew(everything().finish(), {contractF32});
  EXPECT_EQ(tooFew.message, "schedule table: it needs 2 kernels, found 1");
  TestNetwork missing(everything().finish(), {contractF32, nullptr});
  EXPECT_EQ(missing.message, "schedule table: kernel 1 is NULL");
  expectCorrupt(withStep(0, [](Step &step) { step.kernel = 2; }), "calls kernel 2 of 2");
}

TEST(CorruptTableTest, loops) {
  // Steps: contraction, parallel begin, begin, fill, call, end, end, copy.
  expectCorrupt(withStep(1, [](Step &step) { step.matchingEnd = 5; }),
                "the loop of step 1 ends at step 6, it states 5");
  expectCorrupt(withStep(5, [](Step &step) { step.kind = StepKind::LoopBegin; }),
                "begins loop 0 inside that loop");
  expectCorrupt(withStep(6,
                         [](Step &step) {
                           step.kind = StepKind::Fill;
                           step.numOperands = 1;
                           step.firstOperand = 2;
                         }),
                "the loop of step 1 does not end");
  expectCorrupt(withStep(0, [](Step &step) { step.kind = StepKind::LoopEnd; }),
                "ends a loop where none is open");
  expectCorrupt(withStep(2, [](Step &step) { step.extent = -1; }), "loop 1 of extent -1");
  expectCorrupt(withStep(2, [](Step &step) { step.loop = 4; }), "depends on loop 1, outside");
  expectCorrupt(withStep(1, [](Step &step) { step.extent = 4; }), "exceeds its constant");
  expectCorrupt(withStep(4, [](Step &step) { step.kind = static_cast<StepKind>(12); }),
                "unknown kind 12");
}

TEST(CorruptTableTest, views) {
  // Views: inputs 0 and 1, output, workspace, sum, constant, sums.
  expectCorrupt(withView(0, [](View &view) { view.baseIndex = 2; }), "lies in number 2 of 2");
  expectCorrupt(withView(0, [](View &view) { view.base = static_cast<Base>(7); }),
                "unknown base 7");
  expectCorrupt(withView(0, [](View &view) { view.dtype = TENON_F64; }),
                "reads f32 elements as f64");
  expectCorrupt(withView(0, [](View &view) { view.rank = 65; }), "bad element type, rank");
  expectCorrupt(withView(4, [](View &view) { view.byteOffset = 126; }), "starts at byte 126");
  expectCorrupt(withView(6, [](View &view) { view.byteOffset = -4; }), "exceeds its arena");
  expectCorrupt(withRecord<ViewDim>(everything().finish(), &ScheduleHeader::dims, 0,
                                    [](ViewDim &dim) { dim.factor = 2; }),
                "exceeds its argument");
  expectCorrupt(withRecord<ViewDim>(everything().finish(), &ScheduleHeader::dims, 0,
                                    [](ViewDim &dim) { dim.sourceDims = onlyDim(2); }),
                "over dimensions 4 (a set) of an argument of rank 2");
  // The diagonal of a 3 x 4 matrix has no fourth element.
  expectCorrupt(withRecord<ViewDim>(everything().finish(), &ScheduleHeader::dims, 1,
                                    [](ViewDim &dim) { dim.sourceDims = onlyDim(0) | onlyDim(1); }),
                "exceeds its argument");
  expectCorrupt(withRecord<OffsetTerm>(everything().finish(), &ScheduleHeader::terms, 0,
                                       [](OffsetTerm &term) { term.factor = INT64_MAX; }),
                "exceeds its arena");
}

TEST(CorruptTableTest, contractions) {
  auto withLoopDim = [](size_t number, const std::function<void(LoopDim &)> &change) {
    return withRecord<LoopDim>(everything().finish(), &ScheduleHeader::loopDims, number, change);
  };
  expectCorrupt(withStep(0, [](Step &step) { step.numOperands = 3; }), "contracts with 3 operands");
  expectCorrupt(withStep(0, [](Step &step) { step.ways = 3; }), "is not 3 parts");
  expectCorrupt(withStep(0, [](Step &step) { step.ways = 0; }), "in 0 ways");
  expectCorrupt(withStep(0, [](Step &step) { step.splitGroup = Group::K; }), "splits group 3");
  expectCorrupt(withStep(0, [](Step &step) { step.splitGrain = 0; }), "of grain 0");
  expectCorrupt(withStep(0, [](Step &step) { step.accumulate = 2; }), "accumulate 2");
  expectCorrupt(withStep(0, [](Step &step) { step.blocks[0] = 0; }), "cache blocks of 0, 1 and 0");
  expectCorrupt(withStep(0, [](Step &step) { step.blocks[1] = -4; }),
                "cache blocks of 1, -4 and 0");
  expectCorrupt(withStep(0, [](Step &step) { step.blocks[2] = int64_t(1) << 32; }), "4294967296");
  expectCorrupt(withStep(0, [](Step &step) { step.numLoopDims = 2; }),
                "no loop dimension walks dimension 1 of operand 0");
  expectCorrupt(withLoopDim(0, [](LoopDim &row) { row.extent = 4; }), "walks dimension 0");
  expectCorrupt(withLoopDim(0, [](LoopDim &row) { row.dimA = 1; }), "walks dimension 1");
  expectCorrupt(withLoopDim(0, [](LoopDim &row) { row.group = Group::N; }),
                "walks operands that its group lacks");
  expectCorrupt(withLoopDim(2, [](LoopDim &row) { row.group = Group::Batch; }),
                "not sorted by group");
}

TEST(CorruptTableTest, copies) {
  expectCorrupt(withView(6, [](View &view) { view.dtype = TENON_I32; }), "copies between views");
  expectCorrupt(withStep(7, [](Step &step) { step.numOperands = 1; }), "copies with 1 operands");
  // A fill of the matrix product's input.
  expectCorrupt(withStep(7,
                         [](Step &step) {
                           step.kind = StepKind::Fill;
                           step.firstOperand = 0;
                           step.numOperands = 1;
                         }),
                "writes to an input or a constant");
}
