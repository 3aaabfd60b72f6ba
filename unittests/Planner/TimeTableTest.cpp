//===- TimeTableTest.cpp - Reading and printing tables of times -----------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Planner/TimeTable.h"

#include "TimeTables.h"

#include <gtest/gtest.h>

using namespace tenon::planner;

namespace {

constexpr const char *whole = "tenon-times 2\n"
                              "machine  some one, 2 cores\n"
                              "call 1e-7 # seconds\n"
                              "slice 2e-8\n"
                              "\n"
                              "page 1e-10 1024\n"
                              "threads 1 1 1 1 0\n"
                              "threads 2 1.5 1.25 1.75 3e-6\n"
                              "bandwidth 1024 4e10 2e10\n"
                              "bandwidth 65536 3e10 1e10\n"
                              "type f64 4 8\n"
                              "sum 2 1e9 2e9 3e9\n"
                              "permute 8192 6e9 7e9\n"
                              "run 1 3e-10 2e-10\n"
                              "run 4 1e-10 0\n"
                              "turn 5e-11 6e-11 7e-11 8e-11\n"
                              "rate 1 1 1 1 1e9 5e8\n"
                              "rate 1 1 2 1 2e9 6e8\n"
                              "rate 1 2 2 1 3e9 7e8\n"
                              "end\n";

/// The text with one line replaced.
std::string with(int number, const std::string &line) {
  std::string text, rest = whole;
  for (int i = 1; !rest.empty(); ++i) {
    size_t end = rest.find('\n') + 1;
    text += i == number ? line : rest.substr(0, end);
    rest = rest.substr(end);
  }
  return text;
}

std::string errorOf(const std::string &text) { return TimeTable::parse(text, "t").error(); }

} // namespace

TEST(TimeTable, ReadsEveryLine) {
  Result<TimeTable> table = TimeTable::parse(whole, "t");
  ASSERT_TRUE(table.ok()) << table.error();
  EXPECT_EQ(table->machine, "some one, 2 cores");
  EXPECT_EQ(table->call, 1e-7);
  EXPECT_EQ(table->slice, 2e-8);
  EXPECT_EQ(table->page, 1e-10);
  EXPECT_EQ(table->keptBytes, 1024);
  ASSERT_EQ(table->threads.size(), 2u);
  EXPECT_EQ(table->threads[1].count, 2u);
  EXPECT_EQ(table->threads[1].split, 1.5);
  EXPECT_EQ(table->threads[1].memory, 1.25);
  EXPECT_EQ(table->threads[1].slices, 1.75);
  EXPECT_EQ(table->threads[1].wake, 3e-6);
  ASSERT_EQ(table->bandwidths.size(), 2u);
  EXPECT_EQ(table->bandwidths[1].read, 3e10);
  EXPECT_EQ(table->bandwidths[1].written, 1e10);
  ASSERT_EQ(table->types.size(), 1u);
  EXPECT_EQ(table->types[0].name, "f64");
  EXPECT_EQ(table->types[0].rows, 4u);
  EXPECT_EQ(table->types[0].columns, 8u);
  ASSERT_EQ(table->types[0].sums.size(), 1u);
  const TimeTable::Sum &sum = table->types[0].sums[0];
  EXPECT_EQ(sum.length, 2);
  EXPECT_EQ(sum.along, 1e9);
  EXPECT_EQ(sum.across, 2e9);
  EXPECT_EQ(sum.scattered, 3e9);
  ASSERT_EQ(table->types[0].permutations.size(), 1u);
  const TimeTable::Permutation &permutation = table->types[0].permutations[0];
  EXPECT_EQ(permutation.bytes, 8192);
  EXPECT_EQ(permutation.turned, 6e9);
  EXPECT_EQ(permutation.shuffled, 7e9);
  ASSERT_EQ(table->types[0].runs.size(), 2u);
  EXPECT_EQ(table->types[0].runs[1].length, 4);
  EXPECT_EQ(table->types[0].runs[1].read, 1e-10);
  EXPECT_EQ(table->types[0].runs[0].written, 2e-10);
  EXPECT_EQ(table->types[0].turns.summed, 5e-11);
  EXPECT_EQ(table->types[0].turns.kept, 6e-11);
  EXPECT_EQ(table->types[0].turns.gathered, 7e-11);
  EXPECT_EQ(table->types[0].turns.apart, 8e-11);
  ASSERT_EQ(table->types[0].rates.size(), 3u);
  EXPECT_EQ(table->types[0].rates[1].n, 2);
  EXPECT_EQ(table->types[0].rates[1].whole, 2e9);
  EXPECT_EQ(table->types[0].rates[1].cut, 6e8);
}

