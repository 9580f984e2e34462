#include "node/kubelet_block.hpp"

#include <string>

#include "config/paths.hpp"
#include "node/replace_files.hpp"

namespace nct {

Result<void> block_kubelet(Fs& fs) {
  NCT_CHECK(fs.make_directories(std::string(kRunDirectory)));
  const NewFile file{.path = std::string(kKubeletBlocked),
                     .bytes =
                         "node-ca-trust: kubelet does not start, since provisioning has not succeeded yet "
                         "and policy.provision.on_failure is \"block\"; see 'systemctl status "
                         "node-ca-trust' and node-ca-trust(8)\n"};
  return replace_files(fs, {&file, 1});
}

Result<void> unblock_kubelet(Fs& fs) {
  return remove_if_there(fs, std::string(kKubeletBlocked));
}

}  // namespace nct
