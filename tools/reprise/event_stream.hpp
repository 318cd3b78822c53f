// EventStreamParser: server-sent events out of bytes as they arrive. No IO.
//
// Guarantees: any split of the bytes gives the same messages; comments (keep-alives) give none; the
//             last id is remembered, so that a new connection can go on behind it.
// Errors:     too_large: a message over kMessageBytesMax.
// Source:     WHATWG HTML, "Server-sent events", section 9.2.6. A bare CR as line end is not read.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace reprise::cli {

struct StreamMessage {
  std::string id;     // of this message, or the one before it that had one
  std::string event;  // "message" unless the server named it
  std::string data;   // lines joined by '\n'
  friend bool operator==(const StreamMessage&, const StreamMessage&) = default;
};

class EventStreamParser {
 public:
  // A payload is at most 2 MiB, a third more as base64.
  static constexpr std::size_t kMessageBytesMax = 4U << 20U;

  // The messages that these bytes complete.
  Result<std::vector<StreamMessage>> feed(std::string_view bytes);

  // For the header Last-Event-ID; empty before the first id.
  [[nodiscard]] const std::string& last_id() const { return last_id_; }

  // Forgets a message that was cut off; keeps the last id. Call between two connections.
  void restart();

 private:
  void take_line(std::string_view line, std::vector<StreamMessage>& messages);

  std::string line_;
  StreamMessage message_;
  bool has_data_ = false;
  std::string id_;  // as the message under way says; counts once it is complete
  std::string last_id_;
};

}  // namespace reprise::cli
