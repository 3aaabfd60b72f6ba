//===- DiagnosticCollector.cpp - MLIR diagnostics as an error ---------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Execution/DiagnosticCollector.h"

#include "tenon/Dialect/TN/IR/MemoryLimit.h"
#include "tenon/Dialect/TN/IR/PlaceInFile.h"
#include "tenon/Execution/CompileFailure.h"

#include "mlir/IR/Location.h"
#include "mlir/IR/MLIRContext.h"

using namespace mlir;
using namespace tenon;

static void append(llvm::raw_ostream &stream, const Diagnostic &diagnostic) {
  if (std::string place = tn::describePlace(diagnostic.getLocation()); !place.empty())
    stream << place << ": ";
  stream << diagnostic.str();
}

DiagnosticCollector::DiagnosticCollector(MLIRContext &context)
    : ScopedDiagnosticHandler(&context, [this](Diagnostic &diagnostic) {
        if (diagnostic.getSeverity() != DiagnosticSeverity::Error)
          return failure();
        if (std::optional<int64_t> smallest = tn::getMemoryLimitMark(diagnostic))
          smallestMemoryLimit = smallest;
        llvm::raw_string_ostream stream(text);
        if (!text.empty())
          stream << '\n';
        append(stream, diagnostic);
        for (const Diagnostic &note : diagnostic.getNotes()) {
          // The dump of the operation is for developers.
          if (StringRef(note.str()).starts_with("see current operation"))
            continue;
          append(stream << "\nnote: ", note);
        }
        return success();
      }) {}

std::string DiagnosticCollector::takeText(const llvm::Twine &otherwise) {
  std::string result = text.empty() ? otherwise.str() : std::move(text);
  text.clear();
  return result;
}

llvm::Error DiagnosticCollector::takeError(const llvm::Twine &otherwise) {
  std::optional<int64_t> smallest = std::exchange(smallestMemoryLimit, std::nullopt);
  if (smallest)
    return llvm::make_error<CompileFailure>(TENON_MEMORY_LIMIT, takeText(otherwise), *smallest);
  return llvm::createStringError(takeText(otherwise));
}
