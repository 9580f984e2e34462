#include "distro/prober.hpp"

#include "support/tree.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <cstring>
#include <doctest/doctest.h>
#include <memory>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <stdexcept>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

#include "base/handle.hpp"
#include "base/text.hpp"

namespace nct::test {
namespace {

constexpr const char* kStore = "/etc/ssl/certs";

void free_certificates(STACK_OF(X509) * certificates) {
  sk_X509_pop_free(certificates, X509_free);
}

using Cert = Handle<X509, X509_free>;
using Store = Handle<X509_STORE, X509_STORE_free>;
using Context = Handle<X509_STORE_CTX, X509_STORE_CTX_free>;
using Certs = Handle<STACK_OF(X509), free_certificates>;

Cert parsed(const TestCa& ca) {
  const auto* at = reinterpret_cast<const unsigned char*>(ca.der.data());
  return Cert(d2i_X509(nullptr, &at, static_cast<long>(ca.der.size())));
}

// What is not found through `store`, in words.
std::string missing_from(X509_STORE* store, const Wanted& wanted) {
  for (const auto& leaf : wanted.leaves) {
    const Cert cert = parsed(leaf);
    const Context context(X509_STORE_CTX_new());
    X509_STORE_CTX_init(context.get(), store, cert.get(), nullptr);
    if (X509_verify_cert(context.get()) != 1)
      return concat("no chain for ", leaf.subject, ": ",
                    X509_verify_cert_error_string(X509_STORE_CTX_get_error(context.get())));
  }
  for (const auto& root : wanted.roots) {
    const Cert cert = parsed(root);
    const Context context(X509_STORE_CTX_new());
    X509_STORE_CTX_init(context.get(), store, nullptr, nullptr);
    const Certs found(X509_STORE_CTX_get1_certs(context.get(), X509_get_subject_name(cert.get())));
    bool there = false;
    for (int i = 0; found && i < sk_X509_num(found.get()); ++i)
      there = there || X509_cmp(sk_X509_value(found.get(), i), cert.get()) == 0;
    if (!there) return concat("no ", root.subject, ", fingerprint ", root.fingerprint_hex);
  }
  return {};
}

}  // namespace

std::string look_at_bytes(const Wanted& wanted) {
  std::string bytes;
  try {
    bytes = read_whole(wanted.bundle);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  for (const auto& root : wanted.roots)
    if (!bytes.contains(root.pem)) return concat("no ", root.subject);
  return {};
}

std::string look_at_bundle(const Wanted& wanted) {
  const Store store(X509_STORE_new());
  X509_LOOKUP* lookup = X509_STORE_add_lookup(store.get(), X509_LOOKUP_file());
  if (X509_LOOKUP_load_file(lookup, wanted.bundle.c_str(), X509_FILETYPE_PEM) != 1) {
    ERR_clear_error();
    return "the bundle does not load";
  }
  return missing_from(store.get(), wanted);
}

std::string look_at_directory(const Wanted& wanted) {
  const Store store(X509_STORE_new());
  X509_LOOKUP* lookup = X509_STORE_add_lookup(store.get(), X509_LOOKUP_hash_dir());
  X509_LOOKUP_add_dir(lookup, kStore, X509_FILETYPE_PEM);
  auto missing = missing_from(store.get(), wanted);
  ERR_clear_error();
  return missing;
}

// Seen by both processes.
struct Prober::Shared {
  std::atomic<bool> stopping = false;
  std::atomic<std::size_t> looks = 0;
  std::atomic<std::size_t> misses = 0;
  std::array<char, 512> first_miss{};
};

Prober::Prober(std::string name, Look look, const Wanted& wanted) : name_(std::move(name)) {
  void* memory = ::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::runtime_error("prober: no memory");
  shared_ = new (memory) Shared;
  process_ = ::fork();
  if (process_ < 0) throw std::runtime_error("prober: no process");
  if (process_ > 0) return;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  while (!shared_->stopping) {
    const auto missing = look(wanted);
    if (!missing.empty() && shared_->misses++ == 0)
      missing.copy(shared_->first_miss.data(), shared_->first_miss.size() - 1);
    ++shared_->looks;
  }
  ::_exit(0);
}

Prober::~Prober() {
  stop();
  ::munmap(shared_, sizeof(Shared));
}

void Prober::stop() {
  if (process_ < 0) return;
  shared_->stopping = true;
  ::waitpid(process_, nullptr, 0);
  process_ = -1;
}

std::size_t Prober::looks() const {
  return shared_->looks;
}
std::size_t Prober::misses() const {
  return shared_->misses;
}
std::string Prober::first_miss() const {
  return shared_->first_miss.data();
}

std::vector<Seen> seen_during(const Wanted& wanted, const std::function<void()>& work, const Looks& looks) {
  std::vector<std::unique_ptr<Prober>> probers;
  probers.push_back(std::make_unique<Prober>("bytes of the bundle", looks.bytes, wanted));
  probers.push_back(std::make_unique<Prober>("bundle", looks.bundle, wanted));
  probers.push_back(std::make_unique<Prober>("hash directory", looks.directory, wanted));
  for (const auto& prober : probers)
    while (prober->looks() == 0)
      ::usleep(1000);
  work();
  std::vector<Seen> seen;
  for (const auto& prober : probers) {
    prober->stop();
    seen.push_back({prober->name(), prober->looks(), prober->misses(), prober->first_miss()});
    MESSAGE(prober->name(), ": ", prober->looks(), " looks, ", prober->misses(), " misses");
  }
  return seen;
}

}  // namespace nct::test
