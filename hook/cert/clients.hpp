// Who of the store's readers makes what of a certificate: rules that were held against the real clients.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cert/profile.hpp"

namespace nct {

enum class Client : std::uint8_t {
  // On a node.
  openssl,         // 3.0 and later as TLS clients use it: curl, git, Python, ...
  openssl_strict,  // the same with X509_V_FLAG_X509_STRICT and X509_V_FLAG_PARTIAL_CHAIN, as Python 3.13 sets
                   // them
  go,
  gnutls,
  java,
  p11_kit,  // where it makes the store: what it leaves out, no other client sees
  // In pods that mount the node's store.
  boringssl,
  mbedtls,
  wolfssl,
  rustls,
  python_cryptography,
};
constexpr unsigned kClients = 11;

// "openssl_strict", as reports spell it.
std::string_view name_of(Client client);

// "Python 3.13 and later", and what it is on a node.
std::string_view words_of(Client client);

// It is not on a node itself, but in pods.
bool is_in_pods(Client client);

enum class Effect : std::uint8_t {
  refuses,  // it accepts nothing that rests on this certificate
  breaks,   // others are lost with it: it loads nothing of a bundle that holds it
};

// What a certificate in a store is for.
enum class Use : std::uint8_t {
  issues,  // a CA: it issued the certificates that servers show
  serves,  // a server shows it itself
};

// A server may show a self-issued certificate itself. Whether one is for that, or a CA.
Use use_of(const Profile& profile);

struct ClientRule {
  std::uint16_t clients = 0;  // a bit each, by the value of Client
  Trait trait{};
  Effect effect = Effect::refuses;
  std::string_view source;    // of the client, or where it was measured
  std::string_view from;      // the first version of which it holds; empty: of all that were looked at
  std::string_view fixed_in;  // the first version of which it no longer holds; empty: of none
  bool issues = true;         // it holds of what issues, ...
  bool serves = true;         // ... of what serves

  [[nodiscard]] bool concerns(Client client) const {
    return (clients >> static_cast<unsigned>(client) & 1U) != 0;
  }
  [[nodiscard]] bool is_about(Use use) const { return use == Use::issues ? issues : serves; }
};

// One row a rule.
std::span<const ClientRule> client_rules();

struct ClientVerdict {
  Client client{};
  Effect effect = Effect::refuses;
  Trait trait{};
  bool always = true;  // of all versions, not only of some
  std::string reason;  // "its key is on a Brainpool curve"; with the versions where it is not all of them
};

// Those that refuse, each once with its worst reason, in the order of the enumeration; p11-kit as if it made
// the store. Who is not named accepts. What counts is any version that a node or its next upgrade may have.
std::vector<ClientVerdict> client_verdicts(const Profile& profile, Use use);

// Those that lose others by it, whatever it is for.
std::vector<ClientVerdict> broken_clients(const Profile& profile);

// Those that refuse it as an issuer in some version, for more than being an intermediate: a bit each, by the
// value of Client.
std::uint16_t refusing_clients(const Profile& profile);

// Whether some version of `client` refuses it.
bool refuses(Client client, const Profile& profile);

// Whether some client of a node, in some version, accepts what it issued, or the server that shows it itself.
bool is_usable(std::span<const ClientVerdict> verdicts);

// "Go (containerd and kubelet would not see it), Java: its key is on a Brainpool curve; in pods, ...": who,
// by what.
std::string words_of(std::span<const ClientVerdict> verdicts);

}  // namespace nct
