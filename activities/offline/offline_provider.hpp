// OfflineProvider: the embedded stand-in for a language model. Needs no key and no network.
//
// Guarantees: the same request gives the same answer; each answer is marked `simulated`; it costs
//             nothing, and its token figures are counts of what was read and written. It is used
//             when it is named, or when no provider is configured, never in place of another.
// Errors:     bad_request for a stage or an input that it does not know; timeout when its latency
//             passes the deadline. A cancelled call ends at once, without an "end" in the call log.
#pragma once

#include <memory>
#include <string>

#include "activities/model/provider.hpp"
#include "activities/offline/call_log.hpp"
#include "base/time.hpp"

namespace reprise {

struct OfflineOptions {
  Duration latency{0};   // of each call, so that a person can watch
  std::string call_log;  // path; empty: none
};

class OfflineProvider final : public ModelProvider {
 public:
  // io when the call log cannot be opened.
  static Result<std::shared_ptr<OfflineProvider>> make(const OfflineOptions& options);

  [[nodiscard]] const std::string& name() const override { return name_; }
  boost::asio::awaitable<ModelOutcome> complete(ModelRequest request) override;

 private:
  OfflineProvider(Duration latency, CallLog log) : latency_(latency), log_(std::move(log)) {}

  std::string name_ = "offline";
  Duration latency_;
  CallLog log_;
};

}  // namespace reprise
