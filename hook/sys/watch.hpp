// Notices that something happens in directories: inotify(7), for whoever would rather look again too often
// than miss something.
#pragma once

#include <map>
#include <set>
#include <string>

#include "sys/clock.hpp"
#include "sys/fd.hpp"
#include "sys/stop.hpp"

namespace nct {

// A directory to be watched: all that happens in it, or only what happens to one name in it.
struct WatchedPlace {
  const Fd* directory = nullptr;
  std::string name;
};

class Watch {
 public:
  // Where the kernel has no watches left (nodes run out of them) or /proc is missing, it is blind, and never
  // fails.
  Watch();

  // Watched from now on; one that is watched already loses no event. False where it was not watched until
  // now.
  bool add(const WatchedPlace& place);

  // Places that were not added since the last call of this are watched no longer.
  void drop_others();

  // Whether something happened since the last call; an overflow of the kernel's queue is something.
  [[nodiscard]] bool take();

  enum class Woken {
    in_time,  // nothing happened until then
    change,   // something happened; take() was called
    look,     // blind: something may have happened
    stop,     // it was asked to end
  };
  // Waits until `until` at most; blind, for some tenths of a second at most.
  [[nodiscard]] Woken wait(Instant until, const StopRequest& stop);

  [[nodiscard]] bool blind() const { return blind_; }

 private:
  Fd events_;
  bool blind_ = false;
  std::map<int, std::string> names_;  // by watch: the name that counts, or empty for all
  std::set<int> added_;               // since drop_others()
};

}  // namespace nct
