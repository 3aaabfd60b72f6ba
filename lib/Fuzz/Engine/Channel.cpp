//===- Channel.cpp - Messages between supervisor and worker ---------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Channel.h"

#include <cerrno>
#include <cstring>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace tenon::fuzz;

BodyWriter &BodyWriter::number(uint64_t value) {
  bytes.append(reinterpret_cast<const char *>(&value), sizeof(value));
  return *this;
}

BodyWriter &BodyWriter::text(std::string_view value) {
  number(value.size());
  bytes.append(value);
  return *this;
}

BodyWriter &BodyWriter::features(const Features &value) {
  for (const std::vector<uint32_t> &numbers : value) {
    number(numbers.size());
    bytes.append(reinterpret_cast<const char *>(numbers.data()), numbers.size() * sizeof(uint32_t));
  }
  return *this;
}

bool BodyReader::take(void *to, size_t size) {
  isOk = isOk && size <= rest.size();
  if (!isOk)
    return false;
  if (size)
    std::memcpy(to, rest.data(), size);
  rest.remove_prefix(size);
  return true;
}

uint64_t BodyReader::number() {
  uint64_t value = 0;
  take(&value, sizeof(value));
  return value;
}

std::string BodyReader::text() {
  uint64_t size = number();
  isOk = isOk && size <= rest.size();
  if (!isOk)
    return {};
  std::string value(rest.substr(0, size));
  rest.remove_prefix(size);
  return value;
}

Features BodyReader::features() {
  Features value;
  for (std::vector<uint32_t> &numbers : value) {
    uint64_t count = number();
    isOk = isOk && count <= rest.size() / sizeof(uint32_t);
    if (!isOk)
      return {};
    numbers.resize(count);
    take(numbers.data(), count * sizeof(uint32_t));
  }
  return value;
}

Channel::~Channel() { close(descriptor); }

static std::string frame(MessageKind kind, std::string_view body) {
  uint32_t head[2] = {uint32_t(kind), uint32_t(body.size())};
  std::string bytes(reinterpret_cast<const char *>(head), sizeof(head));
  bytes.append(body);
  return bytes;
}

bool Channel::send(MessageKind kind, std::string body) {
  enqueue(kind, std::move(body));
  while (hasQueue())
    if (!writeSome(/*wait=*/true))
      return false;
  return true;
}

void Channel::enqueue(MessageKind kind, std::string body) {
  queue.push_back(frame(kind, body));
  numQueued += queue.back().size();
}

/// False where the other end is gone.
bool Channel::writeSome(bool wait) {
  std::string &front = queue.front();
  ssize_t sent = ::send(descriptor, front.data() + sentOfFront, front.size() - sentOfFront,
                        MSG_NOSIGNAL | (wait ? 0 : MSG_DONTWAIT));
  if (sent < 0)
    return errno == EINTR || errno == EAGAIN || errno == EWOULDBLOCK;
  sentOfFront += size_t(sent);
  numQueued -= size_t(sent);
  if (sentOfFront == front.size()) {
    queue.pop_front();
    sentOfFront = 0;
  }
  return true;
}

bool Channel::flush() {
  while (hasQueue()) {
    size_t before = numQueued;
    if (!writeSome(/*wait=*/false))
      return false;
    if (numQueued == before)
      return true;
  }
  return true;
}

Channel::Status Channel::receive(Message &message, bool wait) {
  while (true) {
    size_t available = input.size() - consumed;
    if (uint32_t head[2]; available >= sizeof(head)) {
      std::memcpy(head, input.data() + consumed, sizeof(head));
      if (head[0] >= kNumMessageKinds || head[1] > kMaxMessageBytes)
        return Status::Broken;
      if (available - sizeof(head) >= head[1]) {
        message.kind = MessageKind(head[0]);
        message.body.assign(input, consumed + sizeof(head), head[1]);
        consumed += sizeof(head) + head[1];
        if (consumed == input.size()) {
          input.clear();
          consumed = 0;
        }
        return Status::Ok;
      }
    }
    input.erase(0, consumed);
    consumed = 0;
    char buffer[1 << 16];
    ssize_t size = recv(descriptor, buffer, sizeof(buffer), wait ? 0 : MSG_DONTWAIT);
    if (size > 0)
      input.append(buffer, size_t(size));
    else if (size == 0 || (errno != EINTR && errno != EAGAIN && errno != EWOULDBLOCK))
      return Status::Closed;
    else if (errno != EINTR && !wait)
      return Status::Nothing;
  }
}
