//===- Supervisor.cpp - Runs a campaign -----------------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Fuzz/Supervisor.h"

#include "CampaignStore.h"
#include "LastWords.h"
#include "WorkerProcess.h"

#include "tenon/Support/MixBits.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <deque>
#include <map>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <unordered_set>

using namespace tenon;
using namespace tenon::fuzz;
using namespace std::chrono_literals;

static constexpr auto kPoll = 50ms, kStatusEvery = 200ms;
static constexpr auto kHistoryEvery = 5s, kSaveEvery = 10s;
/// How long a stopped worker may go on with its case.
static constexpr auto kGrace = 5s;
static constexpr unsigned kMaxFailedStarts = 5;
static constexpr size_t kMaxQueuedBytes = 64 << 20;
static constexpr uint64_t kMaxLogBytes = 16 << 20;

namespace {
class Supervisor {
public:
  Supervisor(const CampaignRequest &request, const CampaignObserver &observer,
             const std::atomic<bool> &stop)
      : request(request), options(request.options), observer(observer), stop(stop),
        begin(Clock::now()) {}
  ~Supervisor();
  llvm::Error open();
  llvm::Error run();
  CampaignResult takeResult();

private:
  // Workers.
  llvm::Error start(WorkerSlot &slot);
  llvm::Error startDue();
  void brief(WorkerSlot &slot, uint64_t cases);
  void waitForMessages();
  void listen(WorkerSlot &slot);
  void reapDead();
  void bury(WorkerSlot &slot, int status);
  void judgeEnd(WorkerSlot &slot, int status);
  void watch(WorkerSlot &slot);
  void beginStop();
  bool isOver() const;

  // What they say.
  bool hear(WorkerSlot &slot, const Message &message);
  bool hearNew(WorkerSlot &slot, const Message &message);
  bool hearFindings(WorkerSlot &slot, const Message &message);
  void reportEnd(WorkerSlot &slot, const WorkerEnd &end, const std::string &place);
  void report(WorkerSlot &slot, ReportedFinding record, const std::string &bytes);

  void recoverJournals();
  CampaignTotals totalsNow() const;
  CampaignStatus statusNow() const;
  void keepUp();
  double secondsOfRun() const {
    return std::chrono::duration<double>(Clock::now() - begin).count();
  }

  const CampaignRequest &request;
  CampaignOptions options;
  const CampaignObserver &observer;
  const std::atomic<bool> &stop;
  Clock::time_point begin;
  std::unique_ptr<CampaignStore> store;
  std::unique_ptr<Coroner> coroner;
  CampaignTotals totals;    ///< of all but the processes that run
  double secondsBefore = 0; ///< of the campaign's earlier runs
  uint64_t executionsBefore = 0;
  std::vector<WorkerSlot> slots;
  std::string error;

  std::vector<CorpusEntry> corpus;
  uint64_t corpusBytes = 0;
  std::deque<EncodedCase> replays;     ///< cases of the corpus whose features are not known
  std::unordered_set<uint64_t> onDisk; ///< of those, the cases that have a file
  Features seen;
  std::array<std::unordered_set<uint32_t>, kNumFeedbacks> seenSets;
  std::array<uint64_t, kNumFeedbacks> featureTotals = {};

  bool isStopping = false;
  Clock::time_point stopAt, nextStatus, nextHistory, nextSave;
  std::deque<std::pair<Clock::time_point, uint64_t>> speeds;
};
} // namespace

Supervisor::~Supervisor() {
  for (WorkerSlot &slot : slots)
    if (slot.process > 0) {
      kill(slot.process, SIGKILL);
      waitpid(slot.process, nullptr, 0);
    }
}

