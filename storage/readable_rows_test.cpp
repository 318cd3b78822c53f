#include "storage/readable_rows.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>

#include "storage/memory_log.hpp"
#include "storage/testing/forwarding_log.hpp"

namespace reprise {
namespace {

// Scans that meet one of the damaged rows fail.
class DamagedLog final : public testing::ForwardingLog {
 public:
  using ForwardingLog::ForwardingLog;
  std::set<std::string> damaged;

  Result<std::vector<KeyValue>> scan(Table table, const ScanRange& range) const override {
    Result<std::vector<KeyValue>> found = ForwardingLog::scan(table, range);
    for (const KeyValue& row : *found)
      if (damaged.contains(row.key)) return fail(Errc::corrupt, "a damaged row");
    return found;
  }
};

std::set<std::string> readable_in(const EventLog& log) {
  std::set<std::string> keys;
  visit_readable_rows(log, Table::view, [&](const KeyValue& row) {
    keys.insert(row.key);
    return row.key + '\0';
  });
  return keys;
}

RC_GTEST_PROP(ReadableRows, AreAllRowsBeforeAndBehindADamagedBlock, ()) {
  // Keys that differ late, as those of runs of one moment do; the longest are workflow ids.
  const auto tails = *rc::gen::nonEmpty(rc::gen::container<std::set<std::string>>(
      rc::gen::container<std::string>(rc::gen::inRange('a', 'd'))));
  const std::string head(*rc::gen::element(0, 10, 200), 'k');
  MemoryLog rows;
  DamagedLog log(rows);
  Batch batch;
  std::vector<std::string> keys;
  for (const std::string& tail : tails) keys.push_back(head + tail);
  for (const std::string& key : keys) batch.put(Table::view, key, "v");
  RC_ASSERT(log.append(std::span(&batch, 1)).has_value());
  const auto first = *rc::gen::inRange<std::size_t>(0, keys.size());
  const auto count = *rc::gen::inRange<std::size_t>(0, keys.size() - first + 1);
  for (std::size_t i = first; i < first + count; ++i) log.damaged.insert(keys[i]);

  std::set<std::string> expected(keys.begin(), keys.end());
  for (const std::string& key : log.damaged) expected.erase(key);
  RC_ASSERT(readable_in(log) == expected);
}

TEST(ReadableRows, OfATableWithoutAnyReadableOneAreNone) {
  MemoryLog rows;
  DamagedLog log(rows);
  Batch batch;
  batch.put(Table::view, "a", "v");
  ASSERT_TRUE(log.append(std::span(&batch, 1)));
  log.damaged.insert("a");
  const std::size_t holes =
      visit_readable_rows(log, Table::view, [](const KeyValue& row) { return row.key + '\0'; });
  EXPECT_EQ(holes, 1U);
}

}  // namespace
}  // namespace reprise
