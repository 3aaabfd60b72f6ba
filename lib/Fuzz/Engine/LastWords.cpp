//===- LastWords.cpp - What a dead worker has left ------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "LastWords.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MemoryBuffer.h"

#include <cstring>

using namespace tenon::fuzz;
using llvm::StringRef;

static llvm::symbolize::LLVMSymbolizer::Options symbolizerOptions() {
  llvm::symbolize::LLVMSymbolizer::Options options;
  options.PrintFunctions = llvm::symbolize::FunctionNameKind::LinkageName;
  options.Demangle = true;
  return options;
}

Coroner::Coroner() : symbolizer(symbolizerOptions()) {}
Coroner::~Coroner() = default;

std::string tenon::fuzz::readTail(const std::string &path, size_t bytes) {
  auto buffer =
      llvm::MemoryBuffer::getFile(path, /*IsText=*/false, /*RequiresNullTerminator=*/false,
                                  /*IsVolatile=*/true);
  if (!buffer)
    return {};
  StringRef text = (*buffer)->getBuffer();
  if (text.size() > bytes) {
    text = text.take_back(bytes);
    text = text.drop_front(std::min(text.size(), text.find('\n') + 1));
  }
  return text.str();
}

std::string tenon::fuzz::passOfPhase(StringRef phase) {
  if (phase.consume_front("pass "))
    return phase.take_while([](char c) { return !std::strchr(" {(", c); }).str();
  return phase.str();
}

std::string tenon::fuzz::findCause(StringRef log) {
  static constexpr StringRef kMarks[] = {
      "Assertion `",    "assertion failed", "LLVM ERROR:",          "AddressSanitizer:",
      "runtime error:", "terminate called", "UNREACHABLE executed", "stack smashing",
      "double free",    "corrupted"};
  llvm::SmallVector<StringRef> lines;
  log.split(lines, '\n');
  for (StringRef line : lines)
    for (StringRef mark : kMarks)
      if (size_t place = line.find_insensitive(mark); place != StringRef::npos) {
        std::string cause;
        for (char c : line.substr(place)) {
          if (!llvm::isDigit(c))
            cause += c;
          else if (cause.empty() || cause.back() != '#')
            cause += '#';
        }
        // Addresses are 0x and letters too.
        for (size_t at; (at = cause.find("#x")) != std::string::npos;) {
          size_t end = at + 2;
          while (end < cause.size() && (llvm::isHexDigit(cause[end]) || cause[end] == '#'))
            ++end;
          cause.replace(at, end - at, "@");
        }
        return cause.substr(0, 200);
      }
  return {};
}

std::vector<std::string> Coroner::readFrames(const JournalRecord &record) {
  std::vector<std::string> names;
  uint32_t count = std::min<uint32_t>(record.numFrames, kMaxFrames);
  uint32_t numModules = std::min<uint32_t>(record.numModules, kMaxModules);
  for (uint32_t frame = 0; frame < count; ++frame) {
    // A return address is after its call, which may be the last instruction of a function.
    uint64_t address = record.frames[frame] - 1;
    std::string name = "?";
    for (uint32_t i = 0; i < numModules; ++i) {
      const JournalRecord::Module &module = record.modules[i];
      if (address < module.begin || address >= module.end)
        continue;
      StringRef path(module.path, strnlen(module.path, kPathBytes));
      auto info = symbolizer.symbolizeCode(
          path, {address - module.bias, llvm::object::SectionedAddress::UndefSection});
      if (!info)
        llvm::consumeError(info.takeError());
      else if (info->FunctionName != llvm::DILineInfo::BadString)
        name = llvm::symbolize::LLVMSymbolizer::DemangleName(info->FunctionName, nullptr);
      break;
    }
    names.push_back(std::move(name));
  }
  // Those of the handler itself come first.
  for (size_t i = 0; i < names.size(); ++i)
    if (StringRef(names[i]).contains("handleFault")) {
      names.erase(names.begin(), names.begin() + i + 1);
      break;
    }
  return names;
}

/// `mlir::foo<int>(int) const` as `mlir::foo`: what is the same in every build.
static std::string shorten(StringRef name) {
  std::string result;
  int depth = 0;
  name.consume_front("(anonymous namespace)::");
  for (char c : name) {
    if (c == '(' && depth == 0 && !result.empty() && result.back() != ':')
      break;
    depth += c == '<';
    if (depth == 0)
      result += c;
    depth -= c == '>' && depth > 0;
  }
  return result;
}

/// The functions that a signature names.
static std::string topFrames(const std::vector<std::string> &frames) {
  std::string text;
  unsigned count = 0;
  for (StringRef name : frames) {
    if (name == "?" || name.starts_with("__") || name == "raise" || name == "abort" ||
        name == "gsignal" || name.contains("pthread_kill") || name == "killpg" ||
        name.contains("report_fatal_error"))
      continue;
    text += (count ? " < " : "") + shorten(name);
    if (++count == 3)
      break;
  }
  return text;
}

ReportedFinding Coroner::examine(const Journal &journal, const std::string &logPath,
                                 const WorkerEnd &end) {
  ReportedFinding record;
  Finding &finding = record.finding;
  std::string phase = journal.readPhase();
  finding.oracle = end.oracle;
  finding.pass = passOfPhase(phase);
  record.log = readTail(logPath, 4096);
  std::string place = phase.empty() ? "before the first phase" : "in phase '" + phase + "'";
  if (end.oracle == Oracle::Hang) {
    finding.detail = "the time limit was reached " + place;
    finding.signature = "hang; " + finding.pass;
    return record;
  }
  if (end.oracle == Oracle::Memory) {
    finding.detail = "the memory limit was reached " + place;
    finding.signature = "memory; " + finding.pass;
    return record;
  }
  std::string how = end.signal ? std::string(sigabbrev_np(end.signal) ? "SIG" : "signal ") +
                                     (sigabbrev_np(end.signal) ? sigabbrev_np(end.signal)
                                                               : std::to_string(end.signal).c_str())
                               : "exit status " + std::to_string(end.status);
  record.frames = readFrames(journal.record());
  std::string cause = findCause(record.log);
  if (cause.empty())
    cause = topFrames(record.frames);
  finding.detail = how + " " + place + (cause.empty() ? "" : ": " + cause);
  finding.signature = "crash; " + finding.pass + "; " + how + (cause.empty() ? "" : "; " + cause);
  return record;
}