llvm::Error Supervisor::open() {
  llvm::Expected<std::unique_ptr<CampaignStore>> opened =
      CampaignStore::open(request, observer, totals);
  if (!opened)
    return opened.takeError();
  store = std::move(*opened);
  secondsBefore = totals.seconds;
  executionsBefore = totals.executions;
  recoverJournals();
  if (request.resume)
    for (CorpusEntry &entry : store->readCorpusOnDisk()) {
      if (entry.isIndexed && store->isSameBuild()) {
        // Others have shown all that it shows.
        if (countOf(entry.features) == 0)
          continue;
        for (unsigned kind = 0; kind < kNumFeedbacks; ++kind)
          for (uint32_t feature : entry.features[kind])
            if (seenSets[kind].insert(feature).second)
              seen[kind].push_back(feature);
        corpusBytes += entry.encoded.bytes.size();
        corpus.push_back(std::move(entry));
      } else {
        onDisk.insert(entry.encoded.hash);
        replays.push_back(std::move(entry.encoded));
      }
    }
  unsigned count =
      options.workers ? options.workers : std::max(1u, std::thread::hardware_concurrency());
  slots.resize(count);
  for (unsigned number = 0; number < count; ++number) {
    WorkerSlot &slot = slots[number];
    slot.number = number;
    slot.casesLeft =
        options.runs ? options.runs / count + (number < options.runs % count) : ~uint64_t(0);
    slot.isFinished = slot.casesLeft == 0;
    std::error_code code;
    slot.journal = Journal::create(store->journalPath(number), code);
    if (!slot.journal)
      return llvm::createStringError("cannot map '" + store->journalPath(number) +
                                     "': " + code.message());
    if (code)
      observer.onMessage("warning: '" + store->journalPath(number) +
                         "' is kept in memory: " + code.message());
    slot.logPath = store->journalPath(number) + ".log";
  }
  store->writeCampaign(totals);
  return llvm::Error::success();
}

/// Faults that were journaled, but not reported: the last supervisor was killed in between.
void Supervisor::recoverJournals() {
  std::error_code code;
  for (llvm::sys::fs::directory_iterator file(request.directory + "/journal", code), end;
       file != end && !code; file.increment(code)) {
    std::unique_ptr<Journal> journal = Journal::openFile(file->path());
    if (!journal || journal->record().signal == 0 ||
        journal->record().state != WorkerState::Running)
      continue;
    if (std::optional<JournaledCase> found = journal->readCase()) {
      if (!coroner)
        coroner = std::make_unique<Coroner>();
      ReportedFinding record = coroner->examine(*journal, file->path() + ".log",
                                                {Oracle::Crash, journal->record().signal});
      record.caseHash = found->hash;
      record.seconds = totals.seconds;
      record.executions = totals.executions;
      record.options = options;
      ++totals.findings;
      ++totals.crashes;
      store->addFinding(std::move(record), found->bytes);
    }
    journal->record().signal = 0;
  }
}

llvm::Error Supervisor::start(WorkerSlot &slot) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    return llvm::createStringError("cannot make a socket: " + llvm::Twine(std::strerror(errno)));
  slot.channel = std::make_unique<Channel>(ends[0]);
  slot.journal->clear();
  slot.journal->record().digest = slot.digest;
  slot.watch.restart();
  slot.isClosed = slot.isDone = slot.wasReplaced = false;
  slot.limit.reset();
  slot.failure.clear();
  std::error_code code;
  slot.process = spawnWorker(request.workerCommand, ends[1], slot.journal->getDescriptor(),
                             slot.logPath, code);
  close(ends[1]);
  if (code)
    return llvm::createStringError("cannot start a worker: " + code.message());
  brief(slot, std::min(slot.casesLeft, options.recycle));
  return llvm::Error::success();
}