TEST(TimeTable, ReadsWhatItPrints) {
  for (const TimeTable &table : {test::makeTimeTable(), TimeTable::shipped()}) {
    std::string text = table.print();
    Result<TimeTable> again = TimeTable::parse(text, "t");
    ASSERT_TRUE(again.ok()) << again.error();
    EXPECT_EQ(again->print(), text);
    EXPECT_EQ(again->types.size(), table.types.size());
  }
}

TEST(TimeTable, TheShippedTableHasTheFourTypes) {
  for (std::string_view type : {"f32", "f64", "c64", "c128"}) {
    Result<const TimeTable::Type *> found = TimeTable::shipped().typeFor(type);
    ASSERT_TRUE(found.ok());
    EXPECT_EQ((*found)->name, type);
  }
}

TEST(TimeTable, OtherTypesHaveOneThatStandsIn) {
  const TimeTable &table = TimeTable::shipped();
  for (std::string_view type : {"f16", "bf16", "i1", "i8", "i32", "u16"})
    EXPECT_EQ((*table.typeFor(type))->name, "f32") << type;
  EXPECT_EQ((*table.typeFor("i64"))->name, "f64");
  EXPECT_EQ((*table.typeFor("u64"))->name, "f64");
  // Nothing stands in for a complex type, and nothing for what stands in.
  EXPECT_EQ(test::makeTimeTable().typeFor("c64").error(),
            "the table of times has no rates for c64, it has f32; measure them with "
            "tenon-calibrate --types");
  EXPECT_FALSE(test::makeTimeTable().typeFor("i64").ok());
}

