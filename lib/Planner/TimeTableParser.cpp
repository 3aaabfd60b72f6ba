//===- TimeTableParser.cpp - Reading a table of times ---------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// A line is a keyword and numbers; what stands behind a # is for people.
//
//===----------------------------------------------------------------------===//
#include "TimeGrid.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <span>

using namespace tenon::planner;

namespace {

constexpr std::string_view kBlanks = " \t\r";

/// Largest extent of a rate: the grid of all powers of two below stays small.
constexpr double kLargestExtent = 0x1p16;

std::string quote(std::string_view text) {
  std::string quoted = "'";
  for (char c : text.substr(0, 40)) {
    auto byte = static_cast<unsigned char>(c);
    // A file may hold anything; a message is text.
    quoted += byte < 0x20 || byte >= 0x7f ? '?' : c;
  }
  return quoted + "'";
}

class Parser {
public:
  Parser(std::string_view text, std::string_view name) : rest(text), name(name) {}

  Result<TimeTable> parse();

private:
  struct Word {
    std::string_view text;
    size_t column;
  };

  bool nextLine();
  void readLine();
  void readNumbers(std::span<double> numbers, std::string_view what);
  void readThreads();
  void readType();
  void readRate();
  void readSum();
  void readPermutation();
  void readRun();
  void readTurns();
  void readBandwidth();
  /// The type that lines of rates belong to; null after an error.
  TimeTable::Type *currentType();
  void expectAboveZero(std::span<const double> numbers);
  void checkWhole();
  void checkType(const TimeTable::Type &type);
  void fail(size_t column, const std::string &message) {
    if (!error)
      error = Error{std::string(name) + ":" + std::to_string(line) + ":" + std::to_string(column) +
                    ": " + message};
  }

  std::string_view rest, name, current;
  size_t line = 0;
  std::vector<Word> words;
  std::optional<Error> error;
  TimeTable table;
  bool hasCall = false, hasSlice = false, hasPage = false, hasTurns = false, hasEnd = false;
};

/// Takes the next line that says something apart; false at the end of the text.
bool Parser::nextLine() {
  while (!rest.empty()) {
    size_t end = std::min(rest.find('\n'), rest.size());
    current = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    ++line;
    words.clear();
    std::string_view said = current.substr(0, current.find('#'));
    for (size_t at = said.find_first_not_of(kBlanks); at != said.npos;
         at = said.find_first_not_of(kBlanks, at)) {
      size_t past = std::min(said.find_first_of(kBlanks, at), said.size());
      words.push_back({said.substr(at, past - at), at + 1});
      at = past;
    }
    if (!words.empty())
      return true;
  }
  return false;
}

/// Reads the numbers behind the keyword, all of which are finite and at least 0.
void Parser::readNumbers(std::span<double> numbers, std::string_view what) {
  for (size_t i = 0; i < numbers.size(); ++i) {
    if (i + 1 >= words.size())
      return fail(current.size() + 1, "the line ends here; expected " + std::string(what));
    auto [text, column] = words[i + 1];
    auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), numbers[i]);
    if (code != std::errc() || end != text.data() + text.size() || !std::isfinite(numbers[i]) ||
        !(numbers[i] >= 0))
      return fail(column, "found " + quote(text) + "; expected a finite number of 0 or more, " +
                              std::string(what));
  }
  if (words.size() > numbers.size() + 1)
    fail(words[numbers.size() + 1].column,
         "found " + quote(words[numbers.size() + 1].text) + "; expected the end of the line");
}

void Parser::readThreads() {
  double row[5];
  readNumbers(row, "as in 'threads 8 7.1 3.2 7.5 4e-06': a count, three speedups, seconds");
  if (error)
    return;
  auto [count, split, memory, slices, wake] = row;
  double least = table.threads.empty() ? 1 : table.threads.back().count + 1.0;
  if (!(count >= least) || count > 65536 || count != std::floor(count) ||
      (table.threads.empty() && count != 1))
    return fail(words[1].column, "found " + quote(words[1].text) +
                                     " threads; expected whole numbers that rise, the first is 1");
  for (size_t i = 1; i < 4; ++i)
    if (row[i] == 0)
      return fail(words[i + 1].column, "a speedup of 0; expected a number above 0");
  table.threads.push_back({static_cast<unsigned>(count), split, memory, slices, wake});
}

