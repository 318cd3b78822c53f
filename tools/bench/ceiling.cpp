#include "tools/bench/ceiling.hpp"

#include <fcntl.h>
#include <unistd.h>

#include "base/check.hpp"

namespace reprise {

Latencies bare_append_sync(const std::filesystem::path& dir, std::size_t bytes, Duration time) {
  const std::filesystem::path path = dir / "bare";
  const int file = ::open(path.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
  CHECK(file >= 0, "cannot create {}", path.string());
  const std::string data(bytes, 'x');
  const Clock& clock = system_clock();
  Latencies latencies;
  const SteadyTime end = clock.steady() + time;
  for (SteadyTime begin = clock.steady(); begin < end;) {
    CHECK(::write(file, data.data(), data.size()) == static_cast<ssize_t>(data.size()));
    CHECK(::fdatasync(file) == 0);
    const SteadyTime now = clock.steady();
    latencies.add(now - begin);
    begin = now;
  }
  ::close(file);
  std::filesystem::remove(path);
  return latencies;
}

double bare_merged_rate(EventLog& log, std::size_t rows, std::size_t bytes, Duration time) {
  const Clock& clock = system_clock();
  const RunId run = RunId::make(clock.utc(), 0, 42);
  const std::string value(bytes, 'x');
  Sequence next(1);
  const SteadyTime begin = clock.steady();
  while (clock.steady() < begin + time) {
    Batch batch;
    for (std::size_t i = 0; i < rows; ++i, next = next.next())
      batch.put(Table::record, record_key(run, next), value);
    const Result<> ok = log.append({&batch, 1});
    CHECK(ok.has_value(), "{}", to_string(ok.error()));
  }
  const double seconds = static_cast<double>((clock.steady() - begin).count()) / 1e6;
  return static_cast<double>(next.value() - 1) / seconds;
}

}  // namespace reprise
