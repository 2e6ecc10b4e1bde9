// A target with planted defects: a harness that does not find them finds nothing. Each defect waits behind a
// seed of the corpus that is harmless as it stands (corpus/canary) and shows only after a mutation.
#include <csignal>
#include <cstring>
#include <memory>
#include <vector>

#include "tests/fuzz/fuzz_target.h"

namespace {

constexpr std::size_t kAt = 9;  // of the byte that sets the defect off
constexpr std::size_t kGreedBytes = std::size_t{512} << 20;

void wait_to_be_stopped() {
  for (volatile bool waiting = true; waiting;) {
  }
}

void be_greedy() {
  std::vector<std::unique_ptr<char[]>> memory;
  constexpr std::size_t kPieceBytes = std::size_t{8} << 20;
  for (std::size_t taken = 0; taken < kGreedBytes; taken += kPieceBytes) {
    memory.emplace_back(new char[kPieceBytes]);
    std::memset(memory.back().get(), 1, kPieceBytes);
  }
  wait_to_be_stopped();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = slipstream::fuzz::text_of(data, size);
  if (size <= kAt || text[kAt] == '-') return 0;
  if (text.starts_with("property:")) FUZZ_PROMISE(text[kAt] != 'x', "planted");
  if (text.starts_with("crashing:") && text[kAt] == 'x') std::raise(SIGSEGV);
  if (text.starts_with("endless::") && text[kAt] == 'x') wait_to_be_stopped();
  if (text.starts_with("greedy:::") && text[kAt] == 'x') be_greedy();
  return 0;
}
