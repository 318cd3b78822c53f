// Clients of a real server, which is killed with SIGKILL again and again, are answered as if each call
// had taken effect at one instant, once, between its asking and its answer.
//
// The seed is printed; REPRISE_LINEAR_SEED sets it, REPRISE_LINEAR_ROUNDS the number of servers, one
// after the other, and REPRISE_LINEAR_KILLS that of the kills of each.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <charconv>
#include <cstdlib>
#include <random>
#include <string_view>

#include "storage/testing/temporary_directory.hpp"
#include "tests/linear/clients.hpp"
#include "tests/linear/register_model.hpp"
#include "tests/linear/window.hpp"
#include "tests/support/build_kind.hpp"
#include "tests/support/server_process.hpp"

namespace reprise::linear {
namespace {

using testing::kSanitized;
using testing::ServerProcess;
using testing::TemporaryDirectory;

constexpr std::uint64_t kKills = 4;
constexpr std::size_t kAnswersMin = kSanitized ? 40 : 150;  // in each life of the server
constexpr std::size_t kAnswersMax = kSanitized ? 80 : 350;

std::uint64_t setting(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  if (text == nullptr) return otherwise;
  std::uint64_t value = otherwise;
  std::from_chars(text, text + std::string_view(text).size(), value);
  return value;
}

struct Figures {
  std::size_t calls = 0;
  std::size_t unanswered = 0;
  std::size_t replayed = 0;
  std::size_t runs_ended = 0;
  std::size_t configurations = 0;
};

// What clients lived through while a server of their own was killed so often.
std::map<std::string, RegisterCalls> lived(std::uint64_t seed, std::uint64_t kills) {
  std::mt19937_64 random(seed);
  std::uniform_int_distribution<std::size_t> answers(kAnswersMin, kAnswersMax);
  const TemporaryDirectory data;
  ServerProcess server({.data = data.path(), .arguments = {"--bench"}});
  server.start();
  Clients clients({}, seed, server.url());
  for (std::uint64_t kill = 0; kill < kills; ++kill) {
    EXPECT_TRUE(clients.wait_for_answers(answers(random))) << "the clients are stuck";
    server.kill();
    clients.server_died();
    server.start();
    clients.move_to(server.url());
  }
  EXPECT_TRUE(clients.wait_for_answers(answers(random))) << "the clients are stuck";
  clients.finish();
  for (const std::string& complaint : clients.complaints()) ADD_FAILURE() << complaint;
  return clients.histories();
}

// One answer that is told otherwise: a value that was never held.
RegisterCalls with_a_lie(RegisterCalls calls) {
  for (RegisterCall& call : calls)
    if (call.operation.verb == Verb::read && call.answer && call.answer->value) {
      ++*call.answer->value;
      return calls;
    }
  return calls;
}

void check_history(const std::string& workflow, const RegisterCalls& calls, Figures& figures) {
  const Finding<RegisterModel> finding = check<RegisterModel>(calls);
  EXPECT_EQ(finding.verdict, Verdict::linearizable)
      << workflow << ": " << explain<RegisterModel>(calls);
  EXPECT_EQ(check<RegisterModel>(with_a_lie(calls)).verdict, Verdict::not_linearizable)
      << workflow << ": the checker believes everything";
  figures.calls += calls.size();
  figures.configurations += finding.configurations;
  for (const RegisterCall& call : calls) {
    figures.unanswered += call.answer ? 0U : 1U;
    figures.replayed += call.answer && call.answer->replayed ? 1U : 0U;
  }
  for (const RegisterModel::Run& run : finding.state.runs)
    figures.runs_ended += run.status == "running" ? 0U : 1U;
}

TEST(Linear, WhatCallersAreAnsweredHasOneOrderThoughTheServerIsKilled) {
  const std::uint64_t first = setting("REPRISE_LINEAR_SEED", std::random_device{}());
  const std::uint64_t rounds = setting("REPRISE_LINEAR_ROUNDS", 1);
  const std::uint64_t kills = setting("REPRISE_LINEAR_KILLS", kKills);
  for (std::uint64_t round = 0; round < rounds && !HasFailure(); ++round) {
    const std::uint64_t seed = first + round;
    fmt::print("REPRISE_LINEAR_SEED={}, {} kills\n", seed, kills);
    Figures figures;
    for (const auto& [workflow, calls] : lived(seed, kills))
      check_history(workflow, calls, figures);
    fmt::print(
        "{} calls, {} without an answer, {} answered again, {} runs ended; {} configurations\n",
        figures.calls, figures.unanswered, figures.replayed, figures.runs_ended,
        figures.configurations);
    EXPECT_GT(figures.unanswered, 0U) << "the kills met no call";
    EXPECT_GT(figures.replayed, 0U);
    EXPECT_GT(figures.runs_ended, 0U);
  }
}

}  // namespace
}  // namespace reprise::linear
