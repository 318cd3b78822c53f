#include "engine/core/codec.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "engine/core/testing/arbitrary_record.hpp"

namespace reprise {
namespace {

BlobSource blobs_in(const EncodedRecord& encoded) {
  return [&encoded](const Digest& digest) -> const std::string* {
    for (const Blob& blob : encoded.blobs)
      if (blob.digest == digest) return &blob.bytes;
    return nullptr;
  };
}

Record small_record() {
  return {.run = RunId::make(UtcTime::from_micros(1'700'000'000'000'000), 1, 2),
          .previous = digest_of("before"),
          .events = {{Sequence(7), UtcTime::from_micros(5), SignalReceived{"go", {"now"}, {}}},
                     {Sequence(8), UtcTime::from_micros(6), TimerStarted{.command = CommandId(1)}}},
          .activations = {{.now = UtcTime::from_micros(6),
                           .consumed = {Sequence(6), Sequence(7)},
                           .first_command = 1,
                           .command_count = 1}}};
}

RC_GTEST_PROP(Codec, ARecordComesBackAndSoDoItsBytes, ()) {
  const Record record = *rc::gen::arbitrary<Record>();
  const Result<EncodedRecord> encoded = encode_record(record);
  RC_PRE(encoded.has_value());
  RC_ASSERT(encoded->bytes.size() <= kRecordBytesMax);
  const Result<DecodedRecord> decoded =
      decode_record(record.run, encoded->bytes, blobs_in(*encoded));
  RC_ASSERT(decoded.has_value());
  RC_ASSERT(decoded->record == record);
  RC_ASSERT(decoded->hash == encoded->hash);
  const Result<EncodedRecord> again = encode_record(decoded->record);
  RC_ASSERT(again->bytes == encoded->bytes);
  RC_ASSERT(again->blobs == encoded->blobs);
}

// What is not set has one form, however it came not to be: a later one would be refused.
TEST(Codec, APrecedenceThatSaysNothingIsAsIfThereWereNone) {
  Record record = small_record();
  ActivityScheduled scheduled{.command = CommandId(1), .name = "work"};
  record.events.back().body = scheduled;
  const EncodedRecord without = encode_record(record).value();
  scheduled.options.precedence = Precedence();
  record.events.back().body = scheduled;
  EXPECT_EQ(encode_record(record)->bytes, without.bytes);
}

RC_GTEST_PROP(Codec, NoPayloadAboveTheInlineLimitStandsInItsRecord, ()) {
  const Record record = *rc::gen::arbitrary<Record>();
  const Result<EncodedRecord> encoded = encode_record(record);
  RC_PRE(encoded.has_value());
  const Result<std::vector<Digest>> named = blobs_of(encoded->bytes);
  RC_ASSERT(named.has_value() && named->size() == encoded->blobs.size());
  for (std::size_t i = 0; i < named->size(); ++i) {
    RC_ASSERT(encoded->blobs[i].digest == (*named)[i]);
    RC_ASSERT(encoded->blobs[i].bytes.size() > kPayloadInlineMax);
  }
}

TEST(Codec, EverySingleBitFlipIsRefused) {
  const EncodedRecord encoded = encode_record(small_record()).value();
  for (std::size_t bit = 0; bit < encoded.bytes.size() * 8; ++bit) {
    std::string bytes = encoded.bytes;
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
    const Result<DecodedRecord> decoded = decode_record(small_record().run, bytes, {});
    ASSERT_FALSE(decoded.has_value()) << "bit " << bit;
    EXPECT_EQ(decoded.error().code, Errc::corrupt);
  }
}

TEST(Codec, EveryPrefixIsRefused) {
  const EncodedRecord encoded = encode_record(small_record()).value();
  for (std::size_t length = 0; length < encoded.bytes.size(); ++length) {
    const auto decoded = decode_record(small_record().run, encoded.bytes.substr(0, length), {});
    EXPECT_EQ(decoded.error().code, Errc::corrupt) << length << " bytes";
  }
}

TEST(Codec, ANewerRecordVersionIsNoDamage) {
  std::string bytes = encode_record(small_record())->bytes;
  bytes.resize(bytes.size() - Digest::kBytes);
  bytes[0] = 2;
  bytes += digest_of(bytes).view();
  EXPECT_EQ(decode_record(small_record().run, bytes, {}).error().code, Errc::unsupported);
}

TEST(Codec, AnActivationThatNamesMoreCommandsThanThereAreIsDamage) {
  Record record = small_record();
  for (const std::uint32_t count : {2U, 0xFFFF'FFFFU}) {
    record.activations.front().command_count = count;
    const std::string bytes = encode_record(record)->bytes;
    EXPECT_EQ(decode_record(record.run, bytes, {}).error().code, Errc::corrupt) << count;
  }
}

TEST(Codec, AMissingOrForeignBlobIsFound) {
  Record record = small_record();
  record.events.front().body = SignalReceived{"go", {std::string(kPayloadInlineMax + 1, 'x')}, {}};
  const EncodedRecord encoded = encode_record(record).value();
  ASSERT_EQ(encoded.blobs.size(), 1U);
  EXPECT_EQ(decode_record(record.run, encoded.bytes, {}).error().code, Errc::corrupt);
  const std::string other(kPayloadInlineMax + 1, 'y');
  const auto foreign = [&](const Digest&) { return &other; };
  EXPECT_EQ(decode_record(record.run, encoded.bytes, foreign).error().code, Errc::corrupt);
}

TEST(Codec, APayloadAtTheInlineLimitStaysAndEqualOnesShareABlob) {
  Record record = small_record();
  record.events[0].body = SignalReceived{"a", {std::string(kPayloadInlineMax, 'x')}, {}};
  EXPECT_TRUE(encode_record(record)->blobs.empty());
  record.events[0].body = SignalReceived{"a", {std::string(kPayloadInlineMax + 1, 'x')}, {}};
  record.events[1].body = SignalReceived{"b", {std::string(kPayloadInlineMax + 1, 'x')}, {}};
  EXPECT_EQ(encode_record(record)->blobs.size(), 1U);
}

TEST(Codec, ARecordThatWouldBeTooLargeMovesItsPayloadsOut) {
  Record record = small_record();
  record.activations.clear();
  record.events.clear();
  for (std::uint64_t i = 0; i < 20; ++i)  // 20 × 60 KB, each of them inline by itself
    record.events.push_back(
        {Sequence(i + 1), UtcTime(),
         SignalReceived{"s", {std::string(60'000, static_cast<char>('a' + i))}, {}}});
  const EncodedRecord encoded = encode_record(record).value();
  EXPECT_LE(encoded.bytes.size(), kRecordBytesMax);
  EXPECT_EQ(encoded.blobs.size(), 20U);
  EXPECT_EQ(decode_record(record.run, encoded.bytes, blobs_in(encoded))->record, record);
}

TEST(Codec, WhatFitsInNoWayIsRefused) {
  Record record = small_record();
  record.events.front().body = RunFailed{"type", std::string(kRecordBytesMax, 'm')};
  EXPECT_EQ(encode_record(record).error().code, Errc::limit_exceeded);
}

TEST(Codec, ALaterFormOfAKnownKindSurvives) {
  std::string body;  // TimerFired with a field more than this build knows
  body += '\x05';
  body += '\x2a';
  Record record = small_record();
  record.activations.clear();
  record.events = {{Sequence(9), UtcTime(), UnknownEvent{10, body}}};
  const EncodedRecord encoded = encode_record(record).value();
  EXPECT_EQ(decode_record(record.run, encoded.bytes, {})->record, record);
}

}  // namespace
}  // namespace reprise
