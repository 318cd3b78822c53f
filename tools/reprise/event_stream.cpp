#include "tools/reprise/event_stream.hpp"

#include <utility>

namespace reprise::cli {

Result<std::vector<StreamMessage>> EventStreamParser::feed(std::string_view bytes) {
  std::vector<StreamMessage> messages;
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    const std::string_view part = bytes.substr(0, end);
    if (line_.size() + message_.data.size() + part.size() > kMessageBytesMax)
      return fail(Errc::too_large, "the server sent an event over 4 MiB");
    line_ += part;
    if (end == std::string_view::npos) break;
    bytes.remove_prefix(end + 1);
    if (line_.ends_with('\r')) line_.pop_back();
    take_line(line_, messages);
    line_.clear();
  }
  return messages;
}

void EventStreamParser::restart() {
  line_.clear();
  message_ = {};
  has_data_ = false;
  id_ = last_id_;
}

void EventStreamParser::take_line(std::string_view line, std::vector<StreamMessage>& messages) {
  if (line.empty()) {
    last_id_ = id_;
    if (has_data_) {
      message_.id = last_id_;
      if (message_.event.empty()) message_.event = "message";
      messages.push_back(std::move(message_));
    }
    message_ = {};
    has_data_ = false;
    return;
  }
  const std::size_t colon = line.find(':');
  const std::string_view field = line.substr(0, colon);
  std::string_view value = colon == std::string_view::npos ? "" : line.substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  if (field == "data") {
    if (has_data_) message_.data += '\n';
    message_.data += value;
    has_data_ = true;
  } else if (field == "event") {
    message_.event = value;
  } else if (field == "id") {
    id_ = value;
  }
}

}  // namespace reprise::cli
