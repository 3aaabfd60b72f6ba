//===- CampaignRecord.cpp - What a campaign left on disk ------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Fuzz/CampaignReport.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

using namespace tenon::fuzz;

static std::string join(llvm::StringRef directory, llvm::StringRef name) {
  llvm::SmallString<128> joined(directory);
  llvm::sys::path::append(joined, name);
  return joined.str().str();
}

static llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>> readFile(const std::string &file) {
  auto buffer = llvm::MemoryBuffer::getFile(file);
  if (!buffer)
    return llvm::createStringError("cannot read '" + file + "': " + buffer.getError().message());
  return std::move(*buffer);
}

History tenon::fuzz::parseHistory(llvm::StringRef text, llvm::StringRef file,
                                  std::vector<std::string> &problems) {
  History history;
  llvm::SmallVector<llvm::StringRef> lines, words;
  text.split(lines, '\n');
  for (auto [number, line] : llvm::enumerate(lines)) {
    if (line.trim().empty())
      continue;
    words.clear();
    line.split(words, ',');
    if (history.columns.empty()) {
      for (llvm::StringRef word : words)
        history.columns.push_back(word.trim().str());
      continue;
    }
    std::vector<double> values;
    for (llvm::StringRef word : words)
      if (double value = 0; !word.trim().getAsDouble(value))
        values.push_back(value);
    if (values.size() == history.columns.size() && words.size() == values.size())
      history.lines.push_back(std::move(values));
    else
      problems.push_back((file + ":" + llvm::Twine(number + 1) + ": expected " +
                          llvm::Twine(history.columns.size()) + " numbers; the line is left out")
                             .str());
  }
  return history;
}

llvm::Expected<CampaignRecord> tenon::fuzz::readCampaignRecord(llvm::StringRef directory) {
  auto isNone = [&](const llvm::Twine &reason) {
    return llvm::createStringError("'" + directory +
                                   "' is no directory of a campaign (tenon-fuzz run): " + reason);
  };
  CampaignRecord campaign;
  campaign.directory = directory.str();
  std::string description = join(directory, "campaign.json");
  auto buffer = readFile(description);
  if (!buffer)
    return isNone(llvm::toString(buffer.takeError()));
  llvm::Expected<llvm::json::Value> value = llvm::json::parse((*buffer)->getBuffer());
  if (!value)
    return isNone("'" + description + "' is no JSON: " + llvm::toString(value.takeError()));
  if (!value->getAsObject())
    return isNone("'" + description + "' holds no object");
  campaign.description = std::move(*value->getAsObject());

  campaign.findings = readFindings(directory, campaign.problems);
  campaign.clusters = clusterFindings(campaign.findings);
  std::string history = join(directory, "history.csv");
  if (auto text = readFile(history))
    campaign.history = parseHistory((*text)->getBuffer(), history, campaign.problems);
  else
    campaign.problems.push_back(llvm::toString(text.takeError()));
  return campaign;
}
