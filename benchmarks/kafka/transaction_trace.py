"""What the transaction coordinator wrote down of each producer: an outside clock of every commit.

Each change of a transaction's state is a record of the topic __transaction_state, with the instant of its writing. The key
holds a version (2 bytes) and the transactional id; the value a version (2), the producer's id (8) and epoch (2), its time-out
(4) and the state (1): org.apache.kafka's TransactionLogKey.json and TransactionLogValue.json.
"""
import collections
import struct
import threading

from confluent_kafka import OFFSET_END, Consumer, TopicPartition

TOPIC = "__transaction_state"
EMPTY, ONGOING, PREPARE_COMMIT, PREPARE_ABORT, COMPLETE_COMMIT = range(5)


class TransactionTrace:
    """From its construction on; `of` gives (instant, state) in order, of one transactional id."""

    def __init__(self, bootstrap_servers):
        self.states = collections.defaultdict(list)
        self.ending = False
        self.consumer = Consumer({"bootstrap.servers": bootstrap_servers, "group.id": "slipstream-benchmark-transactions",
                                  "enable.auto.commit": False, "isolation.level": "read_uncommitted", "log_level": 0})
        partitions = self.consumer.list_topics(TOPIC, timeout=15).topics[TOPIC].partitions
        if not partitions:
            raise SystemExit(f"{TOPIC} is not there yet: the first producer of a transaction makes it")
        self.consumer.assign([TopicPartition(TOPIC, partition, OFFSET_END) for partition in partitions])
        self.thread = threading.Thread(target=self.read, daemon=True)
        self.thread.start()

    def read(self):
        while not self.ending:
            for message in self.consumer.consume(1000, 0.1):
                if message.error() or message.value() is None:
                    continue
                key, value = message.key(), message.value()
                size = struct.unpack_from(">h", key, 2)[0]
                state = struct.unpack_from(">hqhib", value)[4]
                self.states[key[4:4 + size].decode()].append((message.timestamp()[1] / 1000, state))

    def of(self, transactional_id):
        return list(self.states[transactional_id])

    def first(self, transactional_id, state, after):
        return next((instant for instant, its in self.of(transactional_id) if its == state and instant >= after), None)

    def commits(self, transactional_id):
        """(begun, offsets, ending, complete): of each commit that was seen whole the instants of its first and last partition,
        which is that of the group's offsets, after all records; of its EndTxn; of its last mark."""
        all_commits, begun, ending = [], [], None
        for instant, state in self.of(transactional_id):
            if state == ONGOING:
                begun.append(instant)
            elif state == PREPARE_COMMIT:
                ending = instant
            else:
                if state == COMPLETE_COMMIT and begun and ending:
                    all_commits.append((begun[0], begun[-1], ending, instant))
                begun, ending = [], None
        return all_commits

    def close(self):
        self.ending = True
        self.thread.join()
        self.consumer.close()
