-- wrk's side of a measurement: sends the requests of the file REQUESTS in turn, and prints what it saw as one line of JSON.
-- A line of the file is METHOD TAB PATH, or METHOD TAB PATH TAB BODY. With CLOSE=1 each request has a connection of its own,
-- with COOKIE that header.

local requests = {}
local threads = 0
local place = 0

function setup(thread)
    thread:set("first", threads)
    threads = threads + 1
end

function init(arguments)
    local headers = {["Content-Type"] = "application/json", ["Accept"] = os.getenv("ACCEPT")}
    if os.getenv("COOKIE") ~= "" then
        headers["Cookie"] = os.getenv("COOKIE")
    end
    if os.getenv("CLOSE") == "1" then
        headers["Connection"] = "close"
    end
    for line in io.lines(os.getenv("REQUESTS")) do
        local method, path, body = line:match("^(%u+)\t([^\t]+)\t?(.*)$")
        requests[#requests + 1] = wrk.format(method, path, headers, body ~= "" and body or nil)
    end
    -- The threads begin apart, so that no two ask for the same thing at the same time.
    place = math.floor(#requests * first / 2)
end

function request()
    place = place % #requests + 1
    return requests[place]
end

function done(summary, latency, all)
    local errors = summary.errors
    io.write(string.format(
        '\n{"requests": %d, "microseconds": %d, "bytes": %d, "refused": %d, "broken": %d, "p50": %d, "p99": %d}\n',
        summary.requests, summary.duration, summary.bytes, errors.status,
        errors.connect + errors.read + errors.write + errors.timeout, latency:percentile(50), latency:percentile(99)
    ))
end
