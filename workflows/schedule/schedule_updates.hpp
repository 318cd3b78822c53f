// What people ask of a schedule: the inputs and answers of its updates and of its query.
//
//   update    input                      answer
//   pause     {note?}                    {paused}
//   unpause   {note?}                    {paused}
//   trigger   {overlap?}                 {workflow_id, offered}: what became of it
//   backfill  {from, to, overlap?}       {starts}
//   set       a plan                     {}
//   describe  {now?} (a query)           the schedule for people; next fire times behind `now`
// Errors:     invalid_argument, limit_exceeded; `field` names what is wrong.
#pragma once

#include <optional>
#include <string>

#include "workflows/schedule/schedule_state.hpp"

namespace reprise {

inline constexpr std::string_view kScheduleType = "reprise.schedule";
// The workflow id of a schedule's run is this and the schedule's id.
inline constexpr std::string_view kScheduleIdPrefix = "schedule_";

struct PauseInput {
  std::string note;
  static void fields(auto& codec, auto& self) {
    codec("note", self.note, Text{.max = kNoteCharactersMax});
  }
};

struct TriggerInput {
  std::string overlap;  // empty: the plan's
  static void fields(auto& codec, auto& self) { codec("overlap", self.overlap, Text{.max = 40}); }
};

struct BackfillInput {
  std::string from;  // both belong to the range
  std::string to;
  std::string overlap;  // empty: buffer_all, one after the other
  static void fields(auto& codec, auto& self) {
    codec("from", self.from, Text{.min = 1, .max = 40});
    codec("to", self.to, Text{.min = 1, .max = 40});
    codec("overlap", self.overlap, Text{.max = 40});
  }
};

struct ScheduleQuestion {
  std::string now;  // empty: when the schedule last did something
  static void fields(auto& codec, auto& self) { codec("now", self.now, Text{.max = 40}); }
};
// Takes nothing at all, too.
Result<> decode(const Payload& payload, ScheduleQuestion& input);

struct PauseAnswer {
  bool paused = false;
  static void fields(auto& codec, auto& self) { codec("paused", self.paused); }
};
struct TriggerAnswer {
  std::string workflow_id;
  std::string offered;  // starts, waits, skipped or overflowed
  static void fields(auto& codec, auto& self) {
    codec("workflow_id", self.workflow_id);
    codec("offered", self.offered);
  }
};
struct BackfillAnswer {
  std::uint64_t starts = 0;
  static void fields(auto& codec, auto& self) { codec("starts", self.starts); }
};

Result<std::optional<Overlap>> overlap_of(const std::string& name);

struct BackfillRange {
  UtcTime from;
  UtcTime to;
  Overlap overlap = Overlap::buffer_all;
};
Result<BackfillRange> range_of(const BackfillInput& input);

}  // namespace reprise
