#include "cmd/hints.hpp"

#include <cerrno>
#include <utility>

#include "base/text.hpp"
#include "cmd/kind_hints.hpp"

namespace nct {

namespace {

// How an administrator takes a certificate out that the distribution ships.
std::string way_out_of_shipped(const Family& family) {
  if (!family.selection.empty()) return concat("put a '!' before its line in '", family.selection, "'");
  if (lie_in_store(family.mechanism)) return "put an empty file in its place";
  return concat("put a copy of that certificate into '", family.sources.front(), "/blocklist'");
}

}  // namespace

std::string_view hint_for(FindingCode code) {
  switch (code) {
    case FindingCode::private_key:
      return "take the private key out and deliver certificates only; treat the key as leaked, and replace "
             "it";
    case FindingCode::malformed_pem:
      return "export the certificate again; BEGIN and END lines have five dashes on each side and the same "
             "label";
    case FindingCode::truncated:
      return "copy the whole certificate, from its BEGIN line to its END line";
    case FindingCode::not_pem:
      return "pass PEM, DER, base64 of them, or a document of a shape that 'INPUTS' in node-ca-trust(8) "
             "lists";
    case FindingCode::envelope:
      return "pass what is in it: of a MIME message the part with the certificates; of ovf-env.xml the "
             "decoded CustomData, which cloud-init keeps in /var/lib/cloud/instance/user-data.txt";
    case FindingCode::count_mismatch:
      return "make CUSTOM_CA_TRUST_COUNT the number of CUSTOM_CA_CERT_<n>, counted from 0; nothing was "
             "guessed";
    case FindingCode::not_a_certificate:
      return "pass the CA's certificate, as PEM or DER";
    case FindingCode::crlf:
      return "nothing to do; 'sed s/\\r$//' would tidy the file";
    case FindingCode::bom:
      return "nothing to do; save the file as UTF-8 without a byte order mark to tidy it";
    case FindingCode::utf_16:
      return "nothing to do; other tools will refuse it, so save the file as ASCII or UTF-8";
    case FindingCode::gzip:
      return "nothing to do";
    case FindingCode::base64:
      return "nothing to do";
    case FindingCode::double_base64:
      return "nothing to do here; somebody encoded twice, and tools that decode once will fail on it";
    case FindingCode::der:
      return "nothing to do";
    case FindingCode::pkcs7:
      return "nothing to do; every certificate of the container was taken";
    case FindingCode::trusted_certificate:
      return "nothing to do; the OpenSSL trust settings in it were left out";
    case FindingCode::folded_lines:
      return "nothing to do here; other tools want one line of base64 after another, without blanks";
    case FindingCode::duplicate:
      return "deliver each certificate once";
    case FindingCode::expired:
      return "deliver the CA's renewed certificate";
    case FindingCode::not_yet_valid:
      return "check this machine's clock; clients refuse the CA until then";
    case FindingCode::expires_soon:
      return "get the CA's renewed certificate, and deliver both for a while";
    case FindingCode::not_a_ca:
      return "deliver the certificate of the CA that issued it, as that CA publishes it";
    case FindingCode::self_signed_leaf:
      return "works for the one server that presents it; a CA of one's own makes renewal easier";
    case FindingCode::not_self_signed:
      return "OpenSSL trusts it only with partial chains; deliver the root that issued it as well";
    case FindingCode::no_server_auth:
      return "OpenSSL and Go accept no TLS server that it vouches for; deliver a CA made for that";
    case FindingCode::weak_key:
      return "ask the CA's owner for one with RSA 2048, EC P-256 or better";
    case FindingCode::weak_signature:
      return "ask the CA's owner for a certificate signed with SHA-256";
    case FindingCode::negative_serial:
      return "programs built with Go 1.23 or later refuse it; ask the CA's owner to issue it again";
    case FindingCode::bad_signature:
      return "nothing to do for an anchor; ask the CA's owner whether the file is the one that was published";
    case FindingCode::breaks_clients:
      return "keep it out of the store; ask the CA's owner to issue it again without what is named here";
    case FindingCode::unusable:
      return "ask the CA's owner for a certificate that is made for a CA of TLS servers";
    case FindingCode::refused_by_clients:
      return "the other clients take it; ask the CA's owner to issue it again without what is named here";
    case FindingCode::unknown_algorithm:
      return "ask the CA's owner for one with an RSA or EC key until every client knows this algorithm";
    case FindingCode::too_many:
      return "deliver fewer, or raise limits.max_certificates, for the CA of a proxy "
             "limits.max_proxy_certificates";
    case FindingCode::too_large:
      return "deliver less, or raise limits.max_document_bytes";
    case FindingCode::unsafe_file:
      return "find out who put it there; then 'chown root:root' and 'chmod 0644' it, or put the file itself "
             "in "
             "a link's place";
    case FindingCode::not_a_file:
      return "remove it, and check what should have written a file under this name";
    case FindingCode::unreadable:
      return "check the file system and the kernel's log; the next run reads it again";
    case FindingCode::tag_in_the_future:
      return "check the clock of the machine that wrote it, then remove the files with this tag or let their "
             "writer write them again";
    case FindingCode::trailing_garbage:
      return "nothing to do; what stands behind the certificate was left out";
    case FindingCode::no_certificates:
      return "check what should have written it; to take anchors away use 'node-ca-trust remove'";
    case FindingCode::distrust:
      return "nothing to do here; set 'trusted = true' on what shall be installed, and leave the "
             "distribution's roots to it";
    case FindingCode::distrusted:
      return "take its fingerprint out of distrust.fingerprints if it shall be trusted";
    case FindingCode::same_name:
      return "ask the CA's owner which one is in use, and deliver that one alone, in place of the other; a "
             "new key beside an old one wants a subject key identifier of its own";
    case FindingCode::cross_signed:
      return "nothing to do where both are in use: of ours the self-signed one stands first; else deliver "
             "the "
             "self-signed one alone";
    case FindingCode::in_distro_store:
      return "nothing to do; policy.in_distro_store = \"install\" makes an anchor of ours of what the "
             "distribution "
             "trusts";
    case FindingCode::other_content:
      return "nothing to do; deliver certificates alone to be rid of the warning";
    case FindingCode::wrong_encoding:
      return "nothing to do here; encode it as named before it is handed to what reads this field";
    case FindingCode::removes:
      return "nothing to do if no private CA shall be trusted; otherwise mend what made the document before "
             "it "
             "is applied";
  }
  return {};
}

std::string hint_for(const Finding& finding) {
  if (finding.code == FindingCode::in_distro_store && finding.what == kLinkedFile)
    return "when that file goes, run 'node-ca-trust provision' at once: until then clients of the hash "
           "directory do "
           "not find the certificate, since the link there leads nowhere";
  auto hint = hint_for_kind(finding);
  return hint.empty() ? std::string(hint_for(finding.code)) : std::move(hint);
}

std::string_view hint_for(const Error& error) {
  switch (error.os_errno) {
    case ENOSPC:
    case EDQUOT:
      return "free some space and run the same command again; nothing was lost";
    case EROFS:
      return "make the file system writable, or bake the anchors into the image";
    case EXDEV:
      return "the staging directory lies on another file system than the store; mount them as one";
    case EFBIG:
      return "it is larger than such a file ever is; look at what wrote it";
    case ENOSYS:
      return "Linux 5.6 or later is needed";
    default:
      break;
  }
  switch (error.code) {
    case Errc::usage:
      return "see 'node-ca-trust --help'";
    case Errc::input:
      return "mend what is named and run it again; what was installed stays";
    case Errc::missing_input:
      return "check the path";
    case Errc::systemd:
      return "see 'systemctl status' of what is named; the store itself is as the report says, and the next "
             "run "
             "tries again";
    case Errc::bug:
      return "please report it with the command and its output";
    case Errc::in_the_way:
      return "repair or move away what is named, and run it again";
    case Errc::io:
      return "check the file system and the kernel's log, then run the same command again";
    case Errc::busy:
      return "run it again when the other writer has ended";
    case Errc::not_permitted:
      return "run it as root";
    case Errc::configuration:
      return "see 'CONFIGURATION' in node-ca-trust(8)";
  }
  return {};
}

std::string hint_for(const Notice& notice, bool done, const Family& family) {
  const auto kept = concat(family.local, "/NAME", family.anchor_suffix);
  switch (notice.kind) {
    case Notice::Kind::key_published:
      return concat("take the key out of it and run '", family.tool,
                    "'; everybody on this node could read it, so treat it as leaked, and replace it");
    case Notice::Kind::key_in_file:
      return "take the key out of it, and leave the certificate alone in the file";
    case Notice::Kind::leaves_bundle:
      if (done) return concat("to have it back, put it into '", kept, "' and run it again");
      return concat("to keep it: sed -n '", std::to_string(notice.first_line), ",",
                    std::to_string(notice.last_line), "p' ", notice.subject, " >", kept);
    case Notice::Kind::other_local_directory:
      if (const auto* gardener = family_named("gardener").value_or(nullptr);
          gardener != nullptr && notice.subject.starts_with(gardener->local))
        return "set store.family = \"gardener\" in the configuration: our anchors then lie there, too";
      return concat("copy it to '", kept,
                    "' to keep it, and remove the link; but whoever builds the store from "
                    "there takes our anchors out again, so one of the two must go");
    case Notice::Kind::breaks_clients:
      return concat(notice.subject.starts_with(family.shipped) ? way_out_of_shipped(family)
                                                               : std::string("take it out"),
                    " and run '", family.tool,
                    "'; ask the CA's owner to issue it again without what is named here");
    case Notice::Kind::copy_of_store:
      if (notice.original == family.bundle) return concat("ln -sf ", notice.original, " ", notice.subject);
      return concat("mv ", notice.subject, " ", notice.subject, ".copy && ln -s ", notice.original, " ",
                    notice.subject);
  }
  return {};
}

std::string_view hint_for_drift(std::string_view kind) {
  if (kind == "anchor-unlisted")
    return "'node-ca-trust provision' removes it; or move it out of our directory";
  if (kind == "anchor-shadowed")
    return "move the other file away or rename it, then run 'node-ca-trust provision'";
  if (kind == "still-trusted")
    return "take it out of that file, or move the file away, then run 'node-ca-trust provision'";
  return "'node-ca-trust provision' puts it right";
}

std::string hint_for_consumer(std::string_view unit) {
  return concat("it still trusts what it read then: 'systemctl restart ", unit, "'");
}

}  // namespace nct
