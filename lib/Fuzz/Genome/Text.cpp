//===- Text.cpp - Genomes as text -----------------------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//   genome 1
//   arithmetic exact
//   seed 42
//   threads 1
//   %0 = argument element=f32 extents=[3, 4] facts=4
//   %1 = contract element=f32 accumulate=f64 operands=(%0[0, 1], %0[0, 2]) output=[1, 2]
//   return %1
//   pass "tn-plan" "method=greedy"
//
// Fields that are as in a new node are left out. A line that begins with # is a comment.
//
//===----------------------------------------------------------------------===//
#include "tenon/Fuzz/ElementRules.h"

#include <algorithm>
#include <cctype>
#include <charconv>

namespace tenon::fuzz {
namespace {

//===----------------------------------------------------------------------===//
// Printing
//===----------------------------------------------------------------------===//

template <typename T> std::string listText(const std::vector<T> &values) {
  std::string text = "[";
  for (size_t i = 0; i < values.size(); ++i)
    text += (i ? ", " : "") + std::to_string(values[i]);
  return text + "]";
}

std::string quoted(std::string_view text) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string result = "\"";
  for (char c : text) {
    auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte > 0x7e || c == '"' || c == '\\')
      result += {'\\', digits[byte >> 4], digits[byte & 15]};
    else
      result += c;
  }
  return result + '"';
}

class NodePrinter {
public:
  explicit NodePrinter(const Node &node) : node(node) {}

  std::string print() {
    text = nameOf(node.kind);
    text += " element=";
    text += nameOf(node.element);
    field("accumulate", node.accumulate, fresh.accumulate,
          [](Element element) { return std::string(nameOf(element)); });
    field("semiring", node.semiring, fresh.semiring,
          [](Semiring semiring) { return std::string(nameOf(semiring)); });
    number("unsigned", node.isUnsigned);
    number("flavour", node.flavour);
    number("facts", node.facts);
    number("dynamic", node.dynamic);
    list("extents", node.extents);
    operands();
    list("output", node.output);
    list("sliced", node.sliced);
    list("path", node.path);
    list("numbers", node.numbers);
    list("order", node.layout.order);
    number("padding", node.layout.padding);
    number("offset", node.layout.offset);
    number("reversed", node.layout.reversed);
    return std::move(text);
  }

private:
  template <typename T, typename Function>
  void field(std::string_view name, const T &value, const T &usual, Function print) {
    if (value == usual)
      return;
    text += ' ';
    text += name;
    text += '=';
    text += print(value);
  }
  void number(std::string_view name, uint32_t value) {
    field(name, value, 0u, [](uint32_t value) { return std::to_string(value); });
  }
  template <typename T> void list(std::string_view name, const std::vector<T> &values) {
    field(name, values, {}, listText<T>);
  }
  void operands() {
    if (node.operands.empty())
      return;
    text += " operands=(";
    for (const Operand &operand : node.operands)
      text += (&operand == &node.operands.front() ? "%" : ", %") + std::to_string(operand.node) +
              listText(operand.labels);
    text += ')';
  }

  const Node &node;
  const Node fresh;
  std::string text;
};

//===----------------------------------------------------------------------===//
// Parsing
//===----------------------------------------------------------------------===//

/// Words, numbers and marks of one line.
class LineParser {
public:
  explicit LineParser(std::string_view line) : rest(line) { skipSpaces(); }

