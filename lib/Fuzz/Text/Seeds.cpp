//===- Seeds.cpp - Modules to begin with ------------------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Fuzz/TextMutation.h"

#include "mlir/IR/AsmState.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::fuzz;

/// Part of a file in the sense of `--split-input-file` and of split-file, whose marks begin with
/// `//---`.
static void splitFile(StringRef text, SmallVectorImpl<std::string> &parts) {
  parts.emplace_back();
  while (!text.empty()) {
    auto [line, rest] = text.split('\n');
    if (StringRef trimmed = line.trim();
        trimmed.starts_with("// -----") || trimmed.starts_with("//---"))
      parts.emplace_back();
    else
      parts.back() += (line + "\n").str();
    text = rest;
  }
}

/// The module without comments, as it is printed: null for what is no module, one without
/// operations, or one whose print upstream cannot read (D33).
static std::optional<std::string> normalize(StringRef part, MLIRContext &context) {
  ScopedDiagnosticHandler silence(&context, [](Diagnostic &) { return success(); });
  OwningOpRef<ModuleOp> module = parseSourceString<ModuleOp>(part, ParserConfig(&context));
  if (!module || module->getBody()->empty() || failed(verify(*module)))
    return std::nullopt;
  std::string text;
  llvm::raw_string_ostream(text) << *module;
  if (!parseSourceString<ModuleOp>(text, ParserConfig(&context)))
    return std::nullopt;
  return text;
}

bool tenon::fuzz::readSeeds(const std::string &folder, const DialectRegistry &registry,
                            Seeds &seeds, std::string &error) {
  std::vector<std::string> paths;
  std::error_code status;
  for (llvm::sys::fs::recursive_directory_iterator file(folder, status), end;
       file != end && !status; file.increment(status))
    if (StringRef(file->path()).ends_with(".mlir"))
      paths.push_back(file->path());
  if (status) {
    error = folder + ": " + status.message();
    return false;
  }
  llvm::sort(paths);
  for (const std::string &path : paths) {
    auto buffer = llvm::MemoryBuffer::getFile(path);
    if (!buffer) {
      error = path + ": " + buffer.getError().message();
      return false;
    }
    ++seeds.files;
    TextCase whole;
    if (std::string ignored;
        !readTextCase(std::string_view((*buffer)->getBuffer()), whole, ignored)) {
      ++seeds.rejected;
      continue;
    }
    SmallVector<std::string> parts;
    splitFile(whole.module, parts);
    for (const std::string &part : parts) {
      if (StringRef(part).trim().empty())
        continue;
      // A context for each: types, resources and what a failed parse leaves behind stay apart.
      MLIRContext context(registry, MLIRContext::Threading::DISABLED);
      std::optional<std::string> module = normalize(part, context);
      if (module && module->size() <= kMaxTextCaseBytes)
        seeds.cases.push_back({std::move(*module), whole.passes, whole.dataSeed});
      else
        ++seeds.rejected;
    }
  }
  if (seeds.cases.empty())
    error = folder + ": no .mlir file with a module that verifies";
  return !seeds.cases.empty();
}
