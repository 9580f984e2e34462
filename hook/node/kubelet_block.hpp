// Keeps kubelet from starting while provisioning has not succeeded; units/kubelet.conf is the other half.
#pragma once

#include "base/error.hpp"
#include "sys/fs.hpp"

namespace nct {

// Lays the file down that stops kubelet.service, with the reason in it.
Result<void> block_kubelet(Fs& fs);

// Takes it away, if it is there.
Result<void> unblock_kubelet(Fs& fs);

}  // namespace nct
