//===- Encode.cpp - Genomes as bytes --------------------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// A file is the magic number, the version and the size of what follows (four bytes each, the lowest
// first), the record, and a checksum of the record (eight bytes). In the record a number is in
// groups of seven bits, the lowest first (LEB128), a list is its length and its elements. The order
// of the fields is that of visitGenome.
//
//===----------------------------------------------------------------------===//
#include "tenon/Fuzz/ElementRules.h"
#include "tenon/Support/MixBits.h"

#include <algorithm>
#include <type_traits>

namespace tenon::fuzz {
namespace {

constexpr std::array<uint8_t, 4> kMagic = {'T', 'N', 'F', 'Z'};
constexpr size_t kHeader = 12, kChecksum = 8;
/// No genome of the limits comes near; keeps a hostile length from allocating.
constexpr size_t kLongestList = 1 << 16;

class ByteWriter {
public:
  void number(uint64_t value) {
    for (; value >= 0x80; value >>= 7)
      bytes.push_back(static_cast<uint8_t>(value | 0x80));
    bytes.push_back(static_cast<uint8_t>(value));
  }
  template <typename T> void field(const T &value) {
    if constexpr (std::is_same_v<T, int32_t>)
      // Small magnitudes in few bytes: 0, -1, 1, -2, …
      number((static_cast<uint32_t>(value) << 1) ^ static_cast<uint32_t>(value >> 31));
    else
      number(static_cast<uint64_t>(value));
  }
  void field(const std::string &text) {
    number(text.size());
    bytes.insert(bytes.end(), text.begin(), text.end());
  }
  template <typename T, typename Function>
  void list(const std::vector<T> &values, Function element) {
    number(values.size());
    for (const T &value : values)
      element(value);
  }

  std::vector<uint8_t> bytes;
};

class ByteReader {
public:
  explicit ByteReader(std::span<const uint8_t> bytes) : rest(bytes) {}

  uint64_t number() {
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && !rest.empty(); shift += 7) {
      uint8_t byte = rest.front();
      rest = rest.subspan(1);
      value |= static_cast<uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80)
        return value;
    }
    isBad = true;
    return 0;
  }
  template <typename T> void field(T &value) {
    uint64_t number = this->number();
    if constexpr (std::is_same_v<T, int32_t>) {
      isBad |= number > UINT32_MAX;
      auto bits = static_cast<uint32_t>(number);
      value = static_cast<int32_t>((bits >> 1) ^ (0 - (bits & 1)));
    } else {
      value = static_cast<T>(number);
      isBad |= static_cast<uint64_t>(value) != number;
    }
  }
  void field(std::string &text) {
    size_t size = number();
    if (size > rest.size())
      return fail();
    text.assign(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(size));
    rest = rest.subspan(size);
  }
  template <typename T, typename Function> void list(std::vector<T> &values, Function element) {
    size_t size = number();
    // Each element takes a byte at least.
    if (size > std::min(rest.size(), kLongestList))
      return fail();
    values.assign(size, {});
    for (T &value : values)
      element(value);
  }
  bool isComplete() const { return !isBad && rest.empty(); }

private:
  void fail() {
    isBad = true;
    rest = {};
  }

  std::span<const uint8_t> rest;
  bool isBad = false;
};

