#include "tests/faults/recording.hpp"

namespace reprise::testing {

Playback::Playback(const Recording& recording, std::size_t position) : recording_(recording) {
  disk_.install(recording.data.root(), recording.initial.beside);
  disk_.install(recording.data.log(), recording.initial.log);
  advance_to(position);
}

void Playback::advance() { disk_.apply(recording_.entries[position_++].operation); }

void Playback::advance_to(std::size_t position) {
  while (position_ < position) advance();
}

StoreImage Playback::image(Tail tail, std::uint64_t seed) const {
  return {.beside = disk_.power_loss_image(recording_.data.root(), tail, seed),
          .log = disk_.power_loss_image(recording_.data.log(), tail, seed)};
}

}  // namespace reprise::testing
