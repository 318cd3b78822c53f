// SimClient: every caller of the engine. Sends, repeats itself, races itself, and writes into the
// ledger what it was promised.
//
// Guarantees: checks each reply when it arrives: it answers an open request, once; an error is one
//             that its request may get; what it acknowledges is durable at that moment; a repeated
//             key gives the first answer.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/core/messages.hpp"
#include "tests/sim/ledger.hpp"
#include "tests/sim/marks.hpp"
#include "tests/sim/prng.hpp"
#include "tests/sim/sim_clock.hpp"
#include "tests/sim/sim_log.hpp"
#include "tests/sim/sim_reset.hpp"
#include "tests/sim/trace.hpp"

namespace reprise::sim {

class SimClient {
 public:
  struct Parts {
    const SimLog& log;
    SimClock& clock;
    Prng& prng;
    Marks& marks;
    Trace& trace;
    Ledger& ledger;
    const Catalog& catalog;
  };
  explicit SimClient(const Parts& parts) : parts_(parts) {}

  struct Sent {
    ShardIndex shard;
    Input input;
  };
  // A new request, or one again whose outcome is not known.
  Sent next_request();
  Sent signal(const WorkflowId& workflow, const RunId& run, const std::string& name);
  Sent unpause(const WorkflowId& workflow, const RunId& run);
  // The next page of a deletion; nothing when the run may not go, or is gone.
  std::optional<Sent> delete_some(const WorkflowId& workflow, const RunId& run);
  void on_reply(const Reply& reply);
  // The engine died: what is open may or may not have happened.
  void connection_lost();
  [[nodiscard]] std::size_t open_requests() const { return open_.size(); }

 private:
  struct Call {
    Input input;                        // as asked: without the id that routing gives
    std::string token;                  // of starts and signals
    std::shared_ptr<SimReset> reset{};  // that it is a part of
  };
  struct Known {
    WorkflowId workflow;
    RunId run;
    std::string type;
  };

  Call new_start();
  Call start_with_known_key();
  Call new_signal();
  Call new_update();
  Call new_control();
  Call new_read();
  std::optional<Call> new_deletion(const WorkflowId& workflow, const RunId& run);
  std::optional<Call> new_reset();
  std::optional<Call> go_on(std::shared_ptr<SimReset> reset);
  // Out of what is read now; nothing when nothing can be done there.
  std::optional<Call> new_change_of_whole_runs();
  Sent send(Call call);
  void acknowledged(const Call& call, const StartAnswer& answer);
  void acknowledged(const Call& call, const SignalAnswer& answer);
  void acknowledged(const Call& call, const CancelAnswer& answer);
  void acknowledged(const Call& call, const UpdateAnswer& answer);
  void acknowledged(const Call& call, const ControlAnswer& answer);
  void acknowledged(const Call& call, const DeleteAnswer& answer);
  void acknowledged(const Call& call, const ForkAnswer& answer);
  void acknowledged(const Call& call, const Payload& answer);
  void acknowledged(const Call& call, const std::shared_ptr<const RunDescription>& answer);
  void refused(const Call& call, const Error& error);
  void reset_answered(const Call& call, const Result<Answer>& answer);

  Parts parts_;
  std::uint64_t requests_ = 0;
  std::uint64_t tokens_ = 0;
  std::map<RequestId, Call> open_;
  std::vector<Call> unknown_;
  std::vector<Known> known_;
  std::vector<Call> pages_read_;                   // of deletions, to be sent later
  std::vector<std::shared_ptr<SimReset>> resets_;  // that wait for their next request
  std::vector<Call> keyed_starts_;                 // without an id of their own
  std::map<std::string, RunId> run_of_token_;
};

}  // namespace reprise::sim
