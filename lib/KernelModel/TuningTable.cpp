//===- TuningTable.cpp - Measured choices of kernels ----------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/KernelModel/TuningTable.h"

#include "tenon/Support/ReadStream.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <sys/stat.h>

using namespace tenon::cpu;

namespace {

constexpr std::string_view kFormat = "tenon-tuning 1";
/// Files, and lines in them, that are larger are none of ours.
constexpr size_t kMostBytes = size_t(16) << 20, kMostInLine = size_t(1) << 14;
/// Elements of a block. Larger ones fit no cache, and products of them stay far from overflow.
constexpr int64_t kMostInBlock = int64_t(1) << 20;
/// Vectors of a tile: with more of them kernels would take minutes to compile.
constexpr int64_t kMostVectors = 64;

std::string quoted(std::string_view text) {
  constexpr size_t kMost = 40;
  std::string result = "'";
  for (char c : text.substr(0, kMost))
    result += c >= ' ' && c <= '~' ? c : '?';
  return result + (text.size() > kMost ? "…'" : "'");
}

/// Takes words and numbers off the front of a line.
class Words {
public:
  explicit Words(std::string_view line) : rest(line) {}

  std::string_view word() {
    rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
    std::string_view result = rest.substr(0, rest.find(' '));
    rest.remove_prefix(result.size());
    return result;
  }
  bool is(std::string_view expected) { return word() == expected; }
  /// Digits alone, up to the end of the word.
  static bool read(std::string_view digits, int64_t &value) {
    const char *end = digits.data() + digits.size();
    std::from_chars_result parsed = std::from_chars(digits.data(), end, value);
    return parsed.ec == std::errc() && parsed.ptr == end && value >= 0;
  }
  bool number(int64_t &value) { return read(word(), value); }
  bool isAtEnd() { return word().empty(); }

private:
  std::string_view rest;
};

std::optional<Blocking> readBlocking(std::string_view line) {
  Blocking blocking;
  Words words(line);
  std::optional<KernelStrategy> strategy = strategyFromName(words.word());
  if (!strategy)
    return std::nullopt;
  blocking.strategy = *strategy;
  if (!words.is("lanes") || !words.number(blocking.lanes))
    return std::nullopt;
  std::string_view next = words.word();
  if (next == "dot") {
    if (!words.number(blocking.dot))
      return std::nullopt;
    next = words.word();
  }
  if (next != "tile")
    return std::nullopt;
  std::string_view tile = words.word();
  size_t cross = tile.find('x');
  if (cross == std::string_view::npos || !Words::read(tile.substr(0, cross), blocking.mr) ||
      !Words::read(tile.substr(cross + 1), blocking.nr))
    return std::nullopt;
  if (!words.is("blocks") || !words.number(blocking.mc) || !words.number(blocking.nc) ||
      !words.number(blocking.kc) || !words.isAtEnd())
    return std::nullopt;
  return blocking;
}

/// The lines of a text, one after the other, counted from 1.
class Lines {
public:
  explicit Lines(std::string_view text) : rest(text) {}

  /// The next line that is neither empty nor a remark.
  std::optional<std::string_view> next() {
    remark = {};
    while (!rest.empty()) {
      size_t length = rest.find('\n');
      std::string_view line = rest.substr(0, length);
      rest.remove_prefix(length == std::string_view::npos ? rest.size() : length + 1);
      ++number;
      if (line.ends_with('\r'))
        line.remove_suffix(1);
      if (!line.empty() && line.front() != '#')
        return line;
      if (line.starts_with("# "))
        remark = line.substr(2);
    }
    return std::nullopt;
  }
  /// The last remark between the line that next() returned and the one before it; empty without
  /// one.
  std::string_view lastRemark() const { return remark; }
  std::string place() const { return "line " + std::to_string(number) + ": "; }

private:
  std::string_view rest, remark;
  int64_t number = 0;
};

} // namespace

std::string tenon::cpu::explainBlocking(const Blocking &blocking, const Processor &processor) {
  const auto &[mr, nr] = std::pair(blocking.mr, blocking.nr);
  int64_t widest = processor.vectorBits / 8; // lanes of the narrowest elements
  if (blocking.lanes < 2 || blocking.lanes > widest || (blocking.lanes & (blocking.lanes - 1)) != 0)
    return "lanes " + std::to_string(blocking.lanes) + ": expected a power of two from 2 to " +
           std::to_string(widest);
  if (mr < 1 || mr > kMostVectors || nr < 1 || nr % blocking.lanes != 0 ||
      nr / blocking.lanes > kMostVectors / mr)
    return "tile " + std::to_string(mr) + "x" + std::to_string(nr) +
           ": expected whole vectors, at most " + std::to_string(kMostVectors) + " of them";
  bool isPacked = blocking.strategy == KernelStrategy::Packed;
  if (blocking.dot != 1 && (blocking.dot != 2 || !isPacked || !processor.dotsBF16))
    return "dot " + std::to_string(blocking.dot) +
           ": expected 1, or 2 in packed kernels of a processor with dots of bf16";
  // Parts of n begin at multiples of nr; dots are the same in all of them if groups of rows are.
  if (blocking.strategy == KernelStrategy::Direct && nr % mr != 0)
    return "tile " + std::to_string(mr) + "x" + std::to_string(nr) +
           ": expected columns of a direct kernel to be a multiple of its rows";
  for (int64_t block : {blocking.mc, blocking.nc, blocking.kc})
    if (block > kMostInBlock)
      return "blocks of " + std::to_string(block) + ": expected at most " +
             std::to_string(kMostInBlock);
  if (blocking.mc < 1 || blocking.nc < 1 || blocking.kc < 0 ||
      (isPacked &&
       (blocking.mc % mr != 0 || blocking.nc % nr != 0 || blocking.kc % kPadPeriod != 0)))
    return "blocks " + std::to_string(blocking.mc) + " " + std::to_string(blocking.nc) + " " +
           std::to_string(blocking.kc) +
           ": expected positive numbers; of packed kernels multiples of the tile's and of " +
           std::to_string(kPadPeriod);
  return "";
}