/// Tells a new worker all that it must know. Its seed is that of its turn, so that a campaign of
/// one worker is a function of its seed.
void Supervisor::brief(WorkerSlot &slot, uint64_t cases) {
  uint64_t seed = mixBits(mixBits(options.seed) ^ mixBits(totals.generation));
  ++totals.generation;
  llvm::json::Value json(toJson(options));
  // An injected fault is the first worker's alone.
  options.fault.clear();
  std::string text;
  llvm::raw_string_ostream(text) << json;
  Channel &channel = *slot.channel;
  channel.enqueue(MessageKind::Start, BodyWriter().text(text).number(seed).number(cases).take());
  for (const CorpusEntry &entry : corpus)
    channel.enqueue(MessageKind::Entry, entry.encoded.bytes);
  channel.enqueue(MessageKind::Seen, BodyWriter().features(seen).take());
  // A share of what is to be run again.
  uint64_t share = std::min<uint64_t>(cases, replays.size() / slots.size() + 1);
  slot.replays.clear();
  while (slot.replays.size() < share && !replays.empty()) {
    slot.replays.push_back(std::move(replays.front()));
    replays.pop_front();
  }
  for (const EncodedCase &encoded : slot.replays)
    channel.enqueue(MessageKind::Replay,
                    BodyWriter().number(encoded.hash).text(encoded.bytes).take());
  channel.enqueue(MessageKind::Go, "");
}

llvm::Error Supervisor::startDue() {
  if (isStopping)
    return llvm::Error::success();
  for (WorkerSlot &slot : slots)
    if (slot.process < 0 && !slot.isFinished && Clock::now() >= slot.restartAt)
      if (llvm::Error error = start(slot))
        return error;
  return llvm::Error::success();
}

void Supervisor::waitForMessages() {
  std::vector<pollfd> polled;
  std::vector<WorkerSlot *> owners;
  for (WorkerSlot &slot : slots)
    if (slot.process > 0 && !slot.isClosed) {
      short events = POLLIN;
      if (slot.channel->hasQueue())
        events |= POLLOUT;
      polled.push_back({slot.channel->getDescriptor(), events, 0});
      owners.push_back(&slot);
    }
  // A signal ends the wait.
  if (poll(polled.data(), polled.size(), int(kPoll / 1ms)) <= 0)
    return;
  for (size_t i = 0; i < polled.size(); ++i) {
    if (polled[i].revents & POLLOUT)
      owners[i]->channel->flush();
    if (polled[i].revents & (POLLIN | POLLHUP | POLLERR))
      listen(*owners[i]);
  }
}

void Supervisor::listen(WorkerSlot &slot) {
  Message message;
  while (!slot.isClosed) {
    Channel::Status status = slot.channel->receive(message, /*wait=*/false);
    if (status == Channel::Status::Nothing)
      return;
    if (status == Channel::Status::Ok && hear(slot, message))
      continue;
    slot.isClosed = true;
    if (status != Channel::Status::Closed) {
      observer.onMessage("worker " + std::to_string(slot.number) +
                         " sent what is no message and is started anew");
      slot.wasReplaced = true;
      kill(slot.process, SIGKILL);
    }
  }
}

bool Supervisor::hear(WorkerSlot &slot, const Message &message) {
  switch (message.kind) {
  case MessageKind::New:
    return hearNew(slot, message);
  case MessageKind::Findings:
    return hearFindings(slot, message);
  case MessageKind::Ready: {
    BodyReader reader(message.body);
    for (uint64_t &total : featureTotals)
      total = reader.number();
    return reader.ok();
  }
  case MessageKind::Failed:
    slot.failure = message.body;
    return true;
  case MessageKind::Done:
    slot.isDone = true;
    return true;
  default:
    return false;
  }
}

bool Supervisor::hearNew(WorkerSlot &slot, const Message &message) {
  BodyReader reader(message.body);
  CorpusEntry entry;
  entry.encoded.hash = reader.number();
  entry.encoded.bytes = reader.text();
  bool isReplay = reader.number();
  Features features = reader.features();
  if (!reader.ok())
    return false;
  // Another worker may have been faster.
  for (unsigned kind = 0; kind < kNumFeedbacks; ++kind)
    for (uint32_t feature : features[kind])
      if (seenSets[kind].insert(feature).second) {
        seen[kind].push_back(feature);
        entry.features[kind].push_back(feature);
      }
  entry.seconds = secondsBefore + secondsOfRun();
  entry.worker = slot.number;
  bool isNew = countOf(entry.features) > 0;
  bool hasRoom = corpus.size() < options.corpusCases &&
                 corpusBytes + entry.encoded.bytes.size() <= options.corpusBytes;
  if (isNew)
    for (WorkerSlot &other : slots) {
      if (&other == &slot || other.process < 0 || other.isClosed ||
          other.channel->queuedBytes() > kMaxQueuedBytes)
        continue;
      if (hasRoom)
        other.channel->enqueue(MessageKind::Entry, entry.encoded.bytes);
      other.channel->enqueue(MessageKind::Seen, BodyWriter().features(entry.features).take());
    }
  if (isReplay && onDisk.count(entry.encoded.hash))
    store->noteCase(entry);
  else if (isNew && hasRoom)
    store->addCase(entry);
  if (isNew && hasRoom) {
    corpusBytes += entry.encoded.bytes.size();
    corpus.push_back(std::move(entry));
  }
  return true;
}