void Parser::readType() {
  if (words.size() < 2)
    return fail(current.size() + 1, "the line ends here; expected as in 'type f32 4 16': a name, "
                                    "rows and columns of a tile");
  const Word named = words[1];
  words.erase(words.begin());
  double tile[2];
  readNumbers(tile, "as in 'type f32 4 16': a name, rows and columns of a tile");
  if (error)
    return;
  for (const TimeTable::Type &type : table.types)
    if (type.name == named.text)
      return fail(named.column, "a second " + quote(named.text) + "; expected each once");
  static constexpr std::string_view known[] = {"f16", "bf16", "f32", "f64", "c64", "c128",
                                               "i1",  "i8",   "i16", "i32", "i64"};
  if (std::find(std::begin(known), std::end(known), named.text) == std::end(known))
    return fail(named.column, "found the element type " + quote(named.text) +
                                  "; expected one of f16, bf16, f32, f64, c64, c128, i1, i8, i16, "
                                  "i32, i64");
  for (size_t i = 0; i < 2; ++i)
    if (tile[i] < 1 || tile[i] > 4096 || tile[i] != std::floor(tile[i]))
      return fail(words[i + 1].column,
                  "found " + quote(words[i + 1].text) + "; expected a whole number from 1 to 4096");
  if (!table.types.empty())
    checkType(table.types.back());
  hasTurns = false;
  TimeTable::Type &type = table.types.emplace_back();
  type.name = named.text;
  type.rows = static_cast<unsigned>(tile[0]);
  type.columns = static_cast<unsigned>(tile[1]);
}

TimeTable::Type *Parser::currentType() {
  if (!table.types.empty())
    return &table.types.back();
  fail(words[0].column,
       "a " + std::string(words[0].text) + " before any type; expected a line 'type' before");
  return nullptr;
}

/// Of the numbers behind the keyword.
void Parser::expectAboveZero(std::span<const double> numbers) {
  for (size_t i = 0; i < numbers.size() && !error; ++i)
    if (numbers[i] == 0)
      fail(words[i + 1].column, "found 0; expected a number above 0");
}

void Parser::readSum() {
  double row[4];
  readNumbers(row, "as in 'sum 32 1e9 4e9 5e8': innermost extent, elements a second of sums along "
                   "it, across it, scattered");
  expectAboveZero(row);
  TimeTable::Type *type = currentType();
  if (error)
    return;
  if (!type->sums.empty() && row[0] <= type->sums.back().length)
    return fail(words[1].column, "the extents of sums do not rise; expected each once, in order");
  type->sums.push_back({row[0], row[1], row[2], row[3]});
}

void Parser::readPermutation() {
  double row[3];
  readNumbers(row, "as in 'permute 1048576 2e9 1e9': bytes, elements a second of transposes and of "
                   "cut dimensions");
  expectAboveZero(row);
  TimeTable::Type *type = currentType();
  if (error)
    return;
  if (!type->permutations.empty() && row[0] <= type->permutations.back().bytes)
    return fail(words[1].column,
                "the bytes of permutations do not rise; expected each once, in order");
  type->permutations.push_back({row[0], row[1], row[2]});
}

void Parser::readRun() {
  double row[3];
  readNumbers(row, "as in 'run 4 3e-10 2e-10': elements side by side, seconds to read and to write "
                   "one");
  TimeTable::Type *type = currentType();
  if (error)
    return;
  double last = type->runs.empty() ? 0 : type->runs.back().length;
  if (type->runs.empty() ? row[0] != 1 : !(row[0] > last))
    return fail(words[1].column, "found a run of " + quote(words[1].text) +
                                     "; expected lengths that rise, the first is 1");
  type->runs.push_back({row[0], row[1], row[2]});
}

void Parser::readTurns() {
  double row[4];
  readNumbers(row, "as in 'turn 2e-10 3e-10 1e-9 4e-9': seconds an element, summed and kept, a "
                   "multiply-add, gathered, and an element apart");
  TimeTable::Type *type = currentType();
  if (error)
    return;
  if (hasTurns)
    return fail(words[0].column, "a second line 'turn' of " + type->name + "; expected one");
  hasTurns = true;
  type->turns = {row[0], row[1], row[2], row[3]};
}

void Parser::readBandwidth() {
  double row[3];
  readNumbers(row, "as in 'bandwidth 1048576 6e10 3e10': bytes, bytes read and written a second");
  expectAboveZero(row);
  if (error)
    return;
  if (!table.bandwidths.empty() && row[0] <= table.bandwidths.back().bytes)
    return fail(words[1].column, "the bytes of bandwidths do not rise; expected each once, "
                                 "in order");
  table.bandwidths.push_back({row[0], row[1], row[2]});
}

void Parser::readRate() {
  double row[6];
  readNumbers(row, "as in 'rate 1 64 256 64 4.1e10 2e10': batch, m, n, k, multiply-adds a second");
  TimeTable::Type *type = currentType();
  if (error)
    return;
  for (size_t i = 0; i < 4; ++i) {
    int exponent;
    bool isPower = std::frexp(row[i], &exponent) == 0.5;
    if (!isPower || row[i] < 1 || row[i] > kLargestExtent)
      return fail(words[i + 1].column, "found the extent " + quote(words[i + 1].text) +
                                           "; expected a power of two from 1 to 65536");
  }
  if (row[1] > row[2])
    return fail(words[1].column, "m is larger than n; expected the smaller one first");
  for (size_t i = 4; i < 6; ++i)
    if (row[i] == 0)
      return fail(words[i + 1].column, "a rate of 0; expected a number above 0");
  type->rates.push_back({row[0], row[1], row[2], row[3], row[4], row[5]});
}

