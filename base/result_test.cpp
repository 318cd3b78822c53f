#include "base/result.hpp"

#include <gtest/gtest.h>

#include <set>

namespace reprise {
namespace {

TEST(Error, SaysCodeDetailAndField) {
  const Error error = fail(Errc::invalid_argument, "description is empty", "description").error();
  EXPECT_EQ(to_string(error), "invalid_argument: description is empty (field description)");
  EXPECT_EQ(to_string(fail(Errc::io, "disk").error()), "io: disk");
}

// The names are in JSON and in clients: each code has its own, and keeps it.
TEST(Errc, EachCodeHasANameOfItsOwn) {
  std::set<std::string_view> names;
  for (int code = 1; code <= static_cast<int>(Errc::internal); ++code)
    EXPECT_TRUE(names.insert(to_string(static_cast<Errc>(code))).second) << code;
  EXPECT_EQ(names.size(), 18U);
  EXPECT_EQ(to_string(Errc::unknown_outcome), "unknown_outcome");
}

}  // namespace
}  // namespace reprise
