//===- LongLines.cpp - Diagnostics in lines that are too long ---------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "LongLines.h"

#include "tenon/Dialect/TN/IR/TN.h"
#include "tenon/Frontend/ParseError.h"

#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/Location.h"

using namespace mlir;
using namespace tenon;

static constexpr size_t kLongestLine = 400;

/// Of the extension, which is a function without state: a process has one input.
static llvm::MemoryBufferRef source;

/// The byte that a location is at, if it is in a long line of the source.
static std::optional<size_t> findInLongLine(FileLineColLoc place) {
  if (!place || place.getFilename().strref() != source.getBufferIdentifier())
    return std::nullopt;
  StringRef text = source.getBuffer(), rest = text;
  for (unsigned line = 1; line < place.getLine(); ++line)
    rest = rest.split('\n').second;
  StringRef line = rest.take_until([](char c) { return c == '\n'; });
  if (line.size() <= kLongestLine || place.getColumn() == 0)
    return std::nullopt;
  return line.data() - text.data() + std::min<size_t>(place.getColumn() - 1, line.size());
}

static LogicalResult print(Diagnostic &diagnostic) {
  auto place = diagnostic.getLocation()->findInstanceOf<FileLineColLoc>();
  std::optional<size_t> offset = findInLongLine(place);
  if (!offset || diagnostic.getSeverity() != DiagnosticSeverity::Error)
    return failure();
  frontend::SourceText text(source.getBuffer(), source.getBufferIdentifier());
  llvm::errs() << llvm::toString(text.error(*offset, diagnostic.str())) << '\n';
  for (const Diagnostic &note : diagnostic.getNotes())
    llvm::errs() << "note: " << note.str() << '\n';
  return success();
}

void tenon::shortenLongLines(DialectRegistry &registry, llvm::MemoryBufferRef text) {
  source = text;
  // Later than the handler that prints lines, so that this one is asked first.
  registry.addExtension(+[](MLIRContext *context, tn::TNDialect *) {
    context->getDiagEngine().registerHandler(print);
  });
}
