#include "intake/java_keystore.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>

namespace nct {

namespace {

constexpr std::string_view kJks = "\xFE\xED\xFE\xED";
constexpr std::string_view kJceks = "\xCE\xCE\xCE\xCE";

// The tags of entries.
constexpr std::uint32_t kPrivateKey = 1;
constexpr std::uint32_t kTrustedCertificate = 2;
constexpr std::uint32_t kSecretKey = 3;

// Takes one value after the other; nothing of one that is cut off.
class Cursor {
 public:
  explicit Cursor(std::string_view bytes) : rest_(bytes) {}

  std::optional<std::uint32_t> number(std::size_t size) {
    if (rest_.size() < size) return std::nullopt;
    std::uint32_t value = 0;
    for (const char c : rest_.substr(0, size))
      value = value << 8U | static_cast<unsigned char>(c);
    rest_.remove_prefix(size);
    return value;
  }
  bool skip(std::size_t size) {
    if (rest_.size() < size) return false;
    rest_.remove_prefix(size);
    return true;
  }
  // What has its length in front, a number of `size` bytes.
  bool skip_counted(std::size_t size) {
    const auto length = number(size);
    return length && skip(*length);
  }

 private:
  std::string_view rest_;
};

}  // namespace

bool is_java_keystore(std::string_view bytes) {
  return bytes.starts_with(kJks) || bytes.starts_with(kJceks);
}

// sun.security.provider.JavaKeyStore.engineLoad(): a version and a count; then for each entry its tag, its
// alias, the time of its making, and, of a trusted certificate, the type (since version 2) and the bytes.
bool holds_key(std::string_view keystore) {
  constexpr std::size_t kTime = 8;
  Cursor cursor(keystore);
  (void)cursor.skip(kJks.size());
  const auto version = cursor.number(4);
  const auto count = cursor.number(4).value_or(0);
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto tag = cursor.number(4);
    if (tag == kPrivateKey || tag == kSecretKey) return true;
    const bool whole = tag == kTrustedCertificate && cursor.skip_counted(2) && cursor.skip(kTime) &&
                       (version == 1U || cursor.skip_counted(2)) && cursor.skip_counted(4);
    if (!whole) return false;
  }
  return false;
}

}  // namespace nct