TEST(TimeTable, ErrorsNameThePlace) {
  EXPECT_EQ(errorOf(""), "t:0:1: this is no table of times; expected 'tenon-times 2'");
  EXPECT_EQ(errorOf("{}"), "t:1:1: this is no table of times; expected 'tenon-times 2'");
  EXPECT_EQ(errorOf(with(1, "tenon-times 1\n")),
            "t:1:1: found a table of another version; expected 'tenon-times 2', as this "
            "tenon-calibrate writes");
  EXPECT_EQ(errorOf(with(3, "call inf\n")),
            "t:3:6: found 'inf'; expected a finite number of 0 or more, seconds");
  EXPECT_EQ(errorOf(with(3, "call -1\n")),
            "t:3:6: found '-1'; expected a finite number of 0 or more, seconds");
  EXPECT_EQ(errorOf(with(3, "call 1e-7s\n")),
            "t:3:6: found '1e-7s'; expected a finite number of 0 or more, seconds");
  EXPECT_EQ(errorOf(with(3, "call\n")), "t:3:5: the line ends here; expected seconds");
  EXPECT_EQ(errorOf(with(3, "call 1 2\n")), "t:3:8: found '2'; expected the end of the line");
  EXPECT_EQ(errorOf(with(4, "call 1\n")), "t:4:1: a second line 'call'; expected one");
  EXPECT_EQ(errorOf(with(3, "")), "t:19:1: the table ends here; expected a line 'call'");
  EXPECT_EQ(errorOf(with(7, "threads 2 1 1 1 0\n")),
            "t:7:9: found '2' threads; expected whole numbers that rise, the first is 1");
  EXPECT_EQ(errorOf(with(8, "threads 2 0 1 1 0\n")),
            "t:8:11: a speedup of 0; expected a number above 0");
  EXPECT_EQ(errorOf(with(10, "bandwidth 1024 1 1\n")),
            "t:10:11: the bytes of bandwidths do not rise; expected each once, in order");
  EXPECT_EQ(errorOf(with(10, "bandwidth 2048 1 0\n")),
            "t:10:18: found 0; expected a number above 0");
  EXPECT_EQ(errorOf(with(11, "type f65 4 8\n")),
            "t:11:6: found the element type 'f65'; expected one of f16, bf16, f32, f64, c64, c128, "
            "i1, i8, i16, i32, i64");
  EXPECT_EQ(errorOf(with(17, "rate 1 1 1 3 1e9 1e9\n")),
            "t:17:12: found the extent '3'; expected a power of two from 1 to 65536");
  EXPECT_EQ(errorOf(with(18, "rate 1 2 1 1 2e9 1e9\n")),
            "t:18:6: m is larger than n; expected the smaller one first");
  EXPECT_EQ(errorOf(with(18, "rate 1 1 2 1 nan 1\n")),
            "t:18:14: found 'nan'; expected a finite number of 0 or more, as in 'rate 1 64 256 64 "
            "4.1e10 2e10': batch, m, n, k, multiply-adds a second");
  EXPECT_EQ(errorOf(with(18, "")),
            "t:19:1: the rates of f64 are no full grid: 'rate 1 1 2 1' is missing");
  EXPECT_EQ(errorOf(with(18, "rate 1 1 2 1 1e9 1\nrate 1 1 2 1 1e9 1\n")),
            "t:21:1: a rate of f64 is given twice; expected each once");
  EXPECT_EQ(
      errorOf(with(18, "speed 1\n")),
      "t:18:1: found 'speed'; expected machine, call, slice, page, threads, bandwidth, type, sum, "
      "permute, run, turn, rate or end");
  EXPECT_EQ(errorOf(with(11, "")), "t:11:1: a sum before any type; expected a line 'type' before");
  EXPECT_EQ(errorOf(with(12, "sum 2 1 1\n")).substr(0, 31), "t:12:10: the line ends here; ex");
  EXPECT_EQ(errorOf(with(12, "sum 2 1 0 1\n")), "t:12:9: found 0; expected a number above 0");
  EXPECT_EQ(errorOf(with(12, "sum 2 1 1 1\nsum 2 1 1 1\n")),
            "t:13:5: the extents of sums do not rise; expected each once, in order");
  EXPECT_EQ(errorOf(with(13, "permute 2 1 1\npermute 1 1 1\n")),
            "t:14:9: the bytes of permutations do not rise; expected each once, in order");
  EXPECT_EQ(errorOf(with(14, "run 2 0 0\n")),
            "t:14:5: found a run of '2'; expected lengths that rise, the first is 1");
  EXPECT_EQ(errorOf(with(15, "run 1 0 0\n")),
            "t:15:5: found a run of '1'; expected lengths that rise, the first is 1");
  EXPECT_EQ(errorOf(with(16, "turn 1 1 1 1\nturn 1 1 1 1\n")),
            "t:17:1: a second line 'turn' of f64; expected one");
  EXPECT_EQ(errorOf(with(16, "")), "t:19:1: the type f64 ends here; expected a line 'turn'");
  EXPECT_EQ(errorOf(with(16, "type f32 1 1\n")),
            "t:16:1: the type f64 ends here; expected a line 'turn'");
  EXPECT_EQ(errorOf(with(20, "end\nend\n")),
            "t:21:1: found 'end' behind the line 'end'; expected nothing");
  EXPECT_EQ(errorOf(with(20, "end 1\n")), "t:20:5: found '1'; expected the end of the line");
}

TEST(TimeTable, MessagesAreTextWhateverTheFileHolds) {
  EXPECT_EQ(errorOf(with(3, "call \xff\xc3\n")),
            "t:3:6: found '??'; expected a finite number of 0 or more, seconds");
}

TEST(TimeTable, ATableThatIsCutOffAnywhereIsAnError) {
  std::string types = with(0, "");
  ASSERT_EQ(errorOf(types), "");
  // What is left after the first type would be a table by itself.
  types.insert(types.size() - 4,
               "type f32 1 1\nsum 1 1 1 1\npermute 1 1 1\nrun 1 0 0\nturn 0 0 0 0\n"
               "rate 1 1 1 1 1 1\n");
  ASSERT_EQ(errorOf(types), "");
  for (size_t size = 0; size + 1 < types.size(); ++size)
    EXPECT_NE(errorOf(types.substr(0, size)), "") << types.substr(0, size);
  size_t second = types.find("type f32");
  EXPECT_EQ(errorOf(types.substr(0, second)),
            "t:19:21: the file ends without the line 'end': it was cut off");
}

TEST(TimeTable, AFileThatIsNotThereIsAnError) {
  EXPECT_EQ(TimeTable::load("/nowhere/x.times").error(),
            "cannot read the table of times '/nowhere/x.times': No such file or directory");
  EXPECT_EQ(TimeTable::load("/").error(), "cannot read the table of times '/': Is a directory");
}
