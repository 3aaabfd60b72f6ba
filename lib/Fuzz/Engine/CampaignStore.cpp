//===- CampaignStore.cpp - What a supervisor keeps on disk ----------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "CampaignStore.h"

#include "tenon/Support/OutputFile.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/xxhash.h"

using namespace tenon;
using namespace tenon::fuzz;
using llvm::StringRef;
namespace fs = llvm::sys::fs;
namespace json = llvm::json;

static constexpr int kFormat = 1;
/// Duplicates of a finding past these are counted, not kept; a smaller case takes the place of the
/// largest.
static constexpr size_t kCasesPerSignature = 8;
static constexpr size_t kMaxUnwrittenBytes = 64 << 20;

/// A field of campaign.json and what it counts.
static constexpr std::pair<const char *, uint64_t CampaignTotals::*> kCounts[] = {
    {"executions", &CampaignTotals::executions},
    {"conclusive", &CampaignTotals::conclusive},
    {"inconclusive", &CampaignTotals::inconclusive},
    {"refused", &CampaignTotals::refused},
    {"passes", &CampaignTotals::passes},
    {"findings", &CampaignTotals::findings},
    {"crashes", &CampaignTotals::crashes},
    {"hangs", &CampaignTotals::hangs},
    {"exhausted", &CampaignTotals::exhausted},
    {"recycled", &CampaignTotals::recycled},
    {"lost", &CampaignTotals::lost},
    {"generation", &CampaignTotals::generation}};

static std::error_code writeWhole(const std::string &path, const std::string &bytes) {
  return llvm::errorToErrorCode(writeOutputFile(path, [&](llvm::raw_ostream &os) { os << bytes; }));
}

/// What features are numbers of.
static std::string hashOfProgram() {
  auto buffer = llvm::MemoryBuffer::getFile("/proc/self/exe", /*IsText=*/false,
                                            /*RequiresNullTerminator=*/false);
  if (!buffer)
    return "unknown";
  return llvm::utohexstr(llvm::xxh3_64bits((*buffer)->getBuffer()), /*LowerCase=*/true,
                         /*Width=*/16);
}

static llvm::Expected<json::Object> readCampaign(StringRef directory) {
  std::string path = (directory + "/campaign.json").str();
  auto buffer = llvm::MemoryBuffer::getFile(path);
  if (!buffer && buffer.getError() == std::errc::no_such_file_or_directory)
    return llvm::createStringError("'" + directory +
                                   "' is not the directory of a campaign: it has no campaign.json");
  if (!buffer)
    return llvm::createStringError("cannot read '" + path + "': " + buffer.getError().message());
  llvm::Expected<json::Value> value = json::parse((*buffer)->getBuffer());
  if (!value)
    return llvm::createStringError("'" + path + "': " + llvm::toString(value.takeError()));
  json::Object *object = value->getAsObject();
  std::optional<int64_t> format = object ? object->getInteger("format") : std::nullopt;
  if (!format)
    return llvm::createStringError("'" + path + "': expected an object with a field 'format'");
  if (*format != kFormat)
    return llvm::createStringError("'" + path + "' is of format " + llvm::Twine(*format) +
                                   "; this tenon-fuzz reads " + llvm::Twine(kFormat) +
                                   ". Begin a new campaign in another directory");
  return std::move(*object);
}

llvm::Expected<CampaignOptions> tenon::fuzz::readCampaignOptions(StringRef directory) {
  llvm::Expected<json::Object> object = readCampaign(directory);
  if (!object)
    return object.takeError();
  CampaignOptions options;
  if (const json::Object *fields = object->getObject("options"))
    if (llvm::Error error = readJson(*fields, options))
      return llvm::createStringError("'" + directory +
                                     "/campaign.json': " + llvm::toString(std::move(error)));
  return options;
}

std::string CampaignStore::journalPath(unsigned worker) const {
  return inside("journal/worker-" + std::to_string(worker));
}

