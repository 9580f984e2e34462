// Exit statuses, after sysexits.h(3head); node-ca-trust(8) lists them.
#pragma once

#include "base/error.hpp"

namespace nct {

inline constexpr int kDone = 0;
inline constexpr int kNo = 1;  // lint and verify say no

constexpr int exit_status_of(Errc code) {
  switch (code) {
    case Errc::usage:
      return 64;
    case Errc::input:
      return 65;
    case Errc::missing_input:
      return 66;
    case Errc::systemd:
      return 69;
    case Errc::bug:
      return 70;
    case Errc::in_the_way:
      return 73;
    case Errc::io:
      return 74;
    case Errc::busy:
      return 75;
    case Errc::not_permitted:
      return 77;
    case Errc::configuration:
      return 78;
  }
  return 70;
}

}  // namespace nct
