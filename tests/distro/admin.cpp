#include "distro/admin.hpp"

#include "support/tree.hpp"

#include <algorithm>
#include <filesystem>

#include "base/text.hpp"

namespace nct::test {
namespace {

namespace fs = std::filesystem;

const std::string kConf = "/etc/ca-certificates.conf";
const std::string kShared = "/usr/share/ca-certificates/";
const std::string kLocal = "/usr/local/share/ca-certificates/";
const std::string kCerts = "/etc/ssl/certs/";

// One root whose name sorts before the product's anchors, and one behind them.
const std::vector<std::string> kRoots{"mozilla/ISRG_Root_X1.crt", "mozilla/vTrus_Root_CA.crt"};

const std::vector<std::string> kLocalNames{
    "corp.crt",          "z-corp.crt",         "ISRG_Root_X1.crt", "vTrus_Root_CA.crt", "Proxy CA (1).crt",
    "Proxy_CA_=1=.crt",  "a, b.crt",           ".hidden.crt",      "team/corp.crt",     "team/deep/x.crt",
    "node-ca-trust.crt", "node-ca-trust-.crt", "not-taken.pem",    "NOT-TAKEN.CRT"};

std::string with_crlf(const std::string& text) {
  std::string crlf;
  for (const char c : text)
    crlf += c == '\n' ? std::string("\r\n") : std::string(1, c);
  return crlf;
}

std::pair<std::string, std::string> content(Dice& dice, Authorities& authorities) {
  const auto pem = authorities.some(dice).pem;
  switch (dice.roll(9)) {
    case 0:
      return {"with CRLF", with_crlf(pem)};
    case 1:
      return {"without a final newline", pem.substr(0, pem.size() - 1)};
    case 2:
      return {"with text around it", concat("Issued to:\n  us\n", pem, "the end")};
    case 3:
      return {"with a second certificate", pem + authorities.some(dice).pem};
    case 4:
      return {"that is a root of the distribution", read_whole(kShared + dice.pick(kRoots))};
    case 5:
      return {"without content", ""};
    default:
      return {"of one certificate", pem};
  }
}

std::string toggle(Dice& dice) {
  const auto conf = read_whole(kConf);
  auto lines = lines_of(conf);
  std::vector<std::size_t> names;
  for (std::size_t i = 0; i < lines.size(); ++i)
    if (lines[i].contains(".crt")) names.push_back(i);
  std::size_t chosen = dice.pick(names);
  const auto& root = dice.pick(kRoots);  // half of the time, a root that CAs of ours share their subject with
  if (dice.one_in(2))
    for (const auto i : names)
      if (lines[i].ends_with(root)) chosen = i;
  std::string text;
  const bool end_of_line = dice.one_in(4);  // a carriage return there comes, or goes
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (i != chosen)
      text += lines[i];
    else if (end_of_line)
      text += lines[i].ends_with('\r') ? std::string(lines[i].substr(0, lines[i].size() - 1))
                                       : concat(lines[i], "\r");
    else
      text += lines[i].starts_with('!') ? std::string(lines[i].substr(1)) : concat("!", lines[i]);
    text += '\n';
  }
  if (dice.one_in(8)) text.pop_back();
  write_whole(kConf, text);
  return concat("toggle ", printable(lines[chosen]), end_of_line ? " \\r" : "",
                text.ends_with('\n') ? "" : ", the file without its last line feed");
}

std::string some_link(Dice& dice, std::string_view suffix) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(kCerts))
    if (entry.is_symlink() && entry.path().filename().string().ends_with(suffix))
      names.push_back(entry.path().filename());
  std::ranges::sort(names);
  return names.empty() ? std::string("none") : dice.pick(names);
}

void link_anew(const std::string& target, const std::string& path) {
  fs::remove(path);
  fs::create_symlink(target, path);
}

}  // namespace

const TestCa& Authorities::some(Dice& dice) {
  if (all_.empty() || dice.one_in(3)) {
    CaOptions options{.common_name = concat("CA ", std::to_string(all_.size()))};
    if (!all_.empty() && dice.one_in(2))
      options.subject_like_der = dice.pick(all_).der;
    else if (dice.one_in(4))
      options.subject_like_der = read_ca(read_whole(kShared + dice.pick(kRoots))).der;
    if (!all_.empty() && dice.one_in(4)) {  // one of them, issued again by another
      const auto& again = dice.pick(all_);
      const auto& issuer = dice.pick(all_);
      all_.push_back(make_ca({.subject_like_der = again.der, .key_pem = again.key_pem}, issuer));
      return all_.back();
    }
    all_.push_back(make_ca(options));
    return all_.back();
  }
  return dice.pick(all_);
}

