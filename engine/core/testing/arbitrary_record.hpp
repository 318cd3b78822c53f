// Arbitrary records for rapidcheck: every kind of event, known and unknown, small and large.
#pragma once

#include <rapidcheck.h>

#include "engine/core/event.hpp"

namespace rc {

template <>
struct Arbitrary<reprise::Record> {
  static Gen<reprise::Record> arbitrary();
};

template <>
struct Arbitrary<reprise::EventBody> {
  static Gen<reprise::EventBody> arbitrary();
};

}  // namespace rc
