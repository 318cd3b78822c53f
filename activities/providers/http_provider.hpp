// HttpProvider: a ModelProvider over HTTP, and ModelProtocol, what differs from one API to the next.
//
// Guarantees: those of ModelProvider: one POST, no retry, an end by the request's deadline or the
//             provider's timeout, whichever is first. A failure's message starts with the
//             provider's name, is at most 500 bytes, and never holds the key, even where the server
//             repeats it.
// Thread:     any; calls share nothing but the options.
// Errors:     as failure_class.hpp and the protocol say.
#pragma once

#include <boost/asio/awaitable.hpp>

#include <expected>
#include <memory>
#include <string>

#include "activities/model/provider.hpp"
#include "activities/net/http_message.hpp"
#include "activities/providers/provider_options.hpp"

namespace reprise {

struct ProviderPost {
  std::string path;     // below the base URL
  HttpHeaders headers;  // the key's, and what else the API asks for
  std::string body;     // JSON
};

// Pure functions between our request and reply and an API's.
struct ModelProtocol {
  std::expected<ProviderPost, ActivityFailure> (*post_of)(const ProviderOptions&,
                                                          const ModelRequest&);
  // From the body of a 2xx answer.
  ModelOutcome (*reply_of)(const ProviderOptions&, const std::string& body);
};

class HttpProvider final : public ModelProvider {
 public:
  HttpProvider(ModelProtocol protocol, ProviderOptions options);

  [[nodiscard]] const std::string& name() const override { return options_->name; }
  boost::asio::awaitable<ModelOutcome> complete(ModelRequest request) override;

 private:
  ModelProtocol protocol_;
  std::shared_ptr<const ProviderOptions> options_;  // calls under way keep it
};

// For protocols: the instructions, and the schema where the server is not given it as a field.
std::string instructions_of(const ModelRequest& request, StructuredOutput mode);

}  // namespace reprise
