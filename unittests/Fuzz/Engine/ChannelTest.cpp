//===- ChannelTest.cpp - Messages whole, torn and hostile -----------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Channel.h"

#include "gtest/gtest.h"

#include <sys/socket.h>
#include <thread>
#include <unistd.h>

using namespace tenon::fuzz;

namespace {
struct Ends {
  Ends() { [[maybe_unused]] int status = socketpair(AF_UNIX, SOCK_STREAM, 0, raw); }
  int raw[2];
};
} // namespace

TEST(Channel, CarriesMessagesInOrder) {
  Ends ends;
  Channel a(ends.raw[0]), b(ends.raw[1]);
  ASSERT_TRUE(a.send(MessageKind::Entry, "one"));
  ASSERT_TRUE(a.send(MessageKind::Go, ""));
  Message message;
  ASSERT_EQ(b.receive(message, true), Channel::Status::Ok);
  EXPECT_EQ(message.kind, MessageKind::Entry);
  EXPECT_EQ(message.body, "one");
  ASSERT_EQ(b.receive(message, true), Channel::Status::Ok);
  EXPECT_EQ(message.kind, MessageKind::Go);
  EXPECT_EQ(message.body, "");
  EXPECT_EQ(b.receive(message, false), Channel::Status::Nothing);
}

TEST(Channel, CarriesWhatTheSocketCannotHold) {
  Ends ends;
  Channel a(ends.raw[0]), b(ends.raw[1]);
  std::string large(5 << 20, 'x');
  large.back() = 'y';
  a.enqueue(MessageKind::Entry, large);
  a.enqueue(MessageKind::Go, "");
  ASSERT_TRUE(a.flush());
  EXPECT_TRUE(a.hasQueue()) << "five MiB fit into no socket";
  Message message;
  std::thread reader([&] { EXPECT_EQ(b.receive(message, true), Channel::Status::Ok); });
  while (a.hasQueue())
    ASSERT_TRUE(a.flush());
  EXPECT_EQ(a.queuedBytes(), 0u);
  reader.join();
  EXPECT_EQ(message.body, large);
}

TEST(Channel, RefusesUnknownKindsAndLengths) {
  for (auto [kind, length] :
       {std::pair(kNumMessageKinds, 0u), std::pair(0u, kMaxMessageBytes + 1)}) {
    Ends ends;
    Channel b(ends.raw[1]);
    uint32_t head[2] = {kind, length};
    ASSERT_EQ(write(ends.raw[0], head, sizeof(head)), ssize_t(sizeof(head)));
    Message message;
    EXPECT_EQ(b.receive(message, false), Channel::Status::Broken);
    close(ends.raw[0]);
  }
}

TEST(Channel, TellsAnEndThatIsGone) {
  Ends ends;
  Channel b(ends.raw[1]);
  // Half a message is none.
  ASSERT_EQ(write(ends.raw[0], "\1\0\0\0\4", 5), 5);
  close(ends.raw[0]);
  Message message;
  EXPECT_EQ(b.receive(message, true), Channel::Status::Closed);
  EXPECT_FALSE(b.send(MessageKind::Done, ""));
}

TEST(Channel, ReadsWhatWasWritten) {
  Features features;
  features[0] = {1, 5, 4000000000u};
  features[2] = {7};
  std::string body = BodyWriter().number(42).text("a\0b").text("").features(features).take();
  BodyReader reader(body);
  EXPECT_EQ(reader.number(), 42u);
  EXPECT_EQ(reader.text(), "a");
  EXPECT_EQ(reader.text(), "");
  EXPECT_EQ(reader.features(), features);
  EXPECT_TRUE(reader.ok());
  reader.number();
  EXPECT_FALSE(reader.ok());
}

TEST(Channel, ReadersOfCutBodiesStop) {
  Features features;
  features[1] = {1, 2, 3};
  std::string body = BodyWriter().text("case").features(features).take();
  for (size_t size = 0; size < body.size(); ++size) {
    BodyReader reader(std::string_view(body).substr(0, size));
    reader.text();
    reader.features();
    EXPECT_FALSE(reader.ok()) << size;
  }
  // A length that is larger than any memory.
  std::string hostile = BodyWriter().number(~uint64_t(0)).take();
  BodyReader text(hostile), numbers(hostile);
  EXPECT_EQ(text.text(), "");
  EXPECT_EQ(countOf(numbers.features()), 0u);
  EXPECT_FALSE(text.ok() || numbers.ok());
}
