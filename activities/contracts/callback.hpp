// Callbacks: what is sent to a URL when a run has ended, and the input of the workflow type
// "reprise.callback", which sends it. The engine starts that workflow for a run with a callback,
// under the id "callback_RUN" (engine/core/shard_letters.cpp writes the input).
#pragma once

#include "activities/contracts/json_shape.hpp"
#include "engine/author/contract.hpp"

namespace reprise {

inline constexpr std::size_t kCallbackUrlMax = 2000;

struct CallbackInput {
  std::string url;
  std::string workflow_id;  // of the run that has ended
  std::string run_id;

  static void fields(auto& codec, auto& self) {
    codec("url", self.url, Text{.min = 1, .max = kCallbackUrlMax});
    codec("workflow_id", self.workflow_id, Text{.min = 1, .max = 255});
    codec("run_id", self.run_id, Text{.min = 1, .max = 40});
  }
};

struct CallbackAnswer {
  std::uint32_t http_status = 0;

  static void fields(auto& codec, auto& self) { codec("http_status", self.http_status); }
};

struct SendCallback {
  static constexpr std::string_view kName = "reprise.send_callback";
  static constexpr std::uint32_t kVersion = 1;
  static constexpr Reuse kReuse = Reuse::never;
  using Input = CallbackInput;
  using Output = CallbackAnswer;
};

}  // namespace reprise
