// The bytes of one record of each kind, fixed for ever: a store that was written by any build so far
// is read by this one. A difference here is never mended by changing the expectation.
#include <gtest/gtest.h>

#include "engine/core/codec.hpp"

namespace reprise {
namespace {

using std::chrono::seconds;

struct Golden {
  const char* name;
  EventBody body;
  const char* hex;  // of the whole record
};

std::string to_hex_text(std::string_view bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const char byte : bytes) {
    text += kDigits[static_cast<unsigned char>(byte) >> 4];
    text += kDigits[static_cast<unsigned char>(byte) & 15];
  }
  return text;
}

const RunId kRun = RunId::make(UtcTime::from_micros(1'700'000'000'000'000), 0x1234, 0x56789abcdef);

ActivityFailure failure() { return {"rate_limited", "slow down", true, seconds(3)}; }

std::vector<Golden> goldens() {
  return {
      {"run_started", RunStarted{WorkflowId("task_1"), "task", {"input"}, 0xFEDCBA9876543210, kRun},
       "014adcd23195f3be6e6908bf15edcf9faa0280898182838985060001002c067461736b5f31047461"
       "736b0a696e70757490e4d0b287d3aeeefe01018bcfe5680012340000056789abcdef5649dd127278"
       "b3832f929f37f7196317"},
      {"signal_received", SignalReceived{"approve", {"yes"}, {}},
       "014adcd23195f3be6e6908bf15edcf9faa0280898182838985060002000d07617070726f76650679"
       "657300b2ac2eb2b00af28382856e56947c0563"},
      {"signal_received, keyed",
       SignalReceived{"approve", {"yes"}, SignalKey{digest_of("k"), digest_of("r")}},
       "014adcd23195f3be6e6908bf15edcf9faa0280898182838985060002002d07617070726f76650679"
       "65730104c37d9993e28be6a921e3704fda881d7b20385c5bc80ee2bd7b38f7b4af0b35e7ee0b437f"
       "26ab8b36a012395310f812"},
      {"activity_scheduled",
       ActivityScheduled{CommandId(300), "task.review", 2, Reuse::value, {"question"}, {}},
       "014adcd23195f3be6e6908bf15edcf9faa0280898182838985060003002cac020b7461736b2e7265"
       "766965770201107175657374696f6e80897ac801809c9c39060a0080b8b872640000d6492b5e1f8f"
       "69e1ac8834bb84b376d1"},
      {"activity_completed", ActivityCompleted{CommandId(300), Attempt(2), {"answer"}},
       "014adcd23195f3be6e6908bf15edcf9faa0280898182838985060004000aac02020c616e73776572"
       "cf36ba14e5fa40457669ec46362b5d7c"},
      {"activity_attempt_failed",
       ActivityAttemptFailed{CommandId(1), Attempt(1), failure(),
                             UtcTime::from_micros(1'700'000'003'000'000)},
       "014adcd23195f3be6e6908bf15edcf9faa0280898182838985060005002601010c726174655f6c69"
       "6d6974656409736c6f7720646f776e01809bee02809be084838985068d617d40dea1ae45ff571030"
       "a004ec82"},
      {"activity_failed", ActivityFailed{CommandId(1), Attempt(6), failure(), 4},
       "014adcd23195f3be6e6908bf15edcf9faa0280898182838985060006001f01060c726174655f6c69"
       "6d6974656409736c6f7720646f776e01809bee020454bc6577f261bbc76ab8c279cd42b6e0"},
      {"activity_attempt_lost", ActivityAttemptLost{CommandId(1), Attempt(3)},
       "014adcd23195f3be6e6908bf15edcf9faa028089818283898506000700020103a23777dc90521af8"
       "0f4cf9cbf242c9ab"},
      {"activity_cancelled", ActivityCancelled{CommandId(1)},
       "014adcd23195f3be6e6908bf15edcf9faa028089818283898506000800010103f281861581810996"
       "3852650c83ad7e"},
      {"timer_started",
       TimerStarted{CommandId(2), seconds(90), UtcTime::from_micros(1'700'000'090'000'000)},
       "014adcd23195f3be6e6908bf15edcf9faa0280898182838985060009000d0280aaea5580aadcd783"
       "8985065f2ea8f55e5863c0d7c5387e8870ffe4"},
      {"timer_fired", TimerFired{CommandId(2)},
       "014adcd23195f3be6e6908bf15edcf9faa028089818283898506000a000102b43f26bae5e7d4ff8d"
       "d21ef668d70f8e"},
      {"timer_cancelled", TimerCancelled{CommandId(2)},
       "014adcd23195f3be6e6908bf15edcf9faa028089818283898506000b000102ac367519baaa3d2158"
       "72023abdd2eee6"},
      {"fact_recorded", FactRecorded{CommandId(3), "cost", {"0.02"}},
       "014adcd23195f3be6e6908bf15edcf9faa028089818283898506000c000b0304636f737408302e30"
       "32fb506967e150bff2f0d9c1d205281c6b"},
      {"stage_entered", StageEntered{CommandId(4), "synthesis", 2},
       "014adcd23195f3be6e6908bf15edcf9faa028089818283898506000d000c040973796e7468657369"
       "730217d364cbb0ba0ec98f120156fce952f9"},
      {"cancel_requested", CancelRequested{"no longer needed"},
       "014adcd23195f3be6e6908bf15edcf9faa028089818283898506000e0011106e6f206c6f6e676572"
       "206e6565646564586fe06d96b2729f52364a4320d0a3c8"},
      {"run_completed", RunCompleted{{"result"}},
       "014adcd23195f3be6e6908bf15edcf9faa028089818283898506000f00070c726573756c740cb157"
       "98bfc7f9ff35dcbbc329281faf"},
      {"run_failed", RunFailed{"tired", "no more today"},
       "014adcd23195f3be6e6908bf15edcf9faa028089818283898506001000140574697265640d6e6f20"
       "6d6f726520746f6461797221e82c34f1a97cd2dc72c0ed62b357"},
      {"run_cancelled", RunCancelled{"no longer needed"},
       "014adcd23195f3be6e6908bf15edcf9faa02808981828389850600110011106e6f206c6f6e676572"
       "206e6565646564a95d2e13ab978ac4e4f93b9922b243be"},
      {"run_started, continued", RunStarted{WorkflowId("task_1"), "task", {"input"}, 7, kRun, kRun},
       "014adcd23195f3be6e6908bf15edcf9faa02808981828389850600010033067461736b5f31047461"
       "736b0a696e70757407018bcfe5680012340000056789abcdef018bcfe5680012340000056789abcd"
       "efbe5c170f832200b5cbbeab75934ee593"},
      {"signal_received, carried over", SignalReceived{"approve", {"yes"}, {}, Sequence(9)},
       "014adcd23195f3be6e6908bf15edcf9faa0280898182838985060002000e07617070726f76650679"
       "65730009dcf5555e7bb3e626cf5705d8d4686fd6"},
      {"run_continued", RunContinued{{"input"}, kRun},
       "014adcd23195f3be6e6908bf15edcf9faa028089818283898506001300160a696e707574018bcfe5"
       "680012340000056789abcdef44a08cbe7a0c9aadc9777c9eafda6bf9"},
      {"patch_applied", PatchApplied{CommandId(3), "ask-twice"},
       "014adcd23195f3be6e6908bf15edcf9faa028089818283898506001e000b030961736b2d74776963"
       "6574d79586d126618d0cb942f3e60d8889"},
      {"run_started, with times",
       RunStarted{WorkflowId("w"),
                  "t",
                  {"in"},
                  9,
                  kRun,
                  RunId(),
                  UtcTime::from_micros(1'700'000'060'000'000),
                  seconds(90),
                  UtcTime::from_micros(1'700'000'900'000'000)},
       "014adcd23195f3be6e6908bf15edcf9faa0280898182838985060001003c0177017404696e09018b"
       "cfe5680012340000056789abcdef00000000000000000000000000000000809c8ebb8389850680aa"
       "ea5580a499dc898985067a007976f6a2346b091b02269442b132"},
      {"update_accepted", UpdateAccepted{"u1", "set_limit", {"7"}, digest_of("r")},
       "014adcd23195f3be6e6908bf15edcf9faa0280898182838985060014001f027531097365745f6c69"
       "6d697402377b20385c5bc80ee2bd7b38f7b4af0b35932b93c722a105804718929ef3cdb822"},
      {"update_completed", UpdateCompleted{Sequence(4), {"5"}},
       "014adcd23195f3be6e6908bf15edcf9faa028089818283898506001500050402350000f03baf453f"
       "6ad399672eee4430662d9d"},
      {"update_completed, refused", UpdateCompleted{Sequence(4), {}, "unlucky", "not that one"},
       "014adcd23195f3be6e6908bf15edcf9faa02808981828389850600150017040007756e6c75636b79"
       "0c6e6f742074686174206f6e654211725d33e0feaa654a80855ddd99ef"},
      {"run_terminated", RunTerminated{"stuck"},
       "014adcd23195f3be6e6908bf15edcf9faa028089818283898506001f000605737475636b3a0aa408"
       "13f401a6f3eb3446bbfa43d8"},
      {"run_paused", RunPaused{"a hot day"},
       "014adcd23195f3be6e6908bf15edcf9faa0280898182838985060020000a096120686f7420646179"
       "3f74ef79329d9b8440e00d7af3a85bef"},
      {"run_unpaused", RunUnpaused{},
       "014adcd23195f3be6e6908bf15edcf9faa02808981828389850600210000b6b02bb9434366d94c1e"
       "95308c463b65"},
      {"run_timed_out", RunTimedOut{true},
       "014adcd23195f3be6e6908bf15edcf9faa0280898182838985060022000101b41e8729ff9ebca465"
       "03757d72122171"},
      {"run_started, a child",
       RunStarted{WorkflowId("w"),
                  "t",
                  {"in"},
                  9,
                  kRun,
                  RunId(),
                  UtcTime(),
                  Duration(0),
                  UtcTime(),
                  RunAddress{WorkflowId("p"), kRun, CommandId(3)}},
       "014adcd23195f3be6e6908bf15edcf9faa0280898182838985060001003e0177017404696e09018b"
       "cfe5680012340000056789abcdef000000000000000000000000000000000000000170018bcfe568"
       "0012340000056789abcdef0345f1794bb863556c0c57bbd838bb8d9d"},
      {"run_started, with labels",
       RunStarted{.workflow = WorkflowId("w"),
                  .type = "t",
                  .input = {"in"},
                  .seed = 9,
                  .first_run = kRun,
                  .labels = RunLabels{{{"customer", std::string("acme")},
                                       {"draft", false},
                                       {"items", std::int64_t{3}},
                                       {"price", 9.5},
                                       {"urgent", true}},
                                      {"\"memo\""}}},
       "014adcd23195f3be6e6908bf15edcf9faa0280898182838985060001007b0177017404696e09018b"
       "cfe5680012340000056789abcdef0000000000000000000000000000000000000000000000000000"
       "00000000000000000000000508637573746f6d6572010461636d6505647261667404056974656d73"
       "020605707269636503808080808080c0914006757267656e74050c226d656d6f22693ef15eccc90a"
       "b5087a4763166310e9"},
      {"run_started, of a fork",
       RunStarted{.workflow = WorkflowId("w"),
                  .type = "t",
                  .input = {},
                  .seed = 1,
                  .first_run = kRun,
                  .origins = std::vector{ForkOrigin{kRun, CommandId(7)}}},
       "014adcd23195f3be6e6908bf15edcf9faa0280898182838985060001004f017701740001018bcf"
       "e5680012340000056789abcdef0000000000000000000000000000000000000000000000000000"
       "0000000000000000000000000002018bcfe5680012340000056789abcdef072d0c19581843ac3c"
       "bb1ac8d6e35beb32"},
      {"run_started, with a callback",
       RunStarted{.workflow = WorkflowId("w"),
                  .type = "t",
                  .input = {},
                  .seed = 1,
                  .first_run = kRun,
                  .callback_url = std::string("https://x.y/z")},
       "014adcd23195f3be6e6908bf15edcf9faa0280898182838985060001004f017701740001018bcf"
       "e5680012340000056789abcdef0000000000000000000000000000000000000000000000000000"
       "00000000000000000000000000000000000d68747470733a2f2f782e792f7a2321e57d0cd0c6d4"
       "7a537b60a4fe72b6"},
      {"run_forked", RunForked{kRun, Sequence(9), std::chrono::seconds(5), "again"},
       "014adcd23195f3be6e6908bf15edcf9faa0280898182838985060012001b018bcfe56800123400"
       "00056789abcdef0980ade20405616761696ea46cada836aae61a76852dd4f08eb23b"},
      {"attributes_changed",
       AttributesChanged{CommandId(7), {{"gone", std::nullopt}, {"stage", std::string("review")}}},
       "014adcd23195f3be6e6908bf15edcf9faa028089818283898506001c0016070204676f6e65000573"
       "746167650106726576696577c0a31fdaf5e6ce21e83747506da3ff6c"},
      {"activity_scheduled, a step that shares its commit",
       ActivityScheduled{CommandId(2), "step:quote", 1, Reuse::value, {}, {.shares_commit = true}},
       "014adcd23195f3be6e6908bf15edcf9faa02808981828389850600030026020a737465703a71756f"
       "746501010080897ac801809c9c39060a0080b8b87264000000000001035b05f3695c5155a00cf150"
       "30e26353"},
      {"activity_scheduled, with a precedence",
       ActivityScheduled{
           CommandId(2),
           "work",
           1,
           Reuse::value,
           {},
           {.queue = "q", .in_process = true, .precedence = Precedence{Priority::low, "acme", 3}}},
       "014adcd23195f3be6e6908bf15edcf9faa028089818283898506000300290204776f726b01010080"
       "897ac801809c9c39060a0080b8b872640171000000000001030461636d6503c316dbbe6828fd2446"
       "922bb7b3f3bdf5"},
      {"activity_scheduled, in process",
       ActivityScheduled{
           CommandId(2), "work", 1, Reuse::value, {}, {.queue = "q", .in_process = true}},
       "014adcd23195f3be6e6908bf15edcf9faa028089818283898506000300220204776f726b01010080"
       "897ac801809c9c39060a0080b8b8726401710000000000017e4a305fbe5b68c281ffa03760fc1ba2"},
      {"run_started, with a precedence",
       RunStarted{.workflow = WorkflowId("w"),
                  .type = "t",
                  .input = {"in"},
                  .seed = 9,
                  .first_run = kRun,
                  .precedence = Precedence{Priority::high, "acme", 7}},
       "014adcd23195f3be6e6908bf15edcf9faa028089818283898506000100470177017404696e09018b"
       "cfe5680012340000056789abcdef0000000000000000000000000000000000000000000000000000"
       "0000000000000000000000000000010461636d6507e13e1784f70519e8ffed7181d009f2dc"},
      {"run_started, with labels and a precedence",
       RunStarted{.workflow = WorkflowId("w"),
                  .type = "t",
                  .input = {"in"},
                  .seed = 9,
                  .first_run = kRun,
                  .labels = RunLabels{{{"urgent", true}}, {"1"}},
                  .precedence = Precedence{.fairness_key = "acme"}},
       "014adcd23195f3be6e6908bf15edcf9faa028089818283898506000100500177017404696e09018b"
       "cfe5680012340000056789abcdef0000000000000000000000000000000000000000000000000000"
       "00000000000000000000000106757267656e7405023101000461636d65009c79a4508921a7db47b9"
       "39561d54c345"},
      {"child_scheduled",
       ChildScheduled{CommandId(5),
                      WorkflowId("c"),
                      "t",
                      {"in"},
                      ParentClose::cancel,
                      seconds(60),
                      seconds(90)},
       "014adcd23195f3be6e6908bf15edcf9faa02808981828389850600160011050163017404696e0280"
       "9c9c3980aaea55e368f0a91037953c7afc0f480e1d19e7"},
      {"child_started", ChildStarted{CommandId(5), kRun},
       "014adcd23195f3be6e6908bf15edcf9faa0280898182838985060017001105018bcfe56800123400"
       "00056789abcdef13e5d98463210d513bc734484e0a2203"},
      {"child_closed", ChildClosed{CommandId(5), {"out"}},
       "014adcd23195f3be6e6908bf15edcf9faa0280898182838985060018000705066f757400007ae4b8"
       "802faf902687460d4ca10ab93d"},
      {"child_closed, failed", ChildClosed{CommandId(5), {}, "unlucky", "a bad day"},
       "014adcd23195f3be6e6908bf15edcf9faa02808981828389850600180014050007756e6c75636b79"
       "09612062616420646179dab0615fb669bbc14dc844f7a4d30821"},
      {"child_cancel_requested", ChildCancelRequested{CommandId(5)},
       "014adcd23195f3be6e6908bf15edcf9faa0280898182838985060019000105966206cbfe4de3cece"
       "48b376a91a809a"},
      {"message_sent",
       MessageSent{CommandId(6), WorkflowId("w2"), MessageVerb::signal, "go", {"now"}},
       "014adcd23195f3be6e6908bf15edcf9faa028089818283898506001a000c060277320102676f066e"
       "6f77117ce47b7f233cc88f26ec686f0ef5f2"},
      {"message_answered", MessageAnswered{CommandId(6)},
       "014adcd23195f3be6e6908bf15edcf9faa028089818283898506001b0003060000e33fa4df31859f"
       "a51962c842e6968b96"},
      {"message_answered, refused", MessageAnswered{CommandId(6), "not_found", "nobody"},
       "014adcd23195f3be6e6908bf15edcf9faa028089818283898506001b001206096e6f745f666f756e"
       "64066e6f626f6479285dfe01c119eeb0b4dba3ba14fb6fbd"},
      {"activity_scheduled, with times",
       ActivityScheduled{CommandId(1),
                         "ocr.page",
                         1,
                         Reuse::value,
                         {"page"},
                         {.queue = "ocr",
                          .schedule_to_close = seconds(900),
                          .schedule_to_start = seconds(60),
                          .heartbeat_timeout = seconds(10)}},
       "014adcd23195f3be6e6908bf15edcf9faa0280898182838985060003003401086f63722e70616765"
       "0101087061676580897ac801809c9c39060a0080b8b87264036f63720080a4a7da06809c9c3980da"
       "c40999f7b85f19dfb97919ffa7815e7edacc"},
      {"activity_scheduled, to close in time",
       ActivityScheduled{CommandId(1),
                         "ocr.page",
                         1,
                         Reuse::value,
                         {"page"},
                         {.schedule_to_close = seconds(900)}},
       "014adcd23195f3be6e6908bf15edcf9faa0280898182838985060003002901086f63722e70616765"
       "0101087061676580897ac801809c9c39060a0080b8b87264000080a4a7da06d36335551869c3f6e5"
       "88f7a3506abf96"},
      {"activity_attempt_failed, with details",
       ActivityAttemptFailed{CommandId(1),
                             Attempt(1),
                             failure(),
                             UtcTime::from_micros(1'700'000'003'000'000),
                             {"page 7"}},
       "014adcd23195f3be6e6908bf15edcf9faa0280898182838985060005002d01010c726174655f6c69"
       "6d6974656409736c6f7720646f776e01809bee02809be084838985060c7061676520379d89a9e038"
       "bcece8f9b4abe8184802e7"},
      {"of a newer build", UnknownEvent{999, "later"},
       "014adcd23195f3be6e6908bf15edcf9faa02808981828389850600e70700056c61746572254ffec8"
       "6620eaff81db745992ca0fe9"},
  };
}

TEST(CodecGolden, TheBytesOfEachKindNeverChange) {
  for (const Golden& golden : goldens()) {
    SCOPED_TRACE(golden.name);
    const Record record{
        .run = kRun,
        .previous = digest_of("golden"),
        .events = {{Sequence(2), UtcTime::from_micros(1'700'000'000'123'456), golden.body}},
        .activations = {}};
    EXPECT_EQ(to_hex_text(encode_record(record)->bytes), golden.hex);
    std::string bytes;
    for (std::string_view hex = golden.hex; hex.size() > 1; hex.remove_prefix(2))
      bytes += static_cast<char>(std::stoi(std::string(hex.substr(0, 2)), nullptr, 16));
    EXPECT_EQ(decode_record(kRun, bytes, {})->record, record);
  }
}

TEST(CodecGolden, TheBytesOfAnActivationNeverChange) {
  const UtcTime at = UtcTime::from_micros(1'700'000'000'123'456);
  const Record record{
      .run = kRun,
      .previous = chain_start(kRun),
      .events = {{Sequence(1), at, RunStarted{WorkflowId("w"), "t", {"in"}, 9, kRun}},
                 {Sequence(2), at + seconds(1), TimerStarted{.command = CommandId(1)}}},
      .activations = {{.now = at + seconds(1),
                       .consumed = {Sequence(1)},
                       .first_command = 1,
                       .command_count = 1}}};
  EXPECT_EQ(to_hex_text(encode_record(record)->bytes),
            "014db54c4b0c3871c2f62a04959e34e271018089818283898506000100180177017404696e09018b"
            "cfe5680012340000056789abcdef0080897a0101010980897a030100001588f2d2fa1026b2a238da"
            "2a87d93a55");
}

}  // namespace
}  // namespace reprise
