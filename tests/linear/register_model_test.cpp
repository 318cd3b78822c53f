// Histories of a workflow id as a defect of the server would make them: the checker must reject each.
#include "tests/linear/register_model.hpp"

#include <gtest/gtest.h>

#include "tests/linear/checker.hpp"

namespace reprise::linear {
namespace {

// One call after the other, each answered before the next is asked.
class Story {
 public:
  Story& then(RegisterOperation operation, std::optional<RegisterAnswer> answer) {
    now_ += 2;
    calls_.push_back({.asked = now_,
                      .ended = now_ + 1,
                      .operation = std::move(operation),
                      .answer = std::move(answer)});
    return *this;
  }
  Story& started(const std::string& run, std::uint32_t value, const std::string& key = "") {
    return then({.verb = Verb::start, .key = key, .amount = value}, {{.status = 201, .run = run}});
  }
  Story& reads(std::uint32_t value) {
    return then({.verb = Verb::read}, {{.status = 200, .value = value}});
  }
  [[nodiscard]] bool is_linearizable() const {
    return check<RegisterModel>(calls_).verdict == Verdict::linearizable;
  }

 private:
  Instant now_ = 0;
  RegisterCalls calls_;
};

const RegisterOperation kTold{.verb = Verb::add_told, .key = "k", .amount = 3};
const RegisterOperation kAdd{.verb = Verb::add, .key = "k", .amount = 3};
const RegisterOperation kStart{.verb = Verb::start, .key = "s", .amount = 5};

TEST(RegisterModel, ARunLivesAndEnds) {
  Story story;
  story.then({.verb = Verb::read}, {{.status = 404}})
      .started("a", 5)
      .then(kTold, {{.status = 200, .run = "a", .sequence = 2}})
      .reads(8)
      .then({.verb = Verb::swap, .amount = 1},
            {{.status = 200, .run = "a", .sequence = 3, .value = 8}})
      .then({.verb = Verb::start}, {{.status = 409}})
      .then({.verb = Verb::close}, {{.status = 200, .run = "a", .sequence = 5, .value = 1}})
      .then({.verb = Verb::read}, {{.status = 409}})
      .then({.verb = Verb::result, .run = "a"},
            {{.status = 200, .run = "a", .value = 1, .run_status = "completed"}})
      .started("b", 7)
      .reads(7);
  EXPECT_TRUE(story.is_linearizable());
}

TEST(RegisterModel, AnAcknowledgedSignalThatIsForgottenIsFound) {
  Story story;
  story.started("a", 5).then(kTold, {{.status = 200, .run = "a", .sequence = 2}}).reads(5);
  EXPECT_FALSE(story.is_linearizable());
}

TEST(RegisterModel, AKeyThatCountsTwiceIsFound) {
  const RegisterAnswer first{.status = 200, .run = "a", .sequence = 2};
  RegisterAnswer again = first;
  again.replayed = true;
  EXPECT_TRUE(
      Story().started("a", 5).then(kTold, first).then(kTold, again).reads(8).is_linearizable());
  EXPECT_FALSE(
      Story().started("a", 5).then(kTold, first).then(kTold, again).reads(11).is_linearizable());
  again = {.status = 200, .run = "a", .sequence = 3};
  EXPECT_FALSE(
      Story().started("a", 5).then(kTold, first).then(kTold, again).reads(11).is_linearizable());
}

TEST(RegisterModel, ALostCallMayHaveTakenTheKeyOrNot) {
  const auto told = [](bool replayed, std::uint32_t value) {
    return Story()
        .started("a", 5)
        .then(kAdd, std::nullopt)
        .then(kAdd,
              {{.status = 200, .run = "a", .sequence = 4, .value = value, .replayed = replayed}})
        .is_linearizable();
  };
  EXPECT_TRUE(told(true, 8));
  EXPECT_TRUE(told(false, 8));
  EXPECT_FALSE(told(true, 11));
  EXPECT_FALSE(told(false, 11));
}

TEST(RegisterModel, AKeyedStartThatMakesASecondRunIsFound) {
  EXPECT_FALSE(Story()
                   .then(kStart, {{.status = 201, .run = "a"}})
                   .then({.verb = Verb::terminate}, {{.status = 200, .run = "a"}})
                   .then(kStart, {{.status = 201, .run = "b"}})
                   .is_linearizable());
  EXPECT_TRUE(Story()
                  .then(kStart, std::nullopt)
                  .then({.verb = Verb::describe},
                        {{.status = 200, .run = "a", .sequence = 1, .run_status = "running"}})
                  .then(kStart, {{.status = 201, .run = "a", .replayed = true}})
                  .is_linearizable());
}

TEST(RegisterModel, ARunThatComesBackIsFound) {
  EXPECT_FALSE(Story()
                   .started("a", 5)
                   .then({.verb = Verb::terminate}, {{.status = 200, .run = "a"}})
                   .reads(5)
                   .is_linearizable());
  EXPECT_FALSE(Story()
                   .started("a", 5)
                   .then({.verb = Verb::terminate}, {{.status = 200, .run = "a"}})
                   .started("b", 6)
                   .then({.verb = Verb::describe},
                         {{.status = 200, .run = "a", .sequence = 2, .run_status = "terminated"}})
                   .is_linearizable());
}

TEST(RegisterModel, ATerminateMayComeBeforeACancelIsTakenButNotAfterItWasSeen) {
  const RegisterOperation cancel{.verb = Verb::cancel};
  const RegisterOperation terminate{.verb = Verb::terminate};
  const RegisterOperation start{.verb = Verb::start, .on_open_run = OnOpenRun::terminate_existing};
  const RegisterOperation result{.verb = Verb::result, .run = "a"};
  const RegisterAnswer terminated{.status = 200, .run = "a", .run_status = "terminated"};
  const auto cancelled = [&] {
    return Story().started("a", 5).then(cancel, {{.status = 202, .run = "a"}});
  };
  EXPECT_TRUE(cancelled()
                  .then(terminate, {{.status = 200, .run = "a"}})
                  .then(result, terminated)
                  .is_linearizable());
  EXPECT_TRUE(cancelled()
                  .then(start, {{.status = 201, .run = "b"}})
                  .then(result, terminated)
                  .is_linearizable());
  EXPECT_FALSE(cancelled()
                   .then({.verb = Verb::read}, {{.status = 409}})
                   .then(terminate, {{.status = 200, .run = "a"}})
                   .is_linearizable());
  EXPECT_FALSE(cancelled().then(result, terminated).is_linearizable());
}

TEST(RegisterModel, AnEventNumberThatIsGivenTwiceIsFound) {
  EXPECT_FALSE(
      Story()
          .started("a", 5)
          .then({.verb = Verb::add_told, .amount = 1}, {{.status = 200, .run = "a", .sequence = 2}})
          .then({.verb = Verb::add_told, .amount = 2}, {{.status = 200, .run = "a", .sequence = 2}})
          .is_linearizable());
}

}  // namespace
}  // namespace reprise::linear
