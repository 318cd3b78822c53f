#include "tools/reprise/event_stream.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace reprise::cli {
namespace {

std::vector<StreamMessage> feed_all(EventStreamParser& parser, std::string_view bytes) {
  auto messages = parser.feed(bytes);
  EXPECT_TRUE(messages.has_value());
  return messages ? *messages : std::vector<StreamMessage>{};
}

TEST(EventStream, AMessageHasItsIdItsNameAndItsLinesJoined) {
  EventStreamParser parser;
  const auto messages = feed_all(parser, "id: 7\nevent: stage\ndata: one\ndata: two\n\n");
  ASSERT_EQ(messages.size(), 1U);
  EXPECT_EQ(messages[0], (StreamMessage{.id = "7", .event = "stage", .data = "one\ntwo"}));
  EXPECT_EQ(parser.last_id(), "7");
}

TEST(EventStream, KeepAliveCommentsAndEmptyMessagesGiveNothing) {
  EventStreamParser parser;
  EXPECT_TRUE(feed_all(parser, ": keep-alive\n\n\n\nretry: 100\n\n").empty());
}

TEST(EventStream, CarriageReturnsBeforeTheLineEndAreNotData) {
  EventStreamParser parser;
  const auto messages = feed_all(parser, "id:3\r\ndata:x\r\n\r\n");
  ASSERT_EQ(messages.size(), 1U);
  EXPECT_EQ(messages[0].data, "x");
  EXPECT_EQ(messages[0].id, "3");
}

TEST(EventStream, TheIdOfACutOffMessageIsNotResumedFrom) {
  EventStreamParser parser;
  feed_all(parser, "id: 1\ndata: a\n\nid: 2\ndata: b");
  parser.restart();
  EXPECT_EQ(parser.last_id(), "1");
  const auto messages = feed_all(parser, "data: again\n\n");
  ASSERT_EQ(messages.size(), 1U);
  EXPECT_EQ(messages[0].data, "again");
  EXPECT_EQ(messages[0].id, "1");
}

TEST(EventStream, AMessageWithoutEndIsRefusedBeforeItFillsTheMemory) {
  EventStreamParser parser;
  const std::string chunk(1U << 20U, 'x');
  Result<std::vector<StreamMessage>> fed = parser.feed("data: ");
  for (int i = 0; i < 5 && fed; ++i) fed = parser.feed(chunk);
  ASSERT_FALSE(fed.has_value());
  EXPECT_EQ(fed.error().code, Errc::too_large);
}

RC_GTEST_PROP(EventStream, AnySplitOfTheBytesGivesTheSameMessages, ()) {
  const std::string bytes =
      "id: 1\ndata: a\n\n: ping\n\nid: 2\nevent: e\ndata: b\ndata: c\n\ndata:d\n\n";
  EventStreamParser whole;
  const auto expected = feed_all(whole, bytes);
  const auto cut = *rc::gen::inRange<std::size_t>(0, bytes.size());
  const auto second = *rc::gen::inRange<std::size_t>(cut, bytes.size());
  EventStreamParser split;
  std::vector<StreamMessage> messages;
  for (const std::string& part :
       {bytes.substr(0, cut), bytes.substr(cut, second - cut), bytes.substr(second)})
    for (StreamMessage& message : feed_all(split, part)) messages.push_back(std::move(message));
  RC_ASSERT(messages == expected);
}

}  // namespace
}  // namespace reprise::cli
