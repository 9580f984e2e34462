#include "services/boot_units.hpp"

#include <doctest/doctest.h>

using namespace nct;

TEST_CASE("kubelet waits for provisioning, and so does each consumer, once") {
  Config config;
  CHECK(waiting_units(config) == std::vector<std::string>{"containerd.service", "kubelet.service"});
  config.consumers = {"kubelet.service", "crio.service"};
  CHECK(waiting_units(config) == config.consumers);
}
