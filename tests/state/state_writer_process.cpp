// The other process of the store's tests. `DIR`: applies batches n, n + 1, ... after the last one found, each
// writing n to several families, and each number to stdout once applied; until it is killed.
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <string>

#include "engine/state/rocksdb_store.h"

int main(int count, char** arguments) {
  using namespace slipstream;
  if (count != 2) return 2;
  const auto store = open_rocksdb_store(arguments[1]);
  if (!store) {
    std::fprintf(stderr, "%s\n", store.error().message.c_str());
    return 1;
  }
  const auto last = (*store)->get(Family::meta, "last");
  if (!last) return 1;
  for (auto number = *last ? std::stoull(**last) + 1 : 1ULL;; ++number) {
    const auto text = std::to_string(number);
    const StateBatch batch = {{Family::entities, text, std::string(2000, 'e')},
                              {Family::rows, text, text},
                              {Family::totals, "newest", text},
                              {Family::rows, std::to_string(number - 10), std::nullopt},
                              {Family::meta, "last", text}};
    if (!(*store)->apply(batch, number % 16 == 0)) return 1;
    const std::uint64_t acknowledged = number;
    if (::write(STDOUT_FILENO, &acknowledged, sizeof acknowledged) != sizeof acknowledged) return 3;
  }
}
