// Bad input over real HTTP: each gets a 4xx problem document that names the field, and changes nothing.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>

#include "storage/testing/temporary_directory.hpp"
#include "tests/support/api_client.hpp"
#include "tests/support/server_process.hpp"

namespace reprise::testing {
namespace {

struct Case {
  std::string name;
  std::string method;
  std::string path;
  std::string body;
  int status = 400;
  std::string
      field;  // in `errors`; empty: the request as a whole is at fault, and `detail` says how
  HttpHeaders headers = {};
};

std::string nested(std::size_t depth) {
  return fmt::format(R"({{"title":"x","context":{{"deep":{}{}}}}})", std::string(depth, '['),
                     std::string(depth, ']'));
}

std::string title_of(std::size_t characters) {
  return fmt::format(R"({{"title":"{}"}})", std::string(characters, 't'));
}

const std::string kTasks = "/api/v1/tasks";
const std::string kWorkflows = "/api/v1/workflows";

// "open" is a run that waits for signals, "closed" is one that has ended.
std::vector<Case> bad_tasks() {
  const auto task = [](std::string name, std::string body, std::string field) {
    return Case{std::move(name), "POST", kTasks, std::move(body), 400, std::move(field)};
  };
  return {
      task("nothing", "", "body"),
      task("blanks", " \n", "body"),
      task("no JSON", "title=x", "body"),
      task("half an object", R"({"title":"x")", "body"),
      task("something behind the object", R"({"title":"x"}{})", "body"),
      task("a list", R"([{"title":"x"}])", "body"),
      task("bad UTF-8", "{\"title\":\"\xC3\x28\"}", "body"),
      task("a lone surrogate", R"({"title":"\ud800"})", "body"),
      task("too deep", nested(70), "body"),
      task("a key twice", R"({"title":"x","title":"y"})", "body"),
      task("no title", "{}", "title"),
      task("an empty title", R"({"title":""})", "title"),
      task("a blank title", R"({"title":"  "})", "title"),
      task("a number as title", R"({"title":7})", "title"),
      task("null as title", R"({"title":null})", "title"),
      task("too long a title", title_of(501), "title"),
      task("too long a description",
           fmt::format(R"({{"title":"x","description":"{}"}})", std::string(10'001, 'd')),
           "description"),
      task("an unknown field", R"({"title":"x","colour":"red"})", "colour"),
      task("an unknown option", R"({"title":"x","options":{"speed":1}})", "options.speed"),
      task("a byte order mark", "\xEF\xBB\xBF{\"title\":\"x\"}", "body"),
      task("a provider that the server has not", R"({"title":"x","options":{"provider":"nobody"}})",
           "options.provider"),
      task("a number that no double holds", R"({"title":"x","context":{"n":1e999}})", "body"),
      task("a wrong choice", R"({"title":"x","options":{"review_policy":"never"}})",
           "options.review_policy"),
      task("a number out of range", R"({"title":"x","options":{"parallel_max":21}})",
           "options.parallel_max"),
      task("half a number", R"({"title":"x","options":{"parallel_max":1.5}})",
           "options.parallel_max"),
      task("a text as object", R"({"title":"x","context":"y"})", "context"),
      task("a wrong item", R"({"title":"x","context":{"constraints":["a",7]}})",
           "context.constraints[1]"),
      task("too many items",
           fmt::format(R"({{"title":"x","subtasks":["s"{}]}})",
                       [] {
                         std::string more;
                         for (int i = 0; i < 20; ++i) more += R"(,"s")";
                         return more;
                       }()),
           "subtasks"),
      task("a field of a later version", R"({"title":"x","preferred_agent":"x"})",
           "preferred_agent"),
      task("a callback to this machine", R"({"title":"x","callback_url":"http://127.0.0.1:1/"})",
           "callback_url"),
      {"a wait that is no time", "POST", kTasks + "?wait=soon", R"({"title":"x"})", 400,
       "query.wait"},
      {"an encoded body",
       "POST",
       kTasks,
       R"({"title":"x"})",
       415,
       "",
       {{"Content-Encoding", "gzip"}}},
      {"an unknown parameter", "POST", kTasks + "?colour=red", R"({"title":"x"})", 400,
       "query.colour"},
      {"a key too long",
       "POST",
       kTasks,
       R"({"title":"x"})",
       400,
       "Idempotency-Key",
       {{"Idempotency-Key", std::string(256, 'k')}}},
      {"too large", "POST", kTasks, title_of(3U << 20U), 413, ""},
      {"a list limit out of range", "GET", kTasks + "?limit=101", "", 400, "query.limit"},
      {"a list order that is none", "GET", kTasks + "?order=up", "", 400, "query.order"},
      {"a task that is not there", "GET", kTasks + "/task_none", "", 404, "id"},
      {"a result that is not there", "GET", kTasks + "/task_none/result", "", 404, "id"},
      {"a cancel of nothing", "DELETE", kTasks + "/task_none", "", 404, "id"},
      {"an approval of nothing", "POST", kTasks + "/task_none/approve", R"({"decision":"accept"})",
       404, "id"},
      {"a workflow that is no task", "GET", kTasks + "/open", "", 404, "id"},
      {"an approval without a decision", "POST", kTasks + "/task_none/approve", "{}", 400,
       "decision"},
      {"a decision that is none", "POST", kTasks + "/task_none/approve", R"({"decision":"maybe"})",
       400, "decision"},
  };
}

std::vector<Case> bad_workflows() {
  const auto start = [](std::string name, std::string body, std::string field, int status = 400) {
    return Case{std::move(name), "POST", kWorkflows, std::move(body), status, std::move(field)};
  };
  return {
      start("nothing", "", "body"),
      start("no type", "{}", "type"),
      start("an unknown type", R"({"type":"bench.nothing"})", "type"),
      start("a number as type", R"({"type":7})", "type"),
      start("an unknown field", R"({"type":"bench.signals","colour":1})", "colour"),
      start("an id with a space", R"({"type":"bench.signals","id":"a b"})", "id"),
      start("an empty id", R"({"type":"bench.signals","id":""})", "id"),
      start("a folder as id", R"({"type":"bench.signals","id":".."})", "id"),
      start("too long an id",
            fmt::format(R"({{"type":"bench.signals","id":"{}"}})", std::string(256, 'i')), "id"),
      start("a reuse that is none", R"({"type":"bench.signals","id_reuse":"often"})", "id_reuse"),
      start("no input", R"({"type":"bench.chain"})", "input"),
      start("an input out of range", R"({"type":"bench.chain","input":{"n":0}})", "input.n"),
      start("an input of another type", R"({"type":"bench.chain","input":{"n":"7"}})", "input.n"),
      start("an unknown member of the input", R"({"type":"bench.chain","input":{"m":1}})",
            "input.m"),
      start("a task's input", R"({"type":"task","input":{"title":7}})", "input.title"),
      start("a task's provider that the server has not",
            R"({"type":"task","input":{"title":"x","options":{"provider":"nobody"}}})",
            "input.options.provider"),
      start("an id that is taken", R"({"type":"bench.signals","id":"open"})", "id", 409),
      start("an id that was taken",
            R"({"type":"bench.chain","id":"closed","id_reuse":"reject","input":{"n":1}})", "id",
            409),
      {"a signal that is no JSON", "POST", kWorkflows + "/open/signal/signal", "{", 400, "body"},
      {"a signal of bad UTF-8", "POST", kWorkflows + "/open/signal/signal", "\"\xFF\"", 400,
       "body"},
      {"a signal with too long a name", "POST",
       kWorkflows + "/open/signal/" + std::string(201, 's'), "1", 400, "name"},
      {"a signal to a closed run", "POST", kWorkflows + "/closed/signal/signal", "1", 409, ""},
      {"a signal to nobody", "POST", kWorkflows + "/nobody/signal/signal", "1", 404, "id"},
      {"a cancel of a closed run", "POST", kWorkflows + "/closed/cancel", "", 409, ""},
      {"a cancel of nobody", "POST", kWorkflows + "/nobody/cancel", "", 404, "id"},
      {"a cancel with an unknown field", "POST", kWorkflows + "/open/cancel", R"({"why":"x"})", 400,
       "why"},
      {"a query that is not there", "POST", kWorkflows + "/open/query/colour", "", 404, "name"},
      {"a description of nobody", "GET", kWorkflows + "/nobody", "", 404, "id"},
      {"a run of another workflow", "GET", kWorkflows + "/open/runs/run_00000000000000000000000000",
       "", 404, "run"},
      {"a run id that is none", "GET", kWorkflows + "/open/runs/latest", "", 404, "run"},
      {"a history of nobody", "GET", kWorkflows + "/nobody/history", "", 404, "id"},
      {"a history behind no number", "GET", kWorkflows + "/open/history?after=-1", "", 400,
       "query.after"},
      {"a history behind a number too large", "GET",
       kWorkflows + "/open/history?after=18446744073709551615", "", 400, "query.after"},
      {"a feed behind a number too large",
       "GET",
       kWorkflows + "/open/events",
       "",
       400,
       "Last-Event-ID",
       {{"Last-Event-ID", "9223372036854775808"}}},
      {"a query with too long a name", "POST", kWorkflows + "/open/query/" + std::string(201, 's'),
       "", 400, "name"},
      {"a history without events", "GET", kWorkflows + "/open/history?limit=0", "", 400,
       "query.limit"},
      {"a wait too long", "GET", kWorkflows + "/open/history?wait=2h", "", 400, "query.wait"},
      {"a feed behind no number",
       "GET",
       kWorkflows + "/open/events",
       "",
       400,
       "Last-Event-ID",
       {{"Last-Event-ID", "x"}}},
      {"a status that is none", "GET", kWorkflows + "?status=asleep", "", 400, "query.status"},
      {"no route", "GET", "/api/v1/nothing", "", 404, ""},
      {"a method that the route has not", "DELETE", "/api/v1/workflows", "", 405, ""},
      {"a page of another origin",
       "POST",
       kTasks,
       R"({"title":"x"})",
       403,
       "",
       {{"Origin", "http://elsewhere.example"}}},
  };
}

class BadInput : public ::testing::Test {
 protected:
  BadInput() {
    server_.start();
    api_ = ApiClient(server_.url());
    EXPECT_EQ(api_.post(kWorkflows, R"({"type":"bench.signals","id":"open"})").status, 201);
    EXPECT_EQ(
        api_.post(kWorkflows, R"({"type":"bench.chain","id":"closed","input":{"n":2}})").status,
        201);
    EXPECT_EQ(api_.workflow_result("closed")["status"], "completed");
  }

  // All that a client can see, and how often the log was written.
  std::string everything() const {
    std::string all = api_.read(kWorkflows + "?limit=100").dump() + api_.read(kTasks).dump();
    for (const char* id : {"open", "closed"})
      for (const Json& event : api_.history(id)) all += event.dump();
    return all + api_.read("/api/v1/health")["engine"]["groups_committed"].dump();
  }

  HttpResponse send(const Case& c) const {
    if (c.method == "GET") return api_.get(c.path, c.headers);
    if (c.method == "DELETE") return api_.remove(c.path);
    return api_.post(c.path, c.body, c.headers);
  }

  void expect_refused(const std::vector<Case>& cases) const {
    const std::string before = everything();
    for (const Case& c : cases) {
      SCOPED_TRACE(c.name + ": " + c.method + " " + c.path.substr(0, 100));
      const HttpResponse response = send(c);
      EXPECT_EQ(response.status, c.status) << response.body;
      const std::string* type = response.header("Content-Type");
      ASSERT_NE(type, nullptr);
      EXPECT_EQ(*type, "application/problem+json");
      const Json problem = json_of(response);
      EXPECT_EQ(problem["status"], c.status);
      EXPECT_FALSE(problem["title"].get<std::string>().empty());
      EXPECT_FALSE(problem["detail"].get<std::string>().empty());
      EXPECT_TRUE(problem.contains("type") && problem.contains("instance"));
      if (!c.field.empty())
        EXPECT_TRUE(problem.contains("errors") && problem["errors"].contains(c.field))
            << response.body;
    }
    EXPECT_EQ(everything(), before);
  }

  TemporaryDirectory data_;
  ServerProcess server_{
      {.data = data_.path(), .arguments = {"--bench", "--provider", "offline"}, .environment = {}}};
  ApiClient api_{""};
};

TEST_F(BadInput, AboutTasksIsRefusedByNameAndChangesNothing) { expect_refused(bad_tasks()); }

TEST_F(BadInput, AboutWorkflowsIsRefusedByNameAndChangesNothing) {
  expect_refused(bad_workflows());
}

TEST_F(BadInput, EveryFieldAtFaultIsNamedInOneAnswer) {
  const HttpResponse response =
      api_.post(kTasks, R"({"description":7,"options":{"speed":1},"colour":"red"})");
  EXPECT_EQ(response.status, 400);
  const Json errors = json_of(response)["errors"];
  for (const char* field : {"title", "description", "options.speed", "colour"})
    EXPECT_TRUE(errors.contains(field)) << field;
}

}  // namespace
}  // namespace reprise::testing
