// ApiCall: a request through the router to the routes, without a socket.
//
//     FakeEngine engine;
//     const ApiReply reply = ask(engine, "POST /api/v1/tasks", R"({"title":"x"})");
//     EXPECT_EQ(reply.status, 201);
//
// Guarantees: what a stream sends is gathered in `body`. A request that HTTP itself would refuse
//             ends the test.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "api/http/message.hpp"
#include "api/testing/fake_engine.hpp"
#include "engine/core/catalog.hpp"

namespace reprise::testing {

struct ApiReply {
  int status = 0;
  std::string content_type;
  std::string body;
  std::map<std::string, std::string> headers;

  // The member's JSON, canonical: `json("errors.title")`. Empty when there is none.
  [[nodiscard]] std::string json(std::string_view path) const;
};

// `line`: method and target. `headers`: "Name: value".
ApiReply ask(FakeEngine& engine, const std::string& line, const std::string& body = "",
             const std::vector<std::string>& headers = {});

// The same for a request that was read already.
ApiReply ask(FakeEngine& engine, api::HttpRequestPtr request);

// "task", and "bench" with an input {"n":1…}.
const Catalog& test_catalog();

}  // namespace reprise::testing
