// A private view of the machine's trust store, at its real paths: what a test does there nobody else sees,
// and nothing of it is left.
#pragma once

#include <string>

namespace nct::test {

// While one is alive, this process and what it starts see, in a mount namespace of their own,
//   /etc, /usr/local, /usr/share/ca-certificates, /var/lib   writable copies in memory
//   /run                                                     empty, in memory
// where the distribution's roots are installed and nothing else: no local anchor, no hook, no configuration
// or manifest of the product, and the distribution's own tool (run with -f) made /etc/ssl/certs. Requires
// root and a process of one thread; needs no terminal. Several processes may each have one; a process has one
// at a time. Throws std::runtime_error.
class Sandbox {
 public:
  Sandbox();
  Sandbox(const Sandbox&) = delete;
  Sandbox& operator=(const Sandbox&) = delete;
  ~Sandbox();

 private:
  int outside_ = -1;  // the namespace, and the directory, that the process came from
  int directory_ = -1;
};

}  // namespace nct::test
