#include "node/p11kit/load_order.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/text.hpp"

namespace nct {

namespace {

std::string load_key(const Placed& placed) {
  const bool shipped = placed.path.starts_with("/usr/");
  const bool anchor = placed.path.contains("/anchors/");
  return concat(shipped ? "1" : "0", anchor ? "1" : "0", placed.path);
}

std::vector<Placed> in_load_order(std::vector<Placed> certificates) {
  return ordered_by(&load_key, std::move(certificates));
}

std::vector<Placed> in_other_order(std::vector<Placed> certificates) {
  const auto directory_key = [](const Placed& placed) {
    const auto key = load_key(placed);
    return key.substr(0, key.rfind('/'));
  };
  auto ordered = in_load_order(std::move(certificates));
  std::ranges::reverse(ordered);
  return ordered_by(directory_key, std::move(ordered));
}

}  // namespace

const Orders& load_order() {
  static const Orders order{.bundle = &in_load_order, .bucket = &in_load_order};
  return order;
}

const Orders& other_load_order() {
  static const Orders order{.bundle = &in_other_order, .bucket = &in_other_order};
  return order;
}

}  // namespace nct
