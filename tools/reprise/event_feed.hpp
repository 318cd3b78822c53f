// Event feed: the events of a workflow as they happen, over as many connections as it takes.
//
// Guarantees: each event once and in order: a new connection goes on behind the last event that
//             arrived (Last-Event-ID). A server that is gone is tried again until `patience` has
//             passed without any sign of it; a server that never answered is not waited for.
// Thread:     the listener is called on the executor of the coroutine that awaits follow().
// Source:     WHATWG HTML, "Server-sent events".
#pragma once

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <string>

#include "activities/net/http_client.hpp"
#include "tools/reprise/event_stream.hpp"

namespace reprise::cli {

class FeedListener {
 public:
  virtual ~FeedListener() = default;
  // False: enough, the feed ends.
  virtual bool on_event(const StreamMessage& message) = 0;
  // The connection is gone; told once for each time it is.
  virtual void on_lost(const HttpFailure& failure, Duration patience) = 0;
  // Connected again.
  virtual void on_back() = 0;
};

struct FeedOptions {
  Url server;
  std::string workflow;
  std::string after;  // id of the event to start behind; empty: the first one
  Duration patience = std::chrono::seconds(60);
  Duration retry_delay = std::chrono::milliseconds(200);
};

// Ends when the listener has enough or the server ends the feed (a response without a body), when
// the server refuses (its response), or when it is gone for too long (a failure).
boost::asio::awaitable<HttpOutcome> follow(FeedOptions options,
                                           std::shared_ptr<FeedListener> listener);

}  // namespace reprise::cli
