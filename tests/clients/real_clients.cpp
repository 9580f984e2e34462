#include "clients/real_clients.hpp"

#include "clients/libraries.hpp"
#include "support/process.hpp"
#include "support/scratch.hpp"

#include <cstdlib>
#include <filesystem>
#include <map>
#include <stdexcept>
#include <utility>

#include "base/text.hpp"

namespace nct::test {

namespace {

namespace fs = std::filesystem;

// ---- What is asked of a process. A line each:
//   certificate HEX      the next certificate, in DER; they are numbered from 0
//   key HEX              the private key of the servers, in PEM
//   question 0,1 2,3     the certificates of the store, and of the servers
// It answers with its name and version in the first line, and then with a line a question.

class Numbered {
 public:
  std::string numbers_of(const std::vector<std::string>& certificates) {
    std::string numbers;
    for (const auto& der : certificates) {
      const auto [known, is_new] = numbers_.emplace(der, numbers_.size());
      if (is_new) text_ += concat("certificate ", hex_of(der), "\n");
      numbers += concat(numbers.empty() ? "" : ",", std::to_string(known->second));
    }
    return numbers;
  }
  std::string text() { return std::exchange(text_, {}); }

 private:
  std::map<std::string, std::size_t> numbers_;
  std::string text_;
};

std::string text_of(std::span<const Question> questions, const std::string& key) {
  std::string text;
  if (!key.empty()) text += concat("key ", hex_of(key), "\n");
  Numbered numbered;
  for (const auto& question : questions) {
    const auto store = numbered.numbers_of(question.store);
    const auto servers = numbered.numbers_of(question.servers);
    text += concat(numbered.text(), "question ", store, " ", servers, "\n");
  }
  return text;
}

// A machine that programs run on: this one, or a root whose /mnt is `directory` for them.
struct Machine {
  fs::path directory;
  std::string root;  // empty: this one

  // Where `directory` is for its programs.
  [[nodiscard]] fs::path seen() const { return root.empty() ? directory : fs::path("/mnt"); }