/// Calls the coder for every field, in the order of the encoding. Version 1: a change here is
/// another version.
template <typename Coder, typename Genome> void visitGenome(Coder &coder, Genome &genome) {
  auto plain = [&](auto &value) { coder.field(value); };
  coder.field(genome.arithmetic);
  coder.field(genome.dataSeed);
  coder.field(genome.threads);
  coder.list(genome.nodes, [&](auto &node) {
    coder.field(node.kind);
    coder.field(node.element);
    coder.field(node.accumulate);
    coder.field(node.semiring);
    coder.field(node.isUnsigned);
    coder.field(node.flavour);
    coder.field(node.facts);
    coder.field(node.dynamic);
    coder.list(node.extents, plain);
    coder.list(node.operands, [&](auto &operand) {
      coder.field(operand.node);
      coder.list(operand.labels, plain);
    });
    coder.list(node.output, plain);
    coder.list(node.sliced, plain);
    coder.list(node.path, plain);
    coder.list(node.numbers, plain);
    coder.list(node.layout.order, plain);
    coder.field(node.layout.padding);
    coder.field(node.layout.offset);
    coder.field(node.layout.reversed);
  });
  coder.list(genome.results, plain);
  coder.list(genome.passes, [&](auto &pass) {
    coder.field(pass.name);
    coder.field(pass.options);
  });
}

std::vector<uint8_t> encode(const Genome &genome) {
  ByteWriter writer;
  visitGenome(writer, genome);
  return std::move(writer.bytes);
}

uint64_t hashBytes(std::span<const uint8_t> bytes) {
  uint64_t hash = mixBits(bytes.size());
  for (size_t i = 0; i < bytes.size(); i += 8) {
    uint64_t word = 0;
    for (size_t k = i; k < std::min(i + 8, bytes.size()); ++k)
      word |= static_cast<uint64_t>(bytes[k]) << (8 * (k - i));
    hash = mixBits(hash ^ word);
  }
  return hash;
}

void append(std::vector<uint8_t> &bytes, uint64_t value, size_t count) {
  for (size_t i = 0; i < count; ++i)
    bytes.push_back(static_cast<uint8_t>(value >> (8 * i)));
}

uint64_t load(std::span<const uint8_t> bytes) {
  uint64_t value = 0;
  for (size_t i = 0; i < bytes.size(); ++i)
    value |= static_cast<uint64_t>(bytes[i]) << (8 * i);
  return value;
}

} // namespace

uint64_t hashGenome(const Genome &genome) { return hashBytes(encode(genome)); }

std::vector<uint8_t> writeGenome(const Genome &genome) {
  std::vector<uint8_t> record = encode(genome), bytes(kMagic.begin(), kMagic.end());
  append(bytes, kGenomeVersion, 4);
  append(bytes, record.size(), 4);
  bytes.insert(bytes.end(), record.begin(), record.end());
  append(bytes, hashBytes(record), kChecksum);
  return bytes;
}

bool readGenome(std::span<const uint8_t> bytes, Genome &genome, std::string &error) {
  if (bytes.size() < kHeader || !std::ranges::equal(bytes.first(4), kMagic)) {
    error = "this is no genome: expected a file that begins with TNFZ";
    return false;
  }
  if (uint64_t version = load(bytes.subspan(4, 4)); version != kGenomeVersion) {
    error = "the genome has version " + std::to_string(version) + ", expected " +
            std::to_string(kGenomeVersion) +
            "; `tenon-fuzz minimize-corpus` of the version that wrote it, or its printed form, "
            "carries it over";
    return false;
  }
  uint64_t size = load(bytes.subspan(8, 4)), wanted = kHeader + size + kChecksum;
  if (bytes.size() != wanted) {
    error = "the genome has " + std::to_string(bytes.size()) + " bytes, expected " +
            std::to_string(wanted) +
            (bytes.size() < wanted ? "; it is truncated" : "; something follows it");
    return false;
  }
  std::span<const uint8_t> record = bytes.subspan(kHeader, size);
  if (load(bytes.last(kChecksum)) != hashBytes(record)) {
    error = "the genome's checksum does not fit its content; the file is damaged";
    return false;
  }
  Genome read;
  ByteReader reader(record);
  visitGenome(reader, read);
  // Numbers have one encoding; another one is nobody's writing.
  if (!reader.isComplete() || !std::ranges::equal(encode(read), record)) {
    error = "the genome's record is not one that a program wrote";
    return false;
  }
  repair(read);
  genome = std::move(read);
  return true;
}

} // namespace tenon::fuzz
