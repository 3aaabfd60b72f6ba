//===- Worker.cpp - The process that runs cases ---------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Channel.h"
#include "FaultHandler.h"
#include "InjectedFault.h"
#include "Journal.h"

#include "tenon/Fuzz/Supervisor.h"

#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"

#include <csignal>
#include <deque>
#include <memory>
#include <optional>

using namespace tenon::fuzz;
using llvm::StringRef;

namespace {
/// What the supervisor asks for with Start.
struct Assignment {
  CampaignOptions options;
  uint64_t seed = 0, cases = 0;
};

class Worker {
public:
  Worker(Channel &channel, Journal &journal, const StreamFactory &makeStream)
      : channel(channel), journal(journal), makeStream(makeStream) {}
  int run();

private:
  enum class Order { Continue, Stop, Lost };

  int fail(const std::string &why);
  bool readAssignment(const Message &message, std::string &error);
  Order obey(const Message &message);
  Order obeyAll();
  void runCase();

  Channel &channel;
  Journal &journal;
  const StreamFactory &makeStream;
  Assignment assignment;
  std::unique_ptr<CaseStream> stream;
  std::optional<InjectedFault> fault;
  std::deque<EncodedCase> replays;
  uint64_t corpusCases = 0, corpusBytes = 0;
};
} // namespace

int Worker::fail(const std::string &why) {
  channel.send(MessageKind::Failed, why);
  return 2;
}

bool Worker::readAssignment(const Message &message, std::string &error) {
  BodyReader reader(message.body);
  std::string options = reader.text();
  assignment.seed = reader.number();
  assignment.cases = reader.number();
  if (message.kind != MessageKind::Start || !reader.ok()) {
    error = "the supervisor's first message is no assignment";
    return false;
  }
  llvm::Expected<llvm::json::Value> value = llvm::json::parse(options);
  llvm::Error failure = llvm::Error::success();
  if (!value)
    failure = value.takeError();
  else if (const llvm::json::Object *object = value->getAsObject())
    failure = readJson(*object, assignment.options);
  if (!failure)
    return true;
  error = llvm::toString(std::move(failure));
  return false;
}

Worker::Order Worker::obey(const Message &message) {
  switch (message.kind) {
  case MessageKind::Entry:
    ++corpusCases;
    corpusBytes += message.body.size();
    stream->add(message.body);
    return Order::Continue;
  case MessageKind::Seen: {
    BodyReader reader(message.body);
    if (Features features = reader.features(); reader.ok())
      stream->markSeen(features);
    return Order::Continue;
  }
  case MessageKind::Replay: {
    BodyReader reader(message.body);
    EncodedCase encoded;
    encoded.hash = reader.number();
    encoded.bytes = reader.text();
    if (reader.ok())
      replays.push_back(std::move(encoded));
    return Order::Continue;
  }
  case MessageKind::Stop:
    return Order::Stop;
  default:
    return Order::Lost;
  }
}

/// What has arrived by now.
Worker::Order Worker::obeyAll() {
  Message message;
  while (true) {
    switch (channel.receive(message, /*wait=*/false)) {
    case Channel::Status::Nothing:
      return Order::Continue;
    case Channel::Status::Ok:
      if (Order order = obey(message); order != Order::Continue)
        return order;
      break;
    default:
      return Order::Lost;
    }
  }
}

/// The features that the schedule hears of.
static uint32_t countHeard(const Features &features, uint8_t feedback) {
  size_t count = 0;
  for (unsigned kind = 0; kind < kNumFeedbacks; ++kind)
    if (feedback >> kind & 1)
      count += features[kind].size();
  return uint32_t(count);
}

