"""
What changes the queue in Redis, in its own language: all of a script happens, or nothing.

Times are milliseconds of Redis' own clock. `KEYS` are the list of ids that wait, the set of those that are claimed, the
bell, and what the name of a prediction begins with.
"""

from typing import Final

_NOW: Final = """
local waiting, claimed, bell, one = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
"""

# id, caller, request id, question, how many may wait, for how long it is kept -> when, or 0 where too many wait
PUT: Final = f"""{_NOW}
if redis.call('LLEN', waiting) >= tonumber(ARGV[5]) then return 0 end
redis.call('HSET', one .. ARGV[1], 'caller', ARGV[2], 'request_id', ARGV[3], 'question', ARGV[4],
           'state', 'queued', 'queued_at', now, 'claims', 0)
redis.call('PEXPIRE', one .. ARGV[1], ARGV[6])
redis.call('RPUSH', waiting, ARGV[1])
if redis.call('LLEN', bell) < 64 then redis.call('RPUSH', bell, 1) end
redis.call('EXPIRE', bell, 60)
return now
"""

# how many, for how long -> how many wait, and of each that was taken: id, caller, request id, question, claims
CLAIM: Final = f"""{_NOW}
local ids, is_lost = {{}}, false
while not is_lost do
  local lost = redis.call('ZRANGEBYSCORE', claimed, '-inf', now, 'LIMIT', 0, 1)[1]
  if not lost then break end
  redis.call('ZREM', claimed, lost)
  if redis.call('HGET', one .. lost, 'state') == 'running' then ids, is_lost = {{lost}}, true end
end
while not is_lost and #ids < tonumber(ARGV[1]) do
  local id = redis.call('LPOP', waiting)
  if not id then break end
  if redis.call('HGET', one .. id, 'state') == 'queued' then ids[#ids + 1] = id end
end
local taken = {{}}
for number, id in ipairs(ids) do
  local claims = redis.call('HINCRBY', one .. id, 'claims', 1)
  redis.call('HSET', one .. id, 'state', 'running')
  redis.call('ZADD', claimed, now + ARGV[2], id)
  local asked = redis.call('HMGET', one .. id, 'caller', 'request_id', 'question')
  taken[number] = {{id, asked[1], asked[2], asked[3], claims}}
end
return {{redis.call('LLEN', waiting), taken}}
"""

# for how long they are kept; of each: id, state, result -> of each, 1 where it counts
SETTLE: Final = f"""{_NOW}
local firsts = {{}}
for at = 2, #ARGV, 3 do
  local state = redis.call('HGET', one .. ARGV[at], 'state')
  if state == 'queued' or state == 'running' then
    redis.call('HSET', one .. ARGV[at], 'state', ARGV[at + 1], 'result', ARGV[at + 2], 'answered_at', now,
               'expires_at', now + ARGV[1])
    redis.call('HDEL', one .. ARGV[at], 'question')
    redis.call('PEXPIRE', one .. ARGV[at], ARGV[1])
    firsts[#firsts + 1] = 1
  else
    firsts[#firsts + 1] = 0
  end
  redis.call('ZREM', claimed, ARGV[at])
end
return firsts
"""

# of each, the youngest first: id, claims
GIVE_BACK: Final = f"""{_NOW}
for at = 1, #ARGV, 2 do
  local asked = redis.call('HMGET', one .. ARGV[at], 'state', 'claims')
  if asked[1] == 'running' and asked[2] == ARGV[at + 1] then
    redis.call('HINCRBY', one .. ARGV[at], 'claims', -1)
    redis.call('HSET', one .. ARGV[at], 'state', 'queued')
    redis.call('ZREM', claimed, ARGV[at])
    redis.call('LPUSH', waiting, ARGV[at])
  end
end
return 0
"""
