"""The files that a node and its clients read: server properties, logging, client properties."""
from distribution import uses_log4j2

MESSAGE_BYTES_MAX = 16 << 20
PLAIN_LISTENERS = {"plaintext": "PLAINTEXT"}
SECURE_LISTENERS = {"plaintext": "PLAINTEXT", "sasl": "SASL_PLAINTEXT", "ssl": "SSL", "mtls": "SSL"}
SCRAM = "SCRAM-SHA-512"

# Nobody waits in a test for what production spreads over minutes.
PROMPT = {
    "group.initial.rebalance.delay.ms": 0,
    "group.min.session.timeout.ms": 1000,
    "broker.heartbeat.interval.ms": 500,
    "broker.session.timeout.ms": 4000,  # until a killed or paused node's partitions get another leader
    "transaction.abort.timed.out.transaction.cleanup.interval.ms": 500,
    "log.initial.task.delay.ms": 1000,
    "log.retention.check.interval.ms": 2000,
    "log.cleaner.backoff.ms": 1000,
    "log.segment.delete.delay.ms": 5000,
}
# Fits a heap of 256 MB and a machine with two cores.
SMALL = {
    "num.network.threads": 2,
    "num.io.threads": 4,
    "background.threads": 2,
    "log.cleaner.dedupe.buffer.size": 4 << 20,
    "offsets.topic.num.partitions": 8,
    "transaction.state.log.num.partitions": 8,
}
TOPICS = {
    "auto.create.topics.enable": "false",
    "message.max.bytes": MESSAGE_BYTES_MAX,
    "replica.fetch.max.bytes": MESSAGE_BYTES_MAX,
}


def replication(nodes):
    """Three copies and two in sync where there are three nodes, else one."""
    copies, in_sync = (3, 2) if nodes >= 3 else (1, 1)
    return {
        "default.replication.factor": copies, "min.insync.replicas": in_sync,
        "offsets.topic.replication.factor": copies,
        "transaction.state.log.replication.factor": copies, "transaction.state.log.min.isr": in_sync,
        "share.coordinator.state.topic.replication.factor": copies, "share.coordinator.state.topic.min.isr": in_sync,
        "share.coordinator.state.topic.num.partitions": 8,
    }


def listeners(secure):
    """Listener name -> security protocol."""
    return SECURE_LISTENERS if secure else PLAIN_LISTENERS


def server_properties(cluster, node):
    """Of a node that is broker and controller. What `start --set` gave comes last and wins."""
    protocols = listeners(cluster.secure)
    every = {**{name: name for name in protocols}, "controller": "controller"}
    settings = {
        "process.roles": "broker,controller",
        "node.id": node.id,
        "controller.quorum.voters": ",".join(f"{one.id}@127.0.0.1:{one.ports['controller']}" for one in cluster.nodes),
        "controller.listener.names": "CONTROLLER",
        "inter.broker.listener.name": "PLAINTEXT",
        "listeners": ",".join(f"{name.upper()}://127.0.0.1:{node.ports[name]}" for name in every),
        "listener.security.protocol.map":
            ",".join(["CONTROLLER:PLAINTEXT", *(f"{name.upper()}:{protocol}" for name, protocol in protocols.items())]),
        "log.dirs": cluster.directory_of(node) / "data",
        **TOPICS, **SMALL, **PROMPT, **replication(len(cluster.nodes)),
    }
    if cluster.secure:
        certificates = cluster.directory / "certificates"
        settings |= {
            "sasl.enabled.mechanisms": SCRAM,
            f"listener.name.sasl.{SCRAM.lower()}.sasl.jaas.config":
                "org.apache.kafka.common.security.scram.ScramLoginModule required;",
            "ssl.keystore.type": "PEM", "ssl.keystore.location": certificates / "server.keystore.pem",
            "ssl.truststore.type": "PEM", "ssl.truststore.location": certificates / "ca.pem",
            "listener.name.ssl.ssl.client.auth": "none",
            "listener.name.mtls.ssl.client.auth": "required",
        }
    return settings | cluster.settings


def client_properties(cluster, listener):
    """What a Java client needs to use a listener."""
    certificates = cluster.directory / "certificates"
    settings = {"security.protocol": listeners(cluster.secure)[listener]}
    if listener == "sasl":
        user = cluster.user
        settings |= {"sasl.mechanism": SCRAM, "sasl.jaas.config":
                     "org.apache.kafka.common.security.scram.ScramLoginModule required "
                     f"username=\"{user['name']}\" password=\"{user['password']}\";"}
    if listener in ("ssl", "mtls"):
        settings |= {"ssl.truststore.type": "PEM", "ssl.truststore.location": certificates / "ca.pem"}
    if listener == "mtls":
        settings |= {"ssl.keystore.type": "PEM", "ssl.keystore.location": certificates / "client.keystore.pem"}
    return settings


def write_properties(path, settings):
    path.write_text("".join(f"{key}={escaped(str(value))}\n" for key, value in settings.items()), encoding="ascii")


def escaped(value):
    """As java.util.Properties reads it back."""
    value = value.replace("\\", "\\\\")
    if value.startswith(" "):
        value = "\\" + value
    units = value.encode("utf-16-be")
    codes = [int.from_bytes(units[at:at + 2], "big") for at in range(0, len(units), 2)]
    return "".join(chr(code) if 32 <= code < 127 else f"\\u{code:04x}" for code in codes)


RELOAD4J = """log4j.rootLogger=WARN, out
log4j.appender.out=org.apache.log4j.{appender}
log4j.appender.out.{target}
log4j.appender.out.layout=org.apache.log4j.PatternLayout
log4j.appender.out.layout.ConversionPattern=%d{{ISO8601}} %p %m (%c)%n
"""
LOG4J2 = """status=ERROR
rootLogger.level=WARN
rootLogger.appenderRef.out.ref=out
appender.out.name=out
appender.out.type={appender}
appender.out.{target}
appender.out.layout.type=PatternLayout
appender.out.layout.pattern=%d{{ISO8601}} %p %m (%c)%n
"""


def write_logging(version, path, log=None):
    """Warnings to the file `log`, or to standard error."""
    if uses_log4j2(version):
        form, appender, target = (LOG4J2, "File", "fileName=") if log else (LOG4J2, "Console", "target=SYSTEM_ERR")
    else:
        form, appender, target = (RELOAD4J, "FileAppender", "File=") if log else (RELOAD4J, "ConsoleAppender", "Target=System.err")
    path.write_text(form.format(appender=appender, target=target + escaped(str(log or ""))), encoding="ascii")


def logging_option(version, path):
    """Java's option to log as a file written above says."""
    return f"-D{'log4j2.configurationFile' if uses_log4j2(version) else 'log4j.configuration'}={path.as_uri()}"
