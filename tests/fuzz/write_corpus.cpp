// write-fuzz-corpus HISTORIES CORPUS: makes the corpora of the fuzz targets out of the golden histories
// and what the formats' own writers give. It never changes a file that is there.
#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "activities/contracts/stages.hpp"
#include "activities/contracts/task_request.hpp"
#include "activities/contracts/task_result.hpp"
#include "api/event_json.hpp"
#include "base/check.hpp"
#include "engine/core/codec.hpp"
#include "engine/core/group.hpp"
#include "engine/core/rows.hpp"
#include "engine/core/testing/arbitrary_record.hpp"
#include "engine/core/view.hpp"
#include "storage/durable_floor.hpp"
#include "storage/rocksdb_log.hpp"
#include "storage/testing/temporary_directory.hpp"
#include "tests/histories/history_file.hpp"

namespace {

using namespace reprise;
namespace fs = std::filesystem;

using Texts = std::vector<std::pair<const char*, const char*>>;  // by name

std::string content_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

class Corpus {
 public:
  explicit Corpus(fs::path folder) : folder_(std::move(folder)) {}

  void put(const std::string& target, const std::string& name, std::string_view bytes) const {
    const fs::path path = folder_ / target / name;
    if (fs::exists(path)) return;
    fs::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << bytes;
  }

