#include "plan/boot_units.hpp"

#include <doctest/doctest.h>

using namespace nct;

TEST_CASE("kubelet waits for provisioning, and so does each consumer, once") {
  Config config;
  CHECK(waiting_units(config) == std::vector<std::string>{"containerd.service", "kubelet.service"});
  config.consumers = {"kubelet.service", "crio.service"};
  CHECK(waiting_units(config) == config.consumers);
}

TEST_CASE("a drop-in counts if it orders its unit") {
  CHECK(waits_for_boot_unit(order_drop_in()));
  CHECK(waits_for_boot_unit("[Unit]\n  After=network.target node-ca-trust.service \n"));
  CHECK_FALSE(waits_for_boot_unit(""));
  CHECK_FALSE(waits_for_boot_unit("[Unit]\n#After=node-ca-trust.service\n"));
  CHECK_FALSE(
      waits_for_boot_unit("[Unit]\nAfter=node-ca-trust-rotate.service\nWants=node-ca-trust.service\n"));
}