  bool isAtEnd() const { return rest.empty(); }
  bool take(char mark) {
    if (rest.empty() || rest.front() != mark)
      return false;
    rest.remove_prefix(1);
    skipSpaces();
    return true;
  }
  std::string_view word() {
    size_t size = 0;
    while (size < rest.size() &&
           (std::isalnum(static_cast<unsigned char>(rest[size])) || rest[size] == '_'))
      ++size;
    std::string_view result = rest.substr(0, size);
    rest.remove_prefix(size);
    skipSpaces();
    return result;
  }
  template <typename T> bool number(T &value) {
    auto [end, status] = std::from_chars(rest.data(), rest.data() + rest.size(), value);
    if (status != std::errc())
      return fail("a number of its field's range");
    rest.remove_prefix(static_cast<size_t>(end - rest.data()));
    skipSpaces();
    return true;
  }
  template <typename T> bool list(std::vector<T> &values) {
    values.clear();
    if (!take('['))
      return fail("[");
    if (take(']'))
      return true;
    do {
      if (!number(values.emplace_back()))
        return false;
    } while (take(','));
    return take(']') || fail("] or ,");
  }
  bool string(std::string &text) {
    text.clear();
    if (rest.empty() || rest.front() != '"')
      return fail("a text in quotes");
    for (size_t i = 1; i < rest.size(); ++i) {
      if (rest[i] == '"') {
        rest.remove_prefix(i + 1);
        skipSpaces();
        return true;
      }
      if (rest[i] != '\\') {
        text += rest[i];
        continue;
      }
      uint8_t byte = 0;
      const char *digits = rest.data() + i + 1;
      if (i + 2 >= rest.size() || std::from_chars(digits, digits + 2, byte, 16).ptr != digits + 2)
        return fail("two hexadecimal digits after \\");
      text += static_cast<char>(byte);
      i += 2;
    }
    return fail("\" at the end of the text");
  }
  bool fail(std::string_view expected) {
    // The first failure is the cause of the others.
    if (error.empty())
      error = "expected " + std::string(expected) + ", found " +
              (rest.empty() ? "the end" : "'" + std::string(rest.substr(0, 20)) + "'");
    return false;
  }

  std::string error;

private:
  void skipSpaces() { rest.remove_prefix(std::min(rest.find_first_not_of(" \t\r"), rest.size())); }

  std::string_view rest;
};

/// The enumerator of a name.
template <typename Enum>
bool parseEnum(LineParser &line, Enum &value, unsigned count, std::string_view what) {
  std::string_view name = line.word();
  for (unsigned number = 0; number < count; ++number)
    if (nameOf(static_cast<Enum>(number)) == name) {
      value = static_cast<Enum>(number);
      return true;
    }
  return line.fail(std::string(what) + " instead of '" + std::string(name) + "'");
}

bool parseOperands(LineParser &line, std::vector<Operand> &operands) {
  if (!line.take('('))
    return line.fail("(");
  do {
    Operand &operand = operands.emplace_back();
    if (!line.take('%'))
      return line.fail("%");
    if (!line.number(operand.node) || !line.list(operand.labels))
      return false;
  } while (line.take(','));
  return line.take(')') || line.fail(") or ,");
}

bool parseField(LineParser &line, std::string_view name, Node &node) {
  if (name == "element")
    return parseEnum(line, node.element, kNumElements, "an element type");
  if (name == "accumulate")
    return parseEnum(line, node.accumulate, kNumElements, "an element type");
  if (name == "semiring")
    return parseEnum(line, node.semiring, kNumSemirings, "a semiring");
  if (name == "unsigned") {
    uint8_t value = 0;
    if (!line.number(value))
      return false;
    node.isUnsigned = value != 0;
    return true;
  }
  if (name == "flavour")
    return line.number(node.flavour);
  if (name == "facts")
    return line.number(node.facts);
  if (name == "dynamic")
    return line.number(node.dynamic);
  if (name == "extents")
    return line.list(node.extents);
  if (name == "operands")
    return parseOperands(line, node.operands);
  if (name == "output")
    return line.list(node.output);
  if (name == "sliced")
    return line.list(node.sliced);
  if (name == "path")
    return line.list(node.path);
  if (name == "numbers")
    return line.list(node.numbers);
  if (name == "order")
    return line.list(node.layout.order);
  if (name == "padding")
    return line.number(node.layout.padding);
  if (name == "offset")
    return line.number(node.layout.offset);
  if (name == "reversed")
    return line.number(node.layout.reversed);
  return line.fail("a field of a node instead of '" + std::string(name) + "'");
}

