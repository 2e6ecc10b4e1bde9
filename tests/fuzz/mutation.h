// Deterministic mutations of byte strings, for runs of fuzz targets without libFuzzer: one seed, one sequence
// of inputs, on every machine. No feedback from the code under test.
#pragma once

#include <cstdint>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

namespace slipstream::fuzz {

// The entries of a libFuzzer dictionary: lines of name="bytes" or "bytes", with \\, \" and \xAB. Lines that
// are none are left out; a file that cannot be read is empty.
std::vector<std::string> read_dictionary(const std::filesystem::path& path);

class Mutator {
 public:
  Mutator(std::uint64_t seed, std::vector<std::string> corpus, std::vector<std::string> dictionary)
      : random_(seed), corpus_(std::move(corpus)), dictionary_(std::move(dictionary)) {}

  const std::string& any_of_corpus() { return corpus_[below(corpus_.size())]; }
  // One to four changes; the result has at most `bytes_max` bytes.
  void mutate(std::string& input, std::size_t bytes_max);
  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }

 private:
  void change(std::string& input);
  std::string insertion();
  std::string piece_of(const std::string& input);

  std::mt19937_64 random_;
  const std::vector<std::string> corpus_;
  const std::vector<std::string> dictionary_;
};

}  // namespace slipstream::fuzz