/// A new campaign wants a directory that is not there, or is empty.
llvm::Error CampaignStore::checkNew() {
  const std::string &directory = request.directory;
  if (fs::exists(directory + "/campaign.json"))
    return llvm::createStringError("'" + directory +
                                   "' holds a campaign; --resume goes on with it");
  std::error_code code;
  fs::directory_iterator file(directory, code), end;
  if (code == std::errc::no_such_file_or_directory)
    return llvm::Error::success();
  if (code)
    return llvm::createStringError("cannot read '" + directory + "': " + code.message());
  if (file != end)
    return llvm::createStringError("'" + directory +
                                   "' is neither empty nor the directory of a campaign; '" +
                                   llvm::sys::path::filename(file->path()) + "' is in it");
  return llvm::Error::success();
}

llvm::Error CampaignStore::openOld(CampaignTotals &totals) {
  llvm::Expected<json::Object> object = readCampaign(request.directory);
  if (!object)
    return object.takeError();
  if (const json::Object *fields = object->getObject("totals")) {
    totals.seconds = fields->getNumber("seconds").value_or(0);
    for (auto [name, count] : kCounts)
      if (const json::Value *field = fields->get(name))
        totals.*count = field->getAsUINT64().value_or(0);
  }
  sameBuild = object->getString("build") == StringRef(build);
  if (!sameBuild && fs::exists(inside("corpus/index"))) {
    observer.onMessage(
        "the campaign was made by another build: its corpus is run again for its features");
    if (std::error_code code = fs::rename(inside("corpus/index"), inside("corpus/index.old")))
      return llvm::createStringError("cannot rename '" + inside("corpus/index") +
                                     "': " + code.message());
  }
  std::vector<std::string> problems;
  for (const StoredFinding &finding : readFindings(request.directory, problems))
    shelf[finding.record.finding.signature].insert({finding.caseBytes, stemOf(finding.record)});
  saySkipped("findings", problems);
  return llvm::Error::success();
}

llvm::Expected<std::unique_ptr<CampaignStore>> CampaignStore::open(const CampaignRequest &request,
                                                                   const CampaignObserver &observer,
                                                                   CampaignTotals &totals) {
  std::unique_ptr<CampaignStore> store(new CampaignStore(request, observer));
  store->build = hashOfProgram();
  if (!request.resume)
    if (llvm::Error error = store->checkNew())
      return error;
  // Nothing is made in a directory that is no campaign's.
  if (request.resume)
    if (llvm::Expected<json::Object> object = readCampaign(request.directory); !object)
      return object.takeError();
  for (StringRef folder : {"", "/corpus", "/findings", "/journal"})
    if (std::error_code code = fs::create_directories(request.directory + folder.str()))
      return llvm::createStringError("cannot make '" + request.directory + folder +
                                     "': " + code.message());
  llvm::Expected<CampaignLock> lock = CampaignLock::take(request.directory);
  if (!lock)
    return lock.takeError();
  store->lock = std::move(*lock);
  if (request.resume)
    if (llvm::Error error = store->openOld(totals))
      return error;
  for (auto [file, name] :
       {std::pair(&store->index, "corpus/index"), std::pair(&store->history, "history.csv")})
    if (std::error_code code = file->open(store->inside(name)))
      return llvm::createStringError("cannot write '" + store->inside(name) +
                                     "': " + code.message());
  if (store->history.isEmpty()) {
    std::string columns = "seconds,executions,conclusive,inconclusive";
    for (std::string_view name : kFeedbackNames)
      columns += "," + std::string(name);
    store->history.append(columns + ",corpus,findings,signatures");
  }
  return store;
}

void CampaignStore::warnOnce(const std::string &what, std::error_code code) {
  if (warned.insert(what).second)
    observer.onMessage("warning: " + what + ": " + code.message());
}

void CampaignStore::saySkipped(const std::string &what, const std::vector<std::string> &problems) {
  constexpr size_t shown = 5;
  for (size_t i = 0; i < std::min(problems.size(), shown); ++i)
    observer.onMessage("skipped " + problems[i]);
  if (problems.size() > shown)
    observer.onMessage("skipped " + std::to_string(problems.size() - shown) + " more " + what);
}

std::vector<CorpusEntry> CampaignStore::readCorpusOnDisk() {
  std::vector<std::string> problems;
  std::vector<CorpusEntry> entries =
      readCorpus(request.directory, request.format, request.options.corpusCases,
                 request.options.corpusBytes, problems);
  saySkipped("cases of the corpus", problems);
  return entries;
}