bool Supervisor::hearFindings(WorkerSlot &slot, const Message &message) {
  BodyReader reader(message.body);
  uint64_t hash = reader.number();
  std::string bytes = reader.text();
  uint64_t count = reader.number();
  for (uint64_t i = 0; i < count; ++i) {
    ReportedFinding record;
    uint64_t oracle = reader.number();
    record.finding.pass = reader.text();
    record.finding.detail = reader.text();
    record.finding.signature = reader.text();
    if (!reader.ok() || oracle >= kNumOracles)
      return false;
    record.finding.oracle = Oracle(oracle);
    record.caseHash = hash;
    report(slot, std::move(record), bytes);
  }
  return reader.ok();
}

void Supervisor::report(WorkerSlot &slot, ReportedFinding record, const std::string &bytes) {
  CampaignTotals now = totalsNow();
  record.seconds = now.seconds;
  record.executions = now.executions;
  record.worker = slot.number;
  record.options = request.options;
  ++totals.findings;
  size_t before = store->numSignatures();
  std::string line = std::string(nameOf(record.finding.oracle)) +
                     (record.finding.pass.empty() ? "" : " at " + record.finding.pass) + ": " +
                     stemOf(record);
  store->addFinding(std::move(record), bytes);
  if (store->numSignatures() > before)
    observer.onMessage("new finding, " + line);
}

void Supervisor::watch(WorkerSlot &slot) {
  if (slot.process < 0 || slot.limit || slot.wasReplaced)
    return;
  switch (slot.watch.look(slot.process, slot.journal->record(), options.timeout, options.memory)) {
  case Watch::Verdict::Fine:
    break;
  case Watch::Verdict::TooLong:
    slot.limit = Oracle::Hang;
    break;
  case Watch::Verdict::TooLarge:
    slot.limit = Oracle::Memory;
    break;
  case Watch::Verdict::Swollen:
    slot.wasReplaced = true;
    break;
  }
  if (slot.limit || slot.wasReplaced)
    kill(slot.process, SIGKILL);
  // Libraries may write a line for each case.
  uint64_t size;
  if (!llvm::sys::fs::file_size(slot.logPath, size) && size > kMaxLogBytes)
    (void)truncate(slot.logPath.c_str(), 0);
}

void Supervisor::reapDead() {
  for (WorkerSlot &slot : slots) {
    int status;
    if (slot.process > 0 && waitpid(slot.process, &status, WNOHANG) == slot.process)
      bury(slot, status);
  }
}

/// Takes over what a dead worker has left, and says when the next one begins.
void Supervisor::bury(WorkerSlot &slot, int status) {
  listen(slot);
  JournalRecord &record = slot.journal->record();
  slot.process = -1;
  uint64_t started = record.started;
  totals.executions += started;
  totals.conclusive += record.conclusive;
  totals.inconclusive += record.inconclusive;
  totals.refused += record.refused;
  totals.passes += record.passes;
  slot.digest = record.digest;
  if (slot.casesLeft != ~uint64_t(0))
    slot.casesLeft -= std::min(slot.casesLeft, started);
  // Replays come first.
  for (size_t i = slot.replays.size(); i > started; --i)
    replays.push_front(std::move(slot.replays[i - 1]));
  slot.failures = record.finished > 0 ? 0 : slot.failures + 1;
  judgeEnd(slot, status);
  // What comes now must not be counted, nor be recovered as a fault, a second time.
  slot.journal->clear();
  slot.channel.reset();
  slot.isFinished = slot.casesLeft == 0;
  auto delay = std::min<Clock::duration>(5s, 100ms * (1u << std::min(slot.failures, 10u)));
  slot.restartAt = Clock::now() + (slot.failures ? delay : 0ms);
  store->writeCampaign(totalsNow());
}

