//===- Channel.h - Messages between supervisor and worker ---------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// A message on the socket is its kind, the length of its body and the body. A reader trusts
// neither: an unknown kind or a length past the bound makes the channel broken, and the worker is
// started anew.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Fuzz/Executor.h"

#include "llvm/ADT/StringRef.h"

#include <cstdint>
#include <deque>
#include <string>

namespace tenon::fuzz {

enum class MessageKind : uint32_t {
  // To the worker.
  Start,  ///< options as JSON, seed, cases, corpus bounds
  Entry,  ///< a case for the schedule
  Seen,   ///< features
  Replay, ///< a case to run first, for its features
  Go,     ///< begin
  Stop,   ///< end after the current case
  // To the supervisor.
  New,      ///< a case with features
  Findings, ///< a case with findings
  Ready,    ///< totals of features; cases begin
  Failed,   ///< a text: why the worker cannot begin
  Done      ///< the worker has run its cases
};
inline constexpr uint32_t kNumMessageKinds = 11;
inline constexpr uint32_t kMaxMessageBytes = 64u << 20;

struct Message {
  MessageKind kind = MessageKind::Done;
  std::string body;
};

/// Appends values to a body. Little-endian, as every machine that Tenon runs on; both ends are one
/// build.
class BodyWriter {
public:
  BodyWriter &number(uint64_t value);
  BodyWriter &text(std::string_view value);
  BodyWriter &features(const Features &value);
  std::string take() { return std::move(bytes); }

private:
  std::string bytes;
};

/// Reads them back. After the first value that is not there all are empty and ok() is false.
class BodyReader {
public:
  explicit BodyReader(std::string_view bytes) : rest(bytes) {}
  uint64_t number();
  std::string text();
  Features features();
  bool ok() const { return isOk; }

private:
  bool take(void *to, size_t size);
  std::string_view rest;
  bool isOk = true;
};

/// One end of a socket pair, which it owns.
class Channel {
public:
  explicit Channel(int descriptor) : descriptor(descriptor) {}
  ~Channel();
  Channel(const Channel &) = delete;
  Channel &operator=(const Channel &) = delete;

  int getDescriptor() const { return descriptor; }

  /// Writes a message whole, waiting as long as it takes. False: the other end is gone.
  bool send(MessageKind kind, std::string body);

  /// For an end that must not wait: puts a message in a queue that flush() empties as far as it
  /// goes.
  void enqueue(MessageKind kind, std::string body);
  bool flush();
  bool hasQueue() const { return !queue.empty(); }
  size_t queuedBytes() const { return numQueued; }

  enum class Status { Ok, Nothing, Closed, Broken };
  /// The next message. Without `wait`: Nothing where none is complete.
  Status receive(Message &message, bool wait);

private:
  bool writeSome(bool wait);

  int descriptor;
  std::deque<std::string> queue;
  size_t sentOfFront = 0, numQueued = 0;
  std::string input;
  size_t consumed = 0;
};

} // namespace tenon::fuzz
