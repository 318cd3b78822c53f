#include "engine/runtime/log_reads.hpp"

#include <gtest/gtest.h>
#include <boost/asio/post.hpp>

#include <future>
#include <latch>

#include "engine/runtime/loader.hpp"

namespace reprise {
namespace {

// A log without an end: behind each page of views there is another one.
class EndlessLog final : public EventLog {
 public:
  mutable std::latch is_being_read{1};

  Result<> append(std::span<const Batch>) override { return fail(Errc::unsupported, "only read"); }
  Result<std::optional<std::string>> get(Table, std::string_view) const override {
    return std::optional<std::string>();
  }
  Result<std::vector<KeyValue>> scan(Table, const ScanRange& range) const override {
    if (!is_being_read.try_wait()) is_being_read.count_down();
    const std::string view = encode_view({.workflow = WorkflowId("w"), .type = "one"});
    return std::vector<KeyValue>(range.limit, KeyValue{.key = "w", .value = view});
  }
  Result<std::vector<StoredRecord>> read_records(const RunId&, Sequence,
                                                 std::size_t) const override {
    return std::vector<StoredRecord>();
  }
};

TEST(LogReads, TheLoadersStopEndsAReadThatWouldGoOnForEver) {
  const EndlessLog log;
  const Catalog catalog;
  WakePace pace(Duration(0), system_clock());
  Loader loader(log, pace, system_clock(), {});
  std::promise<Result<std::vector<RunView>>> read;
  boost::asio::post(loader.pool(), [&] {
    read.set_value(read_views(log, catalog, {.type = "another", .limit = 1}, loader.stopping()));
  });
  log.is_being_read.wait();
  loader.stop();
  const auto views = read.get_future().get();
  ASSERT_FALSE(views.has_value());
  EXPECT_EQ(views.error().code, Errc::unavailable);
}

TEST(LogReads, AHistoryIsNotReadOnceTheServerStops) {
  const EndlessLog log;
  std::stop_source stop;
  EXPECT_TRUE(read_events(log, RunId(), Sequence(), 10, stop.get_token()).has_value());
  stop.request_stop();
  const auto page = read_events(log, RunId(), Sequence(), 10, stop.get_token());
  ASSERT_FALSE(page.has_value());
  EXPECT_EQ(page.error().code, Errc::unavailable);
}

}  // namespace
}  // namespace reprise