void Supervisor::judgeEnd(WorkerSlot &slot, int status) {
  const JournalRecord &record = slot.journal->record();
  WorkerState state = record.state;
  std::string name = "worker " + std::to_string(slot.number);
  bool isLimit = slot.limit.has_value();
  if (slot.isDone && WIFEXITED(status) && WEXITSTATUS(status) == 0) {
    totals.recycled += slot.casesLeft > 0 && !isStopping;
    return;
  }
  if (!slot.failure.empty()) {
    error = slot.failure;
    return;
  }
  if (slot.wasReplaced) {
    ++totals.recycled;
    return;
  }
  WorkerEnd end;
  end.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  end.status = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
  if (isLimit)
    end.oracle = *slot.limit;
  if (state == WorkerState::Starting) {
    std::string log = readTail(slot.logPath, 400);
    observer.onMessage(name + " ended before its first case (" +
                       (end.signal ? "signal " + std::to_string(end.signal)
                                   : "status " + std::to_string(end.status)) +
                       ")" + (log.empty() ? "" : ": " + log));
    if (slot.failures >= kMaxFailedStarts)
      error = name + " ended " + std::to_string(slot.failures) + " times before its first case; '" +
              slot.logPath + "' has what it wrote";
    return;
  }
  if (isStopping && !isLimit && end.signal == SIGKILL)
    return;
  bool isFromOutside = end.signal == SIGKILL || end.signal == SIGTERM || end.signal == SIGHUP;
  std::optional<JournaledCase> last = slot.journal->readCase();
  if (isFromOutside && !isLimit && (!last || slot.lostCase != last->hash)) {
    ++totals.lost;
    observer.onMessage(name + " was killed by something else; its case is run again");
    if (last && state == WorkerState::Running) {
      slot.lostCase = last->hash;
      replays.push_front({last->bytes, last->hash});
    }
    return;
  }
  totals.crashes += end.oracle == Oracle::Crash;
  totals.hangs += end.oracle == Oracle::Hang;
  totals.exhausted += end.oracle == Oracle::Memory;
  reportEnd(slot, end,
            state == WorkerState::Running  ? ""
            : state == WorkerState::Making ? "fuzzer"
                                           : "exit");
}

/// `place`: where a worker was that did not run a case.
void Supervisor::reportEnd(WorkerSlot &slot, const WorkerEnd &end, const std::string &place) {
  std::optional<JournaledCase> last = slot.journal->readCase();
  if (!place.empty())
    slot.journal->setPhase(place);
  if (!coroner)
    coroner = std::make_unique<Coroner>();
  ReportedFinding record = coroner->examine(*slot.journal, slot.logPath, end);
  // Without a case, an empty one: the log and the frames say what there is to say.
  record.caseHash = last ? last->hash : 0;
  report(slot, std::move(record), last ? last->bytes : "");
}

void Supervisor::beginStop() {
  isStopping = true;
  stopAt = Clock::now() + kGrace;
  for (WorkerSlot &slot : slots)
    if (slot.process > 0 && !slot.isClosed)
      slot.channel->enqueue(MessageKind::Stop, "");
}

bool Supervisor::isOver() const {
  for (const WorkerSlot &slot : slots)
    if (slot.process > 0 || (!slot.isFinished && !isStopping))
      return false;
  return true;
}

