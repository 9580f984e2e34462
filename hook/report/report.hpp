// What a run has to say, for programs: JSON of schema 1.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cert/judge.hpp"
#include "wish/manifest.hpp"

namespace nct {

enum class RunResult { changed, unchanged, nothing_to_do, planned, failed };
std::string_view name_of(RunResult result);

// Keys keep the order of the members here, lists the order they are given in; what is empty is left out, but
// for the lists a command promises.
struct Report {
  struct Distro {
    std::string id;
    std::string family;
  };
  struct Finding {
    nct::Finding finding;
    std::string hint;
  };
  struct Certificate {
    nct::Certificate certificate;
    std::string source;
    std::string origin;
    std::vector<Owner> owners;  // where it has more than one
    std::string file;           // of an installed anchor
    std::optional<nct::Verdict> verdict;
    std::vector<ClientVerdict> clients;  // that refuse it
    std::vector<Finding> findings;
  };
  struct Step {
    std::string step;     // add-anchor, remove-anchor, publish-store, tell-consumer, enable-unit
    std::string subject;  // path, or unit
    std::string reason;
    std::string outcome;  // done, skipped, failed; empty where it is only planned
  };
  struct Store {
    std::string bundle;
    std::size_t roots = 0;
    std::size_t anchors = 0;
    bool proved = false;
  };
  struct DistrustedRoot {
    std::string fingerprint_sha256;
    std::string state;  // absent, taken-out, trusted
    std::string file;   // that takes it out, or keeps it
  };
  struct WithdrawnRoot {
    std::string fingerprint_sha256;
    std::string name;
    std::optional<std::int64_t> since;  // a run missed it
  };
  struct Unit {
    std::string unit;
    std::string state;       // as systemd says it: active, inactive, failed, ...
    std::string file_state;  // enabled, disabled, masked, ...; empty where it is not installed
  };
  struct Rotation {
    std::string directory;
    std::vector<Unit> units;
  };
  struct Consumer {
    std::string unit;
    std::string state;  // restarted, fresh, stale, inactive
    // Of one that is stale: when its process was started, and when the anchors changed.
    std::optional<std::int64_t> started;
    std::optional<std::int64_t> changed;
  };
  struct Drift {
    std::string kind;  // as node-ca-trust(8) lists them
    std::string subject;
    std::string message;
    std::string hint;
    std::string check;  // that found it, where checks are listed
  };
  struct Error {
    std::string code;
    std::string message;
    std::string hint;
  };

  std::string command;
  RunResult result = RunResult::failed;
  std::optional<Distro> distro;
  std::optional<std::vector<Certificate>> certificates;
  std::optional<std::vector<Certificate>> anchors;
  std::optional<std::vector<Finding>> findings;
  // How many of the two are not listed, since there are too many; errors are listed first of all.
  std::size_t more_certificates = 0;
  std::size_t more_findings = 0;
  std::optional<std::vector<Step>> plan;
  std::vector<std::string> repairs;   // damage found in the store, which the plan mends
  std::vector<std::string> warnings;  // what did not work without being an error
  std::vector<std::string> checks;    // that were made, each passed or failed as `drift` says
  std::optional<std::vector<Drift>> drift;
  std::optional<std::vector<DistrustedRoot>> distrusted;
  std::optional<std::vector<WithdrawnRoot>> withdrawn;
  std::optional<Store> store;
  std::optional<Rotation> rotation;
  std::optional<std::vector<Consumer>> consumers;
  std::optional<Error> error;
};

// Whether the run came to its end, and this check of it found nothing.
bool passed(const Report& report, std::string_view check);

// One document, indented by two, with a final line feed; bytes that are not UTF-8 are replaced.
std::string json_of(const Report& report);

}  // namespace nct
