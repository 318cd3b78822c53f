#include "tests/sim/sim_activities.hpp"

#include <fmt/format.h>

namespace reprise::sim {

using std::chrono::milliseconds;

std::uint64_t stream_of(const AttemptKey& attempt) {
  const Digest name =
      digest_of(fmt::format("{}/{}/{}", attempt.run, attempt.command, attempt.attempt));
  return read_big_endian(name.view().substr(0, 8));
}

void SimActivities::start(const Dispatch& dispatch, SteadyTime now) {
  prng_ = Prng(seed_, stream_of({dispatch.run, dispatch.command, dispatch.attempt}));
  if (dispatch.step != nullptr) return do_step(dispatch, now);
  if (!calm_ && script_.allows(Deed::fault)) return misbehave(dispatch, now);
  end(dispatch, now + milliseconds(1), Payload{fmt::format("answer {}", ++answers_)});
}

// A function of the process: it may take its time, and no more than that goes wrong with it.
void SimActivities::do_step(const Dispatch& dispatch, SteadyTime now) {
  const auto outcome = (*dispatch.step)();
  if (!calm_ && prng_.one_in(50) && script_.allows(Deed::fault))
    return marks_.hit("step.takes_too_long");
  end(dispatch, now + milliseconds(calm_ || prng_.percent(50) ? 0 : prng_.between(0, 60)), outcome);
}

void SimActivities::misbehave(const Dispatch& dispatch, SteadyTime now) {
  if (is_down(dispatch))
    return end(dispatch, now, std::unexpected(ActivityFailure{.type = "flaky", .message = "down"}));
  if (prng_.percent(flaky_percent_))
    return end(dispatch, now + milliseconds(prng_.between(0, 40)), std::unexpected(some_failure()));
  const std::uint64_t mood = prng_.below(100);
  const SteadyTime soon = now + milliseconds(prng_.between(0, 400));
  if (mood < 4) return marks_.hit("activity.never_answers");
  if (mood < 8) {
    marks_.hit("activity.answers_after_its_deadline");
    return end(dispatch, dispatch.deadline + milliseconds(prng_.between(1, 3000)), Payload{"late"});
  }
  const Payload answer{fmt::format("answer {}", ++answers_)};
  end(dispatch, soon, answer);
  if (mood < 36) {
    marks_.hit("activity.answers_twice");
    end(dispatch, soon + milliseconds(prng_.between(0, 50)), answer);
  } else if (mood < 42) {
    marks_.hit("activity.contradicts_itself");
    end(dispatch, soon + milliseconds(prng_.between(0, 50)), Payload{"something else"});
  } else if (mood < 44) {
    marks_.hit("activity.fails_after_success");
    end(dispatch, soon + milliseconds(prng_.between(0, 50)), std::unexpected(some_failure()));
  } else if (mood == 45) {
    marks_.hit("activity.large_answer");
    end(dispatch, now, Payload{std::string(80'000, 'a')});
  }
}

// What a patient workflow asks for fails for long at a stretch: past the tenth attempt, failures leave
// no event of their own.
bool SimActivities::is_down(const Dispatch& dispatch) {
  return dispatch.input.bytes.find(kPatientWork) != std::string::npos && prng_.percent(97);
}

ActivityFailure SimActivities::some_failure() {
  if (prng_.percent(flaky_percent_ > 50 ? 1 : 15))
    return {.type = "hopeless", .message = "never", .retryable = false};
  ActivityFailure failure{.type = "flaky", .message = "perhaps later"};
  if (prng_.percent(flaky_percent_ > 50 ? 2 : 20))
    failure.retry_after = milliseconds(prng_.between(1, 5000));
  return failure;
}

void SimActivities::end(const Dispatch& dispatch, SteadyTime at,
                        std::expected<Payload, ActivityFailure> outcome) {
  due_.emplace(at, Ended{dispatch.workflow, AttemptEnded{dispatch.run, dispatch.command,
                                                         dispatch.attempt, std::move(outcome)}});
}

void SimActivities::cancel(const CancelAttempt& cancel) {
  prng_ = Prng(seed_, ~stream_of({cancel.run, cancel.command, cancel.attempt}));
  if (prng_.percent(50)) return marks_.hit("activity.goes_on_after_cancel");
  std::erase_if(due_, [&](const auto& entry) {
    const AttemptEnded& ended = entry.second.ended;
    return ended.run == cancel.run && ended.command == cancel.command &&
           ended.attempt == cancel.attempt;
  });
}

std::optional<SteadyTime> SimActivities::next() const {
  if (due_.empty()) return std::nullopt;
  return due_.begin()->first;
}

std::optional<SimActivities::Ended> SimActivities::take(SteadyTime now) {
  if (due_.empty() || now < due_.begin()->first) return std::nullopt;
  Ended ended = std::move(due_.begin()->second);
  due_.erase(due_.begin());
  return ended;
}

}  // namespace reprise::sim