void Worker::runCase() {
  bool isReplay = !replays.empty();
  EncodedCase encoded;
  if (isReplay) {
    encoded = std::move(replays.front());
    replays.pop_front();
    stream->take(encoded.bytes);
  } else {
    encoded = stream->next();
  }
  journal.beginCase(encoded.bytes, encoded.hash);
  if (fault)
    fault->strike(journal.record().started);
  Features fresh;
  Outcome outcome;
  // What the journal cannot hold could not be reported either.
  if (encoded.bytes.size() <= kMaxCaseBytes)
    outcome = stream->run(fresh);
  journal.endCase(outcome);

  if (!outcome.findings.empty()) {
    BodyWriter body;
    body.number(encoded.hash).text(encoded.bytes).number(outcome.findings.size());
    for (const Finding &finding : outcome.findings)
      body.number(unsigned(finding.oracle))
          .text(finding.pass)
          .text(finding.detail)
          .text(finding.signature);
    channel.send(MessageKind::Findings, body.take());
  }
  bool isNew = countOf(fresh) > 0 && corpusCases < assignment.options.corpusCases &&
               corpusBytes + encoded.bytes.size() <= assignment.options.corpusBytes;
  if (isNew) {
    ++corpusCases;
    corpusBytes += encoded.bytes.size();
  }
  if (!isReplay)
    stream->report(isNew ? countHeard(fresh, assignment.options.feedback) : 0);
  else if (isNew)
    stream->add(encoded.bytes);
  if (countOf(fresh) > 0 || isReplay)
    channel.send(MessageKind::New, BodyWriter()
                                       .number(encoded.hash)
                                       .text(encoded.bytes)
                                       .number(isReplay)
                                       .features(fresh)
                                       .take());
}

int Worker::run() {
  Message message;
  std::string error;
  if (channel.receive(message, /*wait=*/true) != Channel::Status::Ok)
    return 1;
  if (!readAssignment(message, error))
    return fail(error);
  llvm::Expected<std::unique_ptr<CaseStream>> made =
      makeStream(assignment.options, assignment.seed,
                 [this](std::string_view phase) { journal.setPhase(phase); });
  if (!made)
    return fail(llvm::toString(made.takeError()));
  stream = std::move(*made);
  if (!assignment.options.fault.empty()) {
    llvm::Expected<InjectedFault> parsed = InjectedFault::parse(assignment.options.fault);
    if (!parsed)
      return fail(llvm::toString(parsed.takeError()));
    fault = *parsed;
  }
  // The corpus, and what the others have seen.
  while (true) {
    if (channel.receive(message, /*wait=*/true) != Channel::Status::Ok)
      return 1;
    if (message.kind == MessageKind::Go)
      break;
    if (Order order = obey(message); order != Order::Continue)
      return order == Order::Stop ? 0 : 1;
  }
  BodyWriter ready;
  for (uint64_t total : stream->totals())
    ready.number(total);
  channel.send(MessageKind::Ready, ready.take());
  journal.setState(WorkerState::Making);
  for (uint64_t count = 0; count < assignment.cases; ++count) {
    Order order = obeyAll();
    if (order == Order::Lost)
      return 1;
    if (order == Order::Stop)
      break;
    runCase();
  }
  journal.setState(WorkerState::Ended);
  channel.send(MessageKind::Done, "");
  return 0;
}

int tenon::fuzz::runWorker(llvm::ArrayRef<std::string> arguments, const StreamFactory &makeStream) {
  // Two descriptors that the supervisor has left open: the socket and the journal.
  int descriptors[2];
  if (arguments.size() != 2 || StringRef(arguments[0]).getAsInteger(10, descriptors[0]) ||
      StringRef(arguments[1]).getAsInteger(10, descriptors[1])) {
    llvm::errs() << "tenon-fuzz: error: 'worker' is started by 'run' alone\n";
    return 2;
  }
  std::unique_ptr<Journal> journal = Journal::open(descriptors[1]);
  if (!journal) {
    llvm::errs() << "tenon-fuzz: error: 'worker' is started by 'run' alone\n";
    return 2;
  }
  // Ctrl-C goes to all processes of a terminal; the supervisor says when to end.
  std::signal(SIGINT, SIG_IGN);
  std::signal(SIGHUP, SIG_IGN);
  installFaultHandler(*journal);
  Channel channel(descriptors[0]);
  return Worker(channel, *journal, makeStream).run();
}
