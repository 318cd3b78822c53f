// Clients: threads that ask a real server for random things about a few workflow ids, all at once, and
// write down each call with its instants and its answer. They live through the server's deaths: a call
// that lost its connection is written down as one without an answer, and, if it has a key, made again.
//
// Guarantees: the same seed draws the same operations for a client, whatever becomes of them. A call
//             without an answer ended when the server's life was over: what a process did not do
//             before it was killed, it does not do.
// Thread:     all functions are for the thread that made it.
#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "tests/linear/register_calls.hpp"

namespace reprise::linear {

struct ClientsSize {
  std::size_t clients = 6;
  std::size_t workflows = 5;
};

class Clients {
 public:
  Clients(ClientsSize size, std::uint64_t seed, std::string url);
  ~Clients();
  Clients(const Clients&) = delete;
  Clients& operator=(const Clients&) = delete;

  // False when so many more answers have not come in some minutes.
  bool wait_for_answers(std::size_t more);
  // The process is gone.
  void server_died();
  void move_to(std::string url);
  // The clients end; then each workflow is read to the end by one.
  void finish();

  // By workflow id; after finish().
  [[nodiscard]] std::map<std::string, RegisterCalls> histories() const;
  [[nodiscard]] std::vector<std::string> complaints() const;

 private:
  using Random = std::mt19937_64;
  struct Life {
    std::uint64_t number = 0;
    std::string url;
  };
  struct Recorded {
    std::size_t workflow = 0;
    std::uint64_t life = 0;
    RegisterCall call;
  };
  struct Target {
    std::atomic<std::uint64_t> keys = 0;
    std::mutex mutex;
    std::vector<std::string> runs;  // that an answer named
  };

  void run(std::size_t client, Random random);
  RegisterOperation draw(std::size_t workflow, Random& random);
  // Asks until it is answered, if the operation has a key.
  void insist(std::size_t client, std::size_t workflow, const RegisterOperation& operation);
  // False when there was no answer.
  bool ask(std::size_t client, std::size_t workflow, const RegisterOperation& operation,
           const Life& life);
  void read_all();
  [[nodiscard]] Life life();
  // False when the life goes on, or all is over.
  bool wait_for_next_life(std::uint64_t number);
  void complain(std::string what);
  [[nodiscard]] static std::string id_of(std::size_t workflow);

  const ClientsSize size_;
  std::atomic<Instant> now_ = 0;
  std::vector<Target> targets_;
  std::vector<std::vector<Recorded>> recorded_;  // by client, and of finish()

  mutable std::mutex mutex_;  // guards the five below
  std::condition_variable changed_;
  Life life_;
  std::map<std::uint64_t, Instant> deaths_;
  std::size_t answers_ = 0;
  bool stopping_ = false;
  std::vector<std::string> complaints_;

  std::vector<std::jthread> threads_;  // last: joined first
};

}  // namespace reprise::linear
