#include "engine/core/testing/shard_driver.hpp"

#include <algorithm>

#include "base/check.hpp"
#include "engine/core/testing/failed_answer.hpp"

namespace reprise::testing {
namespace {

constexpr ShardIndex kShard{3};

}  // namespace

ShardDriver::ShardDriver(Catalog catalog, ShardLimits limits) : limits_(limits) {
  restart(std::move(catalog));
}

void ShardDriver::restart(Catalog catalog) {
  shard_.reset();
  catalog_ = std::make_unique<Catalog>(std::move(catalog));
  restart();
}

void ShardDriver::restart() {
  lose_memory();
  settle();
}

void ShardDriver::lose_memory() {
  shard_ = std::make_unique<Shard>(
      ShardConfig{.index = kShard, .build = "build", .limits = limits_}, *catalog_);
  reads_.clear();
  batches_.clear();
  held_.clear();
  actions_.clear();
  committed_ = BatchNumber();
}

void ShardDriver::step(std::vector<Input> inputs) {
  Step step = shard_->step({utc, steady}, std::move(inputs));
  for (Read& read : step.reads) reads_.push_back(std::move(read));
  if (!step.batch.empty())
    batches_.push_back({step.position, std::move(step.batch), step.waited_for});
  for (Dispatch& local : step.at_once) actions_.emplace_back(std::move(local));
  held_.push_back({step.position, std::move(step.actions)});
  release();
}

std::vector<bool> ShardDriver::batches_waited_for() const {
  std::vector<bool> waited_for;
  for (const Pending& pending : batches_) waited_for.push_back(pending.waited_for);
  return waited_for;
}

void ShardDriver::release() {
  while (!held_.empty() && held_.front().position <= committed_) {
    for (Action& action : held_.front().actions) actions_.push_back(std::move(action));
    held_.erase(held_.begin());
  }
}

bool ShardDriver::answer_read(std::size_t which) {
  if (reads_.size() <= which) return false;
  const auto place = reads_.begin() + static_cast<std::ptrdiff_t>(which);
  const Read read = std::move(*place);
  reads_.erase(place);
  std::vector<Input> inputs;
  inputs.push_back(answer_of(log_, kShard, read, kSmallReads));
  step(std::move(inputs));
  return true;
}

bool ShardDriver::fail_read(Errc code) {
  if (reads_.empty()) return false;
  const Read read = std::move(reads_.front());
  reads_.erase(reads_.begin());
  std::vector<Input> inputs;
  inputs.push_back(failed_answer(read, Error{code, "injected", {}}));
  step(std::move(inputs));
  return true;
}

bool ShardDriver::commit() {
  if (batches_.empty()) return false;
  const Pending pending = std::move(batches_.front());
  batches_.erase(batches_.begin());
  CHECK(log_.append({&pending.batch, 1}).has_value());
  committed_ = pending.number;
  release();
  std::vector<Input> inputs;
  inputs.emplace_back(Committed{committed_});
  step(std::move(inputs));
  return true;
}

// What runs say to each other stays in this shard, whatever their ids.
bool ShardDriver::deliver() {
  const auto letter = std::ranges::find_if(
      actions_, [](const Action& action) { return std::holds_alternative<Post>(action); });
  if (letter == actions_.end()) return false;
  std::vector<Input> inputs;
  inputs.push_back(std::move(*std::get<Post>(*letter).content));
  actions_.erase(letter);
  step(std::move(inputs));
  return true;
}

bool ShardDriver::is_due() const {
  const auto next_utc = shard_->next_utc();
  const auto next_steady = shard_->next_steady();
  return (next_utc && *next_utc <= utc) || (next_steady && *next_steady <= steady);
}

void ShardDriver::settle() {
  for (int turns = 0;; ++turns) {
    CHECK(turns < 100'000, "the shard does not come to rest");
    if (answer_read() || commit() || deliver()) continue;
    if (!is_due()) return;
    step();
  }
}

void ShardDriver::give(Input input) {
  std::vector<Input> inputs;
  inputs.push_back(std::move(input));
  step(std::move(inputs));
  settle();
}

StartInput ShardDriver::start_input(const std::string& type, const std::string& workflow,
                                    Boxed<IdempotencyKey> key, IdReuse reuse) {
  ++requests_;
  StartInput input{.id = RequestId(requests_), .request = {.type = type}};
  input.entropy_high = requests_;
  input.entropy_low = 7 * requests_;
  input.request.workflow = WorkflowId(workflow);
  input.request.id_reuse = reuse;
  input.request.key = std::move(key);
  return input;
}

SignalInput ShardDriver::signal_input(const std::string& workflow, const std::string& name,
                                      Boxed<IdempotencyKey> key) {
  return {RequestId(++requests_),
          {.workflow = WorkflowId(workflow),
           .run = {},
           .name = name,
           .payload = {},
           .key = std::move(key)}};
}

std::optional<Result<Answer>> ShardDriver::reply(RequestId id) {
  for (const Action& action : actions_)
    if (const auto* reply = std::get_if<Reply>(&action); reply != nullptr && reply->id == id)
      return reply->answer;
  return std::nullopt;
}

Result<Answer> ShardDriver::any_answer_to(RequestId id) {
  settle();
  std::optional<Result<Answer>> answer = reply(id);
  CHECK(answer.has_value(), "request {} has no answer", id);
  return std::move(*answer);
}

template <typename Wanted>
Result<Wanted> ShardDriver::answer_to(RequestId id) {
  Result<Answer> answer = any_answer_to(id);
  if (!answer) return std::unexpected(std::move(answer.error()));
  return std::get<Wanted>(*std::move(answer));
}

Result<StartAnswer> ShardDriver::start(const std::string& type, const std::string& workflow,
                                       Boxed<IdempotencyKey> key, IdReuse reuse) {
  StartInput input = start_input(type, workflow, std::move(key), reuse);
  const RequestId id = input.id;
  give(std::move(input));
  return answer_to<StartAnswer>(id);
}

Result<SignalAnswer> ShardDriver::signal(const std::string& workflow, const std::string& name,
                                         Boxed<IdempotencyKey> key) {
  SignalInput input = signal_input(workflow, name, std::move(key));
  const RequestId id = input.id;
  give(std::move(input));
  return answer_to<SignalAnswer>(id);
}

Result<StartAnswer> ShardDriver::start(StartInput input) {
  const RequestId id = input.id;
  give(std::move(input));
  return answer_to<StartAnswer>(id);
}

Result<UpdateAnswer> ShardDriver::update(const std::string& workflow, const std::string& id,
                                         const std::string& name, const std::string& input) {
  const RequestId request(++requests_);
  give(UpdateInput{request,
                   {WorkflowId(workflow), {}, id, name, {input}, digest_of(name + "\n" + input)}});
  return answer_to<UpdateAnswer>(request);
}

Result<ControlAnswer> ShardDriver::control(const std::string& workflow, Control control) {
  const RequestId id(++requests_);
  give(ControlInput{id, {WorkflowId(workflow), {}, control, "by hand"}});
  return answer_to<ControlAnswer>(id);
}

Result<CancelAnswer> ShardDriver::cancel(const std::string& workflow) {
  const RequestId id(++requests_);
  give(CancelInput{id, {WorkflowId(workflow), {}, "enough"}});
  return answer_to<CancelAnswer>(id);
}

Result<Payload> ShardDriver::query(const std::string& workflow, const std::string& name,
                                   const std::string& arguments) {
  const RequestId id(++requests_);
  give(QueryInput{id, {WorkflowId(workflow), {}, name, {arguments}}});
  return answer_to<Payload>(id);
}

Result<RunDescription> ShardDriver::describe(const std::string& workflow) {
  const RequestId id(++requests_);
  give(DescribeInput{id, {WorkflowId(workflow), {}}});
  auto description = answer_to<std::shared_ptr<const RunDescription>>(id);
  if (!description) return std::unexpected(std::move(description.error()));
  return **description;
}

AttemptKey ShardDriver::dispatched(std::uint32_t command, Attempt attempt) const {
  std::optional<AttemptKey> last;
  for (const Dispatch& dispatch : actions<Dispatch>())
    if (dispatch.command == CommandId(command))
      last = AttemptKey{dispatch.run, dispatch.command, dispatch.attempt};
  CHECK(last.has_value(), "command {} was never dispatched", command);
  if (attempt != Attempt()) last->attempt = attempt;
  return *last;
}

void ShardDriver::attempt_ends(std::uint32_t command,
                               std::expected<Payload, ActivityFailure> outcome) {
  const AttemptKey key = dispatched(command, {});
  give(AttemptEnded{key.run, key.command, key.attempt, std::move(outcome)});
}

Result<Answer> ShardDriver::take(std::uint32_t command, Attempt attempt) {
  const AttemptKey key = dispatched(command, attempt);
  const RequestId id(++requests_);
  give(AttemptTaken{id, key.run, key.command, key.attempt});
  return any_answer_to(id);
}

Result<Answer> ShardDriver::beat(std::uint32_t command, const std::string& details,
                                 Attempt attempt) {
  const AttemptKey key = dispatched(command, attempt);
  const RequestId id(++requests_);
  std::optional<Payload> told;
  if (!details.empty()) told = Payload{details};
  give(AttemptBeat{key.run, key.command, key.attempt, std::move(told), id});
  return any_answer_to(id);
}

Result<Answer> ShardDriver::report(std::uint32_t command,
                                   std::expected<Payload, ActivityFailure> outcome,
                                   Attempt attempt) {
  const AttemptKey key = dispatched(command, attempt);
  const RequestId id(++requests_);
  give(AttemptEnded{key.run, key.command, key.attempt, std::move(outcome), id});
  return any_answer_to(id);
}

std::vector<Record> ShardDriver::records(const RunId& run) const {
  std::vector<Record> records;
  for (StoredRecord& stored : *log_.read_records(run, Sequence(1), SIZE_MAX)) {
    const LoadedRecord loaded = with_blobs(log_, run, std::move(stored)).value();
    const auto blob = [&](const Digest& digest) -> const std::string* {
      const auto found = loaded.blobs.find(digest);
      return found == loaded.blobs.end() ? nullptr : &found->second;
    };
    records.push_back(decode_record(run, loaded.bytes, blob)->record);
  }
  return records;
}

std::vector<Event> ShardDriver::events(const RunId& run) const {
  std::vector<Event> events;
  for (const Record& record : records(run))
    events.insert(events.end(), record.events.begin(), record.events.end());
  return events;
}

std::vector<std::string> ShardDriver::kinds(const RunId& run) const {
  std::vector<std::string> kinds;
  for (const Event& event : events(run)) kinds.emplace_back(to_string(kind_of(event.body)));
  return kinds;
}

}  // namespace reprise::testing
