#include "tests/linear/clients.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <utility>

#include "activities/net/testing/run_coroutine.hpp"
#include "base/digest.hpp"
#include "tests/linear/register_http.hpp"

namespace reprise::linear {
namespace {

// A machine that is busy with other things may let a server wait for minutes.
constexpr auto kPatience = std::chrono::minutes(4);

// All that a key stands for, so that whoever uses it sends the same.
std::uint64_t meaning_of(std::string_view kind, std::uint64_t key) {
  return leading_u64(digest_of(fmt::format("{} {}", kind, key)));
}

bool chance(std::mt19937_64& random, unsigned percent) { return random() % 100 < percent; }

OnOpenRun policy(std::uint64_t meaning) {
  switch (meaning % 8) {
    case 0: return OnOpenRun::terminate_existing;
    case 1:
    case 2:
    case 3: return OnOpenRun::use_existing;
    default: return OnOpenRun::fail;
  }
}

}  // namespace

Clients::Clients(ClientsSize size, std::uint64_t seed, std::string url)
    : size_(size),
      targets_(size.workflows),
      recorded_(size.clients + 1),
      life_{.number = 1, .url = std::move(url)} {
  for (std::size_t client = 0; client < size.clients; ++client)
    threads_.emplace_back([this, client, seed] { run(client, Random(seed + client)); });
}

Clients::~Clients() {
  const std::lock_guard lock(mutex_);
  stopping_ = true;
  changed_.notify_all();
}

std::string Clients::id_of(std::size_t workflow) { return fmt::format("register-{}", workflow); }

void Clients::complain(std::string what) {
  const std::lock_guard lock(mutex_);
  complaints_.push_back(std::move(what));
}

Clients::Life Clients::life() {
  const std::lock_guard lock(mutex_);
  return stopping_ ? Life() : life_;
}

bool Clients::wait_for_answers(std::size_t more) {
  std::unique_lock lock(mutex_);
  const std::size_t wanted = answers_ + more;
  return changed_.wait_for(lock, kPatience, [&] { return answers_ >= wanted; });
}

void Clients::server_died() {
  const std::lock_guard lock(mutex_);
  deaths_[life_.number] = ++now_;
}

void Clients::move_to(std::string url) {
  const std::lock_guard lock(mutex_);
  life_ = {.number = life_.number + 1, .url = std::move(url)};
  changed_.notify_all();
}

bool Clients::wait_for_next_life(std::uint64_t number) {
  std::unique_lock lock(mutex_);
  const bool in_time =
      changed_.wait_for(lock, kPatience, [&] { return stopping_ || life_.number != number; });
  if (!in_time) complaints_.emplace_back("a call had no answer, and the server lived on");
  return in_time && !stopping_;
}

void Clients::finish() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
  }
  threads_.clear();
  read_all();
}

void Clients::run(std::size_t client, Random random) {
  try {
    while (life().number != 0) {
      const std::size_t workflow = random() % size_.workflows;
      insist(client, workflow, draw(workflow, random));
    }
  } catch (const std::exception& error) {
    complain(fmt::format("client {} gave up: {}", client, error.what()));
  }
}