CampaignTotals Supervisor::totalsNow() const {
  CampaignTotals now = totals;
  now.seconds = secondsBefore + secondsOfRun();
  uint64_t digest = 0;
  for (const WorkerSlot &slot : slots) {
    if (slot.process > 0) {
      const JournalRecord &record = slot.journal->record();
      now.executions += record.started;
      now.conclusive += record.conclusive;
      now.inconclusive += record.inconclusive;
      now.refused += record.refused;
      now.passes += record.passes;
    }
    digest =
        mixBits(digest ^ (slot.process > 0 ? slot.journal->record().digest.load() : slot.digest));
  }
  now.digest = digest;
  return now;
}

CampaignStatus Supervisor::statusNow() const {
  CampaignStatus status;
  status.totals = totalsNow();
  status.seconds = secondsOfRun();
  status.executionsOfRun = status.totals.executions - executionsBefore;
  if (!speeds.empty()) {
    std::chrono::duration<double> span = Clock::now() - speeds.front().first;
    if (span.count() > 0)
      status.perSecond = double(status.totals.executions - speeds.front().second) / span.count();
  }
  for (unsigned kind = 0; kind < kNumFeedbacks; ++kind)
    status.features[kind] = seen[kind].size();
  status.featureTotals = featureTotals;
  status.corpus = corpus.size();
  status.corpusBytes = corpusBytes;
  status.signatures = store->numSignatures();
  for (const WorkerSlot &slot : slots)
    status.workers += slot.process > 0;
  return status;
}

/// What is due by the clock.
void Supervisor::keepUp() {
  Clock::time_point now = Clock::now();
  if (now < nextStatus)
    return;
  nextStatus = now + kStatusEvery;
  CampaignStatus status = statusNow();
  speeds.emplace_back(now, status.totals.executions);
  while (speeds.size() > 5s / kStatusEvery)
    speeds.pop_front();
  observer.onStatus(status);
  if (now >= nextHistory) {
    nextHistory = now + kHistoryEvery;
    store->writeHistory(status);
  }
  if (now >= nextSave) {
    nextSave = now + kSaveEvery;
    store->writeCampaign(status.totals);
    store->retryFindings();
  }
}

llvm::Error Supervisor::run() {
  nextSave = Clock::now() + kSaveEvery;
  while (true) {
    if (llvm::Error failure = startDue())
      return failure;
    if (isOver())
      break;
    waitForMessages();
    reapDead();
    for (WorkerSlot &slot : slots)
      watch(slot);
    if (!error.empty())
      return llvm::createStringError(error);
    keepUp();
    bool isLate = options.seconds > 0 && secondsOfRun() >= options.seconds;
    if (!isStopping && (stop || isLate))
      beginStop();
    if (isStopping && Clock::now() > stopAt)
      for (WorkerSlot &slot : slots)
        if (slot.process > 0)
          kill(slot.process, SIGKILL);
  }
  return llvm::Error::success();
}

CampaignResult Supervisor::takeResult() {
  CampaignResult result;
  result.status = statusNow();
  store->writeHistory(result.status);
  store->writeCampaign(result.status.totals);
  result.newFindings = store->numNewFindings();
  result.unwritten = store->takeUnwritten();
  std::vector<std::string> problems;
  std::map<std::string, StoredFinding> smallest;
  for (StoredFinding &finding : readFindings(request.directory, problems)) {
    auto [place, isFirst] = smallest.try_emplace(finding.record.finding.signature, finding);
    if (!isFirst && finding.caseBytes < place->second.caseBytes)
      place->second = std::move(finding);
  }
  for (auto &[signature, finding] : smallest)
    result.findings.push_back(std::move(finding));
  return result;
}

llvm::Expected<CampaignResult> tenon::fuzz::runCampaign(const CampaignRequest &request,
                                                        const CampaignObserver &observer,
                                                        const std::atomic<bool> &stop) {
  Supervisor supervisor(request, observer, stop);
  if (llvm::Error error = supervisor.open())
    return error;
  llvm::Error error = supervisor.run();
  // Also after an error: what was found until then stays.
  CampaignResult result = supervisor.takeResult();
  if (error)
    return error;
  return result;
}
