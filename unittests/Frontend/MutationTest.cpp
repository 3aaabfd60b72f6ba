//===- MutationTest.cpp - The readers on damaged inputs ---------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Valid inputs, cut at every byte and with bytes replaced, removed, and repeated: each reader
// either accepts what it is given or returns one error, at a place inside the text, in one line
// that can be printed.
//
//===----------------------------------------------------------------------===//
#include "tenon/Frontend/CircuitNetwork.h"
#include "tenon/Frontend/Einsum.h"
#include "tenon/Frontend/NetworkJson.h"
#include "tenon/Frontend/OpenQasm2.h"
#include "tenon/Frontend/ParseError.h"
#include "tenon/Frontend/Qsim.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"
#include "gtest/gtest.h"

#include <functional>
#include <random>

using namespace tenon::frontend;

namespace {
using Reader = std::function<llvm::Error(llvm::StringRef)>;

constexpr int kRandomDamages = 20000;

std::string readInput(const char *name) {
  auto buffer = llvm::MemoryBuffer::getFile(std::string(TENON_TEST_INPUTS) + "/" + name);
  EXPECT_TRUE(buffer) << name;
  return buffer ? (*buffer)->getBuffer().str() : "";
}

/// Whether a reader's answer is one good error, or none.
void expectOneErrorOrNone(llvm::Error result, llvm::StringRef text) {
  unsigned count = 0;
  size_t lines = text.count('\n') + 1;
  llvm::handleAllErrors(
      std::move(result),
      [&](const ParseError &error) {
        ++count;
        EXPECT_TRUE(error.getLine() >= 1 && error.getLine() <= lines) << error.message();
        EXPECT_TRUE(error.getColumn() >= 1 && error.getColumn() <= error.getSourceLine().size() + 2)
            << error.message();
        EXPECT_FALSE(error.getMessage().empty());
        EXPECT_FALSE(llvm::any_of(error.getMessage(), [](char c) { return c >= 0 && c < 0x20; }))
            << error.message();
        EXPECT_TRUE(llvm::json::isUTF8(error.getMessage())) << error.message();
      },
      [&](const llvm::ErrorInfoBase &error) {
        ++count;
        ADD_FAILURE() << "an error without a place: " << error.message();
      });
  EXPECT_LE(count, 1u);
}

/// Returns how many of the damaged texts were refused.
int damage(const std::string &text, const Reader &read) {
  int refused = 0;
  auto tryText = [&](const std::string &damaged) {
    llvm::Error result = read(damaged);
    refused += result ? 1 : 0;
    expectOneErrorOrNone(std::move(result), damaged);
  };
  EXPECT_FALSE(llvm::errorToBool(read(text)));
  for (size_t length = 0; length < text.size(); ++length)
    tryText(text.substr(0, length));

  std::mt19937 random(20260117);
  // Bytes that mean something to a reader, and bytes that should not.
  static constexpr llvm::StringRef kBytes =
      llvm::StringLiteral::withInnerNUL("\0\x01\n\t\r \x1b\x7f\x80\xc3\xff"
                                        "0129-+.,;:x?e\"\\'()[]{}<>/*aZ_|");
  for (int i = 0; i < kRandomDamages; ++i) {
    std::string damaged = text;
    for (unsigned changes = 1 + random() % 3; changes > 0 && !damaged.empty(); --changes) {
      size_t place = random() % damaged.size();
      switch (random() % 4) {
      case 0:
        damaged[place] = kBytes[random() % kBytes.size()];
        break;
      case 1:
        damaged[place] = static_cast<char>(damaged[place] ^ (1 << random() % 8));
        break;
      case 2:
        damaged.erase(place, 1 + random() % 5);
        break;
      case 3:
        damaged.insert(place, damaged.substr(random() % damaged.size(), 1 + random() % 9));
        break;
      }
    }
    tryText(damaged);
  }
  return refused;
}

template <typename T> llvm::Error onlyError(llvm::Expected<T> result) {
  return result ? llvm::Error::success() : result.takeError();
}

llvm::Error readCircuitNetwork(llvm::Expected<Circuit> circuit) {
  if (!circuit)
    return circuit.takeError();
  // Every circuit that is read makes a network.
  llvm::Expected<NetworkDescription> network =
      buildCircuitNetwork(*circuit, {std::string(circuit->numQubits, '0')}, {});
  EXPECT_TRUE(static_cast<bool>(network));
  return onlyError(std::move(network));
}

TEST(Mutation, Qsim) {
  int refused = damage(readInput("mixed_n4.qsim"), [](llvm::StringRef text) {
    return readCircuitNetwork(parseQsim(text, "damaged"));
  });
  EXPECT_GT(refused, kRandomDamages / 2);
}

TEST(Mutation, OpenQasm) {
  int refused = damage(readInput("qft_n4.qasm"), [](llvm::StringRef text) {
    return readCircuitNetwork(parseOpenQasm2(text, "damaged"));
  });
  EXPECT_GT(refused, kRandomDamages / 2);
}

TEST(Mutation, NetworkJson) {
  const char *text = "{\"name\": \"a \\u00e4 \\n\", \"inputs\": [[0, 1], [1, 2, 2], []],\n"
                     " \"extra\": {\"deep\": [true, null, -1.5e3]},\n"
                     " \"output\": [2, 0], \"sizes\": [2, 3, 4], \"dtype\": \"float32\"}\n";
  int refused = damage(text, [](llvm::StringRef damaged) {
    return onlyError(parseNetworkJson(damaged, "damaged", std::nullopt));
  });
  EXPECT_GT(refused, kRandomDamages / 2);
}

TEST(Mutation, Einsum) {
  const std::vector<Shape> shapes = {{3, 4, 2}, {2, 5}, {5}, {}};
  int refused = damage("...ij , jk,\xce\xb1,->...i", [&](llvm::StringRef text) {
    llvm::Error withoutShapes =
        onlyError(parseEinsum(text, std::nullopt, ElementType::F32, "damaged"));
    expectOneErrorOrNone(std::move(withoutShapes), text);
    return onlyError(parseEinsum(text, llvm::ArrayRef<Shape>(shapes), ElementType::F32, "damaged"));
  });
  EXPECT_GT(refused, kRandomDamages / 2);
}

TEST(Mutation, Shapes) {
  int refused = damage("3x4,scalar, 4x?,,12x9223372036854775807", [](llvm::StringRef text) {
    return onlyError(parseShapes(text, "damaged"));
  });
  EXPECT_GT(refused, kRandomDamages / 2);
}

TEST(Mutation, Bitstrings) {
  int refused =
      damage("01?1,11?0", [](llvm::StringRef text) { return onlyError(parseBitstrings(text, 4)); });
  EXPECT_GT(refused, kRandomDamages / 2);
}
} // namespace
