// Event feed: the messages of a run's server-sent events, taken until the end, or until enough.
//
// Errors: std::runtime_error when the feed is refused or breaks: it serves tests only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace reprise::testing {

struct FeedMessage {
  std::string id;
  std::string event;
  std::string data;
};

struct FeedRequest {
  std::string url;                    // of the server
  std::string workflow;               // id
  std::string last_event_id;          // empty: from the first event
  std::size_t messages_max = 10'000;  // then the connection is closed
};

// The message "end" is among them when the run has ended.
std::vector<FeedMessage> read_feed(const FeedRequest& request);

}  // namespace reprise::testing