 private:
  const fs::path folder_;
};

std::vector<Event> events_of(const corpus::HistoryFile& history) {
  std::vector<Event> events;
  for (const std::string& bytes : history.records) {
    const auto decoded = decode_record(history.run, bytes, {});
    CHECK(decoded.has_value(), "{}: {}", history.name, to_string(decoded.error()));
    events.insert(events.end(), decoded->record.events.begin(), decoded->record.events.end());
  }
  return events;
}

// The records of the golden histories: whole, and without their hash, which a target adds.
void put_records(const Corpus& corpus, const corpus::HistoryFile& history) {
  const std::string& first = history.records.front();
  const std::string& last = history.records.back();
  corpus.put("record_fuzz", history.name + "-whole", first);
  corpus.put("record_fuzz", history.name + "-first",
             first.substr(0, first.size() - Digest::kBytes));
  corpus.put("record_fuzz", history.name + "-last", last.substr(0, last.size() - Digest::kBytes));
}

// A few records of each kind of event, of kinds that no golden history has as well.
void put_kinds(const Corpus& corpus) {
  constexpr std::uint64_t kSeeds = 3000;
  constexpr int kSize = 100;  // smaller: not every kind
  constexpr int kOfEachKind = 3;
  std::map<std::string_view, int> drawn;
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    EventBody body = rc::gen::arbitrary<EventBody>()(rc::Random(seed), kSize).value();
    const std::string_view kind = to_string(kind_of(body));
    if (drawn[kind] == kOfEachKind) continue;
    const Event event{Sequence(1), UtcTime::from_micros(1'700'000'000'000'000), std::move(body)};
    const auto encoded =
        encode_record({.run = {}, .previous = {}, .events = {event}, .activations = {}});
    if (!encoded || !encoded->blobs.empty()) continue;  // the target has blobs of its own
    const std::string name = fmt::format("kind-{}-{}", kind, ++drawn[kind]);
    corpus.put("record_fuzz", name,
               std::string_view(encoded->bytes).substr(0, encoded->bytes.size() - Digest::kBytes));
    std::string json;
    api::append_event(json, event);
    corpus.put("client_fuzz", name, json);
  }
}

void put_group(const Corpus& corpus, const corpus::HistoryFile& history) {
  Group group{.previous = digest_of(history.name), .entries = {}};
  for (const std::string& bytes : history.records) {
    const auto decoded = decode_record(history.run, bytes, {});
    CHECK(decoded.has_value(), "{}: {}", history.name, to_string(decoded.error()));
    group.entries.push_back({history.run, decoded->record.events.front().sequence, decoded->hash});
  }
  const std::string bytes = encode_group(group).bytes;
  corpus.put("group_fuzz", history.name + "-whole", bytes);
  corpus.put("group_fuzz", history.name, bytes.substr(0, bytes.size() - Digest::kBytes));
}

// Its events, as the API's JSON and its streams tell them.
void put_events(const Corpus& corpus, const corpus::HistoryFile& history) {
  std::string stream = "retry: 1000\n\n";
  std::string page;
  for (const Event& event : events_of(history)) {
    std::string json;
    api::append_event(json, event);
    stream += fmt::format("id: {}\nevent: history\ndata: {}\n\n: alive\n", event.sequence, json);
    page += (page.empty() ? "" : ",") + json;
    corpus.put("client_fuzz", std::string(to_string(kind_of(event.body))), json);
  }
  corpus.put("event_stream_fuzz", history.name, stream);
  corpus.put("client_fuzz", history.name, R"({"events":[)" + page + R"(],"next":7})");
}

void put_rows(const Corpus& corpus, const corpus::HistoryFile& history) {
  const WorkflowId workflow("wf_" + history.name);
  RunViewFolder folder(history.run, nullptr);
  for (const Event& event : events_of(history)) folder.apply(event);
  corpus.put("rows_fuzz", "view-" + history.name, "v" + encode_view(folder.view()));
  corpus.put("rows_fuzz", "workflow",
             "w" + encode_workflow_row({.run = history.run, .first_run = history.run}));
  corpus.put("rows_fuzz", "key",
             "k" + encode_key_row({.request = digest_of("request"),
                                   .workflow = workflow,
                                   .run = history.run,
                                   .at = UtcTime::from_micros(1'700'000'000'000'000)}));
  corpus.put(
      "rows_fuzz", "parked",
      "p" + encode_parked_row(workflow,
                              {.at = Sequence(3), .expected = "activity a v1", .found = "timer"}));
  corpus.put("keys_fuzz", "wake", wake_key(ShardIndex(7), UtcTime::from_micros(1), history.run));
  corpus.put("keys_fuzz", "busy", busy_key(ShardIndex(7), history.run));
  corpus.put("keys_fuzz", "record", record_key(history.run, Sequence(3)));
  corpus.put("texts_fuzz", "run", to_string(history.run));
}

void put_floor(const Corpus& corpus) {
  const testing::TemporaryDirectory directory;
  const fs::path path = directory.path() / "floor";
  CHECK(DurableFloor::reset(path, {GroupNumber(1), digest_of("1")}).has_value(), "no floor");
  corpus.put("floor_fuzz", "one-slot", content_of(path));
  auto floor = DurableFloor::open(path);
  CHECK(floor.has_value() && floor->raise({GroupNumber(2), digest_of("2")}).has_value(),
        "no floor");
  corpus.put("floor_fuzz", "both-slots", content_of(path));
}

// The beginning of a log of a few appends, with zeros behind it, and without.
void put_log(const Corpus& corpus) {
  const testing::TemporaryDirectory directory;
  const auto log = RocksDbLog::open(directory.path());
  CHECK(log.has_value(), "{}", to_string(log.error()));
  for (std::uint64_t n = 1; n <= 5; ++n) {
    Batch batch;
    batch.put(Table::group, group_key(GroupNumber(n)), std::string(n * 100, 'g'));
    CHECK((*log)->append(std::span(&batch, 1)).has_value(), "append {}", n);
  }
  for (const auto& entry : fs::directory_iterator(directory.path())) {
    if (entry.path().extension() != ".log") continue;
    const std::string bytes = content_of(entry.path());
    const std::size_t end = bytes.find_last_not_of('\0') + 1;
    corpus.put("log_end_fuzz", "plain", bytes.substr(0, end));
    corpus.put("log_end_fuzz", "zeros", bytes.substr(0, end + 2000));
    corpus.put("log_end_fuzz", "torn", bytes.substr(0, end - 300) + std::string(1000, '\0'));
  }
}

template <typename T>
void put_payload(const Corpus& corpus, const std::string& name) {
  const std::string json = JsonWriter::object(T{}, JsonWriter::Defaults::write);
  corpus.put("payload_fuzz", name, json);
  corpus.put("json_fuzz", name, json);
}

void put_payloads(const Corpus& corpus) {
  put_payload<AnalysisInput>(corpus, "analysis-input");
  put_payload<SelectionInput>(corpus, "selection-input");
  put_payload<DecompositionInput>(corpus, "decomposition-input");
  put_payload<ExecutionInput>(corpus, "execution-input");
  put_payload<ReviewInput>(corpus, "review-input");
  put_payload<CoordinationInput>(corpus, "coordination-input");
  put_payload<SynthesisInput>(corpus, "synthesis-input");
  put_payload<FinalReviewInput>(corpus, "final-review-input");
  put_payload<TaskRequest>(corpus, "task-request");
  put_payload<TaskResult>(corpus, "task-result");
  put_payload<ModelAnswer>(corpus, "model-answer");
  const Texts others{{"count", R"({"n":10})"},
                     {"decision", R"({"decision":"retry","comment":"once more"})"},
                     {"escapes", R"({"title":"\u00e9\ud83d\ude00","priority":"high"})"}};
  for (const auto& [name, json] : others) {
    corpus.put("payload_fuzz", name, json);
    corpus.put("json_fuzz", name, json);
  }
}

void put_answers(const Corpus& corpus) {
  corpus.put(
      "answer_fuzz", "anthropic",
      R"(a{"type":"message","model":"claude-x","content":[{"type":"thinking","thinking":"hm"},)"
      R"({"type":"text","text":"{\"summary\":\"s\"}"}],"stop_reason":"end_turn",)"
      R"("usage":{"input_tokens":10,"cache_read_input_tokens":3000,"output_tokens":7}})");
  corpus.put("answer_fuzz", "openai",
             R"(o{"model":"gpt-x","choices":[{"message":{"content":"{\"z\":1}","refusal":null},)"
             R"("finish_reason":"stop"}],"usage":{"prompt_tokens":12,"completion_tokens":34}})");
  corpus.put("answer_fuzz", "error",
             R"(a{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}})");
  corpus.put("answer_fuzz", "chatter",
             "oHere it is:\n```json\n" +
                 JsonWriter::object(Analysis{}, JsonWriter::Defaults::write) + "\n```\nDone.");
}

void put_requests(const Corpus& corpus) {
  corpus.put("request_fuzz", "get",
             "GET /api/v1/tasks?page=2&q=%2F+z HTTP/1.1\r\nHost: localhost:8000\r\n\r\n");
  corpus.put("request_fuzz", "post",
             "POST /a%20b HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nX-A:  v \r\n\r\nhello");
  corpus.put("request_fuzz", "chunked",
             "POST /c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
             "5;x=y\r\nhello\r\n0\r\n\r\n");
  corpus.put(
      "request_fuzz", "smuggled",
      "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n");
}

// Requests for routes: a body of each shape that one reads.
void put_calls(const Corpus& corpus) {
  const auto post = [&](const std::string& name, const std::string& target, const std::string& body,
                        const std::string& header = "") {
    corpus.put("route_fuzz", name,
               fmt::format("POST /api/v1/{} HTTP/1.1\r\nHost: h\r\n{}Content-Length: {}\r\n\r\n{}",
                           target, header, body.size(), body));
  };
  post("start", "workflows?wait=1s",
       R"({"type":"bench","id":"w","input":{"i":7},"id_reuse":"reject","id_conflict":"fail",)"
       R"("start_delay":"1s","run_timeout":"1m","execution_timeout":"1h"})",
       "Idempotency-Key: k\r\n");
  post("task", "tasks", R"({"title":"t","description":"d","context":{"constraints":["c"]}})");
  post("decision", "tasks/w/approve", R"({"decision":"retry","comment":"once more"})");
  post("signal", "workflows/w/signal/s", "[1]");
  post("update", "workflows/w/update/u?wait=1s", R"({"a":1})", "Idempotency-Key: k\r\n");
  post("query", "workflows/w/query/q", "{}");
  for (const char* verb : {"cancel", "terminate", "pause", "unpause"})
    post(verb, fmt::format("workflows/w/{}", verb), R"({"reason":"r"})");
  const Texts gets{{"list", "workflows?status=running&type=bench&limit=3&after=w"},
                   {"tasks", "tasks?status=completed&page=2"},
                   {"result", "workflows/w/result?wait=1s"},
                   {"history", "workflows/w/history?after=3&limit=5"},
                   {"update-seen", "workflows/w/updates/u"},
                   {"run", "workflows/w/runs/00000000000000000000000000"}};
  for (const auto& [name, target] : gets)
    corpus.put("route_fuzz", name,
               fmt::format("GET /api/v1/{} HTTP/1.1\r\nHost: h\r\n\r\n", target));
}

void put_texts(const Corpus& corpus) {
  const Texts texts{{"time", "2026-01-31T12:00:00.123+02:00"},
                    {"duration", "1.5s"},
                    {"date", "Sun, 06 Nov 1994 08:49:37 GMT"},
                    {"url", "https://[::1]:8443/v1?a=1&b=2"},
                    {"address", "127.0.0.1:8000"},
                    {"workflow", "task_01j9z"}};
  for (const auto& [name, text] : texts) corpus.put("texts_fuzz", name, text);
}

void put_task(const Corpus& corpus) {
  corpus.put("client_fuzz", "task",
             R"({"id":"task_1","title":"t","status":"running","stage":"synthesis","progress":65,)"
             R"("created_at":"2026-01-31T12:00:00Z","subtasks":[{"id":"t1","title":"s",)"
             R"("status":"accepted","score":7.5}],"usage":{"model_calls":12}})");
  corpus.put("client_fuzz", "problem",
             R"({"type":"about:blank","title":"Bad","status":400,"detail":"d",)"
             R"("errors":[{"field":"title","reason":"is empty"}]})");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    fmt::print(stderr, "usage: write-fuzz-corpus HISTORIES CORPUS\n");
    return 2;
  }
  const Corpus corpus{fs::path(argv[2])};
  for (const auto& entry : fs::directory_iterator(argv[1])) {
    if (entry.path().extension() != ".jsonl") continue;
    const std::string text = content_of(entry.path());
    const corpus::HistoryFile history = corpus::parse_history(text);
    corpus.put("history_file_fuzz", history.name, text);
    put_records(corpus, history);
    put_group(corpus, history);
    put_events(corpus, history);
    put_rows(corpus, history);
  }
  put_kinds(corpus);
  put_floor(corpus);
  put_log(corpus);
  put_payloads(corpus);
  put_answers(corpus);
  put_requests(corpus);
  put_calls(corpus);
  put_texts(corpus);
  put_task(corpus);
  return 0;
}