std::string administer(Dice& dice, Authorities& authorities) {
  const std::string path = kLocal + dice.pick(kLocalNames);
  switch (dice.roll(8)) {
    case 0:
    case 1:
    case 2: {
      const auto [kind, bytes] = content(dice, authorities);
      fs::create_directories(fs::path(path).parent_path());
      fs::remove(path);
      write_whole(path, bytes);
      return concat("write ", path, " ", kind);
    }
    case 3:
    case 4: {
      const std::string gone = fs::remove(path) ? "remove " : "do not find ";
      return gone + path;
    }
    case 5: {
      fs::create_directories(fs::path(path).parent_path());
      const std::string target = kShared + dice.pick(kRoots);
      link_anew(target, path);
      return concat("link ", path, " to ", target);
    }
    case 6:
      return toggle(dice);
    default: {
      fs::create_directories(kShared + "site");
      const std::string name = concat("site/extra ", std::to_string(dice.roll(3)), ".crt");
      const auto [kind, bytes] = content(dice, authorities);
      write_whole(kShared + name, bytes);
      const auto conf = read_whole(kConf);
      if (!conf.contains(name)) write_whole(kConf, concat(conf, name, "\n"));
      return concat("list ", name, " ", kind);
    }
  }
}

std::string damage(Dice& dice) {
  const std::string bundle = kCerts + "ca-certificates.crt";
  switch (dice.roll(11)) {
    case 0: {
      if (!fs::exists(bundle)) return "find no bundle to truncate";
      const auto bytes = read_whole(bundle);
      write_whole(bundle, std::string_view(bytes).substr(0, dice.roll(bytes.size() + 1)));
      return "truncate the bundle";
    }
    case 1: {
      if (!fs::exists(bundle)) return "find no bundle to double";
      const auto bytes = read_whole(bundle);
      write_whole(bundle, bytes + bytes);
      return "double the bundle";
    }
    case 2:
      fs::remove(bundle);
      return "remove the bundle";
    case 3:
      write_whole(bundle + ".new", "left behind\n");
      return "leave ca-certificates.crt.new";
    case 4:
      link_anew("/nowhere/lost.crt", kCerts + "lost.pem");
      return "leave a dangling lost.pem";
    case 5: {
      const std::string name = some_link(dice, ".0");
      link_anew("lost.pem", kCerts + name);
      return concat("let ", name, " dangle");
    }
    case 6: {
      const std::string name = some_link(dice, dice.one_in(2) ? ".0" : ".pem");
      fs::remove(kCerts + name);
      return concat("remove the link ", name);
    }
    case 7: {
      const std::string name = some_link(dice, ".0");
      const std::string target = some_link(dice, ".pem");
      const std::string further = concat(name.substr(0, name.size() - 1), std::to_string(1 + dice.roll(3)));
      link_anew(target, kCerts + further);
      return concat("link ", further, " to ", target);
    }
    case 8: {
      const std::string name = some_link(dice, ".1");
      if (name == "none") return "find no second link";
      const std::string first = concat(name.substr(0, name.size() - 1), "0");
      std::error_code missing;
      const auto target = fs::read_symlink(kCerts + first, missing);
      if (!missing) {
        link_anew(fs::read_symlink(kCerts + name), kCerts + first);
        link_anew(target, kCerts + name);
      }
      return concat("swap ", first, " and ", name);
    }
    case 9: {
      const std::string name = some_link(dice, ".pem");
      if (!fs::exists(kCerts + name)) return "find no link to replace";
      const auto bytes = read_whole(kCerts + name);
      fs::remove(kCerts + name);
      write_whole(kCerts + name, bytes);
      return concat("replace the link ", name, " by a file");
    }
    default:
      fs::create_directory(kCerts + "others");
      link_anew("nowhere", kCerts + "others/link");
      write_whole(kCerts + "loose.pem", read_whole(kShared + dice.pick(kRoots)));
      return "put loose.pem and others/ into the store";
  }
}

}  // namespace nct::test