bool parseNode(LineParser &line, Genome &genome) {
  size_t number = 0;
  if (!line.number(number))
    return false;
  if (number != genome.nodes.size())
    return line.fail("node %" + std::to_string(genome.nodes.size()) +
                     ": nodes are numbered in order");
  Node &node = genome.nodes.emplace_back();
  if (!line.take('='))
    return line.fail("=");
  if (!parseEnum(line, node.kind, kNumNodeKinds, "a kind of node"))
    return false;
  while (!line.isAtEnd()) {
    std::string_view name = line.word();
    if (!line.take('='))
      return line.fail("=");
    if (!parseField(line, name, node))
      return false;
  }
  return true;
}

bool parseLine(LineParser &line, Genome &genome) {
  if (line.take('%'))
    return parseNode(line, genome);
  std::string_view word = line.word();
  if (word == "genome") {
    uint32_t version = 0;
    if (!line.number(version))
      return false;
    if (version != kGenomeVersion)
      line.error = "the genome has version " + std::to_string(version) + ", expected " +
                   std::to_string(kGenomeVersion);
    return version == kGenomeVersion;
  }
  if (word == "arithmetic")
    return parseEnum(line, genome.arithmetic, 3, "ring, exact or bound");
  if (word == "seed")
    return line.number(genome.dataSeed);
  if (word == "threads")
    return line.number(genome.threads);
  if (word == "return") {
    do {
      if (!line.take('%'))
        return line.fail("%");
      if (!line.number(genome.results.emplace_back()))
        return false;
    } while (line.take(','));
    return true;
  }
  if (word == "pass") {
    PassStep &step = genome.passes.emplace_back();
    return line.string(step.name) && (line.isAtEnd() || line.string(step.options));
  }
  return line.fail("genome, arithmetic, seed, threads, a node, return or pass instead of '" +
                   std::string(word) + "'");
}

} // namespace

std::string printGenome(const Genome &genome) {
  std::string text = "genome " + std::to_string(kGenomeVersion) + "\narithmetic ";
  text += nameOf(genome.arithmetic);
  text += "\nseed " + std::to_string(genome.dataSeed) + "\nthreads " +
          std::to_string(genome.threads) + '\n';
  for (size_t number = 0; number < genome.nodes.size(); ++number)
    text += "%" + std::to_string(number) + " = " + NodePrinter(genome.nodes[number]).print() + '\n';
  if (!genome.results.empty())
    text += "return ";
  for (size_t i = 0; i < genome.results.size(); ++i)
    text += (i ? ", %" : "%") + std::to_string(genome.results[i]);
  if (!genome.results.empty())
    text += '\n';
  for (const PassStep &step : genome.passes)
    text += "pass " + quoted(step.name) + (step.options.empty() ? "" : " " + quoted(step.options)) +
            '\n';
  return text;
}

bool parseGenome(std::string_view text, Genome &genome, std::string &error) {
  Genome read;
  bool hasVersion = false;
  for (size_t number = 1; !text.empty(); ++number) {
    size_t end = std::min(text.find('\n'), text.size());
    std::string_view content = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    LineParser line(content);
    if (line.isAtEnd() || line.take('#'))
      continue;
    bool isGood = true;
    if (!hasVersion && !content.starts_with("genome "))
      isGood = line.fail("`genome " + std::to_string(kGenomeVersion) + "` as the first line");
    hasVersion = true;
    if (!isGood || !parseLine(line, read) ||
        (!line.isAtEnd() && !line.fail("the end of the line"))) {
      error = "line " + std::to_string(number) + ": " + line.error;
      return false;
    }
  }
  if (!hasVersion) {
    error = "expected a genome, found an empty text";
    return false;
  }
  repair(read);
  genome = std::move(read);
  return true;
}

} // namespace tenon::fuzz
