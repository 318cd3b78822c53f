#include "workflows/bench/signals_view.hpp"

#include <memory>

#include "activities/contracts/json_value.hpp"
#include "activities/contracts/utf8.hpp"

namespace reprise {

bool SignalsViewFold::apply(const Event& event) {
  const auto* recorded = std::get_if<FactRecorded>(&event.body);
  if (recorded == nullptr) return false;
  ++count_;
  last_.push_back(utf8_cut(recorded->fact.bytes, kPayloadBytesMax));
  if (last_.size() > kLastMax) last_.pop_front();
  return true;
}

std::string SignalsViewFold::encode() const {
  std::string json = "{\"count\":" + std::to_string(count_) + ",\"last\":[";
  for (std::size_t i = 0; i < last_.size(); ++i) {
    if (i > 0) json += ',';
    append_json_text(json, last_[i]);
  }
  // Control characters take six bytes each: texts that are made of them are left out.
  if (json.size() > kCustomViewBytesMax - 76) return "{\"count\":" + std::to_string(count_) + "}";
  return json + "]}";
}

ViewDefinition signals_view() {
  return {.version = 1, .make = [] { return std::make_unique<SignalsViewFold>(); }};
}

}  // namespace reprise
