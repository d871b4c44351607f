-- wrk's part: the bodies of a file in order, one a line, from a place of its own in each round.
--   wrk ... -s predict.lua URL -- FILE START

local requests, at = {}, 0

function init(args)
   local headers = { ["Content-Type"] = "application/json", ["Authorization"] = os.getenv("PEER_AUTHORIZATION") }
   for body in io.lines(args[1]) do
      requests[#requests + 1] = wrk.format("POST", wrk.path, headers, body)
   end
   at = tonumber(args[2])
end

function request()
   at = at % #requests + 1
   return requests[at]
end

function done(summary, latency)
   local errors = summary.errors
   io.write(string.format(
      '\n{"requests": %d, "seconds": %f, "statuses": %d, "failures": %d, "p50": %f, "p99": %f}\n',
      summary.requests, summary.duration / 1e6, errors.status,
      errors.connect + errors.read + errors.write + errors.timeout,
      latency:percentile(50) / 1e6, latency:percentile(99) / 1e6))
end
