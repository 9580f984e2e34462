// A server of a good CA, and an image with Debian's TLS clients that ask it.
#pragma once

#include "support/certificates.hpp"
#include "system/image.hpp"

#include <csignal>
#include <cstdlib>
#include <doctest/doctest.h>
#include <future>
#include <map>
#include <sched.h>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "base/text.hpp"

namespace nct::test {

// Answers each connection in a thread of its own, and lets the client end it.
inline constexpr const char* kServer = R"(
import http.server, ssl
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain("certificate.pem", "key.pem")
http.server.SimpleHTTPRequestHandler.protocol_version = "HTTP/1.1"
server = http.server.ThreadingHTTPServer(("127.0.0.1", 443), http.server.SimpleHTTPRequestHandler)
server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
server.serve_forever()
)";

// An image with clients (NCT_CLIENTS, by clients.sh), and a server of the good CA on a network of this
// process's own: good.test, port 443.
class TlsSite {
 public:
  // `clients` are command lines, by name, each of which ends with 0 if it gets through to the server.
  explicit TlsSite(std::map<std::string, std::string> clients, const Disk& disk = {})
      : clients_(std::move(clients)), good_(make_ca({.common_name = "Good CA"})), image_(disk) {
    if (::unshare(CLONE_NEWNET) != 0) throw std::runtime_error("no network of one's own");
    const auto leaf = make_leaf(good_, "good.test");
    image_.write("/etc/hosts", "127.0.0.1 localhost good.test\n");
    image_.write("/server/certificate.pem", leaf.pem);
    image_.write("/server/key.pem", leaf.key_pem);
    image_.write("/server/file", "something\n");
    const std::string reference(40, 'a');
    image_.write("/server/repository/HEAD", "ref: refs/heads/main\n");
    image_.write("/server/repository/info/refs", concat(reference, "\trefs/heads/main\n"));
    image_.write("/server/serve.py", kServer);
    must(image_.shell(
        "mount -t proc proc $ROOT/proc && ip link set lo up && mkdir $ROOT/clients && mount --bind " +
        std::string(std::getenv("NCT_CLIENTS")) + " $ROOT/clients"));
    const auto started = image_.shell(
        "chroot $ROOT sh -c 'cd /server && exec setsid python3 serve.py' >/dev/null 2>&1 </dev/null & echo "
        "$!");
    server_ = std::stoi(started.out);
    must(image_.shell(
        "for i in $(seq 100); do chroot $ROOT curl -sk https://good.test/file && exit; sleep 0.05; done; "
        "exit 1"));
  }
  TlsSite(const TlsSite&) = delete;
  TlsSite& operator=(const TlsSite&) = delete;
  ~TlsSite() { ::kill(server_, SIGKILL); }

  [[nodiscard]] const Image& image() const { return image_; }
  [[nodiscard]] const TestCa& good() const { return good_; }

  [[nodiscard]] Finished inside(const std::string& line) const {
    return image_.shell(concat(
        "exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root chroot $ROOT sh -c '", quoted(line), "'"));
  }

  // The clients that do not get through to the server, each with what it said.
  [[nodiscard]] std::map<std::string, std::string> refusing() const {
    std::map<std::string, std::future<Finished>> asked;
    for (const auto& [client, command] : clients_)
      asked[client] = std::async(std::launch::async, [this, &command] { return inside(command); });
    std::map<std::string, std::string> refused;
    for (auto& [client, answer] : asked)
      if (const auto finished = answer.get(); finished.status != 0)
        refused[client] = concat(finished.out, finished.err);
    return refused;
  }

 private:
  static void must(const Finished& finished) {
    if (finished.status != 0) throw std::runtime_error(concat(finished.out, finished.err));
  }

  static std::string quoted(std::string_view line) {
    std::string text;
    for (const char c : line)
      text += c == '\'' ? "'\\''" : std::string(1, c);
    return text;
  }

  std::map<std::string, std::string> clients_;
  TestCa good_;
  Image image_;
  pid_t server_ = -1;
};

inline std::string names_of(const std::map<std::string, std::string>& refused) {
  std::string names;
  for (const auto& [client, words] : refused)
    names += concat(names.empty() ? "" : " ", client);
  return names;
}

inline void check_nobody_refuses(const TlsSite& site) {
  const auto refused = site.refusing();
  for (const auto& [client, words] : refused)
    FAIL_CHECK(client, " does not get through:\n", words);
}

}  // namespace nct::test
