#include "tests/e2e/event_feed.hpp"

#include <memory>
#include <stdexcept>
#include <utility>

#include "activities/net/testing/run_coroutine.hpp"
#include "tests/support/api_client.hpp"

namespace reprise::testing {
namespace {

// "id: 7" sets the field that its name says; comments and unknown fields are passed over.
void read_line(FeedMessage& message, std::string_view line) {
  const auto value = [&](std::string_view name, std::string& field) {
    if (line.starts_with(name)) field = line.substr(name.size());
  };
  value("id: ", message.id);
  value("event: ", message.event);
  value("data: ", message.data);
}

// Takes whole messages off the front of `text`.
void take_messages(std::string& text, std::vector<FeedMessage>& messages) {
  for (std::size_t end = text.find("\n\n"); end != std::string::npos; end = text.find("\n\n")) {
    FeedMessage message;
    std::string_view lines = std::string_view(text).substr(0, end);
    while (!lines.empty()) {
      const std::size_t length = std::min(lines.find('\n'), lines.size());
      read_line(message, lines.substr(0, length));
      lines.remove_prefix(std::min(length + 1, lines.size()));
    }
    text.erase(0, end + 2);
    if (!message.event.empty()) messages.push_back(std::move(message));
  }
}

}  // namespace

std::vector<FeedMessage> read_feed(const FeedRequest& request) {
  HttpHeaders headers;
  if (!request.last_event_id.empty())
    headers.push_back({.name = "Last-Event-ID", .value = request.last_event_id});
  HttpCall call = api_call("GET", request.url, "/api/v1/workflows/" + request.workflow + "/events",
                           {}, std::move(headers));
  const auto text = std::make_shared<std::string>();
  const auto messages = std::make_shared<std::vector<FeedMessage>>();
  const std::size_t max = request.messages_max;
  const HttpOutcome outcome =
      run_coroutine(http_stream(std::move(call), kCallTime, [=](std::string_view piece) {
        text->append(piece);
        take_messages(*text, *messages);
        return messages->size() < max && (messages->empty() || messages->back().event != "end");
      }));
  if (messages->empty())
    throw std::runtime_error(outcome ? "the feed was refused: " + outcome->body
                                     : "the feed broke: " + outcome.error().detail);
  if (messages->size() > max) messages->resize(max);
  return *messages;
}

}  // namespace reprise::testing