  // Standard output; throws std::runtime_error where the program fails.
  std::string run(std::vector<std::string> argv, std::string input = {}) const {
    // The root is for reading: what a program writes goes to `directory`, or into memory.
    constexpr std::string_view kEnter =
        R"(mount --bind "$1" "$1" && mount --bind "$2" "$1/mnt" && mount -t tmpfs none "$1/tmp" &&
mount -t proc none "$1/proc" && mount --rbind /dev "$1/dev" && mount -o remount,bind,ro "$1" &&
root=$1 && shift 2 && exec chroot "$root" "$@")";
    const auto name = concat(argv.front(), " in '", root, "/'");
    if (!root.empty())
      argv.insert(argv.begin(),
                  {"unshare", "--mount", "sh", "-c", std::string(kEnter), "sh", root, directory.string()});
    const auto finished = test::run({.argv = std::move(argv),
                                     .input = std::move(input),
                                     .environment = {{"GOCACHE", (seen() / "cache").string()},
                                                     {"GOPATH", (seen() / "path").string()},
                                                     {"GOTOOLCHAIN", "local"},
                                                     {"GOPROXY", "off"},
                                                     {"CGO_ENABLED", "0"}}});
    if (finished.status != 0)
      throw std::runtime_error(concat(name, ": ", std::to_string(finished.status), " ", finished.err));
    return finished.out;
  }
};

RealClient program(Client client, const Machine& machine, std::vector<std::string> argv) {
  const auto ask = [machine, argv = std::move(argv)](std::span<const Question> questions,
                                                     const std::string& key) {
    const auto out = machine.run(argv, text_of(questions, key));
    std::vector<Answer> answers;
    for (const auto line : lines_of(out))
      answers.emplace_back(line);
    if (answers.size() != questions.size() + 1)
      throw std::runtime_error(concat(argv.front(), ": answers are missing"));
    return answers;
  };
  RealClient real{.client = client, .name = ask({}, {}).front()};
  real.version = version_in(real.name);
  real.ask = [ask](std::span<const Question> questions, const std::string& key) {
    auto answers = ask(questions, key);
    answers.erase(answers.begin());
    return answers;
  };
  return real;
}

RealClient library(Client client, const std::string& name, Answer (*answer)(const Question&)) {
  return {.client = client,
          .name = name,
          .version = version_in(name),
          .ask = [answer](std::span<const Question> questions, const std::string&) {
            std::vector<Answer> answers;
            for (const auto& question : questions)
              answers.push_back(answer(question));
            return answers;
          }};
}

RealClient go(const Machine& machine) {
  fs::copy_file(fs::path(NCT_CLIENTS_SOURCES) / "ask.go", machine.directory / "ask.go");
  const auto built = (machine.seen() / "ask_go").string();
  machine.run({"go", "build", "-o", built, (machine.seen() / "ask.go").string()});
  return program(Client::go, machine, {built});
}

RealClient java(const Machine& machine) {
  fs::copy_file(fs::path(NCT_CLIENTS_SOURCES) / "Ask.java", machine.directory / "Ask.java");
  machine.run({"javac", "-d", machine.seen().string(), (machine.seen() / "Ask.java").string()});
  return program(Client::java, machine, {"java", "-XX:+UseSerialGC", "-cp", machine.seen().string(), "Ask"});
}

RealClient python(const Machine& machine) {
  fs::copy_file(fs::path(NCT_CLIENTS_SOURCES) / "ask.py", machine.directory / "ask.py");
  return program(Client::openssl_strict, machine, {"python3", (machine.seen() / "ask.py").string()});
}

std::vector<RealClient> make_clients(const fs::path& directory) {
  const Machine here{.directory = directory / "here", .root = {}};
  fs::create_directory(here.directory);
  std::vector<RealClient> clients{
      library(Client::openssl, "OpenSSL " + openssl_version(),
              [](const Question& question) { return ask_openssl(question, false); }),
      library(Client::openssl_strict, "OpenSSL " + openssl_version(),
              [](const Question& question) { return ask_openssl(question, true); }),
      library(Client::gnutls, "GnuTLS " + gnutls_version(), ask_gnutls),
      go(here),
  };
  const char* const root = std::getenv("NCT_CLIENTS_ROOT");
  if (root == nullptr) return clients;
  const Machine there{.directory = directory / "there", .root = root};
  fs::create_directory(there.directory);
  const auto libraries = (there.seen() / "ask_libraries").string();
  fs::copy_file(NCT_ASK_LIBRARIES, there.directory / "ask_libraries");
  clients.push_back(program(Client::openssl, there, {libraries, "openssl"}));
  clients.push_back(program(Client::openssl_strict, there, {libraries, "openssl_strict"}));
  clients.push_back(program(Client::gnutls, there, {libraries, "gnutls"}));
  clients.push_back(go(there));
  constexpr std::size_t kSlow = 10;
  for (auto* const slow : {python, java}) {
    clients.push_back(slow(there));
    clients.back().one_in = kSlow;
  }
  return clients;
}

}  // namespace

std::vector<unsigned> version_in(std::string_view text) {
  std::vector<unsigned> version;
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  char before = ' ';
  // The last word that begins with a digit: "Python 3.13.5 OpenSSL 3.5.1" is held against rules about
  // OpenSSL.
  for (const char c : text) {
    if (is_digit(c) && before == ' ') version.assign(1, 0);
    if (is_digit(c) && before == '.' && !version.empty()) version.push_back(0);
    if (is_digit(c) && !version.empty())
      version.back() = version.back() * 10 + static_cast<unsigned>(c - '0');
    before = c;
  }
  return version;
}

bool RealClient::is_meant_by(const ClientRule& rule) const {
  return rule.concerns(client) && (rule.from.empty() || version >= version_in(rule.from)) &&
         (rule.fixed_in.empty() || version < version_in(rule.fixed_in));
}

const std::vector<RealClient>& real_clients() {
  static const Scratch scratch;
  static const auto clients = make_clients(scratch.path());
  return clients;
}

}  // namespace nct::test
