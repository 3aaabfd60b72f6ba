//===- ParseErrorTest.cpp - Messages and places ---------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "ExpectParseError.h"

using namespace tenon::frontend;

TEST(ParseError, PrintsPlaceMessageLineAndCaret) {
  SourceText source("first\nsecond\nthird", "a.txt");
  EXPECT_EQ(llvm::toString(source.error(8, "no c")), "a.txt:2:3: error: no c\nsecond\n  ^");
  EXPECT_EQ(llvm::toString(source.error(0, "x")), "a.txt:1:1: error: x\nfirst\n^");
  EXPECT_EQ(llvm::toString(source.error(18, "x")), "a.txt:3:6: error: x\nthird\n     ^");
}

TEST(ParseError, CountsCharactersNotBytes) {
  SourceText source("\xc3\xa4\xc3\xb6x", "a");
  EXPECT_EQ(source.locate(4).column, 3u);
  SourceText broken("\xff\xffx", "a");
  EXPECT_EQ(broken.locate(2).column, 3u);
}

TEST(ParseError, KeepsTabsAndHidesControlCharacters) {
  SourceText source("\ta\x1b[1mb\r\n", "a");
  EXPECT_EQ(llvm::toString(source.error(6, "x")), "a:1:7: error: x\n\ta?[1mb\n\t     ^");
}

TEST(ParseError, EscapesWhatAMessageQuotesAndCannotPrint) {
  SourceText source("a", "a");
  EXPECT_EQ(llvm::toString(source.error(0, "found '\x1b[1m\xff\xc2\x85\n\xc3\xa4'")),
            "a:1:1: error: found '\\x1b[1m\\xff\\xc2\\x85\\x0a\xc3\xa4'\na\n^");
}

TEST(ParseError, CutsLongMessages) {
  std::string quoted = std::string(240, 'f') + std::string(5000, 'm') + std::string(120, 'b');
  EXPECT_EQ(llvm::toString(SourceText("x", "a").error(0, quoted)),
            "a:1:1: error: " + std::string(240, 'f') + "..." + std::string(120, 'b') + "\nx\n^");
}

TEST(ParseError, CutsLongLines) {
  std::string text(1000, 'a');
  text[500] = '!';
  std::string message = llvm::toString(SourceText(text, "a").error(500, "x"));
  std::string shown = "..." + std::string(60, 'a') + "!" + std::string(59, 'a') + "...";
  EXPECT_EQ(message, "a:1:501: error: x\n" + shown + "\n" + std::string(63, ' ') + "^");
}

TEST(ParseError, LocatesForwardAndBackward) {
  SourceText source("ab\ncd\nef", "a");
  EXPECT_EQ(source.locate(7).line, 3u);
  EXPECT_EQ(source.locate(4).line, 2u);
  EXPECT_EQ(source.locate(4).column, 2u);
  EXPECT_EQ(source.locate(99).column, 3u);
}
