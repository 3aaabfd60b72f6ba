//===- TimeTable.cpp - What a machine was measured to do ------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Planner/TimeTable.h"

#include "tenon/Support/MadeOnce.h"
#include "tenon/Support/ReadStream.h"

#include "TimeGrid.h"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstring>

using namespace tenon::planner;

/// The text of data/shipped.times; the build makes it.
extern const std::string_view tenonShippedTimes;

namespace {

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.4g", value);
  return text;
}

std::string_view standInFor(std::string_view name) {
  return name == "i64" || name == "u64" || name == "index" ? "f64" : "f32";
}

} // namespace

std::string TimeTable::print() const {
  std::string text = "tenon-times 2\nmachine " + machine + "\n\n";
  text += "# seconds of a step that computes nothing, of a slice that does, of a byte of fresh "
          "workspace\n# where the workspace is larger than so many bytes\n";
  text += "call " + number(call) + "\nslice " + number(slice) + "\npage " + number(page) + " " +
          number(keptBytes) + "\n\n";
  text += "# threads, speedups (shared contraction, the same by memory, slices), seconds to wake "
          "them\n";
  for (const Threads &row : threads)
    text += "threads " + std::to_string(row.count) + " " + number(row.split) + " " +
            number(row.memory) + " " + number(row.slices) + " " + number(row.wake) + "\n";
  text += "\n# bytes of operands and result, bytes read and bytes written a second\n";
  for (const Bandwidth &row : bandwidths)
    text += "bandwidth " + number(row.bytes) + " " + number(row.read) + " " + number(row.written) +
            "\n";
  for (const Type &type : types) {
    text += "\n# rows and columns of a tile\ntype " + type.name + " " + std::to_string(type.rows) +
            " " + std::to_string(type.columns) + "\n";
    text += "# innermost extent, elements a second of sums along it, across it, scattered\n";
    for (const Sum &row : type.sums)
      text += "sum " + number(row.length) + " " + number(row.along) + " " + number(row.across) +
              " " + number(row.scattered) + "\n";
    text += "# bytes, elements a second of transposes and of cut dimensions in another order\n";
    for (const Permutation &row : type.permutations)
      text += "permute " + number(row.bytes) + " " + number(row.turned) + " " +
              number(row.shuffled) + "\n";
    text += "# seconds an element in runs of so many, read and written\n";
    for (const Run &row : type.runs)
      text +=
          "run " + number(row.length) + " " + number(row.read) + " " + number(row.written) + "\n";
    text += "# seconds an element transposed, summed and kept; a multiply-add gathered; an element "
            "in a line of its own\n";
    text += "turn " + number(type.turns.summed) + " " + number(type.turns.kept) + " " +
            number(type.turns.gathered) + " " + number(type.turns.apart) + "\n";
    text += "# batch, m, n, k, multiply-adds a second of whole and of cut ones\n";
    for (const Rate &rate : type.rates) {
      text += "rate";
      for (double extent : {rate.batch, rate.m, rate.n, rate.k})
        text += " " + std::to_string(static_cast<long long>(extent));
      text += " " + number(rate.whole) + " " + number(rate.cut) + "\n";
    }
  }
  text += "\nend\n";
  return text;
}

Result<TimeTable> TimeTable::load(const std::string &path) {
  // The largest grid of all types is far from this.
  constexpr size_t mostBytes = size_t{64} << 20;
  auto fail = [&](const std::string &why) {
    return Error{"cannot read the table of times '" + path + "': " + why};
  };
  std::FILE *file = std::fopen(path.c_str(), "rb");
  if (!file)
    return fail(std::strerror(errno));
  std::string text;
  int code = readStream(file, mostBytes, text) ? 0 : errno;
  std::fclose(file);
  if (code != 0)
    return fail(std::strerror(code));
  if (text.size() > mostBytes)
    return fail("it has more than 64 MiB; expected what tenon-calibrate writes");
  return parse(text, path);
}

const TimeTable &TimeTable::shipped() {
  static constinit MadeOnce<TimeTable> table;
  return table.get([] {
    Result<TimeTable> parsed = parse(tenonShippedTimes, "shipped.times");
    TENON_ASSERT(parsed.ok(), "the shipped table of times cannot be read");
    return std::move(*parsed);
  });
}

Result<const TimeTable::Type *> TimeTable::typeFor(std::string_view name) const {
  bool isComplex = name == "c64" || name == "c128";
  for (std::string_view wanted : {name, isComplex ? name : standInFor(name)}) {
    auto found =
        std::find_if(types.begin(), types.end(), [&](auto &type) { return type.name == wanted; });
    if (found != types.end())
      return &*found;
  }
  std::string names;
  for (const Type &type : types)
    names += (names.empty() ? "" : ", ") + type.name;
  return Error{"the table of times has no rates for " + std::string(name) + ", it has " + names +
               "; measure them with tenon-calibrate --types"};
}
