#include "node/store.hpp"

#include <utility>

#include "node/files/file_store.hpp"
#include "node/p11kit/trust_store.hpp"
#include "node/state.hpp"

namespace nct {

std::unique_ptr<Store> open_store(const Family& family, Fs& fs, Remembered& remembered,
                                  const StoreOptions& options) {
  switch (family.mechanism) {
    case Mechanism::certificate_files:
    case Mechanism::rehashed_files:
    case Mechanism::c_rehashed_files:
      return open_file_store(family, fs, remembered, options);
    case Mechanism::extracts:
      return open_trust_store(family, fs, remembered, options);
  }
  return nullptr;
}

std::optional<FingerprintSet> observed_distro_roots(Fs& fs, std::string_view chosen) {
  const auto distro = recognise(fs, chosen);
  if (!distro) return std::nullopt;
  Remembered remembered;
  auto roots = open_store(*distro->family, fs, remembered, {})->distro_roots();
  return roots ? std::optional(*std::move(roots)) : std::nullopt;
}

}  // namespace nct
