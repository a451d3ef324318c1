-- Prints what wrk counted on one line that a program can read; latencies are in microseconds.
function done(summary, latency, _)
  local errors = summary.errors
  local figures = {
    requests = summary.requests, bytes = summary.bytes, duration = summary.duration,
    p50 = latency:percentile(50), p99 = latency:percentile(99), max = latency.max,
    connect = errors.connect, read = errors.read, write = errors.write,
    status = errors.status, timeout = errors.timeout,
  }
  local words = {}
  for name, value in pairs(figures) do
    words[#words + 1] = string.format("%s=%.0f", name, value)
  end
  print("counted: " .. table.concat(words, " "))
end