RegisterOperation Clients::draw(std::size_t workflow, Random& random) {
  Target& target = targets_[workflow];
  const auto key = [&](std::uint64_t& number, std::string_view kind, unsigned percent) {
    // Now and then a key that another client uses as well, perhaps at this moment.
    number =
        chance(random, 75) ? ++target.keys : std::max<std::uint64_t>(target.keys, 4) - random() % 4;
    // A start's key is known to the whole server, so each workflow has keys of its own.
    return chance(random, percent) ? fmt::format("{}-{}-{}", kind, workflow, number)
                                   : std::string();
  };
  std::uint64_t number = 0;
  RegisterOperation operation;
  const std::uint64_t what = random() % 100;
  if (what < 15) {
    operation = {.verb = Verb::start, .key = key(number, "start", 60)};
    operation.on_open_run = policy(meaning_of("policy", number));
  } else if (what < 38) {
    operation = {.verb = Verb::add_told, .key = key(number, "told", 70)};
  } else if (what < 62) {
    operation = {.verb = Verb::add, .key = key(number, "update", 80)};
    if (meaning_of("verb", number) % 3 == 0) operation.verb = Verb::swap;
  } else if (what < 63) {
    operation = {.verb = Verb::close, .key = key(number, "close", 80)};
  } else if (what < 82) {
    operation = {.verb = Verb::read};
  } else if (what < 92) {
    operation = {.verb = Verb::describe};
  } else if (what < 94) {
    operation = {.verb = what == 92 ? Verb::cancel : Verb::terminate};
  } else {
    const std::lock_guard lock(target.mutex);
    if (target.runs.empty()) return {.verb = Verb::describe};
    operation = {.verb = Verb::result, .run = target.runs[random() % target.runs.size()]};
  }
  // Sums of such amounts tell which of them are in it.
  if (operation.verb <= Verb::swap)
    operation.amount = static_cast<std::uint32_t>(meaning_of("amount", number) % 100'000'000);
  return operation;
}

void Clients::insist(std::size_t client, std::size_t workflow, const RegisterOperation& operation) {
  for (;;) {
    const Life where = life();
    if (where.number == 0 || ask(client, workflow, operation, where)) return;
    if (!wait_for_next_life(where.number) || operation.key.empty()) return;
  }
}

bool Clients::ask(std::size_t client, std::size_t workflow, const RegisterOperation& operation,
                  const Life& life) {
  HttpCall call = http_call_of(life.url, id_of(workflow), operation);
  RegisterCall made{.client = client, .asked = ++now_, .operation = operation};
  const HttpOutcome outcome = testing::run_coroutine(http_call(std::move(call)));
  if (outcome) made.answer = answer_in(*outcome);
  if (made.answer) made.ended = ++now_;
  const bool is_answered = made.answer.has_value();
  if (is_answered && !made.answer->run.empty()) {
    Target& target = targets_[workflow];
    const std::lock_guard lock(target.mutex);
    if (std::ranges::find(target.runs, made.answer->run) == target.runs.end())
      target.runs.push_back(made.answer->run);
  }
  recorded_[client].push_back({.workflow = workflow, .life = life.number, .call = std::move(made)});
  const std::lock_guard lock(mutex_);
  answers_ += is_answered ? 1U : 0U;
  changed_.notify_all();
  return is_answered;
}

void Clients::read_all() {
  const std::size_t reader = size_.clients;
  const auto read = [&](std::size_t workflow, const RegisterOperation& operation) {
    if (!ask(reader, workflow, operation, life_))
      complain(id_of(workflow) + " cannot be read at the end");
  };
  for (std::size_t workflow = 0; workflow < size_.workflows; ++workflow) {
    read(workflow, {.verb = Verb::read});
    read(workflow, {.verb = Verb::describe});
    for (const std::string& run : std::vector(targets_[workflow].runs))
      read(workflow, {.verb = Verb::result, .run = run});
  }
}

std::map<std::string, RegisterCalls> Clients::histories() const {
  std::map<std::string, RegisterCalls> histories;
  for (const std::vector<Recorded>& of_client : recorded_) {
    for (const Recorded& recorded : of_client) {
      RegisterCall call = recorded.call;
      const auto death = deaths_.find(recorded.life);
      if (!call.answer && death != deaths_.end()) call.ended = death->second;
      // Asked of a server that was gone: nothing was sent.
      if (call.asked < call.ended) histories[id_of(recorded.workflow)].push_back(std::move(call));
    }
  }
  return histories;
}

std::vector<std::string> Clients::complaints() const {
  const std::lock_guard lock(mutex_);
  return complaints_;
}

}  // namespace reprise::linear
