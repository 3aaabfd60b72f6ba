//===- ParseError.cpp - What a failed import says -------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Frontend/ParseError.h"

#include "Unicode.h"
#include "llvm/Support/raw_ostream.h"

using namespace tenon::frontend;

char ParseError::ID = 0;

std::error_code ParseError::convertToErrorCode() const { return llvm::inconvertibleErrorCode(); }

/// Characters of the source line shown on either side of the error.
static constexpr size_t kContext = 60;

void ParseError::log(llvm::raw_ostream &os) const {
  os << file << ':' << position.line << ':' << position.column << ": error: " << text;

  // Cut the line into characters, so that the caret counts what the reader sees.
  llvm::SmallVector<llvm::StringRef> characters;
  for (llvm::StringRef rest = sourceLine; !rest.empty();)
    characters.push_back(rest.take_front(decodeCharacter(rest).length)),
        rest = rest.drop_front(characters.back().size());
  size_t caret = position.column - 1;
  size_t begin = caret > kContext ? caret - kContext : 0;
  size_t end = std::min(characters.size(), caret + kContext);

  std::string shown, pad;
  if (begin > 0) {
    shown += "...";
    pad += "   ";
  }
  for (size_t i = begin; i < end; ++i) {
    bool isTab = characters[i] == "\t";
    if (!isTab && !isPrintable(decodeCharacter(characters[i])))
      shown += '?';
    else
      shown += characters[i];
    if (i < caret)
      pad += isTab ? '\t' : ' ';
  }
  if (end < characters.size())
    shown += "...";
  os << '\n' << shown << '\n' << pad << '^';
}

SourcePosition SourceText::locate(size_t offset) {
  offset = std::min(offset, text.size());
  if (offset < lastOffset) {
    lastOffset = 0;
    lastPosition = {};
  }
  while (lastOffset < offset) {
    llvm::StringRef rest = text.drop_front(lastOffset);
    unsigned length = decodeCharacter(rest).length;
    if (lastOffset + length > offset)
      break;
    if (rest.front() == '\n') {
      ++lastPosition.line;
      lastPosition.column = 1;
    } else {
      ++lastPosition.column;
    }
    lastOffset += length;
  }
  return lastPosition;
}

llvm::Error SourceText::error(size_t offset, const llvm::Twine &message) {
  offset = std::min(offset, text.size());
  SourcePosition position = locate(offset);
  size_t lineBegin = text.take_front(offset).rfind('\n');
  lineBegin = lineBegin == llvm::StringRef::npos ? 0 : lineBegin + 1;
  llvm::StringRef line = text.drop_front(lineBegin);
  line = line.take_front(line.find('\n')).rtrim('\r');
  return llvm::make_error<ParseError>(fileName.str(), position, toPrintableText(message.str()),
                                      line.str());
}
