"""Kafka's command-line tools by their usual names."""
import zipfile

from problem import Problem

TOOLS = "org.apache.kafka.tools."
# Name -> the classes it had in 4.x and 3.9, and the options that give it the brokers and a client's properties.
BY_NAME = {
    "kafka-acls": ((TOOLS + "AclCommand", "kafka.admin.AclCommand"), "--bootstrap-server", "--command-config"),
    "kafka-broker-api-versions":
        ((TOOLS + "BrokerApiVersionsCommand", "kafka.admin.BrokerApiVersionsCommand"), "--bootstrap-server", "--command-config"),
    "kafka-cluster": ((TOOLS + "ClusterTool",), None, None),
    "kafka-configs": (("kafka.admin.ConfigCommand",), "--bootstrap-server", "--command-config"),
    "kafka-console-consumer": ((TOOLS + "consumer.ConsoleConsumer",), "--bootstrap-server", "--consumer.config"),
    "kafka-console-producer":
        ((TOOLS + "ConsoleProducer", "kafka.tools.ConsoleProducer"), "--bootstrap-server", "--producer.config"),
    "kafka-consumer-groups": ((TOOLS + "consumer.group.ConsumerGroupCommand",), "--bootstrap-server", "--command-config"),
    "kafka-consumer-perf-test": ((TOOLS + "ConsumerPerformance",), "--bootstrap-server", "--consumer.config"),
    "kafka-delete-records": ((TOOLS + "DeleteRecordsCommand",), "--bootstrap-server", "--command-config"),
    "kafka-dump-log": (("kafka.tools.DumpLogSegments",), None, None),
    "kafka-features": ((TOOLS + "FeatureCommand",), "--bootstrap-server", "--command-config"),
    "kafka-get-offsets": ((TOOLS + "GetOffsetShell",), "--bootstrap-server", "--command-config"),
    "kafka-groups": ((TOOLS + "GroupsCommand",), "--bootstrap-server", "--command-config"),
    "kafka-leader-election": ((TOOLS + "LeaderElectionCommand",), "--bootstrap-server", "--admin.config"),
    "kafka-log-dirs": ((TOOLS + "LogDirsCommand",), "--bootstrap-server", "--command-config"),
    "kafka-metadata-quorum": ((TOOLS + "MetadataQuorumCommand",), "--bootstrap-server", "--command-config"),
    "kafka-producer-perf-test": ((TOOLS + "ProducerPerformance",), None, "--producer.config"),
    "kafka-reassign-partitions": ((TOOLS + "reassign.ReassignPartitionsCommand",), "--bootstrap-server", "--command-config"),
    "kafka-storage": (("kafka.tools.StorageTool",), None, None),
    "kafka-topics": ((TOOLS + "TopicCommand",), "--bootstrap-server", "--command-config"),
    "kafka-transactions": ((TOOLS + "TransactionsCommand",), "--bootstrap-server", "--command-config"),
}


def class_and_options(name, jars):
    """(class, bootstrap option or None, properties option or None); a dotted name is a class itself."""
    name = name.removesuffix(".sh")
    if "." in name:
        return name, None, None
    if name not in BY_NAME:
        raise Problem(f"no tool '{name}'; there are: {', '.join(BY_NAME)}")
    classes, bootstrap, properties = BY_NAME[name]
    for one in classes:
        if holds_class(jars, one):
            return one, bootstrap, properties
    raise Problem(f"this version of Kafka has no {name}")


def holds_class(jars, name):
    entry = name.replace(".", "/") + ".class"
    for jar in (*jars.glob("kafka-tools-*.jar"), *jars.glob("kafka_*.jar"), *jars.glob("kafka-server-*.jar")):
        with zipfile.ZipFile(jar) as archive:
            if entry in archive.namelist():
                return True
    return False
