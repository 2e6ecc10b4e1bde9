"""The readings of the end-to-end benchmark (`observations-json`), produced by confluent-kafka as a user's gateway would."""
import random

from confluent_kafka import Producer

from deployment import say

WARDS = 500
WARDS_PER_DISTRICT = 25
STRIDE = 6_700_417  # a prime: visits every sensor, neighbours far apart
ROUND_SECONDS = 60
STRUCTURED = [("content-type", "application/cloudevents+json")]

DEFINITIONS = """name: Sensors of a city
time_zone: UTC
organisation: { root: city }
views:
  air:
    from: observations
    where: metric = 'pm2_5'
    window: { every: day }
    measures:
      readings: count(*)
      total: sum(value)
"""


def node_of(sensor):
    ward = sensor % WARDS
    return f"d{ward // WARDS_PER_DISTRICT:02}/w{ward:03}/s{sensor:07}"


def event(node, number, time, value, metric="pm2_5"):
    return (f'{{"specversion":"1.0","id":"{node}:{number}","source":"/gateways/1","type":"observation","subject":"{node}",'
            f'"time":"{time}","data":{{"metric":"{metric}","node":"{node}","value":{value},"sequence":{number}}}}}')


def producer(bootstrap_servers, linger_ms):
    """Keys go where the engine looks for them: docs/events.md. It makes a request for each partition when `linger_ms` is over: with
    a short one a feed keeps the broker busier than the engine does."""
    return Producer({"bootstrap.servers": bootstrap_servers, "partitioner": "murmur2_random", "linger.ms": linger_ms,
                     "queue.buffering.max.messages": 200_000, "max.in.flight.requests.per.connection": 5, "acks": "all", "log_level": 0})


def produce(to, topic, node, value, **more):
    """As soon as there is room."""
    while True:
        try:
            to.produce(topic, value, node, headers=STRUCTURED, **more)
            return
        except BufferError:
            to.poll(0.05)


def fill(bootstrap_servers, topic, events, keys, seed):
    """`events` readings of `keys` sensors, in an order without neighbours, of one day."""
    say(f"filling {topic} with {events} readings of {keys} sensors")
    dice = random.Random(seed)
    to = producer(bootstrap_servers, 20)
    refused = []
    for i in range(events):
        number, within = divmod(i, keys)
        second = number * ROUND_SECONDS % 86_400
        produce(to, topic, node := node_of(within * STRIDE % keys),
                event(node, number, f"2026-03-01T{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}Z",
                      dice.randrange(1000) / 10),
                on_delivery=lambda error, _: refused.append(error) if error else None)
        if i % 1000 == 0:
            to.poll(0)
        if i and i % 250_000 == 0:
            say(f"  {i}")
    if to.flush(120) or refused:
        raise SystemExit(f"the broker has not taken all readings: {refused[:1]}")
