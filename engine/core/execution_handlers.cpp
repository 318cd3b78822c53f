// Messages: signals and updates, and the handlers that the host runs beside the root.
#include <fmt/format.h>

#include <map>

#include "engine/core/execution.hpp"

namespace reprise {

void Execution::take_message(MessageKind kind, const std::string& name, const Event& input) {
  const HandlerName key{kind, name};
  auto& inbox = inbox_[key];
  inbox.push_back({input.sequence, input.body});
  if (finished_) return;
  if (const auto found = handlers_.find(key); found != handlers_.end()) {
    const Message message = std::move(inbox.front());
    inbox.pop_front();
    return start_handler(found->second, message);
  }
  const auto waits = signal_waits_.find(name);
  if (kind != MessageKind::signal || waits == signal_waits_.end() || waits->second.empty()) return;
  Operation& operation = *waits->second.front();
  waits->second.pop_front();
  operation.value = std::move(std::get<SignalReceived>(inbox.front().event).payload);
  inbox.pop_front();
  settle(operation, Operation::Settled::value);
}

void Execution::start_handler(const std::shared_ptr<MessageHandler>& handler,
                              const Message& message) {
  const auto* update = std::get_if<UpdateAccepted>(&message.event);
  Workflow<Payload> body = handler->run(
      update != nullptr ? update->input : std::get<SignalReceived>(message.event).payload);
  PromiseBase& promise = body.handle().promise();
  promise.scope = &root_scope_;
  promise.join = this;
  promise.branch_index = ++last_handled_;
  ready_.push_back(body.handle());
  handled_.emplace(last_handled_,
                   Handled{handler, std::move(body),
                           update != nullptr ? std::optional(message.sequence) : std::nullopt});
}

void Execution::end_handlers() {
  for (const std::size_t index : std::exchange(handled_ended_, {})) {
    end_handler(handled_.at(index));
    handled_.erase(index);
  }
}

void Execution::end_handler(Handled& handled) {
  UpdateCompleted answer{.update = handled.update.value_or(Sequence()), .result = {}};
  try {
    answer.result = handled.body.handle().promise().take();
  } catch (const Cancelled&) {
    answer.error_type = "cancelled";
    answer.message = "the run was cancelled while it worked on the update";
  } catch (const ActivityError& error) {
    answer.error_type = error.failure().type;
    answer.message = error.failure().message;
    if (!handled.update) handler_error_ = std::current_exception();
  } catch (const WorkflowFailure& error) {
    answer.error_type = error.type();
    answer.message = error.what();
    if (!handled.update) handler_error_ = std::current_exception();
  } catch (...) {
    handler_error_ = std::current_exception();
  }
  if (handled.update && !handler_error_) issue(std::move(answer));
}

void Execution::set_handler(MessageKind kind, const std::string& name, MessageHandler handler) {
  must_be_activating("it sets a handler");
  const HandlerName key{kind, name};
  const auto set = std::make_shared<MessageHandler>(std::move(handler));
  handlers_.insert_or_assign(key, set);
  if (const auto inbox = inbox_.extract(key))
    for (const Message& message : inbox.mapped()) start_handler(set, message);
}

void Execution::clear_handler(MessageKind kind, const std::string& name) noexcept {
  handlers_.erase({kind, name});
}

Result<> Execution::check_update(const std::string& name, const Payload& input) const {
  const auto found = handlers_.find({MessageKind::update, name});
  if (found == handlers_.end())
    return fail(Errc::not_found, "the workflow takes no update " + name + " now", "name");
  try {
    return found->second->check(input);
  } catch (const std::exception& error) {
    return fail(Errc::internal, fmt::format("the validator of {} threw: {}", name, error.what()));
  }
}

std::vector<EventBody> Execution::untaken_messages() const {
  std::map<Sequence, EventBody> in_order;
  for (const auto& [name, inbox] : inbox_)
    for (const Message& message : inbox) {
      EventBody& carried = in_order.emplace(message.sequence, message.event).first->second;
      if (auto* signal = std::get_if<SignalReceived>(&carried))
        signal->carried_from = message.sequence;
      else
        std::get<UpdateAccepted>(carried).carried_from = message.sequence;
    }
  std::vector<EventBody> messages;
  for (auto& [sequence, message] : in_order) messages.push_back(std::move(message));
  return messages;
}

}  // namespace reprise
