//===- FindingFiles.cpp - Findings on disk --------------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Fuzz/FindingFiles.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/xxhash.h"

#include <algorithm>

using namespace tenon::fuzz;
using llvm::StringRef;
namespace fs = llvm::sys::fs;
namespace json = llvm::json;

static std::string hexOf(uint64_t value) {
  return llvm::utohexstr(value, /*LowerCase=*/true, /*Width=*/16);
}

/// What hexOf writes; false where `text` is something else.
static bool readHex(StringRef text, uint64_t &value) {
  return text.size() == 16 && !text.getAsInteger(16, value);
}

std::string tenon::fuzz::stemOf(const ReportedFinding &record) {
  return hexOf(record.caseHash) + "-" +
         hexOf(llvm::xxh3_64bits(record.finding.signature)).substr(0, 8);
}

/// JSON is UTF-8; a detail or a log may quote anything.
static std::string clean(const std::string &text) {
  return json::isUTF8(text) ? text : json::fixUTF8(text);
}

std::string tenon::fuzz::printReportedFinding(const ReportedFinding &record) {
  json::Array frames;
  for (const std::string &frame : record.frames)
    frames.push_back(clean(frame));
  json::Object object{{"format", 1},
                      {"oracle", std::string(nameOf(record.finding.oracle))},
                      {"pass", clean(record.finding.pass)},
                      {"detail", clean(record.finding.detail)},
                      {"signature", clean(record.finding.signature)},
                      {"case", hexOf(record.caseHash)},
                      {"seconds", record.seconds},
                      {"executions", record.executions},
                      {"worker", record.worker},
                      {"options", toJson(record.options)}};
  if (!record.frames.empty())
    object["frames"] = std::move(frames);
  if (!record.log.empty())
    object["log"] = clean(record.log);
  if (record.draws)
    object["draws"] = hexOf(*record.draws);
  return llvm::formatv("{0:2}\n", json::Value(std::move(object)));
}

llvm::Expected<ReportedFinding> tenon::fuzz::parseReportedFinding(StringRef text) {
  llvm::Expected<json::Value> value = json::parse(text);
  if (!value)
    return value.takeError();
  const json::Object *object = value->getAsObject();
  if (!object || object->getInteger("format") != 1)
    return llvm::createStringError("not a finding of format 1");
  ReportedFinding record;
  auto string = [&](StringRef name) { return object->getString(name).value_or("").str(); };
  llvm::Expected<Oracles> oracle = parseOracles(string("oracle"));
  if (!oracle)
    return oracle.takeError();
  record.finding.oracle = Oracle(llvm::countr_zero(*oracle));
  record.finding.pass = string("pass");
  record.finding.detail = string("detail");
  record.finding.signature = string("signature");
  record.log = string("log");
  record.seconds = object->getNumber("seconds").value_or(0);
  if (const json::Value *number = object->get("executions"))
    record.executions = number->getAsUINT64().value_or(0);
  record.worker = unsigned(object->getInteger("worker").value_or(0));
  if (!readHex(string("case"), record.caseHash) || record.finding.signature.empty())
    return llvm::createStringError("a finding has a case and a signature");
  if (object->get("draws") && !readHex(string("draws"), record.draws.emplace()))
    return llvm::createStringError("'draws' are 16 hexadecimal digits");
  if (const json::Array *frames = object->getArray("frames"))
    for (const json::Value &frame : *frames)
      record.frames.push_back(frame.getAsString().value_or("").str());
  if (const json::Object *options = object->getObject("options"))
    if (llvm::Error error = readJson(*options, record.options))
      return error;
  return record;
}

std::vector<StoredFinding> tenon::fuzz::readFindings(StringRef directory,
                                                     std::vector<std::string> &problems) {
  std::vector<std::string> records, cases;
  std::error_code code;
  std::string folder = (directory + "/findings").str();
  for (fs::directory_iterator file(folder, code), end; file != end && !code; file.increment(code)) {
    StringRef extension = llvm::sys::path::extension(file->path());
    if (extension == ".json")
      records.push_back(file->path());
    else if (extension == ".genome" || extension == ".mlir")
      cases.push_back(file->path());
  }
  if (code && code != std::errc::no_such_file_or_directory)
    problems.push_back("cannot read '" + folder + "': " + code.message());
  std::sort(records.begin(), records.end());
  std::sort(cases.begin(), cases.end());

  std::vector<StoredFinding> findings;
  for (const std::string &path : records) {
    auto buffer = llvm::MemoryBuffer::getFile(path);
    if (!buffer) {
      problems.push_back("cannot read '" + path + "': " + buffer.getError().message());
      continue;
    }
    llvm::Expected<ReportedFinding> record = parseReportedFinding((*buffer)->getBuffer());
    if (!record) {
      problems.push_back("'" + path + "': " + llvm::toString(record.takeError()));
      continue;
    }
    StoredFinding stored;
    stored.record = std::move(*record);
    StringRef stem = StringRef(path).drop_back(StringRef(".json").size());
    for (StringRef extension : {".genome", ".mlir"})
      if (std::string name = (stem + extension).str();
          std::binary_search(cases.begin(), cases.end(), name))
        stored.casePath = name;
    if (stored.casePath.empty() || fs::file_size(stored.casePath, stored.caseBytes)) {
      problems.push_back("'" + path + "': there is no case beside it");
      continue;
    }
    findings.push_back(std::move(stored));
  }
  return findings;
}
