#include "workflows/schedule/schedule_state.hpp"

namespace reprise {

Result<> decode(const Payload& payload, ScheduleState& state) {
  state = ScheduleState{};
  if (Result<> read = read_json(payload.bytes, JsonReader::Mode::strict, state); !read) return read;
  Result<> fits = check(state.plan);
  if (!fits) fits.error().field.insert(0, "plan.");
  return fits;
}

}  // namespace reprise
