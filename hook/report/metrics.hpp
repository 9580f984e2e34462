// A node's state as metrics, for the textfile collector of Prometheus' node_exporter.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cert/certificate.hpp"

namespace nct {

struct Metrics {
  std::string command;  // of the run that writes them
  bool succeeded = false;
  std::int64_t now = 0;

  // How the node is afterwards.
  struct State {
    std::vector<Certificate> anchors;  // installed; in order
    std::optional<std::int64_t> anchors_changed;
    std::optional<std::size_t> drift;            // lines of it, where it could be looked for
    std::optional<std::size_t> stale_consumers;  // where systemd could be asked
  };
  std::optional<State> state;  // none where it could not be read
};

// The file's text. What it says of other commands' last runs, of this one's last success if this is none, and
// of the node where that is not known, is taken over from `previous`.
std::string text_of(const Metrics& metrics, std::string_view previous);

}  // namespace nct