void Parser::readLine() {
  auto [key, column] = words[0];
  if (hasEnd)
    return fail(column, "found " + quote(key) + " behind the line 'end'; expected nothing");
  auto once = [&](bool &seen) {
    if (seen)
      fail(column, "a second line " + quote(key) + "; expected one");
    seen = true;
  };
  if (key == "machine") {
    size_t begin = column + key.size() - 1;
    begin = std::min(current.find_first_not_of(kBlanks, begin), current.size());
    size_t end = current.find_last_not_of(kBlanks) + 1;
    table.machine = current.substr(begin, end > begin ? end - begin : 0);
  } else if (key == "call") {
    once(hasCall);
    readNumbers({&table.call, 1}, "seconds");
  } else if (key == "slice") {
    once(hasSlice);
    readNumbers({&table.slice, 1}, "seconds");
  } else if (key == "page") {
    once(hasPage);
    double row[2];
    readNumbers(row, "seconds per byte, and bytes");
    table.page = row[0];
    table.keptBytes = row[1];
  } else if (key == "threads") {
    readThreads();
  } else if (key == "bandwidth") {
    readBandwidth();
  } else if (key == "type") {
    readType();
  } else if (key == "sum") {
    readSum();
  } else if (key == "permute") {
    readPermutation();
  } else if (key == "run") {
    readRun();
  } else if (key == "turn") {
    readTurns();
  } else if (key == "rate") {
    readRate();
  } else if (key == "end") {
    readNumbers({}, "the end of the line");
    hasEnd = true;
  } else {
    fail(column, "found " + quote(key) +
                     "; expected machine, call, slice, page, threads, bandwidth, type, sum, "
                     "permute, run, turn, rate or end");
  }
}

/// A type is whole where the next one begins, or the file ends.
void Parser::checkType(const TimeTable::Type &type) {
  const std::pair<bool, const char *> parts[] = {{!type.sums.empty(), "sum"},
                                                 {!type.permutations.empty(), "permute"},
                                                 {!type.runs.empty(), "run 1"},
                                                 {hasTurns, "turn"}};
  for (auto [isThere, what] : parts)
    if (!isThere)
      return fail(1, "the type " + type.name + " ends here; expected a line '" + what + "'");
  TimeAxes axes(type);
  for (const std::vector<double> *axis : {&axes.batch, &axes.rows, &axes.summed})
    if (axis->empty() || axis->front() != 1)
      return fail(1, "the rates of " + type.name +
                         " lack the extent 1; expected it for batch, m, "
                         "n and k");
  TimeTable::Rate missing = axes.firstMissing(type);
  auto whole = [](double value) { return std::to_string(static_cast<long long>(value)); };
  if (missing.k > 0)
    return fail(1, "the rates of " + type.name + " are no full grid: 'rate " +
                       whole(missing.batch) + " " + whole(missing.m) + " " + whole(missing.n) +
                       " " + whole(missing.k) + "' is missing");
  size_t rows = axes.rows.size();
  if (type.rates.size() != axes.batch.size() * (rows * (rows + 1) / 2) * axes.summed.size())
    fail(1, "a rate of " + type.name + " is given twice; expected each once");
}

/// The file is at its end, which is where what is missing is reported.
void Parser::checkWhole() {
  line = std::max<size_t>(line, 1);
  if (!hasEnd)
    return fail(current.size() + 1, "the file ends without the line 'end': it was cut off");
  auto missing = [&](bool isThere, const char *what) {
    if (!isThere)
      fail(1, "the table ends here; expected a line '" + std::string(what) + "'");
  };
  missing(hasCall, "call");
  missing(hasSlice, "slice");
  missing(hasPage, "page");
  missing(!table.threads.empty(), "threads 1");
  missing(!table.bandwidths.empty(), "bandwidth");
  missing(!table.types.empty(), "type");
  if (!table.types.empty())
    checkType(table.types.back());
}

Result<TimeTable> Parser::parse() {
  if (!nextLine() || words[0].text != "tenon-times")
    fail(words.empty() ? 1 : words[0].column,
         "this is no table of times; expected 'tenon-times 2'");
  else if (words.size() != 2 || words[1].text != "2")
    fail(words[0].column, "found a table of another version; expected 'tenon-times 2', as this "
                          "tenon-calibrate writes");
  while (!error && nextLine())
    readLine();
  if (!error)
    checkWhole();
  if (error)
    return *error;
  return std::move(table);
}

} // namespace

Result<TimeTable> TimeTable::parse(std::string_view text, std::string_view name) {
  return Parser(text, name).parse();
}
