// Compiled into tests that run threads over RocksDB. Debian's RocksDB is not instrumented, so the thread
// sanitizer does not see how its memtables are synchronised and reports what is read from them; races in our
// own code it still does. Where it has lost the stack of RocksDB's write, the reader is named: all that it
// shares is what RocksDB gives it.
extern "C" const char* __tsan_default_suppressions();
extern "C" const char* __tsan_default_suppressions() {
  return "race:librocksdb.so\n"
         "race:slipstream::EmbeddedStorage::summaries\n";
}
