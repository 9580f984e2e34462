// Clients of the trust store that never stop looking: processes which ask for the same roots again and again,
// each time as a program that has just been started.
#pragma once

#include "support/certificates.hpp"

#include <cstddef>
#include <functional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace nct::test {

// What every look must find.
struct Wanted {
  std::vector<TestCa> roots;
  std::vector<TestCa> leaves;  // each signed by one of the roots
  std::string bundle = "/etc/ssl/certs/ca-certificates.crt";
};

// One look at /etc/ssl/certs and the bundle: what it misses, in words; empty where it finds all.
using Look = std::string (*)(const Wanted& wanted);

// The bundle file as bytes, in a read without pause.
std::string look_at_bytes(const Wanted& wanted);
// The bundle file through a new X509_STORE: every root is there, every leaf has a chain.
std::string look_at_bundle(const Wanted& wanted);
// The hash directory through a new X509_STORE: every leaf has a chain, every root is found by its subject.
std::string look_at_directory(const Wanted& wanted);

// A process of its own that looks until it is stopped.
class Prober {
 public:
  Prober(std::string name, Look look, const Wanted& wanted);
  Prober(const Prober&) = delete;
  Prober& operator=(const Prober&) = delete;
  ~Prober();

  void stop();

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] std::size_t looks() const;
  [[nodiscard]] std::size_t misses() const;
  [[nodiscard]] std::string first_miss() const;

 private:
  struct Shared;

  std::string name_;
  Shared* shared_ = nullptr;
  pid_t process_ = -1;
};

// What probers saw while something was done.
struct Seen {
  std::string name;
  std::size_t looks = 0;
  std::size_t misses = 0;
  std::string first_miss;
};

// The three kinds of looks, as they are or as a test needs them.
struct Looks {
  Look bytes = look_at_bytes;
  Look bundle = look_at_bundle;
  Look directory = look_at_directory;
};

// What probers of every kind see while `work` is done, in the order of Looks; each has looked before it
// begins.
std::vector<Seen> seen_during(const Wanted& wanted, const std::function<void()>& work,
                              const Looks& looks = {});

}  // namespace nct::test
