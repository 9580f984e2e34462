// The order in which trust(1) reads certificates of one name, which is that of every view.
#pragma once

#include "node/namesakes.hpp"

namespace nct {

// The system's configuration before what it ships, and in each the files beside anchors/ before those in it;
// by name, as p11-kit does from 0.25.6 on.
const Orders& load_order();

// Before 0.25.6 the order in a directory is that of readdir(3): any. This is the other one of two.
const Orders& other_load_order();

}  // namespace nct