std::optional<TuningTable> TuningTable::parse(std::string_view text, const Processor &processor,
                                              std::string &error) {
  auto fail = [&](std::string message) {
    error = std::move(message);
    return std::nullopt;
  };
  if (text.size() > kMostBytes)
    return fail("a tuning file has at most " + std::to_string(kMostBytes) + " bytes, this one " +
                std::to_string(text.size()));
  Lines lines(text);
  std::optional<std::string_view> line = lines.next();
  if (!line || *line != kFormat)
    return fail(lines.place() + "found " + quoted(line.value_or("")) + ", expected '" +
                std::string(kFormat) + "'; --tune writes tuning files");
  line = lines.next();
  constexpr std::string_view kProcessor = "processor ", kContraction = "contraction ";
  if (!line || !line->starts_with(kProcessor))
    return fail(lines.place() + "found " + quoted(line.value_or("")) +
                ", expected 'processor' and its numbers");
  std::string_view numbers = line->substr(kProcessor.size());
  if (!Processor::fromText(numbers))
    return fail(lines.place() + quoted(numbers) + " describes no processor");
  if (numbers != processor.text())
    return fail(lines.place() + "tuned for the processor " + std::string(numbers) +
                ", but code is made for " + processor.text() + "; tune again, on that machine");
  TuningTable table(processor);
  while ((line = lines.next())) {
    if (line->size() > kMostInLine || !line->starts_with(kContraction))
      return fail(lines.place() + "found " + quoted(*line) +
                  ", expected 'contraction' and its shape");
    std::string key(line->substr(kContraction.size()));
    if (table.entries.contains(key))
      return fail(lines.place() + "a second choice for " + quoted(key));
    line = lines.next();
    std::optional<Blocking> blocking = line ? readBlocking(*line) : std::nullopt;
    if (!blocking)
      return fail(lines.place() + "found " + quoted(line.value_or("")) +
                  ", expected a choice such as 'packed lanes 16 tile 12x32 blocks 504 4096 384'");
    if (std::string wrong = explainBlocking(*blocking, processor); !wrong.empty())
      return fail(lines.place() + wrong);
    table.entries.emplace(std::move(key), Entry{*blocking, std::string(lines.lastRemark())});
  }
  return table;
}

std::optional<TuningTable> TuningTable::readFile(const std::string &path,
                                                 const Processor &processor, std::string &error) {
  auto fail = [&](int code) {
    error = "cannot read the tuning file '" + path + "': " + std::strerror(code);
    return std::nullopt;
  };
  // Opening a pipe that nobody writes would wait for ever.
  struct stat status;
  if (stat(path.c_str(), &status) == 0 && S_ISFIFO(status.st_mode)) {
    error = "cannot read the tuning file '" + path + "': it is a pipe; expected a file";
    return std::nullopt;
  }
  std::FILE *file = std::fopen(path.c_str(), "rb");
  if (!file)
    return fail(errno);
  std::string text;
  int code = readStream(file, kMostBytes, text) ? 0 : errno;
  std::fclose(file);
  if (code != 0)
    return fail(code);
  std::optional<TuningTable> table = parse(text, processor, error);
  if (!table)
    error = path + ": " + error;
  return table;
}

const Blocking *TuningTable::find(std::string_view contraction) const {
  auto found = entries.find(contraction);
  return found == entries.end() ? nullptr : &found->second.blocking;
}

void TuningTable::set(std::string contraction, Entry entry) {
  entries.insert_or_assign(std::move(contraction), std::move(entry));
}

std::string TuningTable::text() const {
  std::string result = std::string(kFormat) + "\nprocessor " + processor.text() + "\n";
  for (const auto &[contraction, entry] : entries) {
    const Blocking &blocking = entry.blocking;
    result += "\ncontraction " + contraction + "\n";
    if (!entry.note.empty())
      result += "# " + entry.note + "\n";
    result += strategyName(blocking.strategy);
    result += " lanes " + std::to_string(blocking.lanes);
    if (blocking.dot != 1)
      result += " dot " + std::to_string(blocking.dot);
    result += " tile " + std::to_string(blocking.mr) + "x" + std::to_string(blocking.nr) +
              " blocks " + std::to_string(blocking.mc) + " " + std::to_string(blocking.nc) + " " +
              std::to_string(blocking.kc) + "\n";
  }
  return result;
}