void CampaignStore::addCase(const CorpusEntry &entry) {
  if (isCorpusFull)
    return;
  std::string path = corpusPath(request.directory, entry.encoded.hash, request.format.extension);
  std::error_code code = fs::create_directory(llvm::sys::path::parent_path(path));
  if (!code)
    code = request.writeFile ? request.writeFile(path, entry.encoded.bytes)
                             : writeWhole(path, entry.encoded.bytes);
  if (!code)
    code = index.append(printIndexLine(entry));
  isCorpusFull = bool(code);
  if (code)
    warnOnce("the corpus on disk grows no more", code);
}

void CampaignStore::noteCase(const CorpusEntry &entry) {
  if (!isCorpusFull)
    index.append(printIndexLine(entry));
}

std::error_code CampaignStore::writeFinding(const ReportedFinding &record,
                                            const std::string &bytes) {
  std::string stem = inside("findings/" + stemOf(record));
  auto write = [&](const std::string &path, const std::string &text) {
    return request.writeFile ? request.writeFile(path, text) : writeWhole(path, text);
  };
  if (std::error_code code = write(stem + request.format.extension, bytes))
    return code;
  return write(stem + ".json", printReportedFinding(record));
}

void CampaignStore::addFinding(ReportedFinding record, const std::string &bytes) {
  ++newFindings;
  std::set<Shelved> &known = shelf[record.finding.signature];
  Shelved place{bytes.size(), stemOf(record)};
  if (known.count(place))
    return;
  bool isFull = known.size() >= kCasesPerSignature;
  if (isFull && !(place < *known.rbegin()))
    return;
  if (std::error_code code = writeFinding(record, bytes)) {
    warnOnce("findings cannot be written and are kept in memory", code);
    // The first of a signature is kept in any case.
    if (known.empty() || unwrittenBytes + bytes.size() <= kMaxUnwrittenBytes) {
      unwrittenBytes += bytes.size();
      unwritten.push_back({std::move(record), bytes});
      known.insert(std::move(place));
    }
    return;
  }
  if (isFull) {
    std::string stem = inside("findings/" + known.rbegin()->stem);
    fs::remove(stem + ".json");
    fs::remove(stem + request.format.extension);
    known.erase(std::prev(known.end()));
  }
  known.insert(std::move(place));
}

void CampaignStore::retryFindings() {
  while (!unwritten.empty()) {
    const UnwrittenFinding &front = unwritten.front();
    if (writeFinding(front.record, front.bytes))
      return;
    unwrittenBytes -= front.bytes.size();
    unwritten.pop_front();
    if (unwritten.empty())
      observer.onMessage("the findings that were kept in memory are written");
  }
}

std::vector<UnwrittenFinding> CampaignStore::takeUnwritten() {
  retryFindings();
  return {std::make_move_iterator(unwritten.begin()), std::make_move_iterator(unwritten.end())};
}

void CampaignStore::writeCampaign(const CampaignTotals &totals) {
  json::Object counts{{"seconds", totals.seconds},
                      {"digest", llvm::utohexstr(totals.digest, true, 16)}};
  for (auto [name, count] : kCounts)
    counts[name] = totals.*count;
  json::Object object{{"format", kFormat},
                      {"build", build},
                      {"options", toJson(request.options)},
                      {"totals", std::move(counts)}};
  std::string text = llvm::formatv("{0:2}\n", json::Value(std::move(object)));
  std::string path = inside("campaign.json");
  if (std::error_code code =
          request.writeFile ? request.writeFile(path, text) : writeWhole(path, text))
    warnOnce("cannot write '" + path + "'", code);
}

void CampaignStore::writeHistory(const CampaignStatus &status) {
  const CampaignTotals &totals = status.totals;
  std::string line = llvm::formatv("{0:f1},{1},{2},{3}", totals.seconds, totals.executions,
                                   totals.conclusive, totals.inconclusive);
  for (uint64_t count : status.features)
    line += "," + std::to_string(count);
  line += llvm::formatv(",{0},{1},{2}", status.corpus, totals.findings, status.signatures);
  if (std::error_code code = history.append(line))
    warnOnce("cannot write '" + inside("history.csv") + "'", code);
}
