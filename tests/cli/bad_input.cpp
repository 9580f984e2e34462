#include "cli/bad_input.hpp"

#include "support/certificates.hpp"
#include "support/wrap.hpp"

#include <string_view>

#include "base/text.hpp"

namespace nct::test {

namespace {

using FindingCode::count_mismatch;
using FindingCode::envelope;
using FindingCode::malformed_pem;
using FindingCode::no_certificates;
using FindingCode::not_a_ca;
using FindingCode::not_a_certificate;
using FindingCode::not_pem;
using FindingCode::private_key;
using FindingCode::too_large;
using FindingCode::too_many;
using FindingCode::truncated;
using FindingCode::unusable;
using FindingCode::weak_key;

struct Material {
  TestCa good = make_ca({.common_name = "Good"});
  TestCa leaf = make_leaf(good, "registry.example");
  TestCa unknown_extension = make_ca({.common_name = "Unknown extension", .unknown_extension = true});
  TestCa signs_nothing = make_ca({.common_name = "Signs nothing", .key_usage = "digitalSignature"});
  TestCa weak_rsa = make_ca({.common_name = "Weak RSA", .key = TestKey::rsa_1024});
  TestCa weak_ec = make_ca({.common_name = "Weak EC", .key = TestKey::ec_p224});
};

const Material& material() {
  static const Material made;
  return made;
}

// The lines between BEGIN and END, with their line ends.
std::string body_of(const std::string& pem) {
  const auto from = pem.find('\n') + 1;
  return pem.substr(from, pem.rfind("-----END") - from);
}

std::string block(std::string_view label, std::string_view body) {
  return concat("-----BEGIN ", label, "-----\n", body, "-----END ", label, "-----\n");
}

// Neither compressible nor text, and the same each time.
std::string noise(std::size_t size) {
  std::string out(size, '\0');
  unsigned state = 1;
  for (char& c : out)
    c = static_cast<char>((state = state * 1664525U + 1013904223U) >> 24U);
  out[0] = '\x07';
  return out;
}

std::string repeated(std::string_view text, std::size_t size) {
  std::string out;
  while (out.size() < size)
    out += text;
  return out;
}

std::string many_cas(unsigned count) {
  std::string out;
  for (unsigned i = 0; i < count; ++i)
    out += make_ca({.common_name = concat("CA ", std::to_string(i))}).pem;
  return out;
}

std::vector<BadInput> make_bad_inputs() {
  const auto& pem = material().good.pem;
  const auto& der = material().good.der;
  const auto& key = material().good.key_pem;
  const auto body = body_of(pem);
  const auto first_line = body.substr(0, body.find('\n') + 1);
  const std::string begin = "-----BEGIN CERTIFICATE-----\n";
  const std::string end = "-----END CERTIFICATE-----\n";
  const auto key_der = [&] {
    // Decoded by hand, so that the product's decoder is not asked.
    std::string out;
    unsigned bits = 0;
    unsigned count = 0;
    constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (const char c : body_of(key)) {
      const auto value = kAlphabet.find(c);
      if (value == std::string_view::npos) continue;
      bits = bits << 6U | static_cast<unsigned>(value);
      if ((count += 6) >= 8) out += static_cast<char>(bits >> (count -= 8) & 0xFFU);
    }
    return out;
  }();

  return {
      // Nothing, or nothing that was meant.
      {"empty", "", {no_certificates}},
      {"one newline", "\n", {no_certificates}},
      {"blanks", " \t\r\n   \n", {no_certificates}},
      {"zeros of a lost write", std::string(4096, '\0'), {no_certificates}},
      {"byte order mark alone", "\xEF\xBB\xBF", {no_certificates}},
      {"UTF-16 mark alone", "\xFF\xFE", {no_certificates}},
      {"gzip of nothing", gzip(""), {no_certificates}},
      {"comment alone", "# CAs go here\n", {not_pem}},
      {"prose", "see the wiki for the CA\n", {not_pem}},
      {"passwd", "root:x:0:0:root:/root:/bin/bash\ndaemon:x:1:1::/:/bin/false\n", {not_pem}},
      {"file name", "/etc/ssl/certs/ca.pem\n", {not_pem}},
      {"HTML error page", "<!DOCTYPE html>\n<html><head><title>404</title></head></html>\n", {not_pem}},
      {"XML error", "<?xml version=\"1.0\"?><Error><Code>NoSuchKey</Code></Error>", {not_pem}},
      {"OVF environment",
       "<ns0:Environment xmlns:ns0=\"http://schemas.dmtf.org/ovf/environment/1\"></ns0:Environment>",
       {envelope}},
      {"JSON with PEM", "{\"a\": {\"ca\": \"" + replaced(pem, "\n", "\\n") + "\"}}\n", {not_pem}},
      {"JSON list of no shape", "[{\"ca\": \"" + base64(pem) + "\"}]\n", {not_pem}},
      {"YAML of no shape", "certs:\n  ca.crt: " + base64(pem) + "\n", {not_pem}},
      {"YAML that is cut off", "#cloud-config\nca_certs: {trusted: [\"", {truncated}},
      {"two shapes of YAML", "custom_ca_certs: []\ncustomCATrustCerts: []\n", {not_pem}},
      {"script", "#!/bin/sh\ncat > ca.crt <<EOF\n" + pem + "EOF\n", {not_pem}},
      {"MIME", "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=x\n\n--x\n", {envelope}},
      {"settings", "CA_COUNT=0\n", {not_pem}},
      {"a count without certificates", "CUSTOM_CA_TRUST_COUNT=1\n", {count_mismatch}},
      {"SSH public key",
       "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIO0000000000000000000000000000000 me\n",
       {not_pem}},
      {"data URL", "data:application/x-pem-file;base64," + base64(pem), {not_pem}},
      {"64 KiB of junk", noise(65536), {not_pem}},
      {"a Java keystore", "\xFE\xED\xFE\xED" + noise(300), {not_pem}},
      {"zip", "PK\x03\x04" + noise(300), {not_pem}},
      {"xz",
       "\xFD"
       "7zXZ" +
           noise(300),
       {not_pem}},
      {"junk behind PEM", pem + noise(300), {not_pem}},
      {"junk in front of PEM", noise(300) + "\n" + pem, {not_pem}},

      // Wrapped wrongly.
      {"base64 of prose", base64(repeated("this is no certificate ", 300), 76), {not_pem}},
      {"base64 of junk", base64(noise(600), 64), {not_pem}},
      {"base64 of JSON", base64("{\"ca\": [], \"and\": \"something to be long enough\"}"), {not_pem}},
      {"base64 five times", base64(base64(base64(base64(base64(pem))))), {not_pem}},
      {"base64 cut off inside a line of PEM", base64(pem).substr(0, 404), {truncated}},
      {"base64 cut off inside a group", base64(pem).substr(0, 401), {truncated}},
      {"base64 with a foreign character", base64(pem).insert(100, "*"), {not_pem}},
      {"base64 in quotes", "\"" + base64(pem) + "\"", {not_pem}},
      {"base64 with words in front", "our ca " + base64(pem), {not_pem}},
      {"base64 of url-safe alphabet",
       replaced(replaced(base64(der), "+", "-"), "/", "_") + "\n" + "-_",
       {not_pem}},
      {"base64 with too much padding",
       base64(pem + std::string((3 - pem.size() % 3) % 3, '\n')) + "==",
       {not_pem}},
      {"one good, one damaged base64", base64(pem) + "\n\n" + base64(pem).insert(200, "!"), {not_pem}},
      {"gzip cut off", gzip(pem).substr(0, 100), {truncated}},
      {"gzip damaged", replaced(gzip(pem), gzip(pem).substr(60, 4), "\xFF\xFF\xFF\xFF"), {not_pem}},
      {"gzip of prose", gzip("nothing"), {not_pem}},
      {"gzip bomb", gzip(std::string(std::size_t{3} << 20U, 'a')), {too_large}},
      {"gzip bomb in base64", base64(gzip(std::string(std::size_t{3} << 20U, '\n'))), {too_large}},
      {"2 MiB of junk", noise(std::size_t{2} << 20U), {too_large}},
      {"2 MiB of PEM", repeated(pem, std::size_t{2} << 20U), {too_large}},

      // Secrets.
      {"key alone", key, {private_key}},
      {"certificate and key", pem + key, {private_key}},
      {"key and certificate", key + pem, {private_key}},
      {"key between certificates", pem + "\n" + key + "\n" + pem, {private_key}},
      {"key without END", pem + key.substr(0, key.size() - 30), {private_key}},
      {"RSA key", block("RSA PRIVATE KEY", body_of(key)), {private_key}},
      {"encrypted key with headers",
       block("RSA PRIVATE KEY", "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n" + body_of(key)),
       {private_key}},
      {"OpenSSH key", block("OPENSSH PRIVATE KEY", body_of(key)), {private_key}},
      {"key with four dashes", replaced(key, "-----", "----"), {private_key}},
      {"key in lower case", replaced(key, "BEGIN PRIVATE KEY", "begin private key"), {private_key}},
      {"key that says CERTIFICATE", replaced(key, "PRIVATE KEY", "CERTIFICATE"), {private_key}},
      {"key commented out", "#" + replaced(key, "\n", "\n#") + "\n" + pem, {private_key}},
      {"key folded", replaced(key, "\n", " "), {private_key}},
      {"key spelled", "\"" + replaced(key, "\n", "\\n") + "\"", {private_key}},
      {"key in UTF-16", utf16(key, true, true), {private_key}},
      {"key in base64", base64(pem + key), {private_key}},
      {"key in double base64", base64(base64(key, 76)), {private_key}},
      {"key in gzip", gzip(pem + key), {private_key}},
      {"key in JSON", "{\"key\": \"" + replaced(key, "\n", "\\n") + "\"}", {private_key, not_pem}},
      {"key as DER", key_der, {private_key}},
      {"key as DER in base64", base64(key_der), {private_key}},
      {"key as DER, cut off", key_der.substr(0, 60), {private_key}},
      {"key behind DER", der + key_der, {private_key}},

      // PEM that is not right.
      {"no END", begin + body, {truncated}},
      {"no END in the middle", begin + body + "\n" + pem, {truncated}},
      {"no END, no blank line", begin + body + pem, {truncated}},
      {"cut off inside END", pem.substr(0, pem.size() - 10), {truncated}},
      {"cut off inside the base64", pem.substr(0, pem.size() / 2), {truncated}},
      {"a line lost", begin + first_line + end, {truncated}},
      {"no BEGIN", body + end, {malformed_pem}},
      {"END twice", pem + end, {malformed_pem}},
      {"four dashes before BEGIN", pem.substr(1), {malformed_pem}},
      {"six dashes before BEGIN", "-" + pem, {malformed_pem}},
      {"four dashes behind BEGIN", replaced(pem, "E-----\nM", "E----\nM"), {malformed_pem}},
      {"four dashes before END", replaced(pem, "-----END", "----END"), {malformed_pem}},
      {"dashes of a word processor",
       replaced(pem, "-----BEGIN", "\xE2\x80\x94\xE2\x80\x94-BEGIN"),
       {malformed_pem}},
      {"lower case", replaced(pem, "BEGIN CERTIFICATE", "Begin Certificate"), {malformed_pem}},
      {"another END", replaced(pem, "END CERTIFICATE", "END X509 CRL"), {malformed_pem}},
      {"a shell variable", "CA=\"" + pem.substr(0, pem.size() - 1) + "\"\n", {not_pem}},
      {"a foreign byte", replaced(pem, "\nMII", "\nM!I"), {malformed_pem}},
      {"padding in the middle", replaced(pem, "\nMII", "\nMI=="), {malformed_pem}},
      {"a header", begin + "Name: value\n\n" + body + end, {malformed_pem}},
      {"an empty block", begin + end, {malformed_pem}},
      {"two faults", pem.substr(1) + "\n" + begin + body, {malformed_pem, truncated}},

      // Something else than a certificate.
      {"request", block("CERTIFICATE REQUEST", body), {not_a_certificate}},
      {"revocation list", block("X509 CRL", body), {not_a_certificate}},
      {"public key", block("PUBLIC KEY", body), {not_a_certificate}},
      {"EC parameters", block("EC PARAMETERS", "BggqhkjOPQMBBw==\n"), {not_a_certificate}},
      {"OpenPGP message", block("PGP MESSAGE", body), {not_a_certificate}},
      {"prose as a certificate", begin + base64("this is not even DER") + "\n" + end, {not_a_certificate}},
      {"DER of something else",
       std::string("\x30\x82\x01\x04\x30\x82\x01\0", 8) + std::string(256, '\x05'),
       {not_a_certificate}},
      {"DER cut off", der.substr(0, der.size() - 20), {truncated}},
      {"DER as BER", "\x30\x80" + der.substr(4) + std::string(2, '\0'), {not_a_certificate}},

      // Certificates that nobody should trust.
      {"a leaf of a CA", material().leaf.pem, {not_a_ca}},
      {"a leaf beside its CA", pem + material().leaf.pem, {not_a_ca}},
      {"a critical extension that nobody knows", material().unknown_extension.pem, {not_a_ca}},
      {"a CA that may not sign", pem + material().signs_nothing.pem, {unusable}},
      {"RSA with 1024 bits", material().weak_rsa.pem, {weak_key}},
      {"EC with 224 bits", material().weak_ec.pem, {weak_key}},
      {"eleven CAs", many_cas(11), {too_many}},
      {"eleven CAs in base64", base64(many_cas(11), 76), {too_many}},
  };
}

}  // namespace

const std::vector<BadInput>& bad_inputs() {
  static const std::vector<BadInput> made = make_bad_inputs();
  return made;
}

const std::vector<std::string>& secrets() {
  static const std::vector<std::string> made = [] {
    const auto body = body_of(material().good.key_pem);
    const auto lines = lines_of(body);
    return std::vector<std::string>(lines.begin(), lines.end());
  }();
  return made;
}

}  // namespace nct::test
